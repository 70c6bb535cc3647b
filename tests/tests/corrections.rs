//! The corrections of moto, checked with boto3.

use std::process::Command;

use setpoint_tests::{moto, process};

#[test]
fn moto_with_its_corrections_does_what_aws_does() {
    let checks = Command::new(moto::python())
        .arg(process::python_directory().join("checks"))
        .arg(format!("http://{}", moto::address()))
        .output()
        .expect("the virtual environment's python starts");
    assert!(
        checks.status.success(),
        "{}{}",
        String::from_utf8_lossy(&checks.stdout),
        String::from_utf8_lossy(&checks.stderr),
    );
}
