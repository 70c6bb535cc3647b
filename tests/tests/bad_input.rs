//! Bad input and bad surroundings: one clear error, nothing called or nothing written.

use serde_json::json;
use setpoint_tests::{Fault, Matching, Outcome, Proxy, Scenario, Setpoint, Stack};

/// Says in one sentence what is wrong, and nothing on standard output.
#[track_caller]
fn refuses(outcome: Outcome, told: &[&str]) {
    let outcome = outcome.exits(1);
    for it in told {
        assert!(
            outcome.stderr.contains(it),
            "no {it:?} in\n{}",
            outcome.stderr
        );
    }
    for it in ["panicked", "backtrace", "Error {", "Some("] {
        assert!(
            !outcome.stderr.contains(it),
            "{it:?} in\n{}",
            outcome.stderr
        );
    }
    assert_eq!(outcome.stdout, "");
}

/// As `refuses`, in at most a sentence, an empty line and what to do.
#[track_caller]
fn refuses_in_a_sentence(outcome: Outcome, told: &[&str]) {
    assert!(outcome.stderr.starts_with("error: "), "{outcome:?}");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert!(matches!(lines[..], [_, "", _]), "{}", outcome.stderr);
    refuses(outcome, told);
}

#[test]
fn a_mistake_in_the_stack_is_told_with_its_place_and_what_was_meant() {
    let shipped = Stack::flash_sale();
    let line = |stack: &Stack, text: &str| {
        let text = stack
            .to_string()
            .lines()
            .position(|it| it.contains(text))
            .map(|it| it + 1);
        text.expect("the mistake is in the text")
    };
    let scenario = Scenario::of(&shipped);
    for (from, to, wrong, column, told) in [
        (
            "    taskDefinition: flash-sale-task",
            "    taskDefinition: fresh-sale-task",
            "fresh-sale-task",
            21,
            "did you mean `flash-sale-task`?",
        ),
        (
            "logGroups:",
            "logGroup:",
            "logGroup:",
            1,
            "did you mean `logGroups`?",
        ),
        (
            "    minSize: 1",
            "    minsize: 1",
            "minsize",
            5,
            "did you mean `minSize`?",
        ),
        (
            "portMappings",
            "portMapping",
            "portMapping:",
            9,
            "did you mean `portMappings`?",
        ),
        (
            "retentionInDays: 14",
            "retentionInDays: 15",
            "retentionInDays: 15",
            46,
            "14",
        ),
        (
            "    maxSize: 3",
            "    maxSize: three",
            "maxSize: three",
            14,
            "this is string \"three\", where there should be a whole number",
        ),
        (
            "metric: ECSServiceAverageCPUUtilization",
            "metric: ECSServiceAverageCpuUtilisation",
            "CpuUtilisation",
            19,
            "did you mean `ECSServiceAverageCPUUtilization`?",
        ),
        (
            "cluster: flash-sale-cluster",
            "cluster: flash-sale-clutser",
            "clutser",
            14,
            "did you mean `flash-sale-cluster`?",
        ),
        (
            "region: us-east-1",
            "region: us-east-1\nname: twice",
            "name: twice",
            1,
            "the key `name` stands here twice",
        ),
        (
            "    minSize: 1",
            "\tminSize: 1",
            "    launchTemplate: flash-sale-instances",
            21,
            "found a tab",
        ),
    ] {
        let stack = shipped.replacing(from, to);
        scenario.says(&stack);
        for command in [
            &["validate"][..],
            &["plan"],
            &["apply", "--yes"],
            &["destroy", "--yes"],
        ] {
            let place = format!("stack.yaml:{}:{column}", line(&stack, wrong));
            refuses(scenario.run(command), &[&place, told]);
            assert_eq!(scenario.proxy.recording().calls().len(), 0, "{to}");
        }
    }
}

#[test]
fn a_file_that_is_no_stack_is_told_as_what_it_is() {
    let proxy = Proxy::start();
    let setpoint = Setpoint::against(&proxy);
    std::fs::create_dir(setpoint.directory().join("folder")).expect("a folder");
    std::fs::write(
        setpoint.directory().join("latin.yaml"),
        b"name: a\nregion: caf\xe9\n",
    )
    .expect("a file");
    setpoint.write("empty.yaml", "");
    setpoint.write("list.yaml", "- a\n- b\n");
    setpoint.write("open.yaml", "name: [a\n");
    setpoint.write("nameless.yaml", "region: us-east-1\n");
    for (file, told) in [
        ("missing.yaml", "missing.yaml: there is no such file"),
        ("folder", "folder: it is not a regular file"),
        ("latin.yaml", "latin.yaml: line 2 is not UTF-8"),
        ("empty.yaml", "name"),
        ("list.yaml", "a stack is a map"),
        ("open.yaml", "open.yaml:"),
        ("nameless.yaml", "the stack has no `name`"),
    ] {
        refuses(setpoint.run(&["plan", "-f", file]), &[told]);
    }
    refuses_in_a_sentence(setpoint.run(&["plan"]), &["stack.yaml", "-f FILE"]);
    assert_eq!(proxy.recording().calls().len(), 0);
}

