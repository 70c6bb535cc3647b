//! Where a load may go: the stack's own addresses as they come and go, or what somebody says is his.

use crate::{
    arguments::{Common, LoadOptions},
    command::LoadFailure,
    connection::Connection,
    failure::Failure,
    looking::Looking,
};
use setpoint_load::{ClientConfig, Dial, Dialled, Endpoint, Fault, Network, Protocol};
use setpoint_observe::{
    Picture, Subject,
    endpoints::{PARTS, endpoints as found},
};
use setpoint_spec::Stack;
use setpoint_twin::{Twin, tasks};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Endpoints as they come and go, for as long as this is there.
pub(crate) struct Targets {
    endpoints: watch::Receiver<Vec<Endpoint>>,
    /// Told when an endpoint takes no connection: its task may have stopped.
    refused: Arc<Notify>,
    /// Keeps the list true, and whatever answers there running.
    keeping: JoinSet<()>,
}

impl Targets {
    /// The endpoints, whose change can be waited for.
    pub(crate) fn endpoints(&self) -> watch::Receiver<Vec<Endpoint>> {
        self.endpoints.clone()
    }

    /// The network, on which it is seen which of them take no connection.
    pub(crate) fn network(&self, trust: &ClientConfig) -> Arc<dyn Dial> {
        Arc::new(Seeing {
            network: Network::new(trust),
            refused: self.refused.clone(),
        })
    }

    /// Endpoints that stay.
    fn fixed(endpoints: Vec<Endpoint>) -> Targets {
        Targets {
            endpoints: watch::channel(endpoints).1,
            refused: Arc::default(),
            keeping: JoinSet::new(),
        }
    }
}

/// The network, and who is told what takes no connection.
struct Seeing {
    network: Network,
    refused: Arc<Notify>,
}

impl Dial for Seeing {
    fn dial<'a>(&'a self, endpoint: &'a Endpoint, protocol: Protocol) -> Dialled<'a> {
        Box::pin(async move {
            let stream = self.network.dial(endpoint, protocol).await;
            if let Err(Fault::Connect) = stream {
                self.refused.notify_one();
            }
            stream
        })
    }
}

/// The endpoints to load. Hosts that are not the stack's are refused unless their owner speaks.
pub(crate) async fn targets(common: &Common, options: &LoadOptions) -> Result<Targets, Failure> {
    if !options.service.is_empty() {
        return of_services(common, options).await;
    }
    let mut named = Vec::new();
    for target in &options.target {
        named.push(Endpoint::of_url(target).map_err(LoadFailure::from)?.0);
    }
    if named.is_empty() {
        return own(Looking::begin(common, None).await?).await;
    }
    let mut targets = Targets::fixed(named.clone());
    if !options.i_own_this {
        // Without a stack nothing is known to be its own.
        let own = async { own(Looking::begin(common, None).await?).await };
        let own = own.await.ok();
        let is_own = |it: &Endpoint| {
            let own = own.as_ref();
            own.is_some_and(|own| own.endpoints.borrow().contains(it))
        };
        if let Some(other) = named.iter().find(|it| !is_own(it)) {
            return Err(LoadFailure::NotOwned(other.to_string()).into());
        }
        // In a sandbox that nobody serves, the tasks answer only as long as this is kept.
        if let Some(own) = own {
            targets.keeping = own.keeping;
        }
    }
    Ok(targets)
}

/// The endpoints of services that are named without a stack.
async fn of_services(common: &Common, options: &LoadOptions) -> Result<Targets, Failure> {
    let mut subjects = Vec::new();
    for name in &options.service {
        if !options.i_own_this {
            return Err(LoadFailure::NotOwned(name.clone()).into());
        }
        let parts = name
            .split_once('/')
            .filter(|it| !it.0.is_empty() && !it.1.is_empty());
        let (cluster, service) = parts.ok_or_else(|| LoadFailure::Service(name.clone()))?;
        subjects.push(Subject::new(cluster, service));
    }
    let stack = Stack::read("name: load").expect("a name makes a stack");
    let connection = Connection::open(common, &stack).await?;
    own(Looking::on(connection, &stack, subjects)).await
}

