//! What is told of metrics.

use super::*;

#[test]
fn statistics_are_computed_by_period() {
    let mut world = world();
    world.advance(START + MINUTE * 10);
    for (minute, value) in [(0, 1.0), (0, 3.0), (1, 5.0), (5, 100.0)] {
        put(&mut world, "Orders", minute, value);
    }
    let asked = json!({
        "Namespace": "Shop",
        "MetricName": "Orders",
        "Dimensions": [{ "Name": "Zone", "Value": "a" }],
        "StartTime": at(0),
        "EndTime": at(5),
        "Period": 60,
        "Statistics": ["Average", "Sum", "SampleCount", "Maximum"],
    });
    let points = done(&mut world, "GetMetricStatistics", asked.clone());
    assert_eq!(
        points["Datapoints"],
        json!([
            { "Timestamp": at(0), "Unit": "Count", "Average": 2.0, "Sum": 4.0, "SampleCount": 2.0, "Maximum": 3.0 },
            { "Timestamp": at(1), "Unit": "Count", "Average": 5.0, "Sum": 5.0, "SampleCount": 1.0, "Maximum": 5.0 },
        ])
    );
    let mut long = asked.clone();
    long["StartTime"] = at(-1440).into();
    let refusal = refused(ask(&mut world, "GetMetricStatistics", long));
    assert_eq!(refusal.0, "InvalidParameterCombination");
    let mut extended = asked;
    extended
        .as_object_mut()
        .expect("an object")
        .remove("Statistics");
    extended["ExtendedStatistics"] = json!(["p50"]);
    extended["Period"] = 300.into();
    let points = done(&mut world, "GetMetricStatistics", extended);
    assert_eq!(
        points["Datapoints"][0]["ExtendedStatistics"],
        json!({ "p50": 3.0 })
    );
}

#[test]
fn data_come_newest_first_and_in_pages() {
    let mut world = world();
    world.advance(START + MINUTE * 10);
    for minute in 0..4 {
        put(&mut world, "Orders", minute, minute as f64);
        put(&mut world, "Errors", minute, 1.0);
    }
    let stat = |name: &str| {
        json!({
            "Metric": {
                "Namespace": "Shop",
                "MetricName": name,
                "Dimensions": [{ "Name": "Zone", "Value": "a" }],
            },
            "Period": 60,
            "Stat": "Average",
        })
    };
    let mut asked = json!({
        "StartTime": at(0),
        "EndTime": at(10),
        "MetricDataQueries": [
            { "Id": "m1", "MetricStat": stat("Orders") },
            { "Id": "m2", "MetricStat": stat("Errors"), "ReturnData": false },
            { "Id": "e1", "Expression": "IF(m1 > 1, SUM(METRICS()) * 2, -m2)", "Label": "sum" },
        ],
    });
    let data = done(&mut world, "GetMetricData", asked.clone());
    let results = &data["MetricDataResults"];
    assert_eq!(results[0]["Values"], json!([3.0, 2.0, 1.0, 0.0]));
    assert_eq!(results[0]["Label"], "Orders");
    assert_eq!(results[0]["Timestamps"][0], at(3));
    assert_eq!(results[1]["Values"], json!([8.0, 6.0, -1.0, -1.0]));
    assert_eq!(
        (&results[1]["Label"], &results[1]["StatusCode"]),
        (&json!("sum"), &json!("Complete"))
    );
    asked["MaxDatapoints"] = 6.into();
    let first = done(&mut world, "GetMetricData", asked.clone());
    assert_eq!(first["MetricDataResults"][1]["Values"], json!([8.0, 6.0]));
    assert_eq!(first["MetricDataResults"][1]["StatusCode"], "PartialData");
    asked["NextToken"] = first["NextToken"].clone();
    let second = done(&mut world, "GetMetricData", asked.clone());
    assert_eq!(
        second["MetricDataResults"][0]["Values"],
        json!([-1.0, -1.0])
    );
    asked["MetricDataQueries"][2]["Expression"] = "SEARCH('{Shop,Zone}', 'Sum')".into();
    let refusal = refused(ask(&mut world, "GetMetricData", asked.clone()));
    assert_eq!(refusal.0, "ValidationError");
    assert!(refusal.1.contains("SEARCH"), "{}", refusal.1);
    asked["MetricDataQueries"][2]["Expression"] = "m1 + nothing".into();
    let refusal = refused(ask(&mut world, "GetMetricData", asked));
    assert!(
        refusal.1.contains("Undefined variable nothing"),
        "{}",
        refusal.1
    );
}

