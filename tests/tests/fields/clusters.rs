//! Clusters and which capacity they have.

use crate::row::{call, row, tags};
use crate::table::Table;
use serde_json::{Value, json};
use setpoint_tests::Boto;

fn cluster(boto: &Boto, name: &str) -> Value {
    let named = json!({"clusters": [name], "include": ["TAGS", "SETTINGS"]});
    let mut shown = boto.expect("ecs", "describe_clusters", named)["clusters"][0].take();
    shown["tags"] = tags(&shown["tags"]);
    shown
}

#[test]
fn each_field_of_a_cluster_is_planned_applied_and_held() {
    let arn = "arn:aws:ecs:us-east-1:ACCOUNT:cluster/NAME";
    let insights = |value| {
        call(
            "ecs",
            "update_cluster_settings",
            json!({"cluster": "NAME", "settings": [{"name": "containerInsights", "value": value}]}),
        )
    };
    Table {
        kind: "cluster",
        shared: &[],
        each: &[(
            "clusters",
            "  NAME: { containerInsights: disabled, tags: { color: blue } }\n",
        )],
        follower: None,
        show: cluster,
        rows: vec![
            row(
                "containerInsights",
                ("containerInsights: disabled", "containerInsights: enabled"),
                ("/settings/0/value", json!("enabled")),
                insights("disabled"),
            ),
            row(
                "containerInsights",
                ("containerInsights: disabled", "containerInsights: enhanced"),
                ("/settings/0/value", json!("enhanced")),
                insights("enabled"),
            ),
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/tags/color", json!("green")),
                call(
                    "ecs",
                    "untag_resource",
                    json!({"resourceArn": arn, "tagKeys": ["color"]}),
                ),
            ),
        ],
    }
    .check();
}

#[test]
fn each_field_of_a_clusters_capacity_is_planned_applied_and_held() {
    let put = |providers: Value, strategy: Value| {
        call(
            "ecs",
            "put_cluster_capacity_providers",
            json!({"cluster": "NAME", "capacityProviders": providers,
                   "defaultCapacityProviderStrategy": strategy}),
        )
    };
    let item =
        |base, weight| json!([{"capacityProvider": "FARGATE", "base": base, "weight": weight}]);
    Table {
        kind: "clusterCapacityProviders",
        shared: &[],
        each: &[(
            "clusters",
            "  NAME:
    capacityProviders: [FARGATE]
    defaultCapacityProviderStrategy: [{ capacityProvider: FARGATE, base: 0, weight: 1 }]
",
        )],
        follower: None,
        show: cluster,
        rows: vec![
            row(
                "capacityProviders",
                ("capacityProviders: [FARGATE]", "capacityProviders: [FARGATE, FARGATE_SPOT]"),
                ("/capacityProviders/1", json!("FARGATE_SPOT")),
                put(json!(["FARGATE"]), item(0, 1)),
            ),
            row(
                "defaultStrategy[FARGATE].weight",
                ("weight: 1", "weight: 2"),
                ("/defaultCapacityProviderStrategy/0/weight", json!(2)),
                put(json!(["FARGATE"]), item(0, 3)),
            ),
            row(
                "defaultStrategy[FARGATE].base",
                ("base: 0", "base: 1"),
                ("/defaultCapacityProviderStrategy/0/base", json!(1)),
                put(json!(["FARGATE"]), item(2, 1)),
            ),
            row(
                "defaultStrategy",
                ("defaultCapacityProviderStrategy: [{ capacityProvider: FARGATE, base: 0, weight: 1 }]", ""),
                ("/defaultCapacityProviderStrategy", json!([])),
                put(json!(["FARGATE"]), item(0, 1)),
            ),
        ],
    }
    .check();
}
