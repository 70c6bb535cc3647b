//! `setpoint schema`, held to the examples by somebody else's validator.

use setpoint_tests::{Setpoint, Stack, moto, process::python_directory};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the tests are in the repository")
        .to_owned()
}

/// What the validator says of each file: `valid`, or what is not.
fn judged(files: &[PathBuf]) -> Vec<String> {
    let output = Command::new(moto::python())
        .arg(python_directory().join("schema.py"))
        .arg(root().join("stack.schema.json"))
        .args(files)
        .output()
        .expect("python runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let text = String::from_utf8(output.stdout).expect("its words are text");
    text.lines().map(str::to_owned).collect()
}

/// Every stack that the repository shows to users.
fn examples() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("examples")).expect("there are examples");
    let stacks = folders.map(|it| it.expect("a listing goes on").path().join("stack.yaml"));
    let mut stacks: Vec<PathBuf> = stacks.filter(|it| it.exists()).collect();
    stacks.push(root().join("stack.yaml"));
    assert!(stacks.len() > 1);
    stacks
}

#[test]
fn the_schema_that_is_kept_is_the_one_that_is_printed() {
    let printed = Setpoint::at("http://127.0.0.1:1").run(&["schema"]).exits(0);
    let kept = fs::read_to_string(root().join("stack.schema.json")).expect("it is kept");
    assert!(
        printed.stdout == kept,
        "write it anew: cargo run -- schema > stack.schema.json"
    );
}

#[test]
fn every_example_follows_the_schema_and_says_where_it_is() {
    let mut files = examples();
    for file in &files {
        let text = fs::read_to_string(file).expect("an example is text");
        let line = text.lines().next().unwrap_or_default();
        let schema = line.strip_prefix("# yaml-language-server: $schema=");
        let schema = schema.unwrap_or_else(|| panic!("{}: {line}", file.display()));
        let home = file.parent().expect("a file is somewhere");
        assert!(home.join(schema).exists(), "{}: {schema}", file.display());
    }
    let checks = fs::read_dir(root().join("crates/check/examples")).expect("checks have some");
    for folder in checks {
        let folder = folder.expect("a listing goes on").path();
        let found = fs::read_dir(folder).expect("each check has some");
        files.extend(found.map(|it| it.expect("a listing goes on").path()));
    }
    let judged = judged(&files);
    assert_eq!(judged.len(), files.len());
    for (file, words) in files.iter().zip(judged) {
        assert_eq!(words, "valid", "{}", file.display());
    }
}

#[test]
fn what_the_program_refuses_for_its_form_the_schema_refuses_at_the_same_place() {
    let place = Setpoint::at("http://127.0.0.1:1");
    for (from, to, path) in [
        ("repositories:", "repositoris:", ""),
        ("scanOnPush: true", "scanOnPush: perhaps", "repositories/"),
        ("retentionInDays: 14", "retentionInDays: 15", "logGroups/"),
        ("minCapacity: 1", "minCapacity: -1", "scaling/"),
        (
            "metric: ECSServiceAverageCPU",
            "metric: ECSServiceCPU",
            "scaling/",
        ),
        (
            "cpuCredits: unlimited",
            "cpuCredits: many",
            "launchTemplates/",
        ),
        (
            "networkMode: bridge",
            "networkMode: brigde",
            "taskDefinitions/",
        ),
        ("hostPort: 0", "hostPart: 0", "taskDefinitions/"),
        (
            "weight: 1 }\n    # When",
            "weight: 1001 }\n    # When",
            "services/",
        ),
    ] {
        let stack = Stack::flash_sale().replacing(from, to);
        place.write("stack.yaml", &stack.to_string());
        place.run(&["validate"]).exits(1);
        let words = &judged(&[place.directory().join("stack.yaml")])[0];
        assert!(words.starts_with(path) && words != "valid", "{to}: {words}");
    }
}

#[test]
fn a_variable_may_stand_for_any_scalar() {
    let place = Setpoint::at("http://127.0.0.1:1");
    let stack = Stack::flash_sale()
        .replacing("minCapacity: 1", "minCapacity: ${env.LEAST:-1}")
        .replacing("scanOnPush: true", "scanOnPush: ${env.SCAN:-true}")
        .replacing("networkMode: bridge", "networkMode: ${env.MODE:-bridge}");
    place.write("stack.yaml", &stack.to_string());
    place.run(&["validate"]).exits(0);
    assert_eq!(judged(&[place.directory().join("stack.yaml")]), ["valid"]);
}