#[test]
fn a_wrong_command_line_is_an_error_and_never_exits_2() {
    let setpoint = Setpoint::at("http://127.0.0.1:9");
    for arguments in [
        &["plam"][..],
        &["plan", "--detailed-exit"],
        &[],
        &["apply", "--timeout", "soon"],
    ] {
        setpoint.run(arguments).exits(1);
    }
    setpoint.run(&["--help"]).exits(0);
    setpoint.run(&["--version"]).exits(0);
}

#[test]
fn another_account_than_the_stacks_is_not_touched() {
    let stack = Stack::flash_sale().replacing("region:", "account: \"999999999999\"\nregion:");
    let scenario = Scenario::of(&stack);
    let account = scenario.proxy.account().to_owned();
    for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"]] {
        let told = [account.as_str(), "999999999999", "--profile"];
        refuses_in_a_sentence(scenario.run(command), &told);
        assert_eq!(scenario.writes(), [""; 0]);
    }
    let pinned =
        Stack::flash_sale().replacing("region:", &format!("account: \"{account}\"\nregion:"));
    scenario.says(&pinned);
    scenario.run(&["plan"]).exits(0);
}

#[test]
fn surroundings_without_credentials_region_or_endpoint_are_told_with_what_to_do() {
    let proxy = Proxy::start();
    let write = |setpoint: Setpoint, stack: &Stack| {
        setpoint.write("stack.yaml", &stack.to_string());
        setpoint
    };
    let shipped = Stack::flash_sale();
    let setpoint = write(
        Setpoint::against(&proxy)
            .without("AWS_ACCESS_KEY_ID")
            .without("AWS_SECRET_ACCESS_KEY"),
        &shipped,
    );
    let told = ["credentials", "AWS_PROFILE"];
    refuses_in_a_sentence(setpoint.run(&["plan", "--detailed-exitcode"]), &told);

    let stack = shipped.replacing("region: us-east-1\n", "");
    let setpoint = write(Setpoint::against(&proxy).without("AWS_REGION"), &stack);
    refuses_in_a_sentence(
        setpoint.run(&["plan"]),
        &["no region is set", "--region", "AWS_REGION"],
    );
    assert_eq!(proxy.recording().calls().len(), 0);

    // The profile that is named goes before the credentials that are set.
    let profile = ["plan", "--profile", "nobody"];
    refuses_in_a_sentence(
        write(Setpoint::against(&proxy), &shipped).run(&profile),
        &["nobody"],
    );

    let setpoint = write(Setpoint::against(&proxy), &shipped);
    std::fs::create_dir_all(setpoint.home().join(".aws")).expect("a folder");
    let credentials = "[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n";
    std::fs::write(setpoint.home().join(".aws/credentials"), credentials).expect("a file");
    setpoint.run(&["plan", "--profile", "other"]).exits(0);

    // A port that was free a moment ago, and that nobody listens at.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    drop(listener);
    let setpoint = write(Setpoint::at(&format!("http://{address}")), &shipped);
    refuses_in_a_sentence(
        setpoint.run(&["plan"]),
        &["nothing answers", "AWS_ENDPOINT_URL"],
    );
}

#[test]
fn what_the_caller_may_not_read_is_named_by_its_permission() {
    let scenario = Scenario::of(&Stack::flash_sale());
    for (service, permission) in [
        ("ecs", "ecs:"),
        ("ecr", "ecr:"),
        ("iam", "iam:"),
        ("ec2", "ec2:"),
        ("logs", "logs:"),
        ("autoscaling", "autoscaling:"),
        ("application-autoscaling", "application-autoscaling:"),
        ("tagging", "tag:GetResources"),
        ("sts", "sts:GetCallerIdentity"),
    ] {
        scenario
            .proxy
            .inject(Matching::service(service), Fault::AccessDenied);
        let outcome = scenario.run(&["plan", "--detailed-exitcode"]);
        scenario.proxy.calm();
        refuses_in_a_sentence(outcome, &[permission, "is denied", "let the principal do"]);
    }
}

