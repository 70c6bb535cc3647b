//! What it takes to change a service.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::DocumentKind;
use super::habits::{LEFT_TO_OTHERS, NEVER_SHOWN, STARTS_DEPLOYMENT};
use super::normalise::Context;
use super::schema::{Member, Schema, Shape, schema};

/// Tells whether `UpdateService` takes the member at all.
///
/// What it does not take (`launchType`, `schedulingStrategy`, `role`) needs another
/// service; `tags` have calls of their own.
pub fn can_update(member: &str) -> bool {
    schema().updatable.contains(member)
}

/// Tells whether a change of the member replaces the service's tasks.
///
/// A change of `capacityProviderStrategy` must be sent with `forceNewDeployment`.
pub fn starts_deployment(member: &str) -> bool {
    STARTS_DEPLOYMENT.contains(&member)
}

/// Gives a wanted service what its spec leaves to AWS or to another controller.
///
/// Where the spec is silent, the desired count, the rebalancing of zones and the
/// launch type or strategy are as observed: AWS copies a cluster's default strategy
/// into the service for good. What AWS never shows (`role`, `clientToken`, and
/// `cluster` unless the observer adds it) is left out of the comparison.
pub fn inherit(desired: &mut Value, observed: &Value) {
    let (Value::Object(desired), Value::Object(observed)) = (desired, observed) else {
        return;
    };
    let capacity = ["launchType", "capacityProviderStrategy"];
    let names_capacity = capacity.iter().any(|member| desired.contains_key(*member));
    let silent = LEFT_TO_OTHERS
        .iter()
        .chain(capacity.iter().filter(|_| !names_capacity));
    for member in silent {
        if let (false, Some(value)) = (desired.contains_key(*member), observed.get(*member)) {
            desired.insert((*member).to_owned(), value.clone());
        }
    }
    for member in NEVER_SHOWN {
        if !observed.contains_key(*member) {
            desired.remove(*member);
        }
    }
}

/// Finds the members to send so that the observed service becomes the wanted one.
///
/// Both are in normal form. AWS keeps what a request leaves out, so what only the
/// observed service has is sent at its default, and a list as an empty list. A member
/// that has no way back to absence is null.
pub fn changes(desired: &Value, observed: &Value) -> Map<String, Value> {
    let (Value::Object(desired), Value::Object(observed)) = (desired, observed) else {
        return Map::new();
    };
    let schema = schema();
    let change = Change {
        schema,
        context: Context::of(desired),
    };
    let members = schema.document(DocumentKind::Service);
    members
        .iter()
        .filter(|(name, _)| desired.get(*name) != observed.get(*name))
        .map(|(name, member)| {
            let value = change.member(member, desired.get(name), observed.get(name));
            (name.clone(), value.unwrap_or(Value::Null))
        })
        .collect()
}

struct Change {
    schema: &'static Schema,
    context: Context,
}

impl Change {
    /// Writes out what turns the observed value into the wanted one.
    fn member(
        &self,
        member: &Member,
        desired: Option<&Value>,
        observed: Option<&Value>,
    ) -> Option<Value> {
        let nothing = Map::new();
        match (self.schema.of(member), desired, observed) {
            (
                Shape::Object(members),
                Some(Value::Object(desired)),
                Some(Value::Object(observed)),
            ) => self.members(members, desired, observed),
            (Shape::Object(members), None, Some(Value::Object(observed))) => {
                if members
                    .values()
                    .any(|member| member.required && member.default.is_none())
                {
                    return None;
                }
                // What is off is off by the members that it must have.
                let has_switch = members.values().any(|member| member.is_switch);
                let observed = if has_switch { &nothing } else { observed };
                self.members(members, &nothing, observed)
            }
            (_, Some(desired), _) => Some(desired.clone()),
            (Shape::List { .. }, None, _) => Some(Value::Array(Vec::new())),
            (_, None, _) => self.context.value(member.default?),
        }
    }

