//! A whole stack as it may be written, for its schema. The reader takes it section by section.

use super::{capacity, identity, images, instances, load, network, scaling};
use crate::kind::Tags;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One file of a stack: a service on Amazon ECS and everything it needs, as `setpoint` keeps it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub(crate) struct Written {
    /// The stack's name, which marks what it owns: letters, digits, `-` and `_`.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"), example = &"flash-sale")]
    name: Option<String>,
    /// The region. The command line goes over it.
    #[schemars(example = &"us-east-1")]
    region: Option<String>,
    /// The only account it may touch, twelve digits.
    #[serde(default)]
    #[schemars(schema_with = "account")]
    account: Option<String>,
    /// Tags for everything in the stack.
    #[serde(default)]
    tags: Tags,
    /// Values that stand for `${var.NAME}`, which `--var` and `--var-file` go over.
    #[serde(default)]
    vars: BTreeMap<String, Value>,
    /// The VPC and subnets where nothing else is said.
    network: Option<network::Network>,
    /// What the stack uses and does not own: by section, the names.
    #[serde(default)]
    #[schemars(example = serde_json::json!({ "roles": ["deployer"] }))]
    existing: BTreeMap<String, Vec<String>>,
    /// Amazon ECR repositories, by name.
    #[serde(default)]
    repositories: BTreeMap<String, Option<network::WrittenRepository>>,
    /// Images that are built from a folder and pushed, by name.
    #[serde(default)]
    images: BTreeMap<String, images::WrittenImage>,
    /// IAM roles, by name.
    #[serde(default)]
    roles: BTreeMap<String, identity::WrittenRole>,
    /// Instance profiles, by name.
    #[serde(default)]
    instance_profiles: BTreeMap<String, identity::WrittenProfile>,
    /// CloudWatch Logs log groups, by name.
    #[serde(default)]
    log_groups: BTreeMap<String, Option<network::WrittenLogGroup>>,
    /// Security groups, by name.
    #[serde(default)]
    security_groups: BTreeMap<String, Option<network::WrittenGroup>>,
    /// EC2 launch templates, by name.
    #[serde(default)]
    launch_templates: BTreeMap<String, instances::WrittenTemplate>,
    /// Auto Scaling groups of instances, by name.
    #[serde(default)]
    auto_scaling_groups: BTreeMap<String, capacity::WrittenAutoScalingGroup>,
    /// ECS capacity providers over Auto Scaling groups, by name.
    #[serde(default)]
    capacity_providers: BTreeMap<String, capacity::WrittenProvider>,
    /// ECS clusters, by name.
    #[serde(default)]
    clusters: BTreeMap<String, Option<capacity::WrittenCluster>>,
    /// Task definitions by family: AWS's own document, or a list of pasted ones.
    #[serde(default)]
    #[schemars(schema_with = "task_definitions")]
    task_definitions: Option<Value>,
    /// Services by name: AWS's own document, or a list of pasted ones.
    #[serde(default)]
    #[schemars(schema_with = "services")]
    services: Option<Value>,
    /// Application Auto Scaling, by the service's name.
    #[serde(default)]
    scaling: BTreeMap<String, scaling::WrittenScaling>,
    /// The load that the stack is to bear.
    load: Option<load::WrittenLoad>,
    /// What is rehearsed with it.
    rehearse: Option<load::WrittenRehearsal>,
}

fn account(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "integer"], "pattern": "^[0-9]{12}$" })
}

fn task_definitions(_: &mut SchemaGenerator) -> Schema {
    by_name_or_pasted("taskDefinition")
}

fn services(_: &mut SchemaGenerator) -> Schema {
    by_name_or_pasted("service")
}

fn by_name_or_pasted(document: &str) -> Schema {
    let document = serde_json::json!({ "$ref": format!("#/$defs/{document}") });
    json_schema!({
        "anyOf": [
            { "type": "object", "additionalProperties": document },
            { "type": "array", "items": document },
        ],
    })
}