#[test]
fn data_that_cannot_be_are_refused() {
    let mut world = world();
    let mut refusal = |datum: Value| {
        let data = json!({ "Namespace": "Shop", "MetricData": [datum] });
        refused(ask(&mut world, "PutMetricData", data)).0
    };
    let day = 24 * 60;
    assert_eq!(
        refusal(json!({ "MetricName": "x", "Value": 1, "Timestamp": at(-15 * day) })),
        "InvalidParameterValue"
    );
    assert_eq!(
        refusal(json!({ "MetricName": "x", "Value": 1, "Timestamp": at(121) })),
        "InvalidParameterValue"
    );
    assert_eq!(refusal(json!({ "MetricName": "x" })), "MissingParameter");
    assert_eq!(
        refusal(json!({ "MetricName": "x", "Value": 1, "Values": [1] })),
        "InvalidParameterCombination"
    );
    assert_eq!(
        refusal(json!({ "MetricName": "x", "Values": [1, 2], "Counts": [1] })),
        "InvalidParameterValue"
    );
    assert_eq!(
        refusal(json!({ "MetricName": "x", "Value": 1, "StorageResolution": 5 })),
        "InvalidParameterValue"
    );
    assert!(world.cloudwatch.metrics.is_empty());
}

#[test]
fn metrics_are_listed_by_what_they_are_of() {
    let mut world = world();
    put(&mut world, "Orders", 0, 1.0);
    put(&mut world, "Errors", 0, 1.0);
    let listed = |world: &mut World, asked: Value| {
        let listed = done(world, "ListMetrics", asked);
        listed["Metrics"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(listed(&mut world, json!({})), 2);
    assert_eq!(listed(&mut world, json!({ "MetricName": "Orders" })), 1);
    let zone = json!({ "Dimensions": [{ "Name": "Zone", "Value": "b" }] });
    assert_eq!(listed(&mut world, zone), 0);
    world.advance(START + MINUTE * 181);
    assert_eq!(listed(&mut world, json!({ "RecentlyActive": "PT3H" })), 0);
    assert_eq!(listed(&mut world, json!({ "Namespace": "Shop" })), 2);
}

#[test]
fn old_data_are_kept_by_the_minute_and_then_no_longer() {
    let mut world = world();
    for second in 0..7200 {
        let datum = json!({ "MetricName": "x", "Value": 1, "StorageResolution": 1 });
        done(
            &mut world,
            "PutMetricData",
            json!({ "Namespace": "Shop", "MetricData": [datum] }),
        );
        world.advance(START + Duration::from_secs(second));
    }
    let later = |world: &mut World, hours: u32| {
        world.advance(START + MINUTE * (60 * hours));
        let datum = json!({ "MetricName": "x", "Value": 1 });
        done(
            world,
            "PutMetricData",
            json!({ "Namespace": "Shop", "MetricData": [datum] }),
        );
        let size = serde_json::to_string(&world.cloudwatch)
            .expect("it is plain")
            .len();
        let pool = world.cloudwatch.metrics["Shop\nx"].pool(None, START, START + MINUTE);
        (size, pool.map(|it| it.count))
    };
    let (fine, _) = later(&mut world, 2);
    let (coarse, count) = later(&mut world, 6);
    assert!(coarse < fine / 30, "{coarse} of {fine}");
    assert_eq!(count, Some(61.0));
    assert_eq!(later(&mut world, 30).1, None);
}
