//! Whatever befalls its calls, an apply succeeds or fails with the cause, and the next finishes.

use crate::{
    bench::{Bench, Ended, flash_sale, habits},
    chance::Chance,
    inventory::is_same,
};
use setpoint_twin::{Fate, Habits, Heard, World};
use std::time::Duration;

/// Asserts that a run that did not succeed says of each change why, in AWS's words or ours.
fn is_clean(ended: &Ended, about: &str) {
    let report = match ended {
        Ended::Reported(report) => report,
        Ended::NoPlan(why) => return assert!(!why.is_empty(), "{about}"),
        Ended::Killed => panic!("{about}: nobody kills here"),
    };
    for (address, err) in &report.failed {
        let text = std::error::Error::source(err).map_or(err.to_string(), ToString::to_string);
        assert!(!text.is_empty(), "{about}: {address} fails without a word");
    }
    for (address, because) in &report.skipped {
        let is_known = report.failed.contains_key(because) || report.skipped.contains_key(because);
        assert!(
            is_known,
            "{about}: {address} is skipped for {because}, which did not fail"
        );
    }
}

async fn applied() -> (usize, String) {
    let bench = Bench::new(7, habits());
    bench.apply(&flash_sale()).await.succeeds();
    (bench.twin.heard().len(), bench.inventory())
}

/// Lets one fate befall each call of a first apply in turn.
async fn at_every_call(fate: Fate) {
    let (calls, expected) = applied().await;
    let mut failed = 0;
    for number in 0..calls {
        let bench = Bench::new(7, habits());
        bench.twin.meddle(Some(Box::new(move |heard: &Heard| {
            match heard.number == number {
                true => fate,
                false => Fate::Served,
            }
        })));
        let ended = bench.apply(&flash_sale()).await;
        let about = format!("{fate:?} at call {number}");
        is_clean(&ended, &about);
        failed += usize::from(!matches!(&ended, Ended::Reported(it) if it.is_success()));
        bench.twin.meddle(None);
        if !matches!(&ended, Ended::Reported(it) if it.is_success()) {
            bench.apply(&flash_sale()).await.succeeds();
        }
        bench.is_applied(&flash_sale()).await;
        let found = bench.inventory();
        is_same(&found, &expected, &about);
    }
    println!("{calls} calls, {failed} runs failed and were finished by the next");
}

#[tokio::test(start_paused = true)]
async fn throttling_at_any_call_is_overcome() {
    at_every_call(Fate::Throttled).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_service_at_any_call_is_overcome() {
    at_every_call(Fate::Failed).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_drops_before_any_call_is_overcome() {
    at_every_call(Fate::DroppedBefore).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_lost_after_any_call_is_overcome() {
    at_every_call(Fate::DroppedAfter).await;
}

/// How an account behaves on its worst day.
fn worst() -> Habits {
    Habits {
        iam_propagation: Duration::from_secs(45),
        read_lag: Duration::from_secs(4),
        index_lag: Duration::from_secs(20),
        quota_factor: Some(0.2),
        ..habits()
    }
}

/// The fates of a run, by chance: most calls are served.
fn mixture(seed: u64) -> impl FnMut(&Heard) -> Fate + Send {
    let mut chance = Chance::new(seed);
    let fates = [
        Fate::Throttled,
        Fate::Failed,
        Fate::DroppedBefore,
        Fate::DroppedAfter,
        Fate::Late(Duration::from_secs(3)),
    ];
    let percent = [2, 5, 10, 20][seed as usize % 4];
    move |_| match chance.percent(percent) {
        true => *chance.one(&fates),
        false => Fate::Served,
    }
}

/// Applies and destroys under mixtures of everything.
async fn under_mixtures(seeds: std::ops::Range<u64>) {
    let (_, expected) = applied().await;
    let empty = Bench::new(7, habits()).inventory();
    let mut failed = 0;
    for seed in seeds {
        let bench = Bench::of(World::new("us-east-1", seed, crate::bench::START, worst()));
        bench.twin.meddle(Some(Box::new(mixture(seed))));
        let ended = bench.apply(&flash_sale()).await;
        is_clean(&ended, &format!("seed {seed}"));
        bench.twin.meddle(None);
        if !matches!(&ended, Ended::Reported(it) if it.is_success()) {
            failed += 1;
            bench.apply(&flash_sale()).await.succeeds();
        }
        bench.calm_down().await;
        bench.is_applied(&flash_sale()).await;
        let found = bench.inventory();
        is_same(&found, &expected, &format!("seed {seed}"));
        bench.twin.meddle(Some(Box::new(mixture(!seed))));
        let ended = bench.destroy(&flash_sale()).await;
        is_clean(&ended, &format!("seed {seed}, destroying"));
        bench.twin.meddle(None);
        bench.calm_down().await;
        bench.destroy(&flash_sale()).await.succeeds();
        let found = bench.inventory();
        is_same(&found, &empty, &format!("seed {seed}, destroyed"));
    }
    println!("{failed} applies failed and were finished by the next");
}

#[tokio::test(start_paused = true)]
async fn mixtures_of_everything_are_overcome() {
    under_mixtures(0..25).await;
}

#[tokio::test(start_paused = true)]
async fn more_mixtures_of_everything_are_overcome() {
    under_mixtures(25..50).await;
}
