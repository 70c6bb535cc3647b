use super::{
    CapacityProvider, Cluster, ClusterCapacityProviders, SecurityGroup, Tags, TaskDefinition,
};
use crate::{
    Linked, Slot,
    document::{DocumentKind, can_update, changes, inherit, starts_deployment},
};
use serde::Serialize;
use serde_json::{Map, Value};
use setpoint_core::{AnyLink, Kind, Resource};

/// An ECS service. Its handle is `service/<cluster>/<service>`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Service {
    /// `CreateServiceRequest` without its tags; `cluster` is the cluster's name.
    #[serde(flatten)]
    pub document: Linked,
    /// Its tags.
    pub tags: Tags,
    /// Whether an autoscaler moves its desired count. Not part of what AWS knows of it.
    #[serde(skip)]
    pub autoscaled: Autoscaled,
}

/// Whether a service's desired count is the autoscaler's. It says nothing about the service, so any
/// two are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Autoscaled(pub bool);

impl PartialEq for Autoscaled {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Service {
    /// A service as `DescribeServices` shows it, with `cluster` and `taskDefinition` as handles.
    pub fn observed(document: Value, tags: Tags) -> Service {
        let slots = held(&document);
        Service {
            document: Linked::new(DocumentKind::Service, document, slots),
            tags,
            autoscaled: Autoscaled::default(),
        }
    }

    /// The request that makes it, in normal form.
    pub fn request(&self) -> Value {
        self.document.value()
    }

    /// The members that `UpdateService` must be sent, and whether they start a deployment.
    pub fn changes(&self, observed: &Service) -> (Map<String, Value>, bool) {
        let mut changed = changes(&self.document.value(), &observed.document.value());
        changed.retain(|member, _| can_update(member) && member != "cluster");
        let rolls = changed.keys().any(|member| starts_deployment(member));
        (changed, rolls)
    }
}

fn held(document: &Value) -> Vec<Slot> {
    let mut slots = Vec::new();
    if let Some(cluster) = document["cluster"].as_str() {
        slots.push(Slot::is("/cluster", Cluster::KIND, cluster));
        slots.push(Slot::is("", ClusterCapacityProviders::KIND, cluster));
    }
    if let Some(revision) = document["taskDefinition"].as_str() {
        slots.push(Slot::is("/taskDefinition", TaskDefinition::KIND, revision));
    }
    let list = |pointer: &str| document.pointer(pointer).and_then(Value::as_array);
    for (index, item) in list("/capacityProviderStrategy")
        .into_iter()
        .flatten()
        .enumerate()
    {
        if let Some(provider) = item["capacityProvider"].as_str() {
            let place = format!("/capacityProviderStrategy/{index}/capacityProvider");
            slots.push(Slot::is(place, CapacityProvider::KIND, provider));
        }
    }
    let groups = "/networkConfiguration/awsvpcConfiguration/securityGroups";
    for (index, group) in list(groups).into_iter().flatten().enumerate() {
        if let Some(id) = group.as_str() {
            slots.push(Slot::is(
                format!("{groups}/{index}"),
                SecurityGroup::KIND,
                id,
            ));
        }
    }
    slots
}

fn tasks(count: i64) -> String {
    match count {
        1 => "1 task".into(),
        count => format!("{count} tasks"),
    }
}

impl Resource for Service {
    const KIND: Kind = Kind("service");

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        self.document.links(visit);
    }

    fn inherit(&mut self, observed: &Self) {
        let shown = observed.document.value();
        let autoscaled = self.autoscaled.0;
        self.document.change(|document| {
            if let Some(members) = document.as_object_mut()
                && autoscaled
            {
                members.remove("desiredCount");
            }
            inherit(document, &shown);
        });
    }

    fn fixed(&self, observed: &Self) -> Option<&'static str> {
        let (wanted, shown) = (self.document.value(), observed.document.value());
        let differs = |member: &str| wanted.get(member) != shown.get(member);
        let moves_to_strategy = wanted.get("capacityProviderStrategy").is_some()
            || shown.get("capacityProviderStrategy").is_some();
        match () {
            () if differs("cluster") => Some("cluster"),
            () if differs("launchType") && !moves_to_strategy => Some("launchType"),
            () if differs("schedulingStrategy") => Some("schedulingStrategy"),
            () if differs("role") => Some("role"),
            () => None,
        }
    }

    fn effect(&self, before: Option<(&Self, u64)>) -> Option<String> {
        let wanted = self.document.value();
        let count = |value: &Value| value["desiredCount"].as_i64();
        let Some((before, running)) = before else {
            return Some(format!("starts {}", tasks(count(&wanted).unwrap_or(1))));
        };
        let shown = before.document.value();
        let (changed, rolls) = self.changes(before);
        let running = i64::try_from(running).unwrap_or(i64::MAX);
        match (count(&shown), count(&wanted)) {
            _ if rolls => Some(format!("rolls {}", tasks(running))),
            (Some(from), Some(to)) if from < to => Some(format!("starts {}", tasks(to - from))),
            (Some(from), Some(to)) if from > to => Some(format!("stops {}", tasks(from - to))),
            _ if changed.is_empty() && self.tags == before.tags => None,
            _ => Some("no task restarts".into()),
        }
    }
}
