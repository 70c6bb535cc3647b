use crate::{
    arguments::Common,
    command::{Ended, apply::carry_out},
    connection::Connection,
    failure::Failure,
    reading::{Use, read_stack},
    render,
    sandbox::Sandbox,
    session::{Aim, Session},
};
use http_body_util::{BodyExt, Empty};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use setpoint_core::Limits;
use setpoint_twin::{Twin, tasks};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpStream;

/// Plans and applies the stack on an empty account, visits what runs, and plans again.
pub(crate) async fn demo(common: &Common) -> Ended {
    let read = Arc::new(read_stack(common, Use::Make)?);
    let stack = &read.stack;
    let region = common.region.clone().or_else(|| stack.region.clone());
    let region = region.unwrap_or_else(|| "us-east-1".into());
    let sandbox = Sandbox::empty(&region, common.speed);
    let twin = sandbox.twin().expect("an empty one is here").clone();
    let serving = tokio::spawn(tasks::serve(twin.clone()));
    let aim = || Aim::Stack { adopt: &[] };
    let connection = Connection::on(common, &read.stack, Some(sandbox.clone())).await?;
    let session = Session::on(common, read.clone(), aim(), connection).await?;
    render::plan(&session)?;
    let limits = session.limits(Limits::default());
    let code = carry_out(session, limits).await?;
    if code != 0 {
        return Ok(code);
    }
    visit(&twin).await?;
    let connection = Connection::on(common, &read.stack, Some(sandbox)).await?;
    let session = Session::on(common, read, aim(), connection).await?;
    render::plan(&session)?;
    serving.abort();
    Ok(match session.plan.is_empty() {
        true => 0,
        false => 1,
    })
}

/// Shows each service and where it answers, and asks each address once.
async fn visit(twin: &Twin) -> Result<(), Failure> {
    let services = twin.look(|world| {
        let services = world.ecs.services.values();
        let active = services.filter(|it| it.status == "ACTIVE");
        let shown = active.map(|it| {
            let newest = it.events.first().map(|(_, _, text)| text.clone());
            let doors = tasks::addresses(world, &it.cluster, &it.name);
            (newest.unwrap_or_default(), doors)
        });
        shown.collect::<Vec<(String, Vec<SocketAddr>)>>()
    });
    for (event, addresses) in services {
        render::event(&event)?;
        for address in addresses {
            // A task that has just begun to run may not listen yet.
            let mut answer = get(address).await;
            for _ in 0..50 {
                if answer.is_ok() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
                answer = get(address).await;
            }
            let (status, page) = answer?;
            render::visited(address, status, &page)?;
        }
    }
    Ok(())
}

/// Asks for `/`: the status and the body.
async fn get(address: SocketAddr) -> Result<(u16, String), Failure> {
    let failed = |why: String| Failure::Visit { address, why };
    let said = |err: hyper::Error| failed(err.to_string());
    let stream = TcpStream::connect(address).await;
    let stream = stream.map_err(|err| failed(err.to_string()))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(said)?;
    tokio::spawn(connection);
    let request = Request::get("/").header("host", address.to_string());
    let request = request.body(Empty::<Bytes>::new());
    let request = request.map_err(|err| failed(err.to_string()))?;
    let response = sender.send_request(request).await.map_err(said)?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(said)?;
    let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    Ok((status, body))
}
