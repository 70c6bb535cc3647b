//! Making clusters.

use super::{Cluster, client, invalid, is_name};
use crate::{
    Answer, Grant, Input, Refusal, World,
    service::{
        ecs::{cluster, provider, settings, tagging},
        iam, tags,
    },
};
use serde_json::{Value, json};

pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let name = input.maybe("clusterName").unwrap_or("default");
    let providers = input.texts("capacityProviders");
    // The action itself knows no resources.
    let grant = providers
        .iter()
        .fold(tagging::requested(Grant::on("*"), input), |grant, it| {
            grant.with("ecs:capacity-provider", *it)
        });
    let tagged = tagging::on_create(world, input, &cluster::arn(world, name));
    [grant].into_iter().chain(tagged).collect()
}

pub(super) fn run(world: &mut World, input: &Input) -> Answer {
    let name = input.maybe("clusterName").unwrap_or("default");
    if !is_name(name) {
        return Err(invalid(match name.len() {
            1..=255 => "Identifier contains invalid characters.",
            _ => "Identifier is of invalid length.",
        }));
    }
    iam::service_linked_role(world, "ecs.amazonaws.com");
    match world.ecs.clusters.get(name).map(|it| it.status.as_str()) {
        None | Some("INACTIVE") => create(world, name, input)?,
        // What is there is answered as it is, whatever was asked for.
        Some("ACTIVE") => {}
        Some(_) => return Err(client("Cluster was not ACTIVE")),
    }
    let shown = &["SETTINGS", "CONFIGURATIONS", "TAGS", "ATTACHMENTS"];
    Ok(json!({ "cluster": super::view(world, &world.ecs.clusters[name], shown) }))
}

/// Makes a cluster where there is none, or an INACTIVE one.
pub(in crate::service::ecs) fn create(
    world: &mut World,
    name: &str,
    input: &Input,
) -> Result<(), Refusal> {
    let tags = tags::from_list(input.list("tags"));
    tags::check(&tags, "InvalidParameterException")?;
    let settings = match input.list("settings") {
        [] => {
            let insights = settings::effective(world, &input.caller.arn, "containerInsights");
            json!([{ "name": "containerInsights", "value": insights }])
        }
        settings => checked_settings(settings)?,
    };
    let mut more = json!({ "settings": settings });
    if let Some(configuration) = input.get("configuration") {
        more["configuration"] = checked_configuration(configuration)?;
    }
    if let Some(namespace) = namespace(world, input) {
        more["serviceConnectDefaults"] = json!({ "namespace": namespace });
    }
    let providers = input.texts("capacityProviders");
    let strategy = input.list("defaultCapacityProviderStrategy");
    let wanted = provider::wanted(world, name, &providers, strategy)?;
    let cluster = Cluster {
        name: name.to_owned(),
        arn: cluster::arn(world, name),
        status: "ACTIVE".into(),
        providers: Vec::new(),
        strategy: Vec::new(),
        attachments: None,
        more,
        tags,
        created_at: world.now,
    };
    world.ecs.clusters.insert(name.to_owned(), cluster);
    if !wanted.providers.is_empty() {
        let makes_some = wanted.providers.iter().any(|it| !provider::is_fargate(it));
        provider::attach(world, name, wanted);
        if let (true, Some(cluster)) = (makes_some, world.ecs.clusters.get_mut(name)) {
            cluster.status = "PROVISIONING".into();
        }
    }
    Ok(())
}

/// A cluster's settings, of which there is one.
pub(super) fn checked_settings(settings: &[Value]) -> Result<Value, Refusal> {
    for setting in settings {
        let value = setting["value"].as_str().unwrap_or_default();
        if !["enabled", "disabled", "enhanced"].contains(&value) {
            let text =
                format!("Invalid value '{value}' for the cluster setting 'containerInsights'.");
            return Err(invalid(text));
        }
    }
    if settings.len() > 1 {
        return Err(invalid("Duplicate cluster settings are not allowed."));
    }
    Ok(Value::from(settings))
}

/// How commands are logged that are executed in containers: DEFAULT unless said otherwise.
pub(super) fn checked_configuration(configuration: &Value) -> Result<Value, Refusal> {
    let mut configuration = configuration.clone();
    if let Some(execute) = configuration.get_mut("executeCommandConfiguration") {
        let overrides = execute["logging"] == "OVERRIDE";
        let has_logs = execute.get("logConfiguration").is_some();
        if overrides != has_logs {
            return Err(invalid(match overrides {
                true => "A log configuration is required when logging is set to OVERRIDE.",
                false => "A log configuration needs logging to be set to OVERRIDE.",
            }));
        }
        if execute.get("logging").is_none() {
            execute["logging"] = json!("DEFAULT");
        }
    }
    Ok(configuration)
}

/// The ARN of the namespace that the input names, which AWS Cloud Map makes if need be.
pub(super) fn namespace(world: &mut World, input: &Input) -> Option<String> {
    let named = input.get("serviceConnectDefaults")?["namespace"].as_str()?;
    match named {
        "" => None,
        arn if arn.starts_with("arn:") => Some(arn.to_owned()),
        _ => {
            let id = world.ids.hex(16);
            Some(world.arn("servicediscovery", &format!("namespace/ns-{id}")))
        }
    }
}
