//! What the views show, word for word and of services of every kind.

use crate::sale::{Sale, minutes};
use serde_json::json;
use setpoint::documents;
use setpoint_observe::{
    Line, Picture, Subject,
    endpoints::{self, endpoints},
    status::{self, ScalingState, status},
    timeline::{self, Happening, timeline},
    why,
};
use std::{fs, path::Path, time::Duration};

fn text(lines: &[Line]) -> String {
    lines.iter().map(|it| format!("{it}\n")).collect()
}

fn story(picture: &Picture) -> Vec<Happening> {
    timeline(picture, picture.at - Duration::from_secs(90 * 60))
}

/// What is kept in `shown/` is what is shown. With SETPOINT_SHOW set it is written anew.
#[track_caller]
fn shows(name: &str, shown: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/observe/shown");
    let path = folder.join(name);
    if std::env::var_os("SETPOINT_SHOW").is_some() {
        fs::write(&path, shown).expect("the repository can be written to");
        return;
    }
    let kept = fs::read_to_string(&path).expect("it is kept");
    assert!(kept == shown, "{name} is not what is kept; it is\n{shown}");
}

/// The lines hold these words in this order.
#[track_caller]
fn tells(text: &str, words: &[&str]) {
    let mut lines = text.lines();
    for it in words {
        assert!(
            lines.any(|line| line.contains(it)),
            "no {it:?} in its place in\n{text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_sale_at_its_height_is_shown_word_for_word() {
    let sale = Sale::begun().await;
    minutes(5).await;
    sale.offer(120.0);
    minutes(15).await;
    let picture = sale.look(status::PARTS).await;
    shows("status.txt", &text(&status::lines(&picture)));
    shows(
        "status.json",
        &format!("{:#}\n", documents::status(&picture)),
    );
    let picture = sale.look(endpoints::PARTS).await;
    shows("endpoints.txt", &text(&endpoints::lines(&picture)));
    shows(
        "endpoints.json",
        &format!("{:#}\n", documents::endpoints(&picture)),
    );
    let picture = sale.look(timeline::PARTS).await;
    let story = story(&picture);
    shows("events.txt", &text(&timeline::lines(&story, false)));
    shows("events.jsonl", &documents::happenings(&story));
    let picture = sale.look(why::PARTS).await;
    let found = why::why(&picture, &picture.services[0], &why::Clues::default());
    let name = &picture.services[0].service_name;
    shows("why.txt", &text(&why::lines(name, &found)));
    let all = [(name.clone(), found)];
    shows(
        "why.json",
        &format!("{:#}\n", documents::findings(&picture, &all)),
    );
}

/// The flash sale whose tasks have addresses of their own.
fn awsvpc() -> String {
    let network = "    networkConfiguration:\n      awsvpcConfiguration: { subnets: default, \
                   securityGroups: [flash-sale-instances] }\n";
    let text = Sale::text();
    for part in [
        "networkMode: bridge",
        "hostPort: 0, ",
        "    desiredCount: 1\n",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    text.replacen("networkMode: bridge", "networkMode: awsvpc", 1)
        .replacen("hostPort: 0, ", "", 1)
        .replacen(
            "    desiredCount: 1\n",
            &format!("    desiredCount: 1\n{network}"),
            1,
        )
}

#[tokio::test(start_paused = true)]
async fn a_service_whose_tasks_have_addresses_of_their_own() {
    let sale = Sale::of(&awsvpc()).await;
    minutes(5).await;
    let picture = sale.look(endpoints::PARTS).await;
    let told = text(&endpoints::lines(&picture));
    println!("{told}");
    let found = endpoints(&picture);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].on, picture.interfaces[0].id);
    tells(&told, &[":80/", "  ! eni-"]);
    assert!(
        told.contains("has no public address: it is reached inside its VPC only"),
        "{told}"
    );
    let calls = sale.calls();
    assert!(
        calls.contains(&"DescribeNetworkInterfaces".to_owned()),
        "{calls:?}"
    );
    let picture = sale.look(status::PARTS).await;
    tells(
        &text(&status::lines(&picture)),
        &["  tasks       1 of 1 running", "  addresses   http://"],
    );
    let told = text(&timeline::lines(
        &story(&sale.look(timeline::PARTS).await),
        false,
    ));
    tells(&told, &["has reached a steady state"]);
}

#[tokio::test(start_paused = true)]
async fn a_service_behind_a_load_balancer_answers_there_first() {
    let sale = Sale::begun().await;
    let (group, name) = sale.balanced();
    let balanced = Sale::text().replacen(
        "services:\n  flash-sale-service:\n",
        &format!(
            "services:\n  flash-sale-service:\n    loadBalancers:\n      - {{ targetGroupArn: \
             \"{group}\", containerName: web-container, containerPort: 80 }}\n"
        ),
        1,
    );
    sale.says(&balanced).await;
    minutes(10).await;
    let picture = sale.look(endpoints::PARTS).await;
    let told = text(&endpoints::lines(&picture));
    println!("{told}");
    let found = endpoints(&picture);
    assert_eq!(found[0].url, format!("http://{name}/"));
    assert_eq!(
        (found[0].task.as_ref(), &*found[0].obstacles),
        (None, &[][..])
    );
    tells(&told, &["load balancer front", "web-container of task"]);
    let picture = sale.look(status::PARTS).await;
    let told = text(&status::lines(&picture));
    tells(
        &told,
        &["deployment  completed", &format!("http://{name}/")],
    );
}

#[tokio::test(start_paused = true)]
async fn several_services_are_told_apart_and_one_that_is_not_there_is_absent() {
    let service = "\n  second-service:\n    cluster: flash-sale-cluster\n    taskDefinition: \
                   flash-sale-task\n    capacityProviderStrategy:\n      - { capacityProvider: \
                   flash-sale-capacity, weight: 1 }\n    desiredCount: 1\n\nscaling:\n";
    let text_of_both = Sale::text().replacen("\nscaling:\n", service, 1);
    let sale = Sale::of(&text_of_both).await;
    minutes(5).await;
    let subject = |name: &str| Subject::new("flash-sale-cluster", name);
    let both = [subject("flash-sale-service"), subject("second-service")];
    sale.calls();
    let picture = sale.look_at(both.clone(), status::PARTS).await;
    let calls = sale.calls();
    for once in ["DescribeServices", "DescribeTasks", "GetMetricData"] {
        let count = calls.iter().filter(|it| *it == once).count();
        assert_eq!(count, 1, "{once} in {calls:?}");
    }
    let told = text(&status::lines(&picture));
    println!("{told}");
    tells(
        &told,
        &[
            "flash-sale-service in flash-sale-cluster",
            "1 of 1 running, 0 pending, scaling from 1 to 3",
            "second-service in flash-sale-cluster",
            "1 of 1 running, 0 pending",
        ],
    );
    let picture = sale.look_at(both.clone(), timeline::PARTS).await;
    let told = text(&timeline::lines(&story(&picture), true));
    for name in ["flash-sale-service: ", "second-service: "] {
        let line = format!("{name}has reached a steady state");
        assert!(told.contains(&line), "no {line:?} in\n{told}");
    }
    let picture = sale.look_at(both.clone(), endpoints::PARTS).await;
    let told = text(&endpoints::lines(&picture));
    tells(
        &told,
        &["flash-sale-service", "http://", "second-service", "http://"],
    );
    let absent = sale
        .look_at([subject("third-service")], status::PARTS)
        .await;
    assert_eq!(absent.absent, [subject("third-service")]);
    assert_eq!(absent.services, []);
}

#[tokio::test(start_paused = true)]
async fn more_than_a_hundred_tasks_are_described_in_batches() {
    let large = Sale::text()
        .replace("instanceType: t2.small", "instanceType: m5.4xlarge")
        .replace("    cpuCredits: unlimited\n", "")
        .replace("memory: 512", "memory: 128")
        .replace("cpu: 256", "cpu: 64")
        .replace("desiredCount: 1", "desiredCount: 120")
        .replace(
            "minCapacity: 1\n    maxCapacity: 3",
            "minCapacity: 120\n    maxCapacity: 150",
        );
    let sale = Sale::of(&large).await;
    minutes(5).await;
    sale.calls();
    let picture = sale.look(endpoints::PARTS).await;
    let calls = sale.calls();
    let count = |action: &str| calls.iter().filter(|it| *it == action).count();
    assert_eq!(endpoints(&picture).len(), 120);
    assert_eq!(
        (count("ListTasks"), count("DescribeTasks")),
        (2, 2),
        "{calls:?}"
    );
    for once in [
        "DescribeContainerInstances",
        "DescribeInstances",
        "DescribeSecurityGroups",
    ] {
        assert_eq!(count(once), 1, "{once} in {calls:?}");
    }
    let picture = sale.look(status::PARTS).await;
    tells(
        &text(&status::lines(&picture)),
        &["120 of 120 running, 0 pending, scaling from 120 to 150"],
    );
    assert_eq!(status(&picture)[0].endpoints.len(), 120);
}

#[tokio::test(start_paused = true)]
async fn step_scaling_is_told_by_its_policy_and_alarm() {
    let sale = Sale::begun().await;
    minutes(2).await;
    let target = |more: serde_json::Value| {
        let mut members = json!({ "ServiceNamespace": "ecs",
            "ResourceId": "service/flash-sale-cluster/flash-sale-service",
            "ScalableDimension": "ecs:service:DesiredCount" });
        for (name, value) in more.as_object().expect("it is an object") {
            members[name] = value.clone();
        }
        members
    };
    const SCALING: &str = "application-autoscaling";
    let old = target(json!({ "PolicyName": "cpu-target-tracking" }));
    sale.does(SCALING, "DeleteScalingPolicy", old);
    let policy = target(json!({ "PolicyName": "steps", "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": { "AdjustmentType": "ChangeInCapacity", "Cooldown": 60,
            "StepAdjustments": [{ "MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2 }] } }));
    let made = sale.does(SCALING, "PutScalingPolicy", policy);
    let alarm = json!({ "AlarmName": "busy", "Namespace": "AWS/ECS", "MetricName": "CPUUtilization",
        "Dimensions": [{ "Name": "ClusterName", "Value": "flash-sale-cluster" },
            { "Name": "ServiceName", "Value": "flash-sale-service" }],
        "Statistic": "Average", "Period": 60, "EvaluationPeriods": 2, "Threshold": 60.0,
        "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [made["PolicyARN"]] });
    sale.does("monitoring", "PutMetricAlarm", alarm);
    minutes(5).await;
    sale.offer(120.0);
    minutes(10).await;
    let told = text(&timeline::lines(
        &story(&sale.look(timeline::PARTS).await),
        false,
    ));
    println!("{told}");
    tells(
        &told,
        &[
            "alarm       ",
            "scaling     policy steps set the desired count",
            "service     started 2 tasks: ",
        ],
    );
    let picture = sale.look(status::PARTS).await;
    let shown = &status(&picture)[0];
    assert_eq!(
        (shown.running, shown.desired, shown.bounds),
        (3, 3, Some((1, 3)))
    );
    assert!(
        shown.scaling.contains(&ScalingState::AtMax { count: 3 }),
        "{:?}",
        shown.scaling
    );
}

/// The actions that a view asks for, as IAM names them.
async fn asks(sale: &Sale) -> std::collections::BTreeSet<String> {
    sale.twin.forget();
    for parts in [
        &status::PARTS[..],
        &endpoints::PARTS,
        &timeline::PARTS,
        &why::PARTS,
        &setpoint_observe::logs::PARTS,
    ] {
        let picture = sale.look(parts.iter().copied()).await;
        assert_eq!(picture.not_shown, []);
    }
    let heard = sale.twin.heard().into_iter();
    let named = heard.map(|it| match it.service.as_str() {
        "monitoring" => format!("cloudwatch:{}", it.action),
        service => format!("{service}:{}", it.action),
    });
    named.collect()
}

#[tokio::test(start_paused = true)]
async fn the_readme_lists_every_permission_that_looking_needs_and_no_other() {
    let readme = include_str!("../../../../README.md");
    let (_, rest) = readme
        .split_once("only read, and say what they may not")
        .expect("it says so");
    let block = rest.split("```").nth(1).expect("a list follows");
    let listed: std::collections::BTreeSet<String> = block
        .split_whitespace()
        .filter(|it| it.contains(':'))
        .map(str::to_owned)
        .collect();
    let sale = Sale::begun().await;
    let (group, _) = sale.balanced();
    let balanced = Sale::text()
        .replacen("cpuCredits: unlimited", "cpuCredits: standard", 1)
        .replacen(
            "services:\n  flash-sale-service:\n",
            &format!(
                "services:\n  flash-sale-service:\n    loadBalancers:\n      - {{ targetGroupArn: \
                 \"{group}\", containerName: web-container, containerPort: 80 }}\n"
            ),
            1,
        );
    sale.says(&balanced).await;
    sale.offer(20_000.0);
    minutes(120).await;
    let mut asked = asks(&sale).await;
    asked.extend(asks(&Sale::of(&awsvpc()).await).await);
    // These are asked for beside a picture, or in states that other tests make.
    let beside = [
        "ecs:GetTaskProtection",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "sts:GetCallerIdentity",
    ];
    asked.extend(beside.map(str::to_owned));
    assert_eq!(listed, asked);
}