/// How often it is looked where tasks answer: on AWS and on a sandbox that another process serves,
/// and on a sandbox in this process, where a look costs nothing.
const LOOK: Duration = Duration::from_secs(1);
const LOOK_HERE: Duration = Duration::from_millis(100);

/// Where one takes no connection it is looked again at once, though not more often than this.
const AGAIN: Duration = Duration::from_millis(200);

/// Nothing of this goes back in time.
const NOW: Duration = Duration::from_secs(60);

/// The addresses at which the services that are looked at answer.
pub(crate) async fn own(looking: Looking) -> Result<Targets, Failure> {
    let twin = looking.sandbox.as_ref().and_then(|it| it.twin().cloned());
    let mut keeping = JoinSet::new();
    let refused: Arc<Notify> = Arc::default();
    let (sender, mut endpoints) = watch::channel(Vec::new());
    let tell = move |now: Vec<Endpoint>| {
        sender.send_if_modified(|it| {
            let is_new = *it != now;
            *it = now;
            is_new
        });
    };
    match twin {
        Some(twin) => {
            keeping.spawn(tasks::serve(twin.clone()));
            keeping.spawn(async move {
                // What becomes of the sandbox is kept when `looking` is let go.
                let mut before = Vec::new();
                loop {
                    let now = here(&twin, &looking.services);
                    // A task that has just begun to run does not listen yet.
                    let listening = now.iter().filter(|it| before.contains(*it));
                    tell(listening.cloned().collect());
                    before = now;
                    sleep(LOOK_HERE).await;
                }
            });
        }
        None => {
            tell(answering(&looking.look(PARTS, NOW).await?));
            let refused = refused.clone();
            keeping.spawn(async move {
                loop {
                    sleep(AGAIN).await;
                    // Whether it is time or something has happened makes no difference.
                    let _ = timeout(LOOK - AGAIN, refused.notified()).await;
                    // What could not be seen this time has not gone.
                    match looking.look(PARTS, NOW).await {
                        Ok(picture) if picture.not_shown.is_empty() => tell(answering(&picture)),
                        _ => {}
                    }
                }
            });
        }
    }
    // A task that boots is waited for; a stack that was never applied has none.
    let waited = endpoints.wait_for(|it| !it.is_empty());
    let found = tokio::time::timeout(Duration::from_secs(10), waited).await;
    if found.is_err() {
        let why = "no task of it runs; `setpoint apply` comes first";
        return Err(LoadFailure::Nowhere(why).into());
    }
    drop(found);
    // Nor may one of a sandbox that another process serves.
    sleep(LOOK_HERE).await;
    Ok(Targets {
        endpoints,
        refused,
        keeping,
    })
}

/// Where the services of a picture answer: at their load balancers, and at their tasks where there
/// is none before them.
fn answering(picture: &Picture) -> Vec<Endpoint> {
    let all = found(picture);
    let balanced: BTreeSet<&String> = all
        .iter()
        .filter(|it| it.task.is_none())
        .map(|it| &it.service)
        .collect();
    let meant = all
        .iter()
        .filter(|it| it.task.is_none() || !balanced.contains(&it.service));
    meant
        .filter_map(|it| Endpoint::of_url(&it.url).ok())
        .map(|it| it.0)
        .collect()
}

/// Where these services of the account in this process answer now.
fn here(twin: &Twin, services: &[Subject]) -> Vec<Endpoint> {
    twin.look(|world| {
        let addresses = services
            .iter()
            .flat_map(|it| tasks::addresses(world, &it.cluster, &it.service));
        addresses.map(Endpoint::plain).collect()
    })
}
