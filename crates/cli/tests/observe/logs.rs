//! What containers write, read on the twin: whose, in order, once.

use crate::sale::{Sale, minutes};
use serde_json::{Value, json};
use setpoint_observe::{
    Moment, Picture,
    logs::{Gap, LogEvent, Named, PARTS, Sources, Tail, named, of_gone, of_services, of_task},
};
use setpoint_twin::{Fate, Heard};
use std::{collections::BTreeSet, time::Duration};

const GROUP: &str = "/ecs/flash-sale-webapp";

/// The flash sale, whose tasks have two containers more: one that writes to another group, and one
/// whose lines stay on the instance.
fn three_containers() -> String {
    let more = "      - name: proxy\n        image: { repository: flash-sale-webapp, tag: v1 }\n\
                \x20       memory: 64\n        logConfiguration:\n          logDriver: awslogs\n\
                \x20         options: { awslogs-group: /ecs/proxy, awslogs-region: us-east-1, \
                awslogs-stream-prefix: side }\n\
                \x20     - name: agent\n        image: { repository: flash-sale-webapp, tag: v1 }\n\
                \x20       memory: 64\n        logConfiguration: { logDriver: json-file }\n\n\
                services:\n";
    let group = "logGroups:\n  /ecs/proxy: {}\n";
    let text = Sale::text().replacen("\nservices:\n", more, 1);
    let text = text.replacen("logGroups:\n", group, 1);
    text.replacen("    memory: 512\n", "    memory: 640\n", 1)
}

async fn picture(sale: &Sale) -> Picture {
    let picture = sale.look(PARTS).await;
    assert_eq!(picture.not_shown, []);
    picture
}

fn ago(picture: &Picture, minutes: u64) -> Moment {
    picture.at - Duration::from_secs(60 * minutes)
}

/// Everything that a look tells.
async fn told(tail: &mut Tail, picture: &Picture, sources: Sources) -> Vec<LogEvent> {
    tail.look(picture, sources.read);
    let mut all = Vec::new();
    while let Some(events) = tail.next().await.expect("the twin answers") {
        assert!(!events.is_empty());
        all.extend(events);
    }
    all
}

/// Everything of the last so many minutes.
async fn read(sale: &Sale, minutes: u64, pattern: Option<&str>) -> Vec<LogEvent> {
    let picture = picture(sale).await;
    let since = ago(&picture, minutes);
    let mut tail = Tail::new(&sale.aws, pattern.map(str::to_owned), since);
    told(
        &mut tail,
        &picture,
        of_services(&picture, Some("us-east-1")),
    )
    .await
}

fn messages(events: &[LogEvent]) -> Vec<&str> {
    events.iter().map(|it| it.message.as_str()).collect()
}

/// A container writes these, each so many milliseconds ago.
fn writes(sale: &Sale, group: &str, stream: &str, lines: &[(u64, &str)]) {
    let now = sale.twin.now().0;
    let events = lines.iter();
    let events: Vec<Value> = events
        .map(|(ago, message)| json!({ "timestamp": now - ago, "message": message }))
        .collect();
    let put = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
    sale.does("logs", "PutLogEvents", put);
}

#[tokio::test(start_paused = true)]
async fn the_lines_of_all_tasks_and_containers_are_told_in_order_of_time() {
    let sale = Sale::of(&three_containers()).await;
    minutes(5).await;
    sale.offer(120.0);
    minutes(15).await;
    let picture = picture(&sale).await;
    let sources = of_services(&picture, Some("us-east-1"));
    let agent = Gap {
        of: "flash-sale-service/agent".into(),
        because: "its log driver is json-file, not awslogs".into(),
    };
    assert_eq!(sources.gaps, [agent]);
    let mut tail = Tail::new(&sale.aws, None, ago(&picture, 60));
    sale.calls();
    let all = told(&mut tail, &picture, sources).await;
    // One call for each container's streams, however many tasks there are.
    assert_eq!(sale.calls(), ["FilterLogEvents", "FilterLogEvents"]);
    assert!(all.is_sorted_by_key(|it| it.at), "{all:#?}");
    assert!(
        all.iter()
            .all(|it| it.service.as_deref() == Some("flash-sale-service"))
    );
    let of = |of: &dyn Fn(&LogEvent) -> String| all.iter().map(of).collect::<BTreeSet<_>>();
    assert_eq!(
        of(&|it| it.container.clone()),
        ["proxy", "web-container"].map(String::from).into()
    );
    let running: BTreeSet<String> = picture.tasks.iter().map(|it| it.id().to_owned()).collect();
    assert_eq!(of(&|it| it.task.clone()), running);
    assert_eq!(running.len(), 3);
    let of_first = all.iter().filter(|it| it.task == all[0].task);
    let mut of_first: Vec<&str> = of_first.map(|it| it.message.as_str()).collect();
    of_first.sort_unstable();
    assert_eq!(
        of_first,
        [
            "listening on port 80",
            "proxy started",
            "web-container started"
        ]
    );
    assert!(tail.gaps().is_empty());
}

