//! What a service's document must be like, beyond what the model says.

use super::{super::schedule::expression, fargate};
use crate::{
    Refusal, World,
    service::{ec2, elb},
};
use serde_json::Value;

fn refuse(text: impl Into<String>) -> Result<(), Refusal> {
    Err(Refusal::new("InvalidParameterException", text))
}

/// Checks a whole document against the task definition it is to run.
pub(super) fn document(world: &World, document: &Value, definition: &Value) -> Result<(), Refusal> {
    deployment(document)?;
    fargate::check(document, definition)?;
    daemon(document)?;
    placement(document)?;
    rebalancing(document)?;
    network(world, document, definition)?;
    load_balancers(world, document, definition)?;
    monitoring(document)
}

fn deployment(document: &Value) -> Result<(), Refusal> {
    if document["deploymentController"]["type"] != "ECS" {
        return Err(Refusal::new(
            "UnsupportedFeatureException",
            "Only the deployment controller ECS is available here.",
        ));
    }
    let configuration = &document["deploymentConfiguration"];
    let most = configuration["maximumPercent"].as_i64().unwrap_or(200);
    let least = configuration["minimumHealthyPercent"]
        .as_i64()
        .unwrap_or(100);
    let breaker = &configuration["deploymentCircuitBreaker"];
    let rolling = configuration["strategy"] == "ROLLING";
    let balanced = list(document, "loadBalancers").next().is_some()
        || document["serviceConnectConfiguration"]["enabled"] == true;
    match () {
        () if most < 0 || least < 0 => {
            refuse("maximumPercent and minimumHealthyPercent must be greater than or equal to 0.")
        }
        () if most < least => {
            refuse("maximumPercent must be greater than or equal to minimumHealthyPercent.")
        }
        () if rolling && most <= 100 && least >= 100 => refuse(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block \
             deployments.",
        ),
        () if breaker["thresholdConfiguration"]["value"]
            .as_i64()
            .is_some_and(|it| it < 1) =>
        {
            refuse("The value of thresholdConfiguration must be greater than 0.")
        }
        () if !rolling && !balanced => {
            refuse("The deployment strategy requires a load balancer or Service Connect.")
        }
        () => Ok(()),
    }
}

fn daemon(document: &Value) -> Result<(), Refusal> {
    if document["schedulingStrategy"] != "DAEMON" {
        return Ok(());
    }
    let has = |member: &str| list(document, member).next().is_some();
    match () {
        () if has("placementStrategy") => refuse(
            "The daemon scheduling strategy does not support placement strategies. Remove the \
             placement strategies and try again.",
        ),
        () if list(document, "placementConstraints").any(|it| it["type"] == "distinctInstance") => {
            refuse(
                "The daemon scheduling strategy does not support the distinctInstance placement \
                 constraint. Remove the constraint and try again.",
            )
        }
        () if has("capacityProviderStrategy") => refuse(
            "The daemon scheduling strategy does not support capacity provider strategies. \
             Specify a launch type and try again.",
        ),
        () if has("volumeConfigurations") => refuse(
            "The daemon scheduling strategy does not support volume configurations. Remove the \
             volume configurations and try again.",
        ),
        () => Ok(()),
    }
}

/// Checks `placementConstraints` and `placementStrategy`, of a service or a request for a task.
pub(crate) fn placement(document: &Value) -> Result<(), Refusal> {
    if list(document, "placementConstraints").count() > 10 {
        return refuse("A maximum of 10 placement constraints can be specified.");
    }
    if list(document, "placementStrategy").count() > 5 {
        return refuse("A maximum of 5 placement strategies can be specified.");
    }
    for constraint in list(document, "placementConstraints") {
        let written = constraint["expression"].as_str().unwrap_or_default();
        match constraint["type"].as_str() {
            Some("distinctInstance") if !written.is_empty() => {
                return refuse("The distinctInstance constraint does not take an expression.");
            }
            Some("memberOf") if expression::parse(written).is_none() => {
                return refuse(format!("Invalid expression: {written}"));
            }
            _ => {}
        }
    }
    for strategy in list(document, "placementStrategy") {
        let field = strategy["field"].as_str().unwrap_or_default();
        let fits = match strategy["type"].as_str() {
            Some("random") => field.is_empty(),
            Some("binpack") => matches!(field.to_lowercase().as_str(), "cpu" | "memory"),
            _ => field == "instanceId" || field == "host" || field.starts_with("attribute:"),
        };
        if !fits {
            return refuse(format!("Invalid field for the placement strategy: {field}"));
        }
    }
    Ok(())
}

