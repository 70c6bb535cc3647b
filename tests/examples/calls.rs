//! Prints every call of a first plan, a first apply and a second plan of the flash-sale stack.

use setpoint_tests::{Proxy, Setpoint};
use std::time::Duration;

fn main() {
    let proxy = Proxy::start();
    proxy.set_latency(Duration::from_millis(40));
    let setpoint = Setpoint::against(&proxy);
    let stack = concat!(env!("CARGO_MANIFEST_DIR"), "/../stack.yaml");
    for arguments in [
        &["plan"][..],
        &["apply", "--yes", "--no-wait"],
        &["plan"],
        &["destroy", "--yes"],
    ] {
        proxy.recording().reset();
        let arguments: Vec<&str> = arguments.iter().copied().chain(["-f", stack]).collect();
        let outcome = setpoint.run(&arguments);
        let recording = proxy.recording();
        println!(
            "{}: exit {:?}, {} calls, {} rounds, {:?}\n{}\n{}",
            arguments.join(" "),
            outcome.code,
            recording.calls().len(),
            recording.rounds(),
            outcome.elapsed,
            recording.summary(),
            recording.critical_path(),
        );
    }
}
