//! One thread's part of a load.

use crate::{
    Dial, Endpoint, Load, Model, Tally, alarm::Alarm, lane::Floor, run::ends, share::Stride,
};
use std::{cell::Cell, rc::Rc, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::spawn_local,
    time::{Instant, sleep_until},
};

/// What a thread is given.
pub(crate) struct Worker {
    pub(crate) load: Arc<Load>,
    /// Which requests of the schedule are its own, or which workers of the closed model.
    pub(crate) stride: Stride,
    /// How many requests may be on their way in it.
    pub(crate) room: u32,
    pub(crate) dial: Arc<dyn Dial>,
    pub(crate) alarm: Alarm,
    pub(crate) begin: Instant,
    pub(crate) endpoints: watch::Receiver<Vec<Endpoint>>,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) tell: mpsc::UnboundedSender<Told>,
}

/// What a thread counted in a second of the load, or in another period that it is counted by.
pub(crate) struct Told {
    /// Which second, from 0.
    pub(crate) second: u64,
    pub(crate) tally: Tally,
    /// Whether nothing more comes from it.
    pub(crate) is_last: bool,
}

impl Worker {
    /// Plays its part to the end, or until it is told to stop, and hears out what is on its way then. To be
    /// run in a `LocalSet`.
    pub(crate) async fn play(mut self) {
        let floor = Floor::new(self.load.requests.clone(), self.dial.clone(), self.room);
        let floor = Rc::new(floor);
        floor.arrange(&self.endpoints.borrow_and_update());
        let mut telling = Telling {
            floor: floor.clone(),
            begin: self.begin,
            every: self.load.every,
            second: 0,
            tell: self.tell.clone(),
        };
        let load = self.load.clone();
        match &load.model {
            Model::Open(schedule) => {
                let count = self.stride.count(schedule.requests());
                let mut index = 0;
                let mut due = self.begin + schedule.due(self.stride.at(index));
                while index < count {
                    tokio::select! {
                        biased;
                        () = stopped(&mut self.stop) => break,
                        () = sleep_until(telling.next()) => telling.tell(),
                        Ok(()) = self.endpoints.changed() => {
                            floor.arrange(&self.endpoints.borrow_and_update());
                        }
                        () = self.alarm.until(due) => {}
                    }
                    // What is counted for a second is what was due in it.
                    while index < count && due <= Instant::now() {
                        if due >= telling.next() {
                            telling.tell();
                        }
                        floor.due(self.stride.at(index), due);
                        index += 1;
                        due = self.begin + schedule.due(self.stride.at(index));
                    }
                }
                if index == count {
                    // The last request is due before the end; the load lasts until then.
                    let end = self.begin + schedule.lasts();
                    self.rest(&floor, &mut telling, Some(end)).await;
                }
            }
            Model::Closed { workers, lasts } => {
                let end = self.begin + *lasts;
                sleep_until(self.begin).await;
                let number = Rc::new(Cell::new(0));
                let is_over = Rc::new(Cell::new(false));
                for _ in 0..self.stride.count(u64::from(*workers)) {
                    let (number, is_over) = (number.clone(), is_over.clone());
                    let stride = self.stride;
                    spawn_local(floor.clone().work(move || {
                        let next = number.get();
                        number.set(next + 1);
                        let goes_on = !is_over.get() && Instant::now() < end;
                        goes_on.then(|| stride.at(next))
                    }));
                }
                self.rest(&floor, &mut telling, Some(end)).await;
                is_over.set(true);
            }
        }
        self.rest(&floor, &mut telling, None).await;
        telling.last();
    }

    /// Goes on telling and hearing until a time or a stop; without a time, until nothing is on its way.
    async fn rest(&mut self, floor: &Rc<Floor>, telling: &mut Telling, until: Option<Instant>) {
        let end = until.unwrap_or(self.begin + Duration::from_secs(366 * 86_400));
        loop {
            let news = floor.news.notified();
            if until.is_none() && floor.on_their_way() == 0 {
                return;
            }
            tokio::select! {
                biased;
                () = stopped(&mut self.stop), if until.is_some() => return,
                () = sleep_until(end) => return,
                () = sleep_until(telling.next()) => telling.tell(),
                () = news => {}
                Ok(()) = self.endpoints.changed() => {
                    floor.arrange(&self.endpoints.borrow_and_update());
                }
            }
        }
    }
}

/// Waits for the stop. One that nobody can give any more never comes.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|it| *it).await.is_err() {
        std::future::pending::<()>().await;
    }
}

struct Telling {
    floor: Rc<Floor>,
    begin: Instant,
    every: Duration,
    second: u64,
    tell: mpsc::UnboundedSender<Told>,
}

impl Telling {
    /// When the period ends.
    fn next(&self) -> Instant {
        self.begin + ends(self.every, self.second)
    }

    fn tell(&mut self) {
        self.send(false);
        self.second += 1;
    }

    fn last(mut self) {
        self.send(true);
    }

    fn send(&mut self, is_last: bool) {
        // Nobody may listen any more.
        let _ = self.tell.send(Told {
            second: self.second,
            tally: self.floor.take(),
            is_last,
        });
    }
}
