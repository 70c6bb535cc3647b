//! Prints what planning and applying cost: time, calls, rounds, CPU and peak memory.
//!
//! `measure [SERVICES] [RUNS]`: the flash-sale stack, and a stack of that many services (200), each
//! measured so often (5), over a server that takes 40 ms more for every call. Times are medians.

use setpoint_tests::{Proxy, Setpoint, many, process::profile_directory};
use std::{path::Path, time::Duration};

const LATENCY: Duration = Duration::from_millis(40);

/// Runs a command and prints, after all it printed, its CPU seconds and its peak memory in KiB.
const WEIGHED: &str = "
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(code)
";

fn main() {
    let number = |at: usize, otherwise| {
        let argument = std::env::args().nth(at);
        argument.map_or(otherwise, |it| it.parse().expect("a number"))
    };
    let (services, runs) = (number(1, 200), number(2, 5));
    println!(
        "{:34} {:>9} {:>6} {:>7} {:>8} {:>9}",
        "", "time", "calls", "rounds", "CPU", "peak"
    );
    let flash_sale = concat!(env!("CARGO_MANIFEST_DIR"), "/../stack.yaml");
    let flash_sale = std::fs::read_to_string(flash_sale).expect("stack.yaml is there");
    measure("flash sale", &flash_sale, runs, "1");
    // The server enforces no quotas here: this is about calls, not about AWS's pace.
    measure(
        &format!("{services} services"),
        &many::services(services),
        runs,
        "1000",
    );
}

fn measure(name: &str, stack: &str, runs: usize, quota_factor: &str) {
    let mut rows: [Vec<Row>; 4] = Default::default();
    for _ in 0..runs {
        let proxy = Proxy::start();
        proxy.set_latency(LATENCY);
        let place = || {
            let place =
                Setpoint::against(&proxy).environment("SETPOINT_ECS_QUOTA_FACTOR", quota_factor);
            place.write("stack.yaml", stack);
            place
        };
        let setpoint = place();
        rows[0].push(weigh(&proxy, &setpoint, &["plan"]));
        rows[1].push(weigh(&proxy, &setpoint, &["apply", "--yes", "--no-wait"]));
        rows[2].push(weigh(&proxy, &setpoint, &["plan"]));
        rows[3].push(weigh(&proxy, &place(), &["plan"]));
    }
    let words = [
        "first plan",
        "first apply --no-wait",
        "plan",
        "plan, nothing cached",
    ];
    for (word, rows) in words.iter().zip(&mut rows) {
        rows.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        let row = &rows[rows.len() / 2];
        println!(
            "{:34} {:7.2} s {:6} {:7} {:6.2} s {:5.1} MiB",
            format!("{name}, {word}"),
            row.seconds,
            row.calls,
            row.rounds,
            row.cpu,
            row.peak,
        );
    }
}

struct Row {
    seconds: f64,
    calls: usize,
    rounds: usize,
    cpu: f64,
    peak: f64,
}

fn weigh(proxy: &Proxy, setpoint: &Setpoint, arguments: &[&str]) -> Row {
    proxy.recording().reset();
    let binary = profile_directory().join("setpoint").display().to_string();
    let arguments: Vec<&str> = ["-c", WEIGHED, &binary]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let running = setpoint.start_program(Path::new("python3"), &arguments);
    let outcome = running.wait().exits(0);
    let weights: Vec<f64> = outcome
        .stdout
        .split_whitespace()
        .map(|it| it.parse().expect("two numbers"))
        .collect();
    let calls = proxy.recording().calls();
    let begun = calls.iter().map(|it| it.arrived).min();
    let ended = calls.iter().map(|it| it.finished).max();
    let on_the_wire = begun.zip(ended).map_or(Duration::ZERO, |(a, b)| b - a);
    Row {
        seconds: on_the_wire.as_secs_f64(),
        calls: calls.len(),
        rounds: proxy.recording().rounds(),
        cpu: weights[0],
        peak: weights[1] / 1024.0,
    }
}
