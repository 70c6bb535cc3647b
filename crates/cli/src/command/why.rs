use super::Ended;
use crate::{
    arguments::{Common, WhyOptions},
    looking::Looking,
    render,
};
use setpoint_observe::{
    last_lines,
    why::{Clues, Finding, PARTS, WINDOW, absent, why as findings},
};

/// Tells why services are not as they should be. Reads only.
pub(crate) async fn why(common: &Common, options: &WhyOptions) -> Ended {
    let looking = Looking::begin(common, options.service.as_deref()).await?;
    let picture = looking.look(PARTS, WINDOW).await?;
    let mut all: Vec<(String, Vec<Finding>)> = Vec::new();
    for service in &picture.services {
        let clues = Clues {
            last_lines: last_lines(&looking.aws, &picture, service).await,
            ..Clues::default()
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
