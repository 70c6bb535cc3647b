//! From any valid stack to any other, and from anywhere to nothing.

use crate::{
    bench::{Bench, Ended, habits},
    chance::Chance,
    generate,
    inventory::is_same,
};
use serde_json::{Value, json};
use setpoint_twin::{Caller, Input, World, service};
use std::time::Duration;

/// An account with things in it that are nobody's, or another stack's.
fn furnished(seed: u64) -> World {
    let mut world = World::new("us-east-1", seed, crate::bench::START, habits());
    let mut make =
        |service: &str, action: &str, members| make(&mut world, service, action, members);
    make("ecs", "CreateCluster", json!({"clusterName": "foreign"}));
    make(
        "ecr",
        "CreateRepository",
        json!({"repositoryName": "foreign"}),
    );
    make(
        "logs",
        "CreateLogGroup",
        json!({"logGroupName": "/ecs/foreign"}),
    );
    make(
        "logs",
        "CreateLogGroup",
        json!({
            "logGroupName": "/ecs/another", "tags": {"setpoint:stack": "another"},
        }),
    );
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
    }]});
    make(
        "iam",
        "CreateRole",
        json!({
            "RoleName": "foreign", "AssumeRolePolicyDocument": trust.to_string(),
        }),
    );
    make(
        "ec2",
        "CreateSecurityGroup",
        json!({"GroupName": "foreign", "Description": "foreign"}),
    );
    world
}

/// Goes from one stack to another and to nothing; every third time the way there, and every fifth
/// time the way to nothing, is cut short somewhere and begun again.
async fn there_and_away(seed: u64) {
    let mut chance = Chance::new(!seed);
    let bench = Bench::of(furnished(seed));
    let before = bench.inventory();
    let (one, other) = (generate::stack(2 * seed), generate::stack(2 * seed + 1));
    bench.apply(&one).await.succeeds();
    if chance.percent(33) {
        let number = chance.below(60) as usize;
        let effect = chance.percent(50);
        let _cut_short = bench.killed_at(number, effect, bench.apply(&other)).await;
    }
    match chance.percent(20) {
        // From wherever that is.
        true => {}
        false => {
            reach(&bench, &other).await;
            bench.is_applied(&other).await;
        }
    }
    if chance.percent(20) {
        let number = chance.below(40) as usize;
        let effect = chance.percent(50);
        let _cut_short = bench.killed_at(number, effect, bench.destroy(&other)).await;
    }
    let ended = bench.destroy(&other).await;
    assert!(matches!(&ended, Ended::Reported(_)), "there is no plan");
    ended.succeeds();
    let after = bench.inventory();
    is_same(&after, &before, "after everything was destroyed");
}

/// Applies a stack. A security group that instances were launched with cannot go before they do:
/// that is told with the way out, and once the instances are replaced the next run finishes.
async fn reach(bench: &Bench, text: &str) {
    let report = bench.apply(text).await.report();
    if report.is_success() {
        return;
    }
    for (address, err) in &report.failed {
        let told = std::error::Error::source(err).map(ToString::to_string);
        let told = told.unwrap_or_else(|| err.to_string());
        let is_held = address.kind.0 == "securityGroup"
            && told.contains("an instance keeps the security groups it was launched with");
        assert!(is_held, "{address}: {told}");
    }
    bench.twin.change(|world| {
        let groups: Vec<String> = world.autoscaling.groups.keys().cloned().collect();
        for group in groups {
            let members = json!({
                "AutoScalingGroupName": group,
                "Preferences": {"MinHealthyPercentage": 0, "ScaleInProtectedInstances": "Refresh"},
            });
            make(world, "autoscaling", "StartInstanceRefresh", members);
        }
    });
    tokio::time::sleep(Duration::from_secs(3600)).await;
    bench.apply(text).await.succeeds();
}

fn make(world: &mut World, service: &str, action: &str, members: Value) {
    let input = Input {
        service: service.into(),
        action: action.into(),
        caller: Caller::default(),
        members: members.as_object().cloned().unwrap_or_default(),
    };
    service::run(world, &input).unwrap_or_else(|err| panic!("{action}: {err}"));
}

/// Seeds of which every `of`th, from `from` on, is this test's.
async fn seeds(from: u64, of: u64) {
    let mut seed = from;
    while seed < SEEDS {
        println!("seed {seed}");
        there_and_away(seed).await;
        seed += of;
    }
}

/// How many pairs of stacks are gone through.
const SEEDS: u64 = 2000;

#[tokio::test(start_paused = true)]
async fn from_any_stack_to_any_other_and_to_nothing() {
    seeds(0, 2).await;
}

#[tokio::test(start_paused = true)]
async fn from_any_stack_to_any_other_and_to_nothing_again() {
    seeds(1, 2).await;
}
