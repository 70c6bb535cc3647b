use crate::{
    Dial, Ended, Endpoint, Load, Model, Outcome, Tally, Watch,
    alarm::{Alarm, Ringer, ring},
    worker::{Told, Worker},
};
use std::{
    collections::BTreeMap,
    io,
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::LocalSet,
    time::Instant,
};

/// Who carries a load out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crew {
    /// So many threads, at least one, each with connections of its own.
    Threads(u32),
    /// The caller's own, on tokio's clock: to the millisecond, and held still where that is paused.
    Here,
}

impl Crew {
    /// As many threads as a load needs on this machine: one for each 20,000 requests a second, or as the
    /// closed model has workers; never more than there are processors, or 16.
    pub fn fit(load: &Load) -> Crew {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let most = u32::try_from(processors.min(16)).unwrap_or(1);
        let wanted = match &load.model {
            Model::Open(schedule) => {
                let peak = schedule.peak() / f64::from(load.share.of());
                // A rate is at most ten million.
                1 + (peak / 20_000.0) as u32
            }
            Model::Closed { workers, .. } => load.share.workers(*workers),
        };
        Crew::Threads(wanted.clamp(1, most))
    }
}

/// Plays a load on endpoints, which may come and go meanwhile.
///
/// It begins at `begin`, or at once if that has passed. `tell` is told of each period of
/// [`Load::every`] (a second, if nothing else is said) once all its counts are in, with its number from 0; a
/// last one may be shorter. When `stop` becomes true nothing more
/// is begun, what is on its way is heard out (at most the time-out), and the outcome is that of what was
/// done. Fails only where the system gives no thread.
pub async fn run(
    load: &Load,
    crew: Crew,
    begin: Instant,
    endpoints: watch::Receiver<Vec<Endpoint>>,
    dial: Arc<dyn Dial>,
    stop: watch::Receiver<bool>,
    mut tell: impl FnMut(u64, &Tally),
) -> io::Result<Outcome> {
    let load = Arc::new(load.clone());
    let threads = match crew {
        Crew::Threads(threads) => threads.clamp(1, load.in_flight.max(1)),
        Crew::Here => 1,
    };
    // A little later, so that all threads are there.
    let begin = match crew {
        Crew::Threads(_) => begin.max(Instant::now() + Duration::from_millis(20)),
        Crew::Here => begin.max(Instant::now()),
    };
    let began = SystemTime::now() + begin.saturating_duration_since(Instant::now());
    // Thresholds and the caller both stop the threads.
    let (halt, halted) = watch::channel(false);
    let (sender, told) = mpsc::unbounded_channel();
    let bells: Vec<Arc<Notify>> = (0..threads).map(|_| Arc::default()).collect();
    let workers: Vec<Worker> = (0..threads)
        .map(|thread| Worker {
            stride: load.share.again(thread, threads),
            room: load.in_flight / threads + u32::from(thread < load.in_flight % threads),
            load: load.clone(),
            dial: dial.clone(),
            alarm: match crew {
                Crew::Threads(_) => Alarm::Rung(bells[thread as usize].clone()),
                Crew::Here => Alarm::Timer,
            },
            begin,
            endpoints: endpoints.clone(),
            stop: halted.clone(),
            tell: sender.clone(),
        })
        .collect();
    drop(sender);
    let mut listening = Listening {
        watch: Watch::new(&load.abort_when, load.every),
        every: load.every,
        halt,
        stop,
        told,
        begin,
        ended: Ended::Complete,
    };
    let seconds = match crew {
        Crew::Here => {
            let here = LocalSet::new();
            for worker in workers {
                here.spawn_local(worker.play());
            }
            here.run_until(listening.listen(1, &mut tell)).await
        }
        Crew::Threads(_) => {
            let _ringer: Option<Ringer> = match &load.model {
                Model::Open(schedule) => {
                    Some(ring(Arc::new(schedule.clone()), load.share, begin, bells)?)
                }
                Model::Closed { .. } => None,
            };
            for worker in workers {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                let play = move || LocalSet::new().block_on(&runtime, worker.play());
                thread::Builder::new().name("load".into()).spawn(play)?;
            }
            listening.listen(threads, &mut tell).await
        }
    };
    let mut total = Tally::default();
    for second in &seconds {
        total.add(second);
    }
    Ok(Outcome {
        began,
        lasted: Instant::now() - begin,
        ended: listening.ended,
        total,
        seconds,
    })
}

/// When a period of this length ends, since the beginning; counted from 0.
pub(crate) fn ends(every: Duration, period: u64) -> Duration {
    every.saturating_mul(u32::try_from(period + 1).unwrap_or(u32::MAX))
}

struct Listening {
    watch: Watch,
    every: Duration,
    halt: watch::Sender<bool>,
    stop: watch::Receiver<bool>,
    told: mpsc::UnboundedReceiver<Told>,
    begin: Instant,
    ended: Ended,
}

impl Listening {
    /// Gathers what the threads tell, second by second, until the last has ended.
    async fn listen(&mut self, threads: u32, tell: &mut impl FnMut(u64, &Tally)) -> Vec<Tally> {
        let mut seconds: Vec<Tally> = Vec::new();
        let mut open: BTreeMap<u64, (Tally, u32)> = BTreeMap::new();
        // Threads that have ended, by their last second.
        let mut last: Vec<u64> = Vec::new();
        let mut can_stop = true;
        let mut stop = self.stop.clone();
        loop {
            let told = tokio::select! {
                biased;
                told = self.told.recv() => told,
                // A stop that nobody can give any more is none.
                is_stopped = async { stop.wait_for(|it| *it).await.is_ok() }, if can_stop => {
                    can_stop = false;
                    if is_stopped {
                        self.end(Ended::Interrupted);
                    }
                    continue;
                }
            };
            let Some(told) = told else {
                // A thread that was lost has told nothing; what the others counted is kept.
                for (second, (tally, _)) in open {
                    tell(second, &tally);
                    seconds.push(tally);
                }
                return seconds;
            };
            let (tally, count) = open.entry(told.second).or_default();
            tally.add(&told.tally);
            *count += 1;
            if told.is_last {
                last.push(told.second);
            }
            while let Some(entry) = open.first_entry() {
                let second = *entry.key();
                let over = last.iter().filter(|it| **it < second).count() as u32;
                if entry.get().1 + over < threads {
                    break;
                }
                let (tally, _) = entry.remove();
                tell(second, &tally);
                let is_whole = Instant::now() >= self.begin + ends(self.every, second);
                if is_whole && let Some((threshold, value)) = self.watch.period(&tally) {
                    self.end(Ended::Threshold { threshold, value });
                }
                seconds.push(tally);
            }
        }
    }

    fn end(&mut self, why: Ended) {
        if self.ended == Ended::Complete {
            self.ended = why;
            let _ = self.halt.send(true);
        }
    }
}
