//! The runner of the binary, with small programs in its place.

use std::time::Duration;

use setpoint_tests::Setpoint;
use setpoint_tests::setpoint::Running;

/// Runs a shell script in the binary's place.
fn script(place: &Setpoint, text: &str) -> Running {
    place.write("script.sh", text);
    place.start_program("/bin/sh", &["script.sh"])
}

#[test]
fn a_run_sees_only_the_environment_it_is_given() {
    let place = Setpoint::at("http://127.0.0.1:1").environment("EXTRA", "yes");
    let text = "echo $AWS_ENDPOINT_URL $AWS_REGION $EXTRA $CARGO_MANIFEST_DIR; pwd >&2; exit 3";
    let outcome = script(&place, text).wait().exits(3);
    assert_eq!(outcome.stdout, "http://127.0.0.1:1 us-east-1 yes\n");
    let directory = place.directory().canonicalize().unwrap();
    assert_eq!(outcome.stderr.trim(), directory.to_str().unwrap());
}

#[test]
fn a_run_that_takes_too_long_is_killed() {
    let place = Setpoint::at("http://127.0.0.1:1").timeout(Duration::from_millis(50));
    let outcome = script(&place, "exec sleep 60").wait();
    assert!(outcome.timed_out);
    assert_eq!(outcome.code, None);
}

#[test]
fn a_run_can_be_interrupted() {
    let place = Setpoint::at("http://127.0.0.1:1");
    // A shell cannot trap what its surroundings ignore, as those of a background job do.
    let text = "
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
open('ready', 'w').close()
while True:
    time.sleep(0.01)
";
    let running = place.start_program("python3", &["-c", text]);
    while !place.directory().join("ready").exists() {
        std::thread::yield_now();
    }
    running.interrupt();
    running.wait().exits(130);
}
