//! The sandbox that stands for AWS: in this process, or in one that serves it already.

use crate::{failure::Failure, render};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use setpoint_aws::Settings;
use setpoint_core::Limits;
use setpoint_twin::{
    Carrier, Habits, Time, Twin, World,
    store::{Store, StoreError},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The page of the flash-sale example, which its containers answer with.
const PAGE: (&str, &str) = (
    "flash-sale-webapp",
    include_str!("../../../examples/flash-sale/index.html"),
);

/// An AWS in memory, and the way to it. Clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Sandbox {
    reach: Reach,
    speed: f64,
}

#[derive(Clone, Debug)]
enum Reach {
    /// It is here.
    Here(Arc<Here>),
    /// Another process serves it, at this address.
    Served(String),
}

/// A twin in this process. What has become of it is kept when the last that uses it is done.
#[derive(Debug)]
struct Here(Twin);

impl Drop for Here {
    fn drop(&mut self) {
        if let Err(err) = self.0.save() {
            render::failure(&err.into());
        }
    }
}

impl Sandbox {
    /// The sandbox beside a stack: the one that is served, or else the one that is kept there.
    pub(crate) fn beside(stack: &Path, region: &str, speed: f64) -> Result<Sandbox, Failure> {
        let folder = folder(stack);
        match Store::open(&folder) {
            Ok(store) => {
                let twin = kept(store, region, speed, habits(speed))?;
                Ok(Sandbox {
                    reach: Reach::Here(Arc::new(Here(twin))),
                    speed,
                })
            }
            Err(StoreError::Taken(_)) => {
                served(&folder).ok_or_else(|| StoreError::Taken(folder).into())
            }
            Err(err) => Err(err.into()),
        }
    }

    /// The sandbox beside a stack, if another process serves it; or else an empty account that nobody keeps.
    pub(crate) fn served_or_empty(stack: &Path, region: &str, speed: f64) -> Sandbox {
        let folder = folder(stack);
        let is_taken = folder.exists() && matches!(Store::open(&folder), Err(StoreError::Taken(_)));
        let served = served(&folder).filter(|_| is_taken);
        served.unwrap_or_else(|| Sandbox::empty(region, speed))
    }

    /// How many times as fast as ours its clock is.
    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    /// An empty account that nobody keeps.
    pub(crate) fn empty(region: &str, speed: f64) -> Sandbox {
        let twin = Twin::new(new_world(region, habits(speed)), speed);
        Sandbox {
            reach: Reach::Here(Arc::new(Here(twin))),
            speed,
        }
    }

    /// The twin, if it is here.
    pub(crate) fn twin(&self) -> Option<&Twin> {
        match &self.reach {
            Reach::Here(here) => Some(&here.0),
            Reach::Served(_) => None,
        }
    }

    /// Makes the way to AWS lead here.
    pub(crate) fn lead(&self, settings: &mut Settings) {
        settings.access_key = Some(("sandbox".into(), "secret".into()));
        settings.profile = None;
        settings.quota_factor = Some(settings.quota_factor.unwrap_or(1.0) * self.speed.max(0.01));
        match &self.reach {
            Reach::Here(here) => {
                let carrier = Carrier::new(here.0.clone(), Duration::ZERO);
                settings.http_client = Some(SharedHttpClient::new(carrier));
                // It is never looked up.
                settings.endpoint = Some("http://sandbox.localhost".into());
            }
            Reach::Served(address) => settings.endpoint = Some(address.clone()),
        }
    }

    /// The same waits on this clock.
    pub(crate) fn limits(&self, limits: Limits) -> Limits {
        let scaled = |duration: Duration| duration.div_f64(self.speed);
        Limits {
            poll: scaled(limits.poll).max(Duration::from_millis(20)),
            patience: scaled(limits.patience),
            lag: scaled(limits.lag).max(Duration::from_millis(200)),
            ..limits
        }
    }
}

/// The sandbox that another process says it serves in a folder.
fn served(folder: &Path) -> Option<Sandbox> {
    let sign = fs::read_to_string(folder.join("served")).ok()?;
    let (address, speed) = sign.trim().split_once(' ')?;
    Some(Sandbox {
        reach: Reach::Served(format!("http://{address}")),
        speed: speed.parse().unwrap_or(1.0),
    })
}

/// The folder of the sandbox beside a stack.
pub(crate) fn folder(stack: &Path) -> PathBuf {
    let beside = stack.parent().unwrap_or(Path::new(""));
    beside.join(".setpoint")
}

/// The twin that a store keeps, or a new one; what is written to it is kept from now on.
pub(crate) fn kept(
    store: Store,
    region: &str,
    speed: f64,
    habits: Habits,
) -> Result<Twin, Failure> {
    let world = match store.load()? {
        Some(mut world) if world.region == region => {
            world.habits = habits;
            world
        }
        Some(world) => {
            return Err(Failure::SandboxRegion {
                kept: world.region,
                asked: region.to_owned(),
            });
        }
        None => new_world(region, habits),
    };
    let twin = Twin::new(world, speed);
    twin.keep(Arc::new(store));
    Ok(twin)
}

/// How a sandbox behaves: kindly, where AWS would want an image pushed first.
pub(crate) fn habits(speed: f64) -> Habits {
    Habits {
        images_must_exist: false,
        loopback: true,
        quota_factor: Some(speed.max(1.0)),
        pages: [(PAGE.0.to_owned(), PAGE.1.to_owned())].into(),
        ..Habits::default()
    }
}

/// A new account. It begins now; afterwards its time is its own.
pub(crate) fn new_world(region: &str, habits: Habits) -> World {
    // Two sandboxes at the same time should not give their tasks the same ports.
    World::new(region, since_1970().as_nanos() as u64, now(), habits)
}

/// The time on our clock.
pub(crate) fn now() -> Time {
    Time(since_1970().as_millis() as u64)
}

fn since_1970() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}
