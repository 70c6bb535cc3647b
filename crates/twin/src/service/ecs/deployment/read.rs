//! Service deployments: the history of a service's deployments, and reading it.

use super::{
    super::service::{Service, lookup},
    breaker, summary,
};
use crate::{Answer, Grant, Input, Refusal, World, call};
use serde_json::{Value, json};

/// The called action on each resource that a member names.
pub(super) fn on_each(input: &Input, member: &str) -> Vec<Grant> {
    input.texts(member).into_iter().map(Grant::on).collect()
}

/// Opens the record of a deployment that begins; answers its ARN.
pub(super) fn open(world: &mut World, service: &Service, revision: &str) -> String {
    let id = world.ids.hex(21);
    let arn = world.arn("ecs", &format!("service-deployment/{}/{id}", service.key()));
    let sources = service.deployments.iter().map(|it| &it.revision);
    let sources: Vec<Value> = sources.map(|it| json!({"arn": it})).collect();
    let configuration = &service.document["deploymentConfiguration"];
    let breaks = configuration["deploymentCircuitBreaker"]["enable"] == true;
    let mut record = json!({
        "serviceDeploymentArn": arn,
        "serviceArn": service.arn,
        "clusterArn": lookup::cluster_arn(world, &service.cluster),
        "createdAt": world.now.value(),
        "startedAt": world.now.value(),
        "updatedAt": world.now.value(),
        "sourceServiceRevisions": sources,
        "targetServiceRevision": {"arn": revision},
        "status": "IN_PROGRESS",
        "deploymentConfiguration": configuration,
        "deploymentCircuitBreaker": {
            "status": if breaks { "MONITORING" } else { "DISABLED" },
            "failureCount": 0,
            "threshold": breaker::threshold(service),
        },
    });
    let alarms = &configuration["alarms"];
    if alarms.is_object() {
        let watched = alarms["enable"] == true;
        record["alarms"] = json!({
            "status": if watched { "MONITORING" } else { "DISABLED" },
            "alarmNames": alarms["alarmNames"],
            "triggeredAlarmNames": [],
        });
    }
    world.ecs.service_deployments.insert(arn.clone(), record);
    arn
}

/// Changes the record of a deployment.
pub(super) fn note(world: &mut World, arn: &str, change: impl FnOnce(&mut Value)) {
    let now = world.now;
    if let Some(record) = world.ecs.service_deployments.get_mut(arn) {
        change(record);
        record["updatedAt"] = now.value();
    }
}

/// Ends the record of a deployment.
pub(super) fn close(world: &mut World, arn: &str, status: &str, reason: &str) {
    let now = world.now;
    note(world, arn, |record| {
        record["status"] = json!(status);
        record["finishedAt"] = now.value();
        if status == "STOPPED" {
            record["stoppedAt"] = now.value();
        }
        if !reason.is_empty() {
            record["statusReason"] = json!(reason);
        }
        for monitor in ["deploymentCircuitBreaker", "alarms"] {
            if record[monitor]["status"] == "MONITORING" {
                record[monitor]["status"] = json!("MONITORING_COMPLETE");
            }
        }
    });
}

fn refuse<T>(text: &str) -> Result<T, Refusal> {
    Err(Refusal::new("InvalidParameterException", text))
}

pub(super) fn list_service_deployments(world: &mut World, input: &Input) -> Answer {
    let service = lookup::service(world, input)?;
    let limit = input.integer("maxResults").unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return refuse("maxResults must be between 1 and 100.");
    }
    let asked = input.texts("status");
    let created = input.get("createdAt").unwrap_or(&Value::Null);
    let within = |record: &&Value| {
        let at = record["createdAt"].as_f64().unwrap_or_default();
        created["after"].as_f64().is_none_or(|it| at >= it)
            && created["before"].as_f64().is_none_or(|it| at <= it)
    };
    let mut found: Vec<&Value> = world
        .ecs
        .service_deployments
        .values()
        .filter(|it| it["serviceArn"] == *service.arn)
        .filter(|it| asked.is_empty() || asked.iter().any(|asked| it["status"] == *asked))
        .filter(within)
        .collect();
    let at = |record: &Value| record["createdAt"].as_f64().unwrap_or_default();
    found.sort_by(|one, other| at(other).total_cmp(&at(one)));
    let all: Vec<Value> = found.into_iter().map(brief).collect();
    let Some((page, next)) = call::page(&all, input.maybe("nextToken"), limit as usize) else {
        return refuse("Invalid token.");
    };
    Ok(call::object([
        ("serviceDeployments", Some(json!(page))),
        ("nextToken", next.map(Value::from)),
    ]))
}

fn brief(record: &Value) -> Value {
    let mut brief = json!({"targetServiceRevisionArn": record["targetServiceRevision"]["arn"]});
    let members = [
        "serviceDeploymentArn",
        "serviceArn",
        "clusterArn",
        "startedAt",
        "createdAt",
        "finishedAt",
        "status",
        "statusReason",
    ];
    super::copy(record, &mut brief, &members);
    brief
}

pub(super) fn describe_service_deployments(world: &mut World, input: &Input) -> Answer {
    let show = |arn: &str| {
        let record = world.ecs.service_deployments.get(arn)?;
        Some(shown(world, record))
    };
    describe(input, "serviceDeploymentArns", "serviceDeployments", show)
}

pub(super) fn describe_service_revisions(world: &mut World, input: &Input) -> Answer {
    let show = |arn: &str| world.ecs.service_revisions.get(arn).cloned();
    describe(input, "serviceRevisionArns", "serviceRevisions", show)
}

fn describe(
    input: &Input,
    asked: &str,
    answered: &str,
    show: impl Fn(&str) -> Option<Value>,
) -> Answer {
    let arns = input.texts(asked);
    if arns.is_empty() || arns.len() > 20 {
        return refuse(&format!("{asked} must contain between 1 and 20 ARNs."));
    }
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for arn in arns {
        match show(arn) {
            Some(record) => found.push(record),
            None => failures.push(json!({"arn": arn, "reason": "MISSING"})),
        }
    }
    Ok(json!({answered: found, "failures": failures}))
}

/// A record with the counts of now.
fn shown(world: &World, record: &Value) -> Value {
    let mut shown = record.clone();
    let owner = record["serviceArn"].as_str().unwrap_or_default();
    let mut services = world.ecs.services.values();
    let Some(service) = services.find(|it| it.arn == owner) else {
        return shown;
    };
    let counted =
        |revision: &Value| summary(world, service, revision["arn"].as_str().unwrap_or_default());
    let sources = record["sourceServiceRevisions"].as_array();
    shown["sourceServiceRevisions"] = sources.into_iter().flatten().map(counted).collect();
    shown["targetServiceRevision"] = counted(&record["targetServiceRevision"]);
    let going = service.deployments.iter().find(|it| {
        record["serviceDeploymentArn"] == *it.service_deployment && it.rollout == "IN_PROGRESS"
    });
    if let Some(going) = going {
        shown["deploymentCircuitBreaker"]["failureCount"] = json!(going.failed);
        if let Some(hold) = &going.hold {
            shown["lifecycleStage"] = json!(hold.stage);
            shown["lifecycleHookDetails"] = json!([hold.show()]);
        }
    }
    shown
}