#[tokio::test(start_paused = true)]
async fn following_tells_everything_once_and_what_comes_late_as_well() {
    let sale = Sale::begun().await;
    minutes(1).await;
    let first = picture(&sale).await;
    let stream = format!("ecs/web-container/{}", first.tasks[0].id());
    let sources = || of_services(&first, None);
    let mut tail = Tail::new(&sale.aws, None, ago(&first, 10));
    assert_eq!(
        messages(&told(&mut tail, &first, sources()).await),
        ["web-container started", "listening on port 80"]
    );
    writes(&sale, GROUP, &stream, &[(0, "one"), (0, "two")]);
    let second = picture(&sale).await;
    assert_eq!(
        messages(&told(&mut tail, &second, sources()).await),
        ["one", "two"]
    );
    // What was written before the last look, and comes after it.
    writes(&sale, GROUP, &stream, &[(20_000, "late"), (0, "three")]);
    let third = picture(&sale).await;
    assert_eq!(
        messages(&told(&mut tail, &third, sources()).await),
        ["late", "three"]
    );
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let again = picture(&sale).await;
        assert_eq!(messages(&told(&mut tail, &again, sources()).await), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_takes_many_pages_is_told_page_by_page_and_in_order() {
    let sale = Sale::of(&three_containers()).await;
    minutes(2).await;
    let picture = picture(&sale).await;
    for (group, container) in [(GROUP, "ecs/web-container"), ("/ecs/proxy", "side/proxy")] {
        for part in 0..3 {
            // The twin keeps ten thousand events of a stream.
            let stream = format!("{container}/{part:032x}");
            let made = json!({ "logGroupName": group, "logStreamName": stream });
            sale.does("logs", "CreateLogStream", made);
            let line = |it: u64| (30_000 - part - it * 3, "line");
            let lines: Vec<(u64, &str)> = (0..10_000).map(line).collect();
            writes(&sale, group, &stream, &lines);
        }
    }
    sale.calls();
    let mut tail = Tail::new(&sale.aws, None, ago(&picture, 60));
    tail.look(&picture, of_services(&picture, None).read);
    let (mut all, mut largest) = (Vec::new(), 0);
    while let Some(events) = tail.next().await.expect("the twin answers") {
        largest = largest.max(events.len());
        all.extend(events);
    }
    let lines: Vec<&LogEvent> = all.iter().filter(|it| it.message == "line").collect();
    assert_eq!(lines.len(), 60_000);
    assert!(all.is_sorted_by_key(|it| it.at));
    let ids: BTreeSet<&String> = lines.iter().map(|it| &it.event_id).collect();
    assert_eq!(ids.len(), 60_000);
    // Never more in memory than a page of each.
    assert!(largest <= 20_000, "{largest}");
    let calls = sale.calls();
    assert_eq!(calls.len(), 8, "four pages of each: {calls:?}");
}

#[tokio::test(start_paused = true)]
async fn a_filter_is_cloudwatchs_and_one_that_is_none_is_an_error() {
    let sale = Sale::begun().await;
    minutes(1).await;
    let first = picture(&sale).await;
    let stream = format!("ecs/web-container/{}", first.tasks[0].id());
    let lines = ["no such database", "database up", "GET /"].map(|it| (0, it));
    writes(&sale, GROUP, &stream, &lines);
    assert_eq!(
        messages(&read(&sale, 10, Some("database")).await),
        ["no such database", "database up"]
    );
    assert_eq!(
        messages(&read(&sale, 10, Some("database -such")).await),
        ["database up"]
    );
    assert_eq!(
        messages(&read(&sale, 10, Some("?GET ?\"such database\"")).await),
        ["no such database", "GET /"]
    );
    // The twin does not take patterns for JSON, and says so.
    let json = Some("{ $.level = \"error\" }".to_owned());
    let mut tail = Tail::new(&sale.aws, json, ago(&first, 10));
    tail.look(&first, of_services(&first, None).read);
    let err = tail.next().await.expect_err("it is not taken");
    assert_eq!(err.operation, "logs:FilterLogEvents");
    assert!(
        err.source.to_string().contains("Invalid filter pattern"),
        "{err:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_is_read_alone_by_the_beginning_of_its_id_and_also_when_ecs_has_forgotten_it() {
    let sale = Sale::begun().await;
    sale.offer(120.0);
    minutes(15).await;
    let busy = picture(&sale).await;
    assert_eq!(busy.tasks.len(), 3);
    let id = busy.tasks[0].id().to_owned();
    let short = &id[..8];
    let Named::Task(task) = named(&busy, short) else {
        panic!("{:?}", named(&busy, short));
    };
    let mut tail = Tail::new(&sale.aws, None, ago(&busy, 60));
    let all = told(&mut tail, &busy, of_task(&busy, task, None)).await;
    assert_eq!(
        messages(&all),
        ["web-container started", "listening on port 80"]
    );
    assert!(all.iter().all(|it| it.task == id), "{all:#?}");
    assert_eq!(named(&busy, &task.task_arn), Named::Task(task));
    assert_eq!(named(&busy, "webb"), Named::Nothing);
    assert_eq!(named(&busy, "abcdef"), Named::Nothing);
    sale.does(
        "ecs",
        "StopTask",
        json!({ "cluster": "flash-sale-cluster", "task": id }),
    );
    minutes(90).await;
    let later = picture(&sale).await;
    assert_eq!(named(&later, short), Named::Gone(short));
    let mut tail = Tail::new(&sale.aws, None, ago(&later, 24 * 60));
    let again = told(&mut tail, &later, of_gone(&later, short, None)).await;
    assert_eq!(messages(&again), messages(&all));
    assert_eq!(again[0].service.as_deref(), Some("flash-sale-service"));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_missing_and_a_container_elsewhere_are_said_and_the_rest_is_told() {
    let sale = Sale::of(&three_containers()).await;
    minutes(1).await;
    sale.does("logs", "DeleteLogGroup", json!({ "logGroupName": GROUP }));
    let picture = picture(&sale).await;
    let mut tail = Tail::new(&sale.aws, None, ago(&picture, 10));
    let all = told(&mut tail, &picture, of_services(&picture, None)).await;
    assert_eq!(messages(&all), ["proxy started"]);
    let missing = Gap {
        of: GROUP.into(),
        because: "the log group does not exist".into(),
    };
    assert_eq!(tail.gaps(), &[missing].into());
    let elsewhere = of_services(&picture, Some("eu-west-1"));
    assert_eq!(elsewhere.read, []);
    let because: Vec<&str> = elsewhere
        .gaps
        .iter()
        .map(|it| it.because.as_str())
        .collect();
    assert!(
        because.contains(&"it logs to us-east-1; look there with --region us-east-1"),
        "{because:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn streams_without_a_prefix_are_found_by_what_the_runtime_calls_the_container() {
    let text = Sale::text().replacen("            awslogs-stream-prefix: ecs\n", "", 1);
    let sale = Sale::of(&text).await;
    minutes(1).await;
    let all = read(&sale, 10, None).await;
    assert_eq!(
        messages(&all),
        ["web-container started", "listening on port 80"]
    );
    let picture = picture(&sale).await;
    assert_eq!(all[0].task, picture.tasks[0].id());
    assert!(!all[0].stream.contains('/'), "{}", all[0].stream);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_throttled_or_lost_is_asked_for_again() {
    let sale = Sale::begun().await;
    minutes(1).await;
    let mut fates = vec![Fate::DroppedAfter, Fate::Failed, Fate::Throttled];
    let fate = move |heard: &Heard| match heard.action.as_str() {
        "FilterLogEvents" => fates.pop().unwrap_or(Fate::Served),
        _ => Fate::Served,
    };
    sale.twin.meddle(Some(Box::new(fate)));
    assert_eq!(read(&sale, 10, None).await.len(), 2);
}