    fn members(
        &self,
        members: &BTreeMap<String, Member>,
        desired: &Map<String, Value>,
        observed: &Map<String, Value>,
    ) -> Option<Value> {
        let written: Map<String, Value> = members
            .iter()
            .filter(|(name, member)| {
                member.required || desired.contains_key(*name) || observed.contains_key(*name)
            })
            .filter_map(|(name, member)| {
                let value = self.member(member, desired.get(name), observed.get(name))?;
                Some((name.clone(), value))
            })
            .collect();
        (!written.is_empty()).then_some(Value::Object(written))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{DocumentKind, normalise};
    use super::{can_update, changes, inherit, starts_deployment};

    fn check(desired: Value, observed: Value, sent: Value) {
        let normal = |document| normalise(DocumentKind::Service, document);
        let mut desired = normal(desired);
        let observed = normal(observed);
        inherit(&mut desired, &observed);
        assert_eq!(Value::Object(changes(&desired, &observed)), sent);
    }

    #[test]
    fn what_is_no_longer_wanted_is_sent_at_its_default() {
        check(
            json!({"enableExecuteCommand": false}),
            json!({"enableExecuteCommand": true, "loadBalancers": [{"containerName": "web"}]}),
            json!({"enableExecuteCommand": false, "loadBalancers": []}),
        );
        check(
            json!({"deploymentConfiguration": {"minimumHealthyPercent": 50}}),
            json!({"deploymentConfiguration": {
                "maximumPercent": 150, "minimumHealthyPercent": 50,
                "deploymentCircuitBreaker": {"enable": true, "rollback": true,
                    "thresholdConfiguration": {"type": "COUNT", "value": 3}},
            }}),
            json!({"deploymentConfiguration": {
                "maximumPercent": 200, "minimumHealthyPercent": 50,
                "deploymentCircuitBreaker": {"enable": false, "rollback": false},
            }}),
        );
        check(
            json!({}),
            json!({"serviceConnectConfiguration": {"enabled": true, "namespace": "shop"}}),
            json!({"serviceConnectConfiguration": {"enabled": false}}),
        );
        check(
            json!({"schedulingStrategy": "DAEMON"}),
            json!({"schedulingStrategy": "DAEMON",
                   "deploymentConfiguration": {"maximumPercent": 150}}),
            json!({"deploymentConfiguration": {"maximumPercent": 100}}),
        );
    }

    #[test]
    fn what_has_no_way_back_is_null() {
        check(
            json!({"capacityProviderStrategy": [{"capacityProvider": "spot", "weight": 1}]}),
            json!({"launchType": "EC2"}),
            json!({
                "capacityProviderStrategy": [{"capacityProvider": "spot", "weight": 1}],
                "launchType": null,
            }),
        );
    }

    #[test]
    fn what_the_spec_leaves_to_others_never_differs() {
        check(
            json!({"serviceName": "web", "role": "ecsServiceRole", "cluster": "shop"}),
            json!({
                "serviceName": "web", "desiredCount": 7,
                "availabilityZoneRebalancing": "ENABLED",
                "capacityProviderStrategy": [{"capacityProvider": "spot", "weight": 1, "base": 0}],
                "roleArn": "arn:aws:iam::1:role/aws-service-role/ecs",
            }),
            json!({}),
        );
        check(
            json!({"desiredCount": 3, "availabilityZoneRebalancing": "DISABLED"}),
            json!({"desiredCount": 7, "availabilityZoneRebalancing": "ENABLED"}),
            json!({"desiredCount": 3, "availabilityZoneRebalancing": "DISABLED"}),
        );
    }

    #[test]
    fn every_member_says_what_its_change_takes() {
        for (member, can, starts) in [
            ("taskDefinition", true, true),
            ("capacityProviderStrategy", true, true),
            ("networkConfiguration", true, true),
            ("desiredCount", true, false),
            ("deploymentConfiguration", true, false),
            ("placementStrategy", true, false),
            ("launchType", false, false),
            ("schedulingStrategy", false, false),
            ("serviceName", false, false),
            ("tags", false, false),
        ] {
            assert_eq!(
                (can_update(member), starts_deployment(member)),
                (can, starts),
                "{member}"
            );
        }
    }
}
