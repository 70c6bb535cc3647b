//! What is promised of the numbers, on tokio's paused clock and streams in memory: exact to the millisecond.

mod server;

use server::{Seen, Server};
use setpoint_load::{
    Crew, Ended, Endpoint, Fault, Load, Model, Outcome, Schedule, Share, Stage, run,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

fn open(stages: &[&str]) -> Load {
    let stages = stages.iter().map(|it| it.parse().expect("a stage"));
    Load::new(Model::Open(Schedule::of(&stages.collect::<Vec<Stage>>())))
}

fn closed(workers: u32, seconds: u64) -> Load {
    Load::new(Model::Closed {
        workers,
        lasts: Duration::from_secs(seconds),
    })
}

fn endpoint(number: u16) -> Endpoint {
    Endpoint::plain(([127, 0, 0, 1], number).into())
}

/// Plays a load on a server with one endpoint that stays.
async fn play(load: &Load, server: &Server) -> Outcome {
    let (_endpoints, endpoints) = watch::channel(vec![endpoint(1)]);
    let (_stop, stop) = watch::channel(false);
    play_on(load, server, endpoints, stop).await
}

async fn play_on(
    load: &Load,
    server: &Server,
    endpoints: watch::Receiver<Vec<Endpoint>>,
    stop: watch::Receiver<bool>,
) -> Outcome {
    let dial = Arc::new(server.clone());
    let ended = run(
        load,
        Crew::Here,
        Instant::now(),
        endpoints,
        dial,
        stop,
        |_, _| (),
    )
    .await;
    ended.expect("it needs no threads")
}

fn milliseconds(time: Option<Duration>) -> u128 {
    time.expect("something was measured").as_millis()
}

/// Every request that was due is one of those that ended, were dropped, or had nowhere to go.
fn assert_adds_up(outcome: &Outcome) {
    let total = &outcome.total;
    assert_eq!(total.asked, total.sent + total.dropped + total.homeless);
    assert_eq!(total.sent, total.done());
    assert_eq!(
        outcome.seconds.iter().map(|it| it.asked).sum::<u64>(),
        total.asked
    );
}

#[tokio::test(start_paused = true)]
async fn requests_leave_when_they_are_due_whatever_the_answers_do() {
    let server = Server::answering_after(Duration::from_millis(700));
    let outcome = play(&open(&["1s@50rps", "2s@50..100rps"]), &server).await;
    let schedule =
        Schedule::of(&["1s@50rps", "2s@50..100rps"].map(|it| it.parse().expect("a stage")));
    let seen: Vec<Duration> = server.seen().iter().map(|it| it.at).collect();
    assert_eq!(seen.len() as u64, schedule.requests());
    for (number, at) in (0..).zip(seen) {
        let late = at.saturating_sub(schedule.due(number));
        assert!(
            at >= schedule.due(number) && late <= Duration::from_millis(1),
            "{number}: {at:?}"
        );
    }
    assert_eq!(milliseconds(outcome.total.latency().quantile(0.5)), 700);
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn a_stall_of_one_second_is_in_the_percentiles_as_it_can_be_computed() {
    let service = Duration::from_millis(1);
    let stall = Duration::from_secs(2)..Duration::from_secs(3);
    let server = Server::answering_after(service).stalling(stall.clone());
    let load = open(&["10s@500rps"]);
    let outcome = play(&load, &server).await;
    let Model::Open(schedule) = &load.model else {
        unreachable!()
    };
    let mut latencies: Vec<Duration> = (0..schedule.requests())
        .map(|number| {
            let due = schedule.due(number);
            let begun = if stall.contains(&due) { stall.end } else { due };
            begun + service - due
        })
        .collect();
    latencies.sort();
    for part in [0.5, 0.9, 0.92, 0.95, 0.99, 0.999, 1.0] {
        let computed =
            latencies[((latencies.len() as f64 * part).ceil() as usize) - 1].as_secs_f64();
        let reported = outcome
            .total
            .latency()
            .quantile(part)
            .expect("measured")
            .as_secs_f64();
        // A tokio timer is up to a millisecond late, which the shortest shows.
        let off = (reported - computed).abs();
        assert!(
            off <= computed * 0.02 + 0.001,
            "p{part}: {reported} is not {computed}"
        );
    }
    assert_adds_up(&outcome);

    // One that asks only when it is answered does not see the stall at all: each worker waits once.
    let server = Server::answering_after(service).stalling(stall);
    let blind = play(&closed(1, 10), &server).await;
    assert_eq!(milliseconds(blind.total.latency().quantile(0.99)), 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_is_counted_as_dropped() {
    let server = Server::mute();
    let mut load = open(&["1s@100rps"]);
    load.in_flight = 10;
    let outcome = play(&load, &server).await;
    let total = &outcome.total;
    assert_eq!((total.asked, total.sent, total.dropped), (100, 10, 90));
    assert_eq!(total.faults(), [(Fault::TimeOut, 10)].into());
    assert_eq!(total.error_rate(), 1.0);
    assert_eq!(milliseconds(total.latency().most()), 3000);
    assert_eq!(server.seen().len(), 10);
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn what_has_nowhere_to_go_is_counted() {
    let (_endpoints, endpoints) = watch::channel(vec![]);
    let (_stop, stop) = watch::channel(false);
    let outcome = play_on(&open(&["1s@10rps"]), &Server::mute(), endpoints, stop).await;
    assert_eq!((outcome.total.asked, outcome.total.homeless), (10, 10));
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn workers_ask_again_when_they_are_answered() {
    let server = Server::answering_after(Duration::from_millis(100));
    let outcome = play(&closed(100, 5), &server).await;
    // Each asks ten times a second, a timer's millisecond aside.
    assert!(
        (4900..=5000).contains(&outcome.total.sent),
        "{}",
        outcome.total.sent
    );
    assert_eq!(outcome.total.errors(), 0);
    assert_eq!(server.connections(), 100);
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn a_worker_gives_up_after_three_seconds() {
    let outcome = play(&closed(2, 7), &Server::mute()).await;
    assert_eq!(outcome.total.faults(), [(Fault::TimeOut, 6)].into());
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn endpoints_get_traffic_when_they_come_and_lose_it_when_they_go() {
    let server = Server::answering_after(Duration::from_millis(5));
    let (endpoints, received) = watch::channel(vec![endpoint(1)]);
    let (_stop, stop) = watch::channel(false);
    let change = async {
        tokio::time::sleep(Duration::from_millis(2005)).await;
        endpoints.send_replace(vec![endpoint(1), endpoint(2)]);
        tokio::time::sleep(Duration::from_millis(2000)).await;
        endpoints.send_replace(vec![endpoint(2)]);
    };
    let load = open(&["6s@100rps"]);
    let (outcome, ()) = tokio::join!(play_on(&load, &server, received, stop), change);
    let seen = server.seen();
    let of = |number: u16| -> Vec<&Seen> {
        seen.iter()
            .filter(|it| it.endpoint == endpoint(number))
            .collect()
    };
    let (old, new) = (of(1), of(2));
    let first = new.first().expect("it came").at;
    let last = old.last().expect("it was there").at;
    assert!(first <= Duration::from_millis(2030), "{first:?}");
    assert!(last <= Duration::from_millis(4006), "{last:?}");
    // 201 requests are due in the first two seconds, then 200 are shared, and 199 are left.
    assert_eq!((old.len(), new.len()), (301, 299));
    assert_eq!(outcome.total.errors(), 0);
    // The connections to what went were let go at once.
    assert_eq!(server.open_connections(&endpoint(1)), 0);
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn a_threshold_ends_it_and_says_so() {
    let server = Server::answering_after(Duration::from_millis(900));
    let mut load = open(&["60s@20rps"]);
    load.abort_when = vec!["p95 > 500ms over 5s for 10s".parse().expect("a threshold")];
    let outcome = play(&load, &server).await;
    let Ended::Threshold { threshold, value } = outcome.ended else {
        panic!("{:?}", outcome.ended);
    };
    assert_eq!(threshold, load.abort_when[0]);
    assert!((0.9..0.91).contains(&value), "{value}");
    // Full after 5 s, held for 10 s, and what was on its way was heard out.
    assert_eq!(outcome.lasted.as_secs(), 15);
    assert!(
        (299..=301).contains(&outcome.total.asked),
        "{}",
        outcome.total.asked
    );
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn a_stop_begins_nothing_more_and_hears_out_what_is_on_its_way() {
    let server = Server::answering_after(Duration::from_millis(900));
    let (_endpoints, endpoints) = watch::channel(vec![endpoint(1)]);
    let (stop, stopped) = watch::channel(false);
    let interrupt = async {
        tokio::time::sleep(Duration::from_millis(2505)).await;
        stop.send_replace(true);
    };
    let load = open(&["60s@10rps"]);
    let (outcome, ()) = tokio::join!(play_on(&load, &server, endpoints, stopped), interrupt);
    assert_eq!(outcome.ended, Ended::Interrupted);
    assert_eq!((outcome.total.asked, outcome.total.done()), (26, 26));
    assert_eq!(outcome.total.errors(), 0);
    assert!(
        (3400..3410).contains(&outcome.lasted.as_millis()),
        "{:?}",
        outcome.lasted
    );
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn shares_together_send_exactly_the_whole() {
    let paths = |load: &mut Load| {
        let path = |path: &str, weight| setpoint_load::Path {
            path: path.into(),
            weight,
        };
        let with = load
            .requests
            .clone()
            .paths(vec![path("/", 3), path("/buy", 1)]);
        load.requests = with.expect("paths");
    };
    let mut whole = open(&["3s@10..200rps"]);
    paths(&mut whole);
    let server = Server::answering_after(Duration::ZERO);
    let outcome = play(&whole, &server).await;
    let mut parts: Vec<Seen> = Vec::new();
    let mut merged: Option<Outcome> = None;
    for part in 1..=4 {
        let mut load = whole.clone();
        load.share = Share::new(part, 4).expect("a share");
        let server = Server::answering_after(Duration::ZERO);
        let outcome = play(&load, &server).await;
        parts.extend(server.seen());
        merged = Some(match merged {
            None => outcome,
            Some(mut merged) => {
                merged.add(&outcome);
                merged
            }
        });
    }
    parts.sort_by_key(|it| it.at);
    let sent = |seen: &[Seen]| -> Vec<(u128, String)> {
        let mut sent: Vec<(u128, String)> = seen
            .iter()
            .map(|it| (it.at.as_millis(), it.path.clone()))
            .collect();
        sent.sort();
        sent
    };
    assert_eq!(sent(&parts), sent(&server.seen()));
    let merged = merged.expect("four parts").total;
    assert_eq!(
        (merged.asked, merged.done()),
        (outcome.total.asked, outcome.total.done())
    );
    assert_eq!(merged.latency().count(), outcome.total.latency().count());
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_that_the_server_closed_is_no_error_of_a_get() {
    let server = Server::answering_after(Duration::ZERO).closing_after(3);
    let outcome = play(&open(&["2s@10rps"]), &server).await;
    assert_eq!(outcome.total.statuses(), [(200, 20)].into());
    assert_eq!(server.connections(), 7);

    // What may have been done must not be done twice.
    let mut load = open(&["2s@10rps"]);
    load.requests = load.requests.method("POST").expect("a method");
    let server = Server::answering_after(Duration::ZERO).closing_after(3);
    let outcome = play(&load, &server).await;
    assert_eq!(outcome.total.statuses(), [(200, 15)].into());
    assert_eq!(outcome.total.faults(), [(Fault::Closed, 5)].into());
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn without_keep_alive_each_request_has_its_connection() {
    let server = Server::answering_after(Duration::ZERO);
    let mut load = open(&["1s@10rps"]);
    load.requests.keep_alive = false;
    let outcome = play(&load, &server).await;
    assert_eq!((outcome.total.done(), server.connections()), (10, 10));
}

#[tokio::test(start_paused = true)]
async fn refused_connections_are_errors_that_flatter_no_percentile() {
    let server = Server::answering_after(Duration::ZERO).refusing();
    let outcome = play(&open(&["1s@10rps"]), &server).await;
    assert_eq!(outcome.total.faults(), [(Fault::Connect, 10)].into());
    assert_eq!(outcome.total.latency().count(), 0);
    assert_adds_up(&outcome);
}

#[tokio::test(start_paused = true)]
async fn http2_carries_many_requests_on_one_connection() {
    let server = Server::answering_after(Duration::from_millis(500)).speaking_http2();
    let mut load = open(&["2s@50rps"]);
    load.requests.protocol = setpoint_load::Protocol::Http2;
    load.requests = load.requests.header("x-sale: friday").expect("a header");
    let outcome = play(&load, &server).await;
    assert_eq!(outcome.total.statuses(), [(200, 100)].into());
    assert_eq!(milliseconds(outcome.total.latency().quantile(0.5)), 500);
    assert_eq!(server.connections(), 1);
    assert_adds_up(&outcome);
}
