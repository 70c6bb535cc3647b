//! What alarms do.

mod metrics;
mod upkeep;

use crate::{Answer, Habits, Input, Time, World, service};
use serde_json::{Value, json};
use std::time::Duration;

/// 2026-11-27T00:00:00Z.
const START: Time = Time(1_795_737_600_000);

const MINUTE: Duration = Duration::from_secs(60);

fn ask(world: &mut World, action: &str, members: Value) -> Answer {
    let input = Input {
        service: "monitoring".to_owned(),
        action: action.to_owned(),
        members: members.as_object().cloned().unwrap_or_default(),
        ..Input::default()
    };
    service::run(world, &input)
}

fn done(world: &mut World, action: &str, members: Value) -> Value {
    ask(world, action, members).expect("it is done")
}

fn refused(answer: Answer) -> (String, String) {
    let refusal = answer.expect_err("it is refused");
    (refusal.code, refusal.message)
}

fn world() -> World {
    World::new("us-east-1", 7, START, Habits::default())
}

/// Seconds since 1970, some minutes after the start.
fn at(minutes: i64) -> i64 {
    START.0 as i64 / 1000 + minutes * 60
}

fn put(world: &mut World, name: &str, minute: i64, value: f64) {
    let data = json!({
        "Namespace": "Shop",
        "MetricData": [{
            "MetricName": name,
            "Dimensions": [{ "Name": "Zone", "Value": "a" }],
            "Timestamp": at(minute),
            "Value": value,
            "Unit": "Count",
        }],
    });
    done(world, "PutMetricData", data);
}

