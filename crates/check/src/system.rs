//! A stack as checks see it: what the text says, and how its parts belong together.

use crate::instance_types::{InstanceType, instance_type};
use serde_json::Value;
use setpoint_spec::{Source, Span, Step};

/// A stack's text with what stands in it.
pub(crate) struct System<'a> {
    pub(crate) source: &'a Source,
}

/// Something that a stack declares.
#[derive(Clone, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) path: Vec<Step>,
    /// What it says.
    pub(crate) value: &'a Value,
}

/// A service, and everything that it runs with.
pub(crate) struct Run<'a> {
    pub(crate) service: Item<'a>,
    pub(crate) definition: Option<Item<'a>>,
    pub(crate) scaling: Option<Item<'a>>,
    /// The groups of instances that join its cluster.
    pub(crate) fleets: Vec<Fleet<'a>>,
}

/// A group of instances.
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
        System { source }
    }

    /// The items of a section, in the order of their names.
    pub(crate) fn items(&self, section: &str) -> Vec<Item<'a>> {
        match &self.source.value[section] {
            Value::Object(items) => items
                .iter()
                .map(|(name, value)| Item {
                    name: name.clone(),
                    path: vec![section.into(), name.as_str().into()],
                    value,
                })
                .collect(),
            // Pasted documents have their names in them.
            Value::Array(items) => items
                .iter()
                .enumerate()
                .filter_map(|(index, value)| {
                    let name = value["family"].as_str().or(value["serviceName"].as_str())?;
                    Some(Item {
                        name: name.to_owned(),
                        path: vec![section.into(), index.into()],
                        value,
                    })
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// One item of a section.
    pub(crate) fn item(&self, section: &str, name: &str) -> Option<Item<'a>> {
        self.items(section).into_iter().find(|it| it.name == name)
    }

    /// Whether something is said to exist outside the stack.
    pub(crate) fn exists(&self, section: &str, name: &str) -> bool {
        let names = self.source.value["existing"][section].as_array();
        names.is_some_and(|it| it.iter().any(|it| it == name))
    }

    /// Every service with what it runs with.
    pub(crate) fn runs(&self) -> Vec<Run<'a>> {
        let services = self.items("services").into_iter();
        services.map(|it| self.run(it)).collect()
    }

    fn run(&self, service: Item<'a>) -> Run<'a> {
        let named = |section: &str, member: &str| {
            let name = service.value[member].as_str()?;
            self.item(section, name)
        };
        let cluster = service.value["cluster"].as_str();
        Run {
            definition: named("taskDefinitions", "taskDefinition"),
            scaling: self.item("scaling", &service.name),
            fleets: cluster.map_or_else(Vec::new, |it| self.fleets(it)),
            service,
        }
    }

    /// The groups whose instances join a cluster.
    pub(crate) fn fleets(&self, cluster: &str) -> Vec<Fleet<'a>> {
        let groups = self.items("autoScalingGroups").into_iter();
        let fleet = |group: Item<'a>| {
            let template = self.item("launchTemplates", group.value["launchTemplate"].as_str()?)?;
            (template.value["cluster"] == cluster).then(|| Fleet {
                instance_type: template.value["instanceType"]
                    .as_str()
                    .and_then(instance_type),
                template,
                group,
            })
        };
        groups.filter_map(fleet).collect()
    }

    /// The part that a value at the end of a path takes, or its key, if it is missing.
    pub(crate) fn span(&self, path: &[Step]) -> Span {
        match self.source.at(path) {
            Some(_) => self.source.span(path),
            None => self.source.head(path),
        }
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

impl Run<'_> {
    /// Whether it runs on instances of the stack.
    pub(crate) fn is_on_ec2(&self) -> bool {
        self.service.value["launchType"] != "FARGATE" && !self.fleets.is_empty()
    }

    /// The least and the most tasks that it is asked to run.
    pub(crate) fn tasks(&self) -> (u64, u64) {
        let own = number(&self.service.value["desiredCount"]).unwrap_or(1);
        match &self.scaling {
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
