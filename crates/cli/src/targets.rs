//! Where a load may go: the stack's own addresses as they come and go, or what somebody says is his.

use crate::{
    arguments::{Common, LoadOptions},
    command::LoadFailure,
    failure::Failure,
    reading::{Use, read_stack},
    sandbox::Sandbox,
};
use setpoint_load::Endpoint;
use setpoint_twin::{Twin, tasks};
use std::time::Duration;
use tokio::{sync::watch, task::JoinSet, time::sleep};

/// Endpoints as they come and go, for as long as this is there.
pub(crate) struct Targets {
    endpoints: watch::Receiver<Vec<Endpoint>>,
    /// Keeps the list true, and whatever answers there running.
    _keeping: JoinSet<()>,
}

impl Targets {
    /// The endpoints, whose change can be waited for.
    pub(crate) fn endpoints(&self) -> watch::Receiver<Vec<Endpoint>> {
        self.endpoints.clone()
    }

    /// Endpoints that stay.
    fn fixed(endpoints: Vec<Endpoint>) -> Targets {
        Targets {
            endpoints: watch::channel(endpoints).1,
            _keeping: JoinSet::new(),
        }
    }
}

/// The endpoints to load. Hosts that are not the stack's are refused unless their owner speaks.
pub(crate) async fn targets(common: &Common, options: &LoadOptions) -> Result<Targets, Failure> {
    let mut named = Vec::new();
    for target in &options.target {
        named.push(Endpoint::of_url(target).map_err(LoadFailure::from)?.0);
    }
    if named.is_empty() {
        return own(common).await;
    }
    if !options.i_own_this {
        // Without a stack nothing is known to be its own.
        let own = own(common).await.ok();
        let own = own
            .map(|it| it.endpoints.borrow().clone())
            .unwrap_or_default();
        if let Some(other) = named.iter().find(|it| !own.contains(it)) {
            return Err(LoadFailure::NotOwned(other.to_string()).into());
        }
    }
    Ok(Targets::fixed(named))
}

/// How often it is looked where tasks answer.
const LOOK: Duration = Duration::from_millis(100);

/// The addresses at which the running tasks of the stack's services answer.
async fn own(common: &Common) -> Result<Targets, Failure> {
    let read = read_stack(common, Use::Remove)?;
    let nowhere = |why| Failure::from(LoadFailure::Nowhere(why));
    if !common.sandbox {
        return Err(nowhere("only on the sandbox is it found out by itself"));
    }
    let region = common.region.clone().or_else(|| read.stack.region.clone());
    let region = region.unwrap_or_else(|| "us-east-1".into());
    let sandbox = Sandbox::beside(common.stack(), &region, common.speed)?;
    let Some(twin) = sandbox.twin().cloned() else {
        return Err(nowhere("the sandbox is served by another process"));
    };
    let mut keeping = JoinSet::new();
    keeping.spawn(tasks::serve(twin.clone()));
    let (sender, mut endpoints) = watch::channel(Vec::new());
    keeping.spawn(async move {
        // What becomes of the sandbox is kept when it is let go.
        let _sandbox = sandbox;
        loop {
            let now = answering(&twin);
            sender.send_if_modified(|it| {
                let is_new = *it != now;
                *it = now;
                is_new
            });
            sleep(LOOK).await;
        }
    });
    // A task that boots is waited for; a stack that was never applied has none.
    let waited = endpoints.wait_for(|it| !it.is_empty());
    let found = tokio::time::timeout(Duration::from_secs(10), waited).await;
    if found.is_err() {
        return Err(nowhere("no task of it runs; `setpoint apply` comes first"));
    }
    drop(found);
    // A task that has just begun to run may not listen yet.
    sleep(LOOK).await;
    Ok(Targets {
        endpoints,
        _keeping: keeping,
    })
}

/// Where the services of the account answer now.
fn answering(twin: &Twin) -> Vec<Endpoint> {
    twin.look(|world| {
        let services = world.ecs.services.values();
        let active = services.filter(|it| it.status == "ACTIVE");
        let addresses = active.flat_map(|it| tasks::addresses(world, &it.cluster, &it.name));
        addresses.map(Endpoint::plain).collect()
    })
}
