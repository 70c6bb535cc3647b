//! Being woken when a request is due, closer than tokio's timers, which count in milliseconds.

use crate::{Schedule, Share};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Wakes one thread.
pub(crate) enum Alarm {
    /// Another thread rings, which does nothing but sleep: closer than a tenth of a millisecond where the
    /// machine has time for it, and it never spins.
    Rung(Arc<Notify>),
    /// tokio's clock, which a test can hold.
    Timer,
}

impl Alarm {
    /// Waits until something may be due; `next` is when. It may be early.
    pub(crate) async fn until(&self, next: Instant) {
        match self {
            Alarm::Rung(bell) => bell.notified().await,
            Alarm::Timer => tokio::time::sleep_until(next).await,
        }
    }
}

/// How long the ringing thread sleeps at a stretch, so that it hears that it is to end.
const STRETCH: Duration = Duration::from_millis(50);

/// A thread that rings until all is due, or until it is dropped.
pub(crate) struct Ringer(Arc<AtomicBool>);

impl Drop for Ringer {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Rings the bell of the thread whose request is due, for each request of the share.
pub(crate) fn ring(
    schedule: Arc<Schedule>,
    share: Share,
    begin: Instant,
    bells: Vec<Arc<Notify>>,
) -> io::Result<Ringer> {
    let end = Arc::new(AtomicBool::new(false));
    let ringer = Ringer(end.clone());
    let play = move || {
        let count = share.count(schedule.requests());
        let stride = share.again(0, 1);
        let mut is_due = vec![false; bells.len()];
        let mut index = 0;
        while index < count && !end.load(Ordering::Relaxed) {
            let due = begin + schedule.due(stride.at(index));
            let left = due.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                thread::sleep(left.min(STRETCH));
                continue;
            }
            // All that is due by now is one ring for each thread.
            let now = Instant::now();
            while index < count && begin + schedule.due(stride.at(index)) <= now {
                is_due[(index % bells.len() as u64) as usize] = true;
                index += 1;
            }
            for (bell, is_due) in bells.iter().zip(&mut is_due) {
                if std::mem::take(is_due) {
                    bell.notify_one();
                }
            }
        }
    };
    thread::Builder::new()
        .name("load-clock".into())
        .spawn(play)?;
    Ok(ringer)
}
