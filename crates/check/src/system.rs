//! A stack as checks see it: what the text says, and how its parts belong together.

mod openings;
mod uses;

pub(crate) use openings::{Opening, openings};

use crate::{
    instance_types::{InstanceType, instance_type},
    near::near,
};
use serde_json::Value;
use setpoint_spec::{Source, Span, Step};
use std::collections::{BTreeMap, HashMap};

/// A stack's text with what stands in it.
pub(crate) struct System<'a> {
    pub(crate) source: &'a Source,
    sections: BTreeMap<&'a str, Vec<Item<'a>>>,
    by_name: HashMap<(&'a str, &'a str), usize>,
    fleets: HashMap<&'a str, Vec<Fleet<'a>>>,
}

/// Something that a stack declares.
#[derive(Clone, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) name: &'a str,
    /// Where it stands.
    pub(crate) path: Vec<Step>,
    /// What it says.
    pub(crate) value: &'a Value,
}

/// A service, and everything that it runs with.
pub(crate) struct Run<'s, 'a> {
    pub(crate) service: &'s Item<'a>,
    pub(crate) definition: Option<&'s Item<'a>>,
    pub(crate) scaling: Option<&'s Item<'a>>,
    /// The groups of instances that join its cluster.
    pub(crate) fleets: &'s [Fleet<'a>],
}

/// A group of instances.
#[derive(Clone)]
pub(crate) struct Fleet<'a> {
    pub(crate) group: Item<'a>,
    pub(crate) template: Item<'a>,
    /// What each of its instances has, if that is known.
    pub(crate) instance_type: Option<&'static InstanceType>,
}

/// A container of a task definition.
pub(crate) struct Container<'a> {
    pub(crate) path: Vec<Step>,
    pub(crate) value: &'a Value,
}

impl<'a> System<'a> {
    pub(crate) fn of(source: &'a Source) -> Self {
        let members = source.value.as_object().into_iter().flatten();
        let sections: BTreeMap<&str, Vec<Item<'_>>> = members
            .map(|(section, value)| (section.as_str(), items(section, value)))
            .collect();
        let mut by_name = HashMap::new();
        for (section, items) in &sections {
            for (index, item) in items.iter().enumerate() {
                by_name.insert((*section, item.name), index);
            }
        }
        let mut system = System {
            source,
            sections,
            by_name,
            fleets: HashMap::new(),
        };
        system.fleets = system.found_fleets();
        system
    }

    fn found_fleets(&self) -> HashMap<&'a str, Vec<Fleet<'a>>> {
        let mut fleets: HashMap<&str, Vec<Fleet<'_>>> = HashMap::new();
        for group in self.items("autoScalingGroups") {
            let template = self.named(group, "launchTemplate", "launchTemplates");
            let Some(template) = template else { continue };
            let Some(cluster) = self.named(template, "cluster", "clusters") else {
                continue;
            };
            fleets.entry(cluster.name).or_default().push(Fleet {
                instance_type: template.value["instanceType"]
                    .as_str()
                    .and_then(instance_type),
                template: template.clone(),
                group: group.clone(),
            });
        }
        fleets
    }

    /// The items of a section, in the order of their names.
    pub(crate) fn items(&self, section: &str) -> &[Item<'a>] {
        self.sections.get(section).map_or(&[], Vec::as_slice)
    }

    /// One item of a section.
    pub(crate) fn item(&self, section: &str, name: &str) -> Option<&Item<'a>> {
        let index = self.by_name.get(&(section, name))?;
        self.sections.get(section)?.get(*index)
    }

    /// The item of a section that another one names by its name, an ARN, or a name that is all but
    /// right, which is told elsewhere.
    pub(crate) fn named(&self, from: &Item<'a>, member: &str, section: &str) -> Option<&Item<'a>> {
        self.called(section, from.value[member].as_str()?)
    }

    /// The item of a section that a text means.
    pub(crate) fn called(&self, section: &str, text: &str) -> Option<&Item<'a>> {
        let last = text.rsplit('/').next().unwrap_or(text);
        let name = match section {
            "logGroups" => text,
            "taskDefinitions" => last.split(':').next().unwrap_or(last),
            _ => last,
        };
        let exact = self
            .item(section, text)
            .or_else(|| self.item(section, name));
        if exact.is_some() || self.exists(section, text) {
            return exact;
        }
        let near = near(name, self.items(section).iter().map(|it| it.name))?;
        self.item(section, near)
    }

    /// Whether something is said to exist outside the stack.
    pub(crate) fn exists(&self, section: &str, name: &str) -> bool {
        let names = self.source.value["existing"][section].as_array();
        names.is_some_and(|it| it.iter().any(|it| it == name))
    }

    /// Every service with what it runs with.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Run<'_, 'a>> {
        self.items("services").iter().map(|it| self.run(it))
    }

    fn run<'s>(&'s self, service: &'s Item<'a>) -> Run<'s, 'a> {
        let cluster = self.named(service, "cluster", "clusters");
        let fleets = cluster.and_then(|it| self.fleets.get(it.name));
        Run {
            definition: self.named(service, "taskDefinition", "taskDefinitions"),
            scaling: self.item("scaling", service.name),
            fleets: fleets.map_or(&[], Vec::as_slice),
            service,
        }
    }

    /// The part that a value at the end of a path takes, or its key, if it is missing.
    pub(crate) fn span(&self, path: &[Step]) -> Span {
        match self.source.at(path) {
            Some(_) => self.source.span(path),
            None => self.source.head(path),
        }
    }
}

