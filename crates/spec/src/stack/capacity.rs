//! EC2 capacity: clusters with their providers, and groups.

use super::{Around, Written, Wrong};
use crate::kind::{
    AutoScalingGroup, CapacityProvider, Cluster, ClusterCapacityProviders, ManagedScaling,
    StrategyItem, Tags,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use setpoint_core::Link;
use std::collections::BTreeSet;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenCluster {
    /// Which metrics Container Insights collects; the account's default where nothing is said.
    #[serde(default)]
    #[schemars(extend("enum" = ["enabled", "enhanced", "disabled", null]))]
    container_insights: Option<String>,
    /// The capacity providers that its services may name.
    #[serde(default)]
    capacity_providers: BTreeSet<String>,
    /// Where the tasks of services run that name neither a strategy nor a launch type.
    #[serde(default)]
    default_capacity_provider_strategy: Vec<WrittenItem>,
    /// Its tags, beside those of the whole stack.
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenItem {
    /// The capacity provider, or FARGATE, or FARGATE_SPOT.
    capacity_provider: String,
    /// Its share of the tasks above the base.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1000))]
    weight: i32,
    /// How many tasks it gets before the others.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100000))]
    base: i32,
}

/// The clusters that have capacity providers.
pub(super) fn clusters_with_providers(root: &Map<String, Value>) -> BTreeSet<String> {
    let is_some = |it: &Value| it.as_array().is_some_and(|it| !it.is_empty());
    let has_any = |it: &Value| {
        is_some(&it["capacityProviders"]) || is_some(&it["defaultCapacityProviderStrategy"])
    };
    let clusters = root.get("clusters").and_then(Value::as_object);
    let clusters = clusters.into_iter().flatten();
    clusters
        .filter(|(_, it)| has_any(it))
        .map(|(name, _)| name.clone())
        .collect()
}

/// A link to a capacity provider. AWS's own two are there without being made.
pub(super) fn provider(name: &str) -> Link<CapacityProvider> {
    match name {
        "FARGATE" | "FARGATE_SPOT" => Link::is(name),
        name => Link::to(name),
    }
}

impl Written for WrittenCluster {
    type Resource = Cluster;

    fn resource(self, name: &str, around: &Around<'_>) -> Result<Cluster, Vec<Wrong>> {
        let mut wrongs: Vec<Wrong> = name_problem("cluster", name).into_iter().collect();
        if let Some(insights) = &self.container_insights
            && !["enabled", "enhanced", "disabled"].contains(&insights.as_str())
        {
            let message = format!("unknown value `{insights}`");
            let wrong = Wrong::new(["containerInsights".into()], message)
                .hint("`enabled`, `enhanced` or `disabled`");
            wrongs.push(wrong);
        }
        let strategy = &self.default_capacity_provider_strategy;
        if !strategy.is_empty() && strategy.iter().all(|it| it.weight == 0 && it.base == 0) {
            let path = ["defaultCapacityProviderStrategy".into()];
            let wrong = Wrong::new(path, "no provider of the strategy has a weight");
            wrongs.push(wrong.hint("- { capacityProvider: <name>, weight: 1 }"));
        }
        if let Some(provider) = self.capacity_providers.iter().find(|it| it.is_empty()) {
            let message = format!("`{provider}` is no name for a capacity provider");
            wrongs.push(Wrong::new(["capacityProviders".into()], message));
        }
        match wrongs.is_empty() {
            true => Ok(Cluster {
                container_insights: self.container_insights,
                tags: around.tagged(self.tags),
            }),
            false => Err(wrongs),
        }
    }
}

/// The part of a cluster that says which capacity it has. Its mistakes are told with the cluster's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenProviders {
    #[serde(default, deserialize_with = "lenient")]
    capacity_providers: BTreeSet<String>,
    #[serde(default, deserialize_with = "lenient")]
    default_capacity_provider_strategy: Vec<WrittenItem>,
}

/// What cannot be read here was told when the cluster itself was read.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::de::DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

impl Written for WrittenProviders {
    type Resource = ClusterCapacityProviders;

    fn resource(self, name: &str, _: &Around<'_>) -> Result<ClusterCapacityProviders, Vec<Wrong>> {
        let items = self.default_capacity_provider_strategy.into_iter();
        let strategy: BTreeSet<StrategyItem> = items
            .map(|it| StrategyItem {
                capacity_provider: provider(&it.capacity_provider),
                weight: it.weight,
                base: it.base,
            })
            .collect();
        let named = strategy.iter().map(|it| it.capacity_provider.clone());
        let providers = self.capacity_providers.iter().map(|it| provider(it));
        Ok(ClusterCapacityProviders {
            cluster: Link::to(name),
            capacity_providers: providers.chain(named).collect(),
            default_strategy: strategy,
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenProvider {
    /// The group that it scales. No two providers may share one.
    auto_scaling_group: String,
    /// How ECS moves the group's desired capacity.
    #[serde(default)]
    managed_scaling: ManagedScaling,
    /// Whether instances that run tasks are protected from scale-in. The group must protect new instances, too.
    #[serde(default)]
    managed_termination_protection: bool,
    /// Whether tasks are moved away before an instance ends.
    #[serde(default = "yes")]
    managed_draining: bool,
    /// Its tags, beside those of the whole stack.
    #[serde(default)]
    tags: Tags,
}

fn yes() -> bool {
    true
}

impl Written for WrittenProvider {
    type Resource = CapacityProvider;

    fn resource(self, name: &str, around: &Around<'_>) -> Result<CapacityProvider, Vec<Wrong>> {
        let mut wrongs: Vec<Wrong> = name_problem("capacity provider", name)
            .into_iter()
            .collect();
        let lower = name.to_lowercase();
        if ["aws", "ecs", "fargate"]
            .iter()
            .any(|it| lower.starts_with(it))
        {
            let message = format!("`{name}` is no name for a capacity provider");
            let wrong = Wrong::new([], message);
            wrongs.push(wrong.hint("names that begin with aws, ecs or fargate are AWS's"));
        }
        let scaling = &self.managed_scaling;
        if !(1..=100).contains(&scaling.target_capacity) {
            let path = ["managedScaling".into(), "targetCapacity".into()];
            wrongs.push(Wrong::new(path, "the target capacity is 1 to 100 percent"));
        }
        if self.managed_termination_protection && !scaling.enabled {
            let message = "termination protection is for groups that ECS scales";
            let wrong = Wrong::new(["managedTerminationProtection".into()], message);
            wrongs.push(wrong.hint("managedScaling: { enabled: true }"));
        }
        match wrongs.is_empty() {
            true => Ok(CapacityProvider {
                auto_scaling_group: Link::to(&self.auto_scaling_group),
                managed_scaling: self.managed_scaling,
                managed_termination_protection: self.managed_termination_protection,
                managed_draining: self.managed_draining,
                tags: around.tagged(self.tags),
            }),
            false => Err(wrongs),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenAutoScalingGroup {
    /// The launch template of its instances.
    launch_template: String,
    /// Where its instances are: `default`, `tag:<key>=<value>`, or a list of subnet ids.
    #[serde(default)]
    subnets: Option<Subnets>,
    /// The fewest instances.
    #[schemars(range(min = 0))]
    min_size: i32,
    /// The most instances.
    #[schemars(range(min = 0))]
    max_size: i32,
    /// How many there are; whoever scales the group decides where nothing is said.
    #[serde(default)]
    #[schemars(range(min = 0))]
    desired_capacity: Option<i32>,
    /// Whether new instances are protected from scale-in.
    #[serde(default)]
    protect_from_scale_in: bool,
    /// Who tells whether an instance is well.
    #[serde(default = "ec2")]
    #[schemars(extend("enum" = ["EC2", "ELB", "EBS", "VPC_LATTICE"]))]
    health_check_type: String,
    /// Seconds during which a new instance's failed checks do not count.
    #[serde(default)]
    #[schemars(range(min = 0))]
    health_check_grace_period: i32,
    /// Seconds between two simple scaling activities.
    #[serde(default = "five_minutes")]
    #[schemars(range(min = 0))]
    default_cooldown: i32,
    /// Seconds until a new instance counts in metrics.
    #[serde(default)]
    #[schemars(range(min = 0))]
    default_instance_warmup: Option<i32>,
    /// Which instances go first.
    #[serde(default = "default_policy")]
    termination_policies: Vec<String>,
    /// Seconds after which an instance is replaced; 0 for never.
    #[serde(default)]
    #[schemars(range(min = 0, max = 31536000))]
    max_instance_lifetime: i32,
    /// Whether a Spot instance at risk is replaced before it is taken.
    #[serde(default)]
    capacity_rebalance: bool,
    /// Its tags, beside those of the whole stack.
    #[serde(default)]
    tags: Tags,
}

/// How subnets are named: `default`, `tag:<key>=<value>`, or ids.
#[derive(Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "`default`, `tag:<key>=<value>`, or a list of subnet ids"
)]
pub(super) enum Subnets {
    One(String),
    Many(BTreeSet<String>),
}

impl Subnets {
    /// The name under which they are looked up.
    pub(super) fn name(self) -> String {
        match self {
            Subnets::One(one) => one,
            Subnets::Many(ids) => ids.into_iter().collect::<Vec<_>>().join(","),
        }
    }
}

fn ec2() -> String {
    "EC2".into()
}

fn five_minutes() -> i32 {
    300
}

fn default_policy() -> Vec<String> {
    vec!["Default".into()]
}

impl Written for WrittenAutoScalingGroup {
    type Resource = AutoScalingGroup;

    fn resource(self, name: &str, around: &Around<'_>) -> Result<AutoScalingGroup, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        if name.contains(':') || name.len() > 255 {
            let message = format!("`{name}` is no name for an Auto Scaling group");
            wrongs.push(Wrong::new([], message).hint("255 characters at most, and no colon"));
        }
        let (min, max) = (self.min_size, self.max_size);
        if min < 0 || max < min {
            let message = format!("minSize is {min} and maxSize is {max}");
            let wrong = Wrong::new(["maxSize".into()], message);
            wrongs.push(wrong.hint("0 ≤ minSize ≤ maxSize"));
        }
        if let Some(desired) = self.desired_capacity
            && !(min..=max).contains(&desired)
        {
            let message = format!("{desired} instances are not between {min} and {max}");
            wrongs.push(Wrong::new(["desiredCapacity".into()], message));
        }
        if !wrongs.is_empty() {
            return Err(wrongs);
        }
        let subnets = self.subnets.map(Subnets::name);
        Ok(AutoScalingGroup {
            launch_template: Link::to(&self.launch_template),
            subnets: Link::to(subnets.as_deref().unwrap_or(around.subnets)),
            min_size: min,
            max_size: max,
            desired_capacity: self.desired_capacity,
            protect_from_scale_in: self.protect_from_scale_in,
            health_check_type: self.health_check_type,
            health_check_grace_period: self.health_check_grace_period,
            default_cooldown: self.default_cooldown,
            default_instance_warmup: self.default_instance_warmup,
            termination_policies: self.termination_policies,
            max_instance_lifetime: self.max_instance_lifetime,
            capacity_rebalance: self.capacity_rebalance,
            tags: around.tagged(self.tags),
        })
    }
}

/// What ECS takes for the name of a cluster or a capacity provider.
fn name_problem(what: &str, name: &str) -> Option<Wrong> {
    let inner = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    let is_name = !name.is_empty() && name.len() <= 255 && name.chars().all(inner);
    (!is_name).then(|| {
        Wrong::new([], format!("`{name}` is no name for a {what}"))
            .hint("letters, digits, `-` and `_`, 255 of them at most")
    })
}
