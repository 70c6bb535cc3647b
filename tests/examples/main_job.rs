//! The main job on a local server that starts and stops with this program.

use setpoint_tests::{Proxy, Setpoint};

fn main() {
    let proxy = Proxy::start();
    let setpoint = Setpoint::against(&proxy);
    let stack = concat!(env!("CARGO_MANIFEST_DIR"), "/../stack.yaml");
    for arguments in [
        &["plan"][..],
        &["apply", "--yes"],
        &["plan", "--detailed-exitcode"],
        &["destroy", "--yes"],
    ] {
        println!("$ setpoint {}", arguments.join(" "));
        proxy.recording().reset();
        let arguments: Vec<&str> = arguments.iter().copied().chain(["-f", stack]).collect();
        let outcome = setpoint.run(&arguments);
        // The plan, what happened, and the line that sums it up, as they came on a terminal.
        let (plan, sum) = match outcome.stdout.trim_end().rsplit_once('\n') {
            Some((plan, sum)) => (plan, sum),
            None => ("", outcome.stdout.trim_end()),
        };
        println!("{plan}\n{}{sum}", outcome.stderr);
        let recording = proxy.recording();
        let (calls, writes) = (recording.calls().len(), recording.mutating().len());
        println!("[{calls} calls to AWS, {writes} of them writes]\n");
        if outcome.code != Some(0) {
            std::process::exit(1);
        }
    }
}