#[test]
fn a_write_that_is_denied_fails_alone_and_running_again_finishes() {
    let scenario = Scenario::of(&Stack::flash_sale());
    scenario
        .proxy
        .inject(Matching::action("CreateLogGroup"), Fault::AccessDenied);
    let outcome = scenario.run(&["apply", "--yes"]).exits(1);
    scenario.proxy.calm();
    let told = "logGroup./ecs/flash-sale-webapp: logs:CreateLogGroup is denied";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    assert!(
        outcome
            .stderr
            .contains("let the principal do logs:CreateLogGroup")
    );
    assert!(
        scenario
            .world()
            .has("autoScalingGroup flash-sale-instances"),
        "the rest goes on"
    );
    scenario.apply();
    scenario.holds();
}

#[test]
fn without_a_terminal_nothing_is_done_that_was_not_said() {
    let scenario = Scenario::of(&Stack::flash_sale());
    let outcome = scenario.run(&["apply"]).exits(1);
    assert!(outcome.stderr.contains("--yes"), "{}", outcome.stderr);
    assert_eq!(scenario.writes(), [""; 0]);
    scenario.apply();
    let outcome = scenario.run(&["destroy"]).exits(1);
    assert!(outcome.stderr.contains("--yes"), "{}", outcome.stderr);
    assert_eq!(scenario.writes(), [""; 0]);
}

#[test]
fn an_address_to_adopt_that_is_not_in_the_stack_is_refused() {
    let scenario = Scenario::of(&Stack::flash_sale());
    let outcome = scenario.run(&["apply", "--yes", "--adopt", "role.ecsInstanceRol"]);
    refuses_in_a_sentence(
        outcome,
        &["role.ecsInstanceRol", "did you mean role.ecsInstanceRole?"],
    );
    assert_eq!(scenario.proxy.recording().calls().len(), 0);
}

#[test]
fn an_interrupt_hears_out_what_is_on_its_way_and_tells_what_is_left() {
    let scenario = Scenario::of(&Stack::flash_sale());
    let (arrived, arrival) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    scenario
        .proxy
        .hook(Matching::action("CreateCluster").nth(1), move || {
            let _ = arrived.send(());
            // The call is let go once the interrupt has been heard, or the test has failed.
            let _ = released.lock().expect("nobody panics here").recv();
        });
    let mut running = scenario.setpoint.start(&["apply", "--yes"]);
    arrival.recv().expect("the call is made");
    running.interrupt();
    running.until_says("Stopping");
    drop(release);
    let outcome = running.wait().exits(130);
    for told in ["service.flash-sale-service: not begun", "Stopping"] {
        assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    }
    assert!(
        outcome
            .stdout
            .contains("Run it again to finish what is left.")
    );
    let world = scenario.world();
    assert!(
        world.has("cluster flash-sale-cluster"),
        "the call on its way was heard out"
    );
    assert!(!world.has("service flash-sale-service"));
    scenario.proxy.calm();
    scenario.apply();
    scenario.holds();
}

#[test]
fn a_sensitive_value_is_shown_nowhere_and_still_seen_to_change() {
    let with = |value: &str| {
        Stack::flash_sale()
            .replacing(
                "    networkMode: bridge\n",
                "    networkMode: bridge\n    sensitive: [TOKEN]\n",
            )
            .replacing(
                "        cpu: 256\n",
                &format!(
                    "        cpu: 256\n        environment: [{{ name: TOKEN, value: {value} }}]\n"
                ),
            )
    };
    let scenario = Scenario::of(&with("hunter2"));
    let hidden = |outcome: Outcome| {
        let text = outcome.stdout + &outcome.stderr;
        assert!(!text.contains("hunter"), "{text}");
        text
    };
    hidden(scenario.run(&["plan"]).exits(0));
    hidden(scenario.run(&["plan", "--json"]).exits(0));
    hidden(scenario.apply());
    scenario.says(&with("hunter3"));
    let shown = hidden(scenario.run(&["plan", "--detailed-exitcode"]).exits(2));
    assert!(shown.contains("TOKEN"), "{shown}");
    hidden(scenario.run(&["plan", "--json"]).exits(0));
    scenario.proxy.inject(
        Matching::action("RegisterTaskDefinition"),
        Fault::AccessDenied,
    );
    hidden(scenario.run(&["apply", "--yes"]).exits(1));
    scenario.proxy.calm();
    hidden(scenario.apply());
    let world = scenario.world();
    let container = &world.get("revision flash-sale-task:2")["containerDefinitions"][0];
    assert_eq!(
        container["environment"],
        json!([{"name": "TOKEN", "value": "hunter3"}])
    );
    scenario.holds();
    hidden(scenario.run(&["destroy", "--yes"]).exits(0));
}
