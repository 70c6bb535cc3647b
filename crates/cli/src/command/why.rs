use super::Ended;
use crate::{
    arguments::{Common, WhyOptions},
    looking::Looking,
    render,
};
use futures::future::join_all;
use setpoint_observe::{
    Picture,
    endpoints::endpoints,
    last_lines,
    why::{Clues, Finding, PARTS, WINDOW, absent, why as findings},
};
use std::{collections::BTreeSet, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// How long an address may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// Tells why services are not as they should be. Reads only.
pub(crate) async fn why(common: &Common, options: &WhyOptions) -> Ended {
    let looking = Looking::begin(common, options.service.as_deref()).await?;
    let picture = looking.look(PARTS, WINDOW).await?;
    // The tasks of a sandbox in this process answer nobody.
    let is_here = looking
        .sandbox
        .as_ref()
        .is_some_and(|it| it.twin().is_some());
    let silent = match is_here {
        true => BTreeSet::new(),
        false => silent(&picture).await,
    };
    let mut all: Vec<(String, Vec<Finding>)> = Vec::new();
    for service in &picture.services {
        let clues = Clues {
            last_lines: last_lines(&looking.aws, &picture, service).await,
            silent: silent.clone(),
        };
        let found = findings(&picture, service, &clues);
        all.push((service.service_name.clone(), found));
    }
    let absent = absent(&picture).into_iter();
    all.extend(absent.map(|it| (it.service.clone(), vec![it])));
    match options.json {
        true => render::findings_as_json(&picture, &all)?,
        false => render::findings(&picture, &all)?,
    }
    let is_wrong = all.iter().flat_map(|it| &it.1).any(|it| it.wrong);
    Ok(u8::from(is_wrong))
}

/// The addresses that nothing stands in the way of and that accept no connection from here.
async fn silent(picture: &Picture) -> BTreeSet<String> {
    let all = endpoints(picture);
    let tried = all
        .iter()
        .filter(|it| it.task.is_some() && it.obstacles.is_empty())
        .map(|it| it.authority());
    let each = tried.map(async |address| {
        let connected = timeout(PATIENCE, TcpStream::connect(address)).await;
        let answers = matches!(connected, Ok(Ok(_)));
        (!answers).then(|| address.to_owned())
    });
    join_all(each).await.into_iter().flatten().collect()
}
