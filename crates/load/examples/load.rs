//! Prints how honest and how quick the load is, on a server in this process: `benches/load` runs it.
//!
//! The latency that is reported of a server that stalls for a second, against the one that is computed from
//! the schedule; how late requests are begun at 10,000 a second; and requests a second against `oha` and `wrk`
//! on the same server, one after the other. Client and server share the machine.

use http_body_util::Full;
use hyper::{Response, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use setpoint_load::{
    Crew, Endpoint, Load, Model, Network, Outcome, Schedule, make_room, run, trusting,
};
use std::{
    convert::Infallible,
    fs,
    net::SocketAddr,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::watch,
    time::{Instant, sleep_until},
};

/// When the server stalls, and until when.
type Stall = Arc<Mutex<Option<(Instant, Instant)>>>;

/// Serves in a thread of its own; the address.
fn serve(stall: Stall) -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            sender
                .send(listener.local_addr().expect("an address"))
                .expect("it is awaited");
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    continue;
                };
                let stall = stall.clone();
                tokio::spawn(async move {
                    stream.set_nodelay(true).expect("a socket");
                    let answer = service_fn(move |_| {
                        let until = *stall.lock().expect("nobody panicked");
                        async move {
                            let now = Instant::now();
                            if let Some((from, until)) = until
                                && from <= now
                                && now < until
                            {
                                sleep_until(until).await;
                            }
                            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("hello, sale\n")))
                        }
                    });
                    // However it ends, it is over.
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), answer)
                        .await;
                });
            }
        });
    });
    receiver.recv().expect("it listens")
}

fn play(load: &Load, crew: Crew, begin: Instant, address: SocketAddr) -> Outcome {
    make_room(load);
    let trust = trusting(false, &[]).expect("TLS");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let (_endpoints, endpoints) = watch::channel(vec![Endpoint::plain(address)]);
        let (_stop, stop) = watch::channel(false);
        let dial = Arc::new(Network::new(&trust));
        let ended = run(load, crew, begin, endpoints, dial, stop, |_, _| ()).await;
        ended.expect("threads")
    })
}

fn schedule(stage: &str) -> Schedule {
    Schedule::of(&[stage.parse().expect("a stage")])
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// A second's stall in ten: what is reported, and what is computed.
fn stalled(address: SocketAddr, stall: &Stall) {
    let schedule = schedule("10s@500rps");
    let begin = Instant::now() + Duration::from_millis(200);
    let (from, until) = (Duration::from_secs(4), Duration::from_secs(5));
    *stall.lock().expect("nobody panicked") = Some((begin + from, begin + until));
    let load = Load::new(Model::Open(schedule.clone()));
    let outcome = play(&load, Crew::fit(&load), begin, address);
    *stall.lock().expect("nobody panicked") = None;
    let mut computed: Vec<Duration> = (0..schedule.requests())
        .map(|number| schedule.due(number))
        .map(|due| {
            if from <= due && due < until {
                until - due
            } else {
                Duration::ZERO
            }
        })
        .collect();
    computed.sort();
    println!("a server stalled for 1 s of 10, 500 requests/s");
    for part in [0.95, 0.99, 0.999] {
        let exact = computed[(computed.len() as f64 * part).ceil() as usize - 1];
        let reported = outcome.total.latency().quantile(part).expect("measured");
        let off = (milliseconds(reported) / milliseconds(exact) - 1.0) * 100.0;
        println!(
            "  p{:<5} reported {:7.1} ms  computed {:7.1} ms  off {off:+.2} %",
            part * 100.0,
            milliseconds(reported),
            milliseconds(exact)
        );
    }
    println!(
        "  dropped {}, errors {}",
        outcome.total.dropped,
        outcome.total.errors()
    );
}

/// Processor time of the whole machine: idle, and all.
fn processor() -> (f64, f64) {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let first = text.lines().next().unwrap_or_default();
    let times: Vec<f64> = first
        .split_whitespace()
        .skip(1)
        .filter_map(|it| it.parse().ok())
        .collect();
    (
        times.get(3).copied().unwrap_or(0.0),
        times.iter().take(8).sum(),
    )
}

fn jitter(address: SocketAddr) {
    let load = Load::new(Model::Open(schedule("10s@10000rps")));
    let before = processor();
    let outcome = play(&load, Crew::fit(&load), Instant::now(), address);
    let after = processor();
    let idle = (after.0 - before.0) / (after.1 - before.1).max(1.0) * 100.0;
    let late = &outcome.total.late;
    let of = |part| milliseconds(late.quantile(part).unwrap_or_default());
    println!("requests begun late at 10,000 requests/s for 10 s");
    println!(
        "  p50 {:.3} ms  p99 {:.3} ms  p99.9 {:.3} ms  max {:.3} ms",
        of(0.5),
        of(0.99),
        of(0.999),
        of(1.0)
    );
    println!(
        "  asked {}  done {}  dropped {}; the processors were idle for {idle:.0} %",
        outcome.total.asked,
        outcome.total.done(),
        outcome.total.dropped
    );
}

const CONNECTIONS: u32 = 50;
const SECONDS: u64 = 5;

fn ours(address: SocketAddr) -> f64 {
    let load = Load::new(Model::Closed {
        workers: CONNECTIONS,
        lasts: Duration::from_secs(SECONDS),
    });
    let outcome = play(&load, Crew::Threads(2), Instant::now(), address);
    assert_eq!(outcome.total.errors(), 0);
    outcome.total.done() as f64 / outcome.lasted.as_secs_f64()
}

fn printed(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn oha(program: &str, address: SocketAddr) -> Option<f64> {
    let (time, url) = (format!("{SECONDS}s"), format!("http://{address}/"));
    let connections = CONNECTIONS.to_string();
    let arguments = [
        "--no-tui",
        "--output-format",
        "json",
        "-z",
        &time,
        "-c",
        &connections,
        &url,
    ];
    let text = printed(program, &arguments)?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    value["summary"]["requestsPerSec"].as_f64()
}

fn wrk(address: SocketAddr) -> Option<f64> {
    let (time, url) = (format!("-d{SECONDS}s"), format!("http://{address}/"));
    let text = printed("wrk", &["-t2", &format!("-c{CONNECTIONS}"), &time, &url])?;
    let line = text.lines().find(|it| it.starts_with("Requests/sec:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn throughput(address: SocketAddr, oha_program: &str, rounds: usize) {
    let mut all: [Vec<f64>; 3] = Default::default();
    // In turns, so that whatever else the machine does meets all of them.
    for _ in 0..rounds {
        all[0].push(ours(address));
        all[1].extend(oha(oha_program, address));
        all[2].extend(wrk(address));
    }
    println!("requests/s with {CONNECTIONS} connections, medians of {rounds}, in turns");
    let [ours, oha, wrk] = all.map(median);
    let ours = ours.expect("we measured");
    println!("  setpoint {ours:8.0}");
    for (name, other) in [("oha", oha), ("wrk", wrk)] {
        match other {
            Some(other) => println!(
                "  {name:8} {other:8.0}  setpoint has {:.0} % of it",
                ours / other * 100.0
            ),
            None => println!("  {name:8} is not here, or failed"),
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let oha_program = arguments.next().unwrap_or_else(|| "oha".into());
    let rounds = arguments.next().and_then(|it| it.parse().ok()).unwrap_or(3);
    let stall = Stall::default();
    let address = serve(stall.clone());
    stalled(address, &stall);
    jitter(address);
    throughput(address, &oha_program, rounds);
}
