//! The account's quotas.

use super::refusal::paged;
use crate::{Action, Answer, Input, World};
use serde_json::{Value, json};

const LIMITS: [(&str, &str); 13] = [
    ("application-load-balancers", "50"),
    ("targets-per-application-load-balancer", "1000"),
    ("listeners-per-application-load-balancer", "50"),
    ("rules-per-application-load-balancer", "100"),
    ("certificates-per-application-load-balancer", "25"),
    ("target-groups-per-action-on-application-load-balancer", "5"),
    ("network-load-balancers", "50"),
    ("targets-per-network-load-balancer", "3000"),
    ("listeners-per-network-load-balancer", "50"),
    (
        "targets-per-availability-zone-per-network-load-balancer",
        "500",
    ),
    ("target-groups", "3000"),
    ("targets-per-target-group", "1000"),
    (
        "target-id-registrations-per-application-load-balancer",
        "1000",
    ),
];

pub(super) fn actions() -> Vec<Action> {
    vec![Action::new("DescribeAccountLimits", describe)]
}

fn describe(_: &mut World, input: &Input) -> Answer {
    let limit = |(name, max): &(&str, &str)| json!({ "Name": name, "Max": max });
    let shown: Vec<Value> = LIMITS.iter().map(limit).collect();
    paged(&shown, input, "Limits")
}
