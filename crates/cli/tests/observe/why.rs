//! What keeps a service from being as it should be, made on the twin and named right.

mod capacity;
mod deployment;
mod ending;
mod placement;
mod reach;
mod scaling;
mod service;
mod starting;

use crate::sale::Sale;
use serde_json::{Value, json};
use setpoint_observe::{
    Ask, Observer, last_lines,
    why::{Clues, Finding, PARTS, WINDOW, absent, lines, why},
};

const BREAKER: &str = "    deploymentConfiguration:\n      deploymentCircuitBreaker: { enable: true, \
                       rollback: true }\n";

/// The flash sale with parts of its text replaced, and without its circuit breaker: failing tasks go
/// on failing.
fn text(replaced: &[(&str, &str)]) -> String {
    let mut text = Sale::text();
    for (from, to) in [(BREAKER, "")].iter().chain(replaced) {
        assert!(text.contains(from), "{from} is not in\n{text}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// The flash sale with something more in its container.
fn container(more: &str) -> String {
    let line = "        memory: 512\n";
    text(&[(line, &format!("{line}        {more}\n"))])
}

/// The flash sale on instances that no capacity provider adds to: one instance, and one task that the
/// service asks for by its launch type; with parts of its text replaced.
fn plain(replaced: &[(&str, &str)]) -> String {
    let text = text(&[
        (
            "    capacityProviders: [flash-sale-capacity]\n    defaultCapacityProviderStrategy:\n      \
             - { capacityProvider: flash-sale-capacity, weight: 1 }\n",
            "    capacityProviders: []\n",
        ),
        (
            "capacityProviders:\n  flash-sale-capacity:\n    autoScalingGroup: \
             flash-sale-instances\n\n",
            "",
        ),
        (
            "    capacityProviderStrategy:\n      - { capacityProvider: flash-sale-capacity, weight: \
             1 }\n",
            "    launchType: EC2\n",
        ),
    ]);
    let (text, _) = text.split_once("\nscaling:\n").expect("it scales");
    let mut text = text.to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from} is not in\n{text}");
        text = text.replacen(from, to, 1);
    }
    text
}

async fn findings(sale: &Sale) -> Vec<Finding> {
    let mut ask = Ask::new([Sale::service()], PARTS);
    ask.window = WINDOW;
    // As the command does: those that the stack names.
    ask.groups = vec!["flash-sale-instances".into()];
    let picture = Observer::new(&sale.aws).look(&ask).await;
    let picture = picture.expect("the twin answers");
    assert_eq!(picture.not_shown, [], "everything is shown");
    let Some(service) = picture.services.first() else {
        return absent(&picture);
    };
    let clues = Clues {
        last_lines: last_lines(&sale.aws, &picture, service).await,
        ..Clues::default()
    };
    why(&picture, service, &clues)
}

/// The first thing that is wrong is this, and its text says these words.
#[track_caller]
fn is_told(found: &[Finding], cause: &str, words: &[&str]) {
    let text: Vec<String> = lines("flash-sale-service", found)
        .iter()
        .map(ToString::to_string)
        .collect();
    let text = text.join("\n");
    println!("{text}\n");
    let first = found.iter().find(|it| it.wrong);
    let first = first.unwrap_or_else(|| panic!("nothing is wrong, and not {cause}:\n{text}"));
    assert_eq!(first.cause.name(), cause, "{text}");
    assert!(
        !first.evidence.is_empty() && !first.remedy.is_empty(),
        "{text}"
    );
    for it in words {
        assert!(text.contains(it), "no {it:?} in\n{text}");
    }
}

/// Nothing is wrong, and among the reasons why nothing moves is this.
#[track_caller]
fn is_noted(found: &[Finding], cause: &str) {
    let names: Vec<&str> = found.iter().map(|it| it.cause.name()).collect();
    assert!(found.iter().all(|it| !it.wrong), "{found:#?}");
    assert!(names.contains(&cause), "{names:?}");
}

const SERVICE: [(&str, &str); 2] = [
    ("cluster", "flash-sale-cluster"),
    ("service", "flash-sale-service"),
];

/// Members that name the service, and more.
fn of_service(more: Value) -> Value {
    let mut members = more;
    for (name, value) in SERVICE {
        members[name] = json!(value);
    }
    members
}

/// Members that name the scalable target, and more.
fn of_target(more: Value) -> Value {
    let mut members = more;
    members["ServiceNamespace"] = json!("ecs");
    members["ResourceId"] = json!("service/flash-sale-cluster/flash-sale-service");
    members["ScalableDimension"] = json!("ecs:service:DesiredCount");
    members
}

fn alarms(sale: &Sale) -> Value {
    let shown = sale.does("monitoring", "DescribeAlarms", json!({}));
    let alarms = shown["MetricAlarms"].as_array().into_iter().flatten();
    let of_service = alarms.filter(|it| {
        let name = it["AlarmName"].as_str().unwrap_or_default();
        name.starts_with("TargetTracking-service/")
    });
    of_service.map(|it| it["AlarmName"].clone()).collect()
}

fn instances(sale: &Sale) -> Vec<Value> {
    let shown = sale.does("ec2", "DescribeInstances", json!({}));
    let all = shown["Reservations"].as_array().into_iter().flatten();
    let all = all.flat_map(|it| it["Instances"].as_array().into_iter().flatten());
    all.map(|it| it["InstanceId"].clone()).collect()
}