/// What a section declares. Pasted documents have their names in them.
fn items<'a>(section: &str, value: &'a Value) -> Vec<Item<'a>> {
    match value {
        Value::Object(items) => items
            .iter()
            .map(|(name, value)| Item {
                name,
                path: vec![section.into(), name.as_str().into()],
                value,
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .filter_map(|(index, value)| {
                let name = value["family"].as_str().or(value["serviceName"].as_str())?;
                Some(Item {
                    name,
                    path: vec![section.into(), index.into()],
                    value,
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

impl<'a> Item<'a> {
    /// The path of something within it.
    pub(crate) fn at<const N: usize>(&self, steps: [Step; N]) -> Vec<Step> {
        self.path.iter().cloned().chain(steps).collect()
    }

    /// The containers of a task definition.
    pub(crate) fn containers(&self) -> Vec<Container<'a>> {
        let containers = self.value["containerDefinitions"].as_array();
        let containers = containers.into_iter().flatten().enumerate();
        containers
            .map(|(index, value)| Container {
                path: self.at(["containerDefinitions".into(), index.into()]),
                value,
            })
            .collect()
    }

    /// What a task of a task definition asks for, in CPU units and MiB: its own limits, or else the
    /// sums of its containers'.
    pub(crate) fn task_size(&self) -> (u64, u64) {
        let sum = |member: &str, or: &str| {
            let each = self.containers().into_iter();
            let each = each.map(|it| number(&it.value[member]).or(number(&it.value[or])));
            each.map(Option::unwrap_or_default).sum()
        };
        let cpu = number(&self.value["cpu"]).unwrap_or_else(|| sum("cpu", "cpu"));
        let memory = number(&self.value["memory"]);
        let memory = memory.unwrap_or_else(|| sum("memoryReservation", "memory"));
        (cpu, memory)
    }

    /// The host ports that its tasks listen on; 0 for those that are chosen for each.
    pub(crate) fn host_ports(&self) -> Vec<u64> {
        let mode = self.network_mode();
        let of = |mapping: &Value| match mode {
            "host" | "awsvpc" => number(&mapping["containerPort"]),
            _ => Some(number(&mapping["hostPort"]).unwrap_or_default()),
        };
        let containers = self.containers();
        let mappings = containers
            .iter()
            .filter_map(|it| it.value["portMappings"].as_array());
        mappings.flatten().filter_map(of).collect()
    }

    /// The network mode of a task definition on EC2.
    pub(crate) fn network_mode(&self) -> &'a str {
        self.value["networkMode"].as_str().unwrap_or("bridge")
    }
}

impl<'a> Container<'a> {
    pub(crate) fn name(&self) -> &'a str {
        self.value["name"].as_str().unwrap_or_default()
    }

    /// The path of something within it.
    pub(crate) fn at<const N: usize>(&self, steps: [Step; N]) -> Vec<Step> {
        self.path.iter().cloned().chain(steps).collect()
    }
}

impl Run<'_, '_> {
    /// Whether it runs on instances of the stack.
    pub(crate) fn is_on_ec2(&self) -> bool {
        self.service.value["launchType"] != "FARGATE" && !self.fleets.is_empty()
    }

    /// Whether ECS itself replaces its tasks, a few at a time.
    pub(crate) fn is_rolling(&self) -> bool {
        let service = self.service.value;
        let controller = &service["deploymentController"]["type"];
        let strategy = &service["deploymentConfiguration"]["strategy"];
        (controller.is_null() || controller == "ECS")
            && (strategy.is_null() || strategy == "ROLLING")
    }

    /// The most instances that its groups may have; nothing if one of them does not say.
    pub(crate) fn most_instances(&self) -> Option<u64> {
        let sizes = self
            .fleets
            .iter()
            .map(|it| number(&it.group.value["maxSize"]));
        sizes.sum()
    }

    /// The least and the most tasks that it is asked to run.
    pub(crate) fn tasks(&self) -> (u64, u64) {
        let own = number(&self.service.value["desiredCount"]).unwrap_or(1);
        match self.scaling {
            Some(scaling) => {
                let of = |member: &str| number(&scaling.value[member]).unwrap_or(own);
                (of("minCapacity"), of("maxCapacity"))
            }
            None => (own, own),
        }
    }
}

/// A whole number, which AWS's documents sometimes write as text.
pub(crate) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
