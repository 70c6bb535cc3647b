//! How alarms are made, found and deleted.

use super::*;
use crate::service::cloudwatch;

#[test]
fn an_alarm_that_is_overwritten_keeps_its_state() {
    let mut world = world();
    done(
        &mut world,
        "PutMetricAlarm",
        alarm(json!({ "AlarmDescription": "old" })),
    );
    states(&mut world, &[Some(60.0), Some(60.0), Some(60.0)]);
    done(
        &mut world,
        "PutMetricAlarm",
        alarm(json!({ "Threshold": 99.0 })),
    );
    let now = shown(&mut world);
    assert_eq!(
        (&now["StateValue"], &now["Threshold"]),
        (&json!("ALARM"), &json!(99.0))
    );
    assert_eq!(now.get("AlarmDescription"), None);
    assert_eq!(states(&mut world, &[Some(60.0)]), ["OK"]);
}

#[test]
fn alarms_that_cannot_work_are_refused() {
    let mut world = world();
    for (more, text) in [
        (json!({ "Period": 45 }), "eriod"),
        (json!({ "Statistic": null }), "Statistic"),
        (json!({ "ExtendedStatistic": "p90" }), "Statistic"),
        (json!({ "Threshold": null }), "Threshold"),
        (json!({ "DatapointsToAlarm": 4 }), "DatapointsToAlarm"),
        (json!({ "EvaluationPeriods": 1441 }), "86400"),
        (json!({ "TreatMissingData": "fine" }), "TreatMissingData"),
        (json!({ "AlarmActions": ["mail"] }), "arn"),
        (json!({ "Metrics": [] }), "together"),
    ] {
        let refusal = refused(ask(&mut world, "PutMetricAlarm", alarm(more)));
        assert_eq!(refusal.0, "ValidationError");
        assert!(refusal.1.contains(text), "{}", refusal.1);
    }
}

#[test]
fn alarms_are_found_by_what_they_are() {
    let mut world = world();
    for name in ["a1", "a2", "b1"] {
        let action = format!("arn:aws:sns:us-east-1:123456789012:{name}");
        let named = json!({ "AlarmName": name, "AlarmActions": [action] });
        done(&mut world, "PutMetricAlarm", alarm(named));
    }
    let mut names = |asked: Value| -> Vec<String> {
        let found = done(&mut world, "DescribeAlarms", asked);
        let found = found["MetricAlarms"].as_array().expect("a list");
        found
            .iter()
            .filter_map(|it| it["AlarmName"].as_str())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(names(json!({ "AlarmNamePrefix": "a" })), ["a1", "a2"]);
    assert_eq!(
        names(json!({ "ActionPrefix": "arn:aws:sns:us-east-1:123456789012:b" })),
        ["b1"]
    );
    assert_eq!(names(json!({ "StateValue": "OK" })), [""; 0]);
    assert_eq!(names(json!({ "MaxRecords": 2 })), ["a1", "a2"]);
    let metric = json!({
        "Namespace": "Shop",
        "MetricName": "Orders",
        "Dimensions": [{ "Name": "Zone", "Value": "a" }],
        "Statistic": "Average",
    });
    let found = done(&mut world, "DescribeAlarmsForMetric", metric);
    assert_eq!(found["MetricAlarms"].as_array().map(Vec::len), Some(3));
    done(
        &mut world,
        "DisableAlarmActions",
        json!({ "AlarmNames": ["a1", "no"] }),
    );
    let first = done(
        &mut world,
        "DescribeAlarms",
        json!({ "AlarmNames": ["a1"] }),
    );
    assert_eq!(first["MetricAlarms"][0]["ActionsEnabled"], false);
    let some = ask(
        &mut world,
        "DeleteAlarms",
        json!({ "AlarmNames": ["a1", "no"] }),
    );
    assert_eq!(refused(some).0, "ResourceNotFound");
    let left = done(&mut world, "DescribeAlarms", json!({}));
    assert_eq!(left["MetricAlarms"].as_array().map(Vec::len), Some(2));
}

#[test]
fn alarms_have_tags() {
    let mut world = world();
    let tags = json!({ "Tags": [{ "Key": "team", "Value": "a" }] });
    done(&mut world, "PutMetricAlarm", alarm(tags.clone()));
    let arn = shown(&mut world)["AlarmArn"].clone();
    let more = json!({ "ResourceARN": arn, "Tags": [{ "Key": "x", "Value": "y" }] });
    done(&mut world, "TagResource", more);
    done(
        &mut world,
        "UntagResource",
        json!({ "ResourceARN": arn, "TagKeys": ["x"] }),
    );
    let listed = done(
        &mut world,
        "ListTagsForResource",
        json!({ "ResourceARN": arn }),
    );
    assert_eq!(listed, tags);
    assert_eq!(cloudwatch::tagged(&world).len(), 1);
    let missing = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:no";
    let missing = ask(
        &mut world,
        "ListTagsForResource",
        json!({ "ResourceARN": missing }),
    );
    assert_eq!(refused(missing).0, "ResourceNotFoundException");
}

#[test]
fn a_deleted_alarm_is_looked_at_no_more() {
    let mut world = world();
    done(&mut world, "PutMetricAlarm", alarm(json!({})));
    assert!(world.agenda.next().is_some());
    done(
        &mut world,
        "DeleteAlarms",
        json!({ "AlarmNames": ["busy"] }),
    );
    let mut other = self::world();
    world.advance(START + MINUTE * 2);
    other.advance(START + MINUTE * 2);
    assert_eq!(world.agenda.next(), other.agenda.next());
}
