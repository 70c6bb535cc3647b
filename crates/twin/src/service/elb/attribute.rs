//! Attributes of load balancers, target groups and listeners.

use super::{
    balancer::{self, on_balancer},
    listener::{self, on_listener},
    refusal::invalid,
    target_group::{self, on_group},
};
use crate::{Action, Answer, Input, Refusal, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Attributes = BTreeMap<String, String>;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::new("DescribeLoadBalancerAttributes", describe_balancer),
        Action::on("ModifyLoadBalancerAttributes", modify_balancer, on_balancer),
        Action::new("DescribeTargetGroupAttributes", describe_group),
        Action::on("ModifyTargetGroupAttributes", modify_group, on_group),
        Action::new("DescribeListenerAttributes", describe_listener),
        Action::on("ModifyListenerAttributes", modify_listener, on_listener),
    ]
}

fn from(pairs: &[(&str, &str)]) -> Attributes {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// The attributes of a new load balancer.
pub(super) fn of_balancer(kind: &str) -> Attributes {
    let mut all = from(&[
        ("access_logs.s3.bucket", ""),
        ("access_logs.s3.enabled", "false"),
        ("access_logs.s3.prefix", ""),
        ("deletion_protection.enabled", "false"),
        ("ipv6.deny_all_igw_traffic", "false"),
        ("zonal_shift.config.enabled", "false"),
    ]);
    all.extend(match kind {
        "application" => from(&[
            ("client_keep_alive.seconds", "3600"),
            ("connection_logs.s3.bucket", ""),
            ("connection_logs.s3.enabled", "false"),
            ("connection_logs.s3.prefix", ""),
            ("health_check_logs.s3.bucket", ""),
            ("health_check_logs.s3.enabled", "false"),
            ("health_check_logs.s3.prefix", ""),
            ("idle_timeout.timeout_seconds", "60"),
            ("load_balancing.cross_zone.enabled", "true"),
            ("routing.http.desync_mitigation_mode", "defensive"),
            ("routing.http.drop_invalid_header_fields.enabled", "false"),
            ("routing.http.preserve_host_header.enabled", "false"),
            (
                "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
                "false",
            ),
            ("routing.http.xff_client_port.enabled", "false"),
            ("routing.http.xff_header_processing.mode", "append"),
            ("routing.http2.enabled", "true"),
            ("waf.fail_open.enabled", "false"),
        ]),
        _ => from(&[
            ("dns_record.client_routing_policy", "any_availability_zone"),
            ("load_balancing.cross_zone.enabled", "false"),
            ("secondary_ips.auto_assigned.per_subnet", "0"),
        ]),
    });
    all
}

/// The attributes of a new target group.
pub(super) fn of_target_group(kind: &str, protocol: &str) -> Attributes {
    if kind == "lambda" {
        return from(&[
            ("lambda.multi_value_headers.enabled", "false"),
            ("stickiness.enabled", "false"),
            ("stickiness.type", "lb_cookie"),
        ]);
    }
    let mut all = from(&[
        ("deregistration_delay.timeout_seconds", "300"),
        (
            "load_balancing.cross_zone.enabled",
            "use_load_balancer_configuration",
        ),
        ("stickiness.enabled", "false"),
        (
            "target_group_health.dns_failover.minimum_healthy_targets.count",
            "1",
        ),
        (
            "target_group_health.dns_failover.minimum_healthy_targets.percentage",
            "off",
        ),
        (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
            "1",
        ),
        (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
            "off",
        ),
    ]);
    all.extend(match protocol {
        "HTTP" | "HTTPS" => from(&[
            ("load_balancing.algorithm.anomaly_mitigation", "off"),
            ("load_balancing.algorithm.type", "round_robin"),
            ("slow_start.duration_seconds", "0"),
            ("stickiness.app_cookie.cookie_name", ""),
            ("stickiness.app_cookie.duration_seconds", "86400"),
            ("stickiness.lb_cookie.duration_seconds", "86400"),
            ("stickiness.type", "lb_cookie"),
        ]),
        _ => from(&[
            (
                "deregistration_delay.connection_termination.enabled",
                "false",
            ),
            (
                "preserve_client_ip.enabled",
                if kind == "ip" && ["TCP", "TLS"].contains(&protocol) {
                    "false"
                } else {
                    "true"
                },
            ),
            ("proxy_protocol_v2.enabled", "false"),
            ("stickiness.type", "source_ip"),
            (
                "target_health_state.unhealthy.connection_termination.enabled",
                "true",
            ),
            (
                "target_health_state.unhealthy.draining_interval_seconds",
                "0",
            ),
        ]),
    });
    all
}

/// The attributes of a new listener.
pub(super) fn of_listener(kind: &str) -> Attributes {
    match kind {
        "application" => from(&[("routing.http.response.server.enabled", "true")]),
        _ => from(&[("tcp.idle_timeout.seconds", "350")]),
    }
}

fn shown(attributes: &Attributes) -> Value {
    let pairs = attributes.iter();
    pairs
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// The attributes after a request.
fn changed(attributes: &Attributes, input: &Input) -> Result<Attributes, Refusal> {
    let mut after = attributes.clone();
    for attribute in input.list("Attributes") {
        let key = attribute["Key"].as_str().unwrap_or_default();
        let value = attribute["Value"].as_str().unwrap_or_default();
        // Header names and values of listeners are not there before they are set.
        if !attributes.contains_key(key) && !key.starts_with("routing.http.") {
            return Err(invalid(format!(
                "Load balancer attribute key '{key}' is not recognized"
            )));
        }
        check(key, value)?;
        after.insert(key.to_owned(), value.to_owned());
    }
    Ok(after)
}

fn check(key: &str, value: &str) -> Result<(), Refusal> {
    let range = match key {
        "deregistration_delay.timeout_seconds" => Some((0, 3600)),
        "idle_timeout.timeout_seconds" => Some((1, 4000)),
        "client_keep_alive.seconds" => Some((60, 604_800)),
        "stickiness.lb_cookie.duration_seconds" => Some((1, 604_800)),
        "tcp.idle_timeout.seconds" => Some((60, 6000)),
        _ => None,
    };
    let flag = key.ends_with(".enabled") && !key.starts_with("load_balancing.");
    let fits = match range {
        Some((least, most)) => {
            let number = value.parse::<i64>();
            number.is_ok_and(|it| (least..=most).contains(&it))
        }
        None => !flag || ["true", "false"].contains(&value),
    };
    match fits {
        true => Ok(()),
        false => Err(Refusal::new(
            "InvalidConfigurationRequest",
            format!("The value '{value}' of attribute '{key}' is not valid"),
        )),
    }
}

fn describe_balancer(world: &mut World, input: &Input) -> Answer {
    let balancer = balancer::named(world, input.text("LoadBalancerArn"))?;
    Ok(json!({ "Attributes": shown(&balancer.attributes) }))
}

fn modify_balancer(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("LoadBalancerArn");
    let after = changed(&balancer::named(world, arn)?.attributes, input)?;
    let answer = json!({ "Attributes": shown(&after) });
    if let Some(balancer) = world.elb.balancers.get_mut(arn) {
        balancer.attributes = after;
    }
    Ok(answer)
}

fn describe_group(world: &mut World, input: &Input) -> Answer {
    let group = target_group::named(world, input.text("TargetGroupArn"))?;
    Ok(json!({ "Attributes": shown(&group.attributes) }))
}

fn modify_group(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("TargetGroupArn");
    let after = changed(&target_group::named(world, arn)?.attributes, input)?;
    let answer = json!({ "Attributes": shown(&after) });
    if let Some(group) = world.elb.target_groups.get_mut(arn) {
        group.attributes = after;
    }
    Ok(answer)
}

fn describe_listener(world: &mut World, input: &Input) -> Answer {
    let listener = listener::named(world, input.text("ListenerArn"))?;
    Ok(json!({ "Attributes": shown(&listener.attributes) }))
}

fn modify_listener(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("ListenerArn");
    let after = changed(&listener::named(world, arn)?.attributes, input)?;
    let answer = json!({ "Attributes": shown(&after) });
    if let Some(listener) = world.elb.listeners.get_mut(arn) {
        listener.attributes = after;
    }
    Ok(answer)
}
