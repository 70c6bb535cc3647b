//! Tasks that really serve: each RUNNING task answers on its host port, on a loopback address, and
//! each request costs CPU time of its instance.

use crate::{
    Twin, World, server,
    service::{
        ec2,
        ecs::task::{self, Task},
    },
    work,
};
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep, sleep_until},
};

/// How often it is looked which tasks run. Short enough that nobody notices.
const LOOK: Duration = Duration::from_millis(20);

/// A port of a task that runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Door {
    address: SocketAddr,
    task: String,
    container: String,
}

/// Keeps a listener for every port of every RUNNING task, until it is dropped; it must be polled.
pub async fn serve(twin: Twin) {
    let mut open: BTreeMap<Door, Option<AbortHandle>> = BTreeMap::new();
    let mut listeners = JoinSet::new();
    loop {
        let doors = twin.look(doors);
        open.retain(|door, listener| {
            let stays =
                doors.contains(door) && listener.as_ref().is_some_and(|it| !it.is_finished());
            if let (false, Some(listener)) = (stays, listener) {
                listener.abort();
            }
            stays
        });
        for door in doors {
            if open.contains_key(&door) {
                continue;
            }
            match TcpListener::bind(door.address).await {
                Ok(listener) => {
                    let served = listen(twin.clone(), door.clone(), listener);
                    let handle = listeners.spawn(served);
                    open.insert(door, Some(handle));
                }
                Err(err) => tracing::debug!(address = %door.address, %err, "cannot listen"),
            }
        }
        while listeners.try_join_next().is_some() {}
        sleep(LOOK).await;
    }
}

/// Where the containers of running tasks answer.
fn doors(world: &World) -> Vec<Door> {
    let running = world.ecs.tasks.values().filter(|it| it.status == "RUNNING");
    running
        .flat_map(|task| {
            let ip = address_of(world, task);
            let tcp = task::ports(world, task).into_iter();
            let tcp = tcp.filter(|it| it.protocol == "tcp");
            let tcp = tcp.filter(|it| task::serves(world, task, &it.container));
            tcp.filter_map(move |port| {
                Some(Door {
                    address: SocketAddr::new(ip?, port.host_port),
                    task: task.arn.clone(),
                    container: port.container,
                })
            })
        })
        .collect()
}

/// The addresses at which a service's running tasks answer, or will in a moment.
pub fn addresses(world: &World, cluster: &str, service: &str) -> Vec<SocketAddr> {
    let of_service = |door: &Door| {
        let task = world.ecs.tasks.get(&door.task);
        task.is_some_and(|it| it.cluster == cluster && it.service.as_deref() == Some(service))
    };
    let doors = doors(world).into_iter().filter(of_service);
    doors.map(|it| it.address).collect()
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The loopback address at which a task answers: the public one of its instance, where that is a
/// loopback address; on Fargate its own, and none if it has none.
fn address_of(world: &World, task: &Task) -> Option<IpAddr> {
    let loopback = |written: &str| {
        let parsed = written.parse::<IpAddr>().ok();
        parsed.filter(IpAddr::is_loopback)
    };
    if task.is_on_fargate() {
        return task.public_ip.as_deref().and_then(loopback);
    }
    let instance = task.instance.as_ref();
    let instance = instance.and_then(|it| world.ecs.instances.get(it));
    let instance = instance.and_then(|it| ec2::instance(world, &it.ec2));
    let public = instance.and_then(|it| loopback(it.public_ip.as_deref()?));
    Some(public.unwrap_or(LOOPBACK))
}

/// When the task's process has done what it was asked so far.
type Busy = Arc<Mutex<Instant>>;

async fn listen(twin: Twin, door: Door, listener: TcpListener) {
    let busy: Busy = Arc::new(Mutex::new(Instant::now()));
    // Dropped with the listener, so that a task that stops drops its connections.
    let mut connections = JoinSet::new();
    loop {
        let (stream, from) = match listener.accept().await {
            Ok((stream, from)) => (stream, from.ip()),
            Err(err) if server::is_passing(&err) => continue,
            Err(err) => return stopped(&door, &err),
        };
        let (twin, door, busy) = (twin.clone(), door.clone(), Arc::clone(&busy));
        connections.spawn(async move {
            let answer = service_fn(|request| {
                let (twin, door, busy) = (twin.clone(), door.clone(), Arc::clone(&busy));
                async move { Ok::<_, Infallible>(answer(&twin, &door, &busy, from, &request).await) }
            });
            let stream = TokioIo::new(stream);
            let served = http1::Builder::new().serve_connection(stream, answer);
            if let Err(err) = served.await {
                tracing::debug!(%err, "a connection ended");
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

fn stopped(door: &Door, err: &io::Error) {
    tracing::debug!(address = %door.address, %err, "listens no longer");
}

async fn answer(
    twin: &Twin,
    door: &Door,
    busy: &Busy,
    from: IpAddr,
    request: &Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (cost, units, page) = twin.serve(|world| {
        let units = work::speed(world, &door.task).max(1.0);
        let page = page(world, door);
        (world.habits.request_cost, units, page)
    });
    let done = {
        let mut busy = busy.lock().unwrap_or_else(PoisonError::into_inner);
        *busy = (*busy).max(Instant::now()) + cost.mul_f64(1024.0 / units);
        *busy
    };
    sleep_until(done).await;
    let body = match request.method() {
        &hyper::Method::HEAD => Bytes::new(),
        _ => Bytes::from(page),
    };
    let line = format!(
        "{from} \"{} {} HTTP/1.1\" 200 {}",
        request.method(),
        request.uri(),
        body.len()
    );
    twin.charge(&door.task, cost, &door.container, &line);
    let mut response = Response::new(Full::from(body));
    let html = header::HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

/// What a container answers: the page of its image, or one that says who answers.
fn page(world: &World, door: &Door) -> String {
    let task = world.ecs.tasks.get(&door.task);
    let image = task.and_then(|task| {
        let named = |it: &&serde_json::Value| it["name"] == door.container.as_str();
        task.containers.iter().find(named)?["image"].as_str()
    });
    let image = image.unwrap_or_default();
    let named = world.habits.pages.iter().find(|(name, _)| {
        let name_of = image.split('@').next().unwrap_or_default();
        let last = name_of.rsplit('/').next().unwrap_or_default();
        last.split(':').next() == Some(name.as_str())
    });
    match named {
        Some((_, page)) => page.clone(),
        None => {
            let id = door.task.rsplit('/').next().unwrap_or_default();
            format!(
                "<!doctype html>\n<title>{0}</title>\n<p>Container {0} of task {id}, from image {image}.</p>\n",
                door.container
            )
        }
    }
}
