//! The load, played while everything is looked at.

use super::{
    Asked, RehearseFailure,
    clock::Clock,
    ground::Ground,
    seen::{self, Seen},
    tape::Tape,
};
use crate::{
    arguments::RehearseOptions,
    command::{Ended, LoadFailure},
    looking::Looking,
    render,
    targets::own,
    visiting::answers,
};
use setpoint_core::Stop;
use setpoint_load::{Crew, Ended as LoadEnded, Load, Model, Outcome, run, trusting};
use setpoint_observe::{Part, Subject, timeline};
use setpoint_rehearsal::{About, Line, MarkKind};
use std::{cell::RefCell, collections::BTreeSet, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

/// How often services and instances are looked at, and how often everything is, by AWS's clock.
const OFTEN: Duration = Duration::from_secs(5);
const SELDOM: Duration = Duration::from_secs(15);

/// A clock that is fast is not looked at more often than this, by ours.
const OFTEN_AT_MOST: Duration = Duration::from_millis(200);
const SELDOM_AT_MOST: Duration = Duration::from_millis(500);

/// How long each sample counts on a clock that is fast, at least: a tenth of a second holds too few requests
/// for a percentile.
const COUNTED: Duration = Duration::from_millis(400);

/// How late CloudWatch tells of a minute.
const LATE: Duration = Duration::from_secs(120);

/// Plays it, and judges what was seen.
pub(super) async fn play(
    ground: &Ground,
    options: &RehearseOptions,
    asked: Asked,
    mut stop: Stop,
) -> Ended {
    let stack = &ground.read.stack;
    let subject = asked.subject;
    let look = || Looking::on(ground.connection(), stack, vec![subject.clone()]);
    let targets = own(look()).await?;
    // Whoever holds the list keeps it from changing.
    let endpoints = targets.endpoints().borrow().clone();
    for endpoint in endpoints {
        let url = endpoint.to_string();
        let answered = answers(&url).await;
        answered.map_err(|why| RehearseFailure::Unanswered { url, why })?;
    }
    let looking = look();
    let parts = [Part::Hosts, Part::Scaling, Part::Capacity];
    let picture = looking.look(parts, OFTEN).await?;
    if picture.service(&subject).is_none() {
        return Err(RehearseFailure::Absent(subject.service).into());
    }
    let words = asked.load.model.to_string();
    let load = hastened(asked.load.clone(), ground.speed());
    let seen = Instant::now();
    // So that everything is there when it begins.
    let begin = seen + Duration::from_millis(50);
    let clock = Clock::new(ground.speed(), seen, picture.at, begin);
    let about = About {
        stack: stack.name.clone(),
        began: clock.began.0 as f64 / 1000.0,
        load: words,
        lasts: asked.load.lasts().as_secs_f64(),
        speed: clock.speed,
        limits: asked.limits,
        ..seen::about(&picture, &subject)
    };
    let least = about.capacity.map(|it| it.0);
    let scale_in = about.limits.scale_in.map(Duration::from_secs_f64);
    let tape = RefCell::new(Tape::begin(&options.output, about)?);
    let mut watching = Watching {
        looking,
        subject,
        clock,
        tape: &tape,
        seen: Seen::default(),
        beginnings: beginnings(&load, &clock),
        gaps: BTreeSet::new(),
        looked: None,
    };
    tape.borrow_mut()
        .put(Line::Sample(seen::state(&picture, &watching.subject, 0.0)));
    let trust = trusting(options.requests.insecure, &[]).map_err(LoadFailure::Trust)?;
    setpoint_load::make_room(&load);
    let (halt, halted) = watch::channel(false);
    let running = run(
        &load,
        Crew::fit(&load),
        begin,
        targets.endpoints(),
        targets.network(&trust),
        halted,
        |period, tally| {
            tape.borrow_mut().counted(period, load.every, tally, &clock);
        },
    );
    let hearing = async {
        stop.said().await;
        // Nobody listens once the load has ended.
        let _ = halt.send(true);
        std::future::pending::<()>().await
    };
    let outcome = tokio::select! {
        outcome = running => outcome.map_err(LoadFailure::Thread)?,
        () = watching.on() => unreachable!("it looks for ever"),
        () = hearing => unreachable!("it waits for ever"),
    };
    let is_cut_off = outcome.ended == LoadEnded::Interrupted;
    ended(&outcome, &clock, &tape);
    let is_cut_off = is_cut_off
        || tokio::select! {
            () = watching.after(scale_in, least) => false,
            () = stop.said() => true,
        };
    drop(watching);
    let (recording, verdict) = tape.into_inner().end(is_cut_off)?;
    let (recorded, page) = (
        Tape::recording(&options.output),
        Tape::report(&options.output),
    );
    render::rehearsed(&recording, &verdict, &recorded, &page, options.json)?;
    Ok(match (is_cut_off, verdict.held) {
        (true, _) => 130,
        (false, held) => u8::from(!held),
    })
}

/// The load on AWS's clock, counted as finely as that is worth it.
fn hastened(load: Load, speed: f64) -> Load {
    let mut load = load.hastened(speed);
    load.every = load.every.max(COUNTED);
    load
}

/// When the load and its stages begin, in seconds, and what is told of it.
fn beginnings(load: &Load, clock: &Clock) -> Vec<(f64, String)> {
    match &load.model {
        Model::Open(schedule) if schedule.stages().count() <= 20 => {
            let stages = schedule.stages().map(|(after, stage)| {
                let rates = match stage.from == stage.to {
                    true => format!("{}", stage.from),
                    false => format!("{} to {}", stage.from, stage.to),
                };
                let text = format!("{rates} requests a second are asked");
                (clock.theirs(after).as_secs_f64(), text)
            });
            stages.collect()
        }
        model => vec![(0.0, format!("the load begins: {model}"))],
    }
}

/// Tells how the load ended.
fn ended(outcome: &Outcome, clock: &Clock, tape: &RefCell<Tape>) {
    let mut tape = tape.borrow_mut();
    let at = clock.now();
    tape.unloaded();
    match &outcome.ended {
        LoadEnded::Complete => tape.mark(at, MarkKind::Load, "the load ends".into()),
        LoadEnded::Interrupted => tape.mark(at, MarkKind::Load, "the load is stopped".into()),
        LoadEnded::Threshold { threshold, value } => {
            let value = match threshold.metric {
                setpoint_load::Metric::Quantile(_) => format!("{value:.2} s"),
                _ => format!("{:.2}%", value * 100.0),
            };
            let text = format!("the load was ended by {threshold}: it was {value}");
            tape.mark(at, MarkKind::Abort, text);
        }
    }
}

/// Looks again and again, and tapes what is new.
struct Watching<'a> {
    looking: Looking,
    subject: Subject,
    clock: Clock,
    tape: &'a RefCell<Tape>,
    seen: Seen,
    /// What begins later.
    beginnings: Vec<(f64, String)>,
    /// What was not shown, and was told.
    gaps: BTreeSet<String>,
    /// When everything was looked at last.
    looked: Option<Instant>,
}

