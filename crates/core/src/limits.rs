//! How long to wait, and when to stop.

use std::time::Duration;
use tokio::sync::watch;

/// How long the executor waits, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest time between two looks at what settles.
    pub poll: Duration,
    /// How long one change may take to settle.
    pub patience: Duration,
    /// How long a read may lag behind a write.
    pub lag: Duration,
    /// How old a plan may be before a creation, too, looks again first. Updates and deletions
    /// always do; most creations need not, since AWS refuses to make what exists.
    pub fresh: Duration,
    /// Whether to wait for AWS to finish what it accepted. Deletions are always waited for.
    pub wait: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            poll: Duration::from_secs(5),
            patience: Duration::from_secs(20 * 60),
            lag: Duration::from_secs(60),
            fresh: Duration::from_secs(5),
            wait: true,
        }
    }
}

/// The user's word to start nothing more.
#[derive(Clone, Debug)]
pub struct Stop(pub(crate) watch::Receiver<bool>);

impl Stop {
    /// A stop that never comes.
    pub fn never() -> Stop {
        Stop(watch::channel(false).1)
    }

    /// A stop, and what gives the word by sending `true`.
    pub fn new() -> (watch::Sender<bool>, Stop) {
        let (sender, receiver) = watch::channel(false);
        (sender, Stop(receiver))
    }

    /// Waits until the word is given; for ever, if nobody can give it any more.
    pub async fn said(&mut self) {
        if self.0.wait_for(|it| *it).await.is_err() {
            futures::future::pending().await
        }
    }
}