fn alarm(more: Value) -> Value {
    let mut alarm = json!({
        "AlarmName": "busy",
        "Namespace": "Shop",
        "MetricName": "Orders",
        "Dimensions": [{ "Name": "Zone", "Value": "a" }],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 50.0,
        "ComparisonOperator": "GreaterThanThreshold",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        match value {
            Value::Null => alarm.as_object_mut().and_then(|it| it.remove(name)),
            value => alarm
                .as_object_mut()
                .and_then(|it| it.insert(name.clone(), value.clone())),
        };
    }
    alarm
}

fn shown(world: &mut World) -> Value {
    done(world, "DescribeAlarms", json!({ "AlarmNames": ["busy"] }))["MetricAlarms"][0].clone()
}

/// Lets minutes pass, each with a value or without one; answers the alarm's states after them.
fn states(world: &mut World, values: &[Option<f64>]) -> Vec<String> {
    let state = |value: &Option<f64>| {
        let minute = (world.now.0 - START.0) / 60_000;
        world.advance(START + MINUTE * (minute as u32 + 1) + Duration::from_secs(10));
        if let Some(value) = value {
            put(world, "Orders", minute as i64, *value);
        }
        world.advance(START + MINUTE * (minute as u32 + 1) + Duration::from_secs(40));
        shown(world)["StateValue"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    values.iter().map(state).collect()
}

#[test]
fn an_alarm_tells_what_it_saw() {
    let mut world = world();
    done(&mut world, "PutMetricAlarm", alarm(json!({})));
    let new = shown(&mut world);
    assert_eq!(new["StateReason"], "Unchecked: Initial alarm creation");
    assert_eq!(
        new["AlarmArn"],
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:busy"
    );
    assert_eq!(new["ActionsEnabled"], true);
    assert_eq!(new["OKActions"], json!([]));
    let values = [Some(10.0), Some(60.5), Some(61.0), Some(62.0)];
    let expected = ["OK", "OK", "OK", "ALARM"];
    assert_eq!(states(&mut world, &values), expected);
    let now = shown(&mut world);
    assert_eq!(
        now["StateReason"],
        "Threshold Crossed: 3 datapoints [62.0 (27/11/26 00:03:00), 61.0 (27/11/26 00:02:00), \
         60.5 (27/11/26 00:01:00)] were greater than the threshold (50.0)."
    );
    let data: Value =
        serde_json::from_str(now["StateReasonData"].as_str().expect("a text")).expect("JSON");
    assert_eq!(data["recentDatapoints"], json!([60.5, 61.0, 62.0]));
    assert_eq!(data["statistic"], "Average");
    assert_eq!(now["StateUpdatedTimestamp"], at(4) + 35);
    assert_eq!(states(&mut world, &[Some(10.0)]), ["OK"]);
    assert_eq!(
        shown(&mut world)["StateReason"],
        "Threshold Crossed: 1 datapoint [10.0 (27/11/26 00:04:00)] was not greater than the \
         threshold (50.0)."
    );
}

#[test]
fn without_data_an_alarm_comes_to_know_nothing() {
    let mut world = world();
    done(
        &mut world,
        "PutMetricAlarm",
        alarm(json!({ "EvaluationPeriods": 2 })),
    );
    let values = [Some(10.0), Some(10.0), None, None, None, None, None];
    let states = states(&mut world, &values);
    assert_eq!(states.first().map(String::as_str), Some("OK"));
    assert_eq!(states.last().map(String::as_str), Some("INSUFFICIENT_DATA"));
    assert_eq!(
        shown(&mut world)["StateReason"],
        "Insufficient Data: 2 datapoints were unknown."
    );
}

#[test]
fn missing_data_is_treated_as_the_alarm_says() {
    for (treated, state) in [
        ("breaching", "ALARM"),
        ("notBreaching", "OK"),
        ("ignore", "INSUFFICIENT_DATA"),
    ] {
        let mut world = world();
        done(
            &mut world,
            "PutMetricAlarm",
            alarm(json!({ "TreatMissingData": treated })),
        );
        assert_eq!(states(&mut world, &[None]), [state], "{treated}");
    }
    let mut world = world();
    done(
        &mut world,
        "PutMetricAlarm",
        alarm(json!({ "TreatMissingData": "breaching" })),
    );
    states(&mut world, &[None]);
    assert_eq!(
        shown(&mut world)["StateReason"],
        "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints \
         were treated as [Breaching]."
    );
}

#[test]
fn some_datapoints_of_several_make_an_alarm() {
    let mut world = world();
    done(
        &mut world,
        "PutMetricAlarm",
        alarm(json!({ "DatapointsToAlarm": 2 })),
    );
    let values = [Some(60.0), Some(10.0), Some(70.0), Some(10.0), Some(10.0)];
    assert_eq!(
        states(&mut world, &values)[1..],
        ["OK", "ALARM", "OK", "OK"]
    );
    let history = done(
        &mut world,
        "DescribeAlarmHistory",
        json!({
            "AlarmName": "busy", "HistoryItemType": "StateUpdate", "ScanBy": "TimestampAscending",
        }),
    );
    let items = history["AlarmHistoryItems"].as_array().expect("a list");
    let summaries: Vec<&Value> = items.iter().map(|it| &it["HistorySummary"]).collect();
    assert_eq!(
        summaries.last(),
        Some(&&json!("Alarm updated from ALARM to OK"))
    );
    let alarmed = items[items.len() - 2]["HistoryData"]
        .as_str()
        .expect("a text");
    assert!(
        alarmed.contains("2 out of the last 3 datapoints [70.0"),
        "{alarmed}"
    );
    assert!(
        alarmed.contains("(minimum 2 datapoints for OK -> ALARM transition)"),
        "{alarmed}"
    );
}

#[test]
fn an_alarm_can_watch_an_expression() {
    let mut world = world();
    let stat = |name: &str| {
        json!({
            "Metric": {
                "Namespace": "Shop",
                "MetricName": name,
                "Dimensions": [{ "Name": "Zone", "Value": "a" }],
            },
            "Period": 60,
            "Stat": "Sum",
        })
    };
    let mut put_alarm = alarm(json!({
        "Namespace": null, "MetricName": null, "Dimensions": null, "Statistic": null, "Period": null,
        "EvaluationPeriods": 1, "Threshold": 0.5,
    }));
    put_alarm["Metrics"] = json!([
        { "Id": "errors", "MetricStat": stat("Errors"), "ReturnData": false },
        { "Id": "orders", "MetricStat": stat("Orders"), "ReturnData": false },
        { "Id": "rate", "Expression": "FILL(errors, 0) / orders" },
    ]);
    done(&mut world, "PutMetricAlarm", put_alarm);
    put(&mut world, "Errors", 0, 30.0);
    assert_eq!(states(&mut world, &[Some(40.0)]), ["ALARM"]);
    assert_eq!(states(&mut world, &[Some(40.0)]), ["OK"]);
}

#[test]
fn a_state_set_by_hand_lasts_until_the_next_look() {
    let mut world = world();
    let action = "arn:aws:sns:us-east-1:123456789012:mail";
    done(
        &mut world,
        "PutMetricAlarm",
        alarm(json!({ "AlarmActions": [action] })),
    );
    states(&mut world, &[Some(1.0)]);
    let set = json!({ "AlarmName": "busy", "StateValue": "ALARM", "StateReason": "a test" });
    done(&mut world, "SetAlarmState", set);
    assert_eq!(shown(&mut world)["StateReason"], "a test");
    assert_eq!(states(&mut world, &[Some(1.0)]), ["OK"]);
    let history = done(
        &mut world,
        "DescribeAlarmHistory",
        json!({ "HistoryItemType": "Action" }),
    );
    let summary = format!("Successfully executed action {action}");
    assert_eq!(
        history["AlarmHistoryItems"][0]["HistorySummary"],
        summary.as_str()
    );
    let missing = json!({ "AlarmName": "no", "StateValue": "OK", "StateReason": "" });
    assert_eq!(
        refused(ask(&mut world, "SetAlarmState", missing)).0,
        "ResourceNotFound"
    );
    let broken = json!({
        "AlarmName": "busy", "StateValue": "OK", "StateReason": "", "StateReasonData": "{",
    });
    assert_eq!(
        refused(ask(&mut world, "SetAlarmState", broken)).0,
        "InvalidFormat"
    );
}

#[test]
fn a_composite_alarm_follows_its_children() {
    let mut world = world();
    done(
        &mut world,
        "PutMetricAlarm",
        alarm(json!({ "EvaluationPeriods": 1 })),
    );
    let rule = "ALARM(\"busy\") AND NOT (OK(busy) OR FALSE)";
    done(
        &mut world,
        "PutCompositeAlarm",
        json!({ "AlarmName": "all", "AlarmRule": rule }),
    );
    let state = |world: &mut World| {
        let types = json!({ "AlarmTypes": ["CompositeAlarm"] });
        done(world, "DescribeAlarms", types)["CompositeAlarms"][0]["StateValue"].clone()
    };
    assert_eq!(state(&mut world), "OK");
    states(&mut world, &[Some(70.0)]);
    assert_eq!(state(&mut world), "ALARM");
    let children = done(
        &mut world,
        "DescribeAlarms",
        json!({ "ChildrenOfAlarmName": "all" }),
    );
    assert_eq!(children["MetricAlarms"][0]["AlarmName"], "busy");
    let unknown = json!({ "AlarmName": "x", "AlarmRule": "ALARM(no)" });
    assert_eq!(
        refused(ask(&mut world, "PutCompositeAlarm", unknown)).0,
        "ValidationError"
    );
}