impl Watching<'_> {
    /// Looks for ever.
    async fn on(&mut self) {
        let often = self.clock.ours(OFTEN).max(OFTEN_AT_MOST);
        let seldom = self.clock.ours(SELDOM).max(SELDOM_AT_MOST);
        loop {
            let next = Instant::now() + often;
            let is_due = self.looked.is_none_or(|it| it.elapsed() >= seldom);
            self.look(is_due).await;
            sleep_until(next).await;
        }
    }

    /// Looks until the tasks are back at their least, for so long at most, and CloudWatch has told of it.
    async fn after(&mut self, scale_in: Option<Duration>, least: Option<u32>) {
        let often = self.clock.ours(OFTEN).max(OFTEN_AT_MOST);
        let ends = Instant::now() + self.clock.ours(scale_in.unwrap_or_default());
        while Instant::now() < ends && !self.is_back(least) {
            // It never ends by itself.
            let _ = timeout(often * 2, self.on()).await;
        }
        let _ = timeout(self.clock.ours(LATE), self.on()).await;
        self.look(true).await;
    }

    /// Whether no more tasks run, or are to run, than at least.
    fn is_back(&self, least: Option<u32>) -> bool {
        let (Some(least), tape) = (least, self.tape.borrow()) else {
            return true;
        };
        let tasks = tape.tasks();
        tasks.is_some_and(|it| it.running <= least && it.desired <= least)
    }

    /// Looks once: at what changes quickly, or at everything.
    async fn look(&mut self, at_everything: bool) {
        let since = Duration::from_secs_f64(self.clock.now()) + LATE * 5;
        let looked = match at_everything {
            true => self.looking.look(timeline::PARTS, since).await,
            false => self.looking.look([Part::Hosts], since).await,
        };
        let mut tape = self.tape.borrow_mut();
        let picture = match looked {
            Ok(picture) => picture,
            Err(failure) => {
                let text = failure.to_string();
                if self.gaps.insert(text.clone()) {
                    tape.aside(&format!("not shown: {text}"));
                }
                return;
            }
        };
        for gap in &picture.not_shown {
            let text = format!("{} not shown, because {}", gap.part, gap.because);
            if self.gaps.insert(text.clone()) {
                tape.aside(&text);
            }
        }
        let now = self.clock.now();
        let begun = self.beginnings.extract_if(.., |it| it.0 <= now);
        begun.for_each(|(at, text)| tape.mark(at, MarkKind::Load, text));
        tape.put(Line::Sample(seen::state(&picture, &self.subject, now)));
        if at_everything {
            self.looked = Some(Instant::now());
            for line in self.seen.news(&picture, &self.subject, &self.clock) {
                tape.put(line);
            }
        }
    }
}