/// Whether the service could be rebalanced, and if not, why.
pub(super) fn rebalancing(document: &Value) -> Result<(), Refusal> {
    if document["availabilityZoneRebalancing"] != "ENABLED" {
        return Ok(());
    }
    let most = document["deploymentConfiguration"]["maximumPercent"].as_i64();
    let reason = match () {
        () if document["schedulingStrategy"] == "DAEMON" => "the DAEMON scheduling strategy",
        () if most.is_some_and(|it| it <= 100) => "maximumPercent <= 100",
        () if !spreads_over_zones(document) => {
            "a placement strategy that does not begin with a spread over attribute:ecs.availability-zone"
        }
        () if names_zones(document) => "placement constraints with attribute:ecs.availability-zone",
        () if list(document, "loadBalancers").any(|it| it.get("loadBalancerName").is_some()) => {
            "Classic Load Balancers"
        }
        () => return Ok(()),
    };
    refuse(format!(
        "Availability Zone rebalancing does not support {reason}. Set availabilityZoneRebalancing \
         to DISABLED or change the service, and try again."
    ))
}

/// Whether a service's strategy is the default one, or begins as that does.
pub(super) fn spreads_over_zones(document: &Value) -> bool {
    list(document, "placementStrategy")
        .next()
        .is_none_or(|it| it["type"] == "spread" && it["field"] == "attribute:ecs.availability-zone")
}

/// Whether a constraint names availability zones.
pub(super) fn names_zones(document: &Value) -> bool {
    list(document, "placementConstraints").any(|it| {
        let expression = it["expression"].as_str().unwrap_or_default();
        expression.contains("attribute:ecs.availability-zone")
    })
}

/// Checks a network configuration against the definition's network mode.
pub(crate) fn network(world: &World, document: &Value, definition: &Value) -> Result<(), Refusal> {
    let written = &document["networkConfiguration"]["awsvpcConfiguration"];
    match (definition["networkMode"] == "awsvpc", written.is_object()) {
        (true, false) => {
            refuse("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
        }
        (false, true) => refuse(
            "Network Configuration is not valid for the given networkMode of this task definition.",
        ),
        (true, true) if written["assignPublicIp"] == "ENABLED" && !fargate::is_on(document) => {
            refuse("Assign public IP is not supported for this launch type.")
        }
        (true, true) => subnets(world, written),
        (false, false) => Ok(()),
    }
}

fn subnets(world: &World, network: &Value) -> Result<(), Refusal> {
    let named = list(network, "subnets").filter_map(Value::as_str);
    let mut missing = named.filter(|it| ec2::zone_of(world, it).is_none());
    match (list(network, "subnets").next(), missing.next()) {
        (None, _) => refuse("subnets can not be empty."),
        (_, Some(missing)) => refuse(format!(
            "Error retrieving subnet information for [{missing}]: The subnet ID '{missing}' does \
             not exist (ErrorCode: InvalidSubnetID.NotFound)"
        )),
        _ => Ok(()),
    }
}

fn load_balancers(world: &World, document: &Value, definition: &Value) -> Result<(), Refusal> {
    for balancer in list(document, "loadBalancers") {
        let Some(group) = balancer["targetGroupArn"].as_str() else {
            return refuse("A load balancer of a service here needs a targetGroupArn.");
        };
        container(balancer, definition)?;
        match elb::is_attached(world, group) {
            Some(true) => {}
            Some(false) => {
                return refuse(format!(
                    "The target group with targetGroupArn {group} does not have an associated \
                     load balancer."
                ));
            }
            None => {
                return refuse(format!(
                    "The target group with targetGroupArn {group} does not exist."
                ));
            }
        }
    }
    Ok(())
}

fn container(balancer: &Value, definition: &Value) -> Result<(), Refusal> {
    let name = balancer["containerName"].as_str().unwrap_or_default();
    let port = balancer["containerPort"].as_i64().unwrap_or_default();
    let mut containers = list(definition, "containerDefinitions");
    let Some(container) = containers.find(|it| it["name"] == name) else {
        return refuse(format!(
            "The container {name} does not exist in the task definition."
        ));
    };
    match list(container, "portMappings").any(|it| it["containerPort"] == port) {
        true => Ok(()),
        false => refuse(format!(
            "The container {name} did not have a container port {port} defined."
        )),
    }
}

fn monitoring(document: &Value) -> Result<(), Refusal> {
    for metric in list(&document["monitoring"], "metricConfigurations") {
        let resolution = metric["resolutionSeconds"].as_i64();
        if !matches!(resolution, Some(20 | 60)) {
            return refuse("resolutionSeconds must be 20 or 60.");
        }
        let known = |it: &Value| it == "CPUUtilization" || it == "MemoryUtilization";
        if !list(metric, "metricNames").all(known) {
            return refuse("metricNames can be CPUUtilization and MemoryUtilization.");
        }
    }
    Ok(())
}

fn list<'a>(of: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    of[member].as_array().into_iter().flatten()
}
