//! How many calls, in how many rounds, and at which pace: counted on the wire.

use setpoint_tests::{Proxy, Quotas, Setpoint, many};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Long enough that calls which do not wait for one another overlap on a busy machine too.
const LATENCY: Duration = Duration::from_millis(200);
const FLASH_SALE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../stack.yaml");

/// What is measured has the machine for itself.
fn alone() -> MutexGuard<'static, ()> {
    static MEASURED: Mutex<()> = Mutex::new(());
    MEASURED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asserts how many calls and rounds there were since the last time, and forgets them.
fn bound(proxy: &Proxy, what: &str, calls: usize, rounds: Option<usize>) {
    let recording = proxy.recording();
    let (count, depth) = (recording.calls().len(), recording.rounds());
    println!("{what}: {count} calls in {depth} rounds");
    assert!(
        count <= calls,
        "{what}: {count} calls\n{}",
        recording.summary()
    );
    if let Some(rounds) = rounds {
        assert!(depth <= rounds, "{what}: {}", recording.critical_path());
    }
    recording.reset();
}

#[test]
fn the_flash_sale_is_planned_and_applied_in_few_calls_and_rounds() {
    let _alone = alone();
    // The test server loads each service at its first call, and answers nobody meanwhile.
    Setpoint::against(&Proxy::start())
        .run(&["plan", "-f", FLASH_SALE])
        .exits(0);
    let proxy = Proxy::start();
    proxy.set_latency(LATENCY);
    let setpoint = Setpoint::against(&proxy);
    setpoint.run(&["plan", "-f", FLASH_SALE]).exits(0);
    bound(&proxy, "first plan", 29, Some(3));
    setpoint
        .run(&["apply", "--yes", "--no-wait", "-f", FLASH_SALE])
        .exits(0);
    bound(&proxy, "first apply", 100, Some(18));
    let plan = ["plan", "--detailed-exitcode", "-f", FLASH_SALE];
    setpoint.run(&plan).exits(0);
    bound(&proxy, "plan", 26, Some(3));
    // Without the cache of revisions, and with nothing kept from another run.
    Setpoint::against(&proxy).run(&plan).exits(0);
    bound(&proxy, "plan without the cache", 26, Some(3));
    setpoint.run(&["apply", "--yes", "-f", FLASH_SALE]).exits(0);
    assert_eq!(proxy.recording().mutating().len(), 0);
}

/// AWS's quotas times this, since two hundred registrations take three minutes at the published
/// rate. The program is told so as a user of such an account would tell it.
const FACTOR: f64 = 5.0;

/// A machine that stands still for longer than a request may be on its way makes calls arrive
/// together that left apart, and that is not the program's doing: so one run of three has to pass
/// in which no call at all is throttled. That none is where requests are in time is shown on a
/// clock of its own by `crates/aws/src/pace.rs`; without pacing hundreds are, each time.
#[test]
fn two_hundred_services_stay_within_the_quotas_and_use_them() {
    let _alone = alone();
    for _ in 0..3 {
        match two_hundred_services() {
            Ok(()) => return,
            Err(Throttled(told)) => println!("throttled:\n{told}"),
        }
    }
    panic!("calls were throttled each time");
}

/// What was called when a call was throttled.
struct Throttled(String);

fn none_is_throttled(proxy: &Proxy) -> Result<(), Throttled> {
    match proxy.recording().throttled() {
        0 => Ok(()),
        _ => Err(Throttled(proxy.recording().summary())),
    }
}

fn two_hundred_services() -> Result<(), Throttled> {
    let proxy = Proxy::start();
    let quotas = Quotas::at_speed(FACTOR);
    let least = quotas.least_time("RegisterTaskDefinition", 200);
    proxy.set_quotas(Some(quotas));
    proxy.set_latency(LATENCY / 5);
    let setpoint =
        Setpoint::against(&proxy).environment("SETPOINT_ECS_QUOTA_FACTOR", &FACTOR.to_string());
    setpoint.write("stack.yaml", &many::services(200));
    setpoint.run(&["apply", "--yes", "--no-wait"]).exits(0);
    let recording = proxy.recording();
    none_is_throttled(&proxy)?;
    let registered: Vec<_> = recording
        .calls()
        .into_iter()
        .filter(|it| it.action == "RegisterTaskDefinition")
        .collect();
    assert_eq!(registered.len(), 200);
    let took = registered[199].arrived - registered[0].arrived;
    let rate = least.as_secs_f64() / took.as_secs_f64();
    println!(
        "200 registrations in {took:?}, {:.1} % of the rate allowed",
        rate * 100.0
    );
    assert!(
        rate >= 0.9,
        "200 registrations took {took:?}, at best {least:?}"
    );
    let last = registered[199].finished;
    let overlapping = recording
        .calls()
        .iter()
        .filter(|it| it.arrived < last)
        .count();
    println!(
        "{overlapping} of {} calls meanwhile",
        recording.calls().len()
    );
    assert!(overlapping > 1000, "{overlapping} calls while registering");
    recording.reset();

    let plan = ["plan", "--detailed-exitcode"];
    setpoint.run(&plan).exits(0);
    none_is_throttled(&proxy)?;
    bound(&proxy, "plan of 200, revisions known", 100, None);
    setpoint.run(&["apply", "--yes"]).exits(0);
    assert_eq!(proxy.recording().mutating().len(), 0);
    proxy.recording().reset();

    let stranger =
        Setpoint::against(&proxy).environment("SETPOINT_ECS_QUOTA_FACTOR", &FACTOR.to_string());
    stranger.write("stack.yaml", &many::services(200));
    stranger.run(&plan).exits(0);
    none_is_throttled(&proxy)?;
    bound(&proxy, "plan of 200, revisions unknown", 300, None);
    Ok(())
}
