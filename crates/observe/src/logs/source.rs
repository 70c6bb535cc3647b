//! Where containers write: streams of log groups, by what their task definitions say.

use crate::{
    Picture,
    picture::{Service, Task},
    words::last,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Streams of a container: those of a log group whose names begin so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The log group.
    pub group: String,
    /// What the streams' names begin with.
    pub prefix: String,
    /// The container.
    pub container: String,
    /// The services whose tasks write there; several if they run the same task definition.
    pub services: BTreeSet<String>,
    /// The task, where the stream's name does not end with its id.
    pub task: Option<String>,
}

/// What can be read, and what cannot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// What can be read, each once.
    pub read: Vec<Source>,
    /// Containers whose lines are not in CloudWatch, or not where setpoint looks.
    pub gaps: Vec<Gap>,
}

/// Lines that are not shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// Whose: a log group, or `<service>/<container>`.
    pub of: String,
    /// Why, in words.
    pub because: String,
}

/// What a word on the command line may name.
#[derive(Clone, Debug, PartialEq)]
pub enum Named<'a> {
    /// A task that ECS shows.
    Task(&'a Task),
    /// Several tasks whose ids begin so.
    Several(Vec<&'a str>),
    /// What may be the id of a task that ECS does not show any more.
    Gone(&'a str),
    /// No task's id.
    Nothing,
}

/// The task that is meant: by its ARN, its id, or the first characters of that.
pub fn named<'a>(picture: &'a Picture, text: &'a str) -> Named<'a> {
    /// Fewer characters than that may be a word.
    const FEWEST: usize = 4;
    /// So many are what is printed of an id.
    const PRINTED: usize = 8;
    let id = last(text);
    let is_id = id.len() >= FEWEST && id.chars().all(|it| it.is_ascii_hexdigit());
    let all = picture.tasks.iter();
    let found: Vec<&Task> = all.filter(|it| is_id && it.id().starts_with(id)).collect();
    match found[..] {
        [task] => Named::Task(task),
        [] if is_id && id.len() >= PRINTED => Named::Gone(id),
        [] => Named::Nothing,
        _ => Named::Several(found.iter().map(|it| it.id()).collect()),
    }
}

/// Where the tasks of all services of a picture write, also those that ECS shows no more.
/// `region` is where it is looked.
pub fn of_services(picture: &Picture, region: Option<&str>) -> Sources {
    let mut found = Found::default();
    for service in &picture.services {
        let name = &service.service_name;
        for definition in definitions(picture, service) {
            for container in containers(definition) {
                match Stream::of(container, region) {
                    Ok(Stream {
                        group,
                        prefix: None,
                    }) => {
                        let tasks = picture.tasks_of(service);
                        tasks.for_each(|it| found.by_runtime(name, container, &group, it));
                    }
                    Ok(Stream { group, prefix }) => {
                        let prefix =
                            format!("{}/{}/", prefix.unwrap_or_default(), name_of(container));
                        found.add(name, container, group, prefix, None);
                    }
                    Err(because) => found.gap(name, container, because),
                }
            }
        }
    }
    found.sources()
}

/// Where a task writes.
pub fn of_task(picture: &Picture, task: &Task, region: Option<&str>) -> Sources {
    let family = |arn: &str| arn.rsplit_once(':').map(|it| it.0.to_owned());
    let of_family = || {
        let mut all = picture.definitions.iter();
        let found = all.find(|(arn, _)| family(arn) == family(&task.task_definition_arn));
        found.map(|it| it.1)
    };
    // A revision that was rolled back is not among those that run; where it logs seldom changes.
    let definition = picture.definitions.get(&task.task_definition_arn);
    let definition = definition.or_else(of_family);
    let service = task.group.strip_prefix("service:").unwrap_or(&task.group);
    let mut found = Found::default();
    for container in definition.into_iter().flat_map(containers) {
        match Stream::of(container, region) {
            Ok(Stream {
                group,
                prefix: None,
            }) => {
                found.by_runtime(service, container, &group, task);
            }
            Ok(Stream { group, prefix }) => {
                let (prefix, name) = (prefix.unwrap_or_default(), name_of(container));
                let stream = format!("{prefix}/{name}/{}", task.id());
                found.add(service, container, group, stream, None);
            }
            Err(because) => found.gap(service, container, because),
        }
    }
    found.sources()
}

/// Where a task wrote that ECS shows no more, by the first characters of its id.
pub fn of_gone(picture: &Picture, id: &str, region: Option<&str>) -> Sources {
    let mut sources = of_services(picture, region);
    sources.read.retain(|it| it.task.is_none());
    for it in &mut sources.read {
        it.prefix += id;
    }
    sources
}

/// The task definitions that a service's deployments run.
fn definitions<'a>(picture: &'a Picture, service: &'a Service) -> Vec<&'a Value> {
    let deployments = service.deployments.iter();
    let arns = deployments.map(|it| &it.task_definition);
    let arns: BTreeSet<&String> = arns.chain([&service.task_definition]).collect();
    let known = arns.into_iter();
    known.filter_map(|it| picture.definitions.get(it)).collect()
}

fn containers(definition: &Value) -> impl Iterator<Item = &Value> {
    let containers = definition["containerDefinitions"].as_array();
    containers.into_iter().flatten()
}

fn name_of(container: &Value) -> &str {
    container["name"].as_str().unwrap_or_default()
}

/// Where a container writes by its definition. Without a prefix, a stream is named as the runtime
/// names the container.
struct Stream {
    group: String,
    prefix: Option<String>,
}

impl Stream {
    fn of(container: &Value, region: Option<&str>) -> Result<Stream, String> {
        let log = &container["logConfiguration"];
        let option = |name: &str| log["options"][name].as_str().map(str::to_owned);
        match log["logDriver"].as_str() {
            Some("awslogs") => {}
            Some(driver) => return Err(format!("its log driver is {driver}, not awslogs")),
            None => return Err("it has no log driver: its lines stay on its instance".into()),
        }
        let elsewhere = option("awslogs-region");
        let elsewhere = elsewhere.filter(|it| region.is_some_and(|region| region != it));
        if let Some(other) = elsewhere {
            return Err(format!(
                "it logs to {other}; look there with --region {other}"
            ));
        }
        let group = option("awslogs-group").ok_or("it names no awslogs-group")?;
        let prefix = option("awslogs-stream-prefix");
        Ok(Stream { group, prefix })
    }
}

/// What was found so far, each once.
#[derive(Default)]
struct Found {
    read: BTreeMap<(String, String), Source>,
    gaps: BTreeSet<Gap>,
}

impl Found {
    fn add(
        &mut self,
        service: &str,
        container: &Value,
        group: String,
        prefix: String,
        task: Option<String>,
    ) {
        let key = (group.clone(), prefix.clone());
        let source = self.read.entry(key).or_insert_with(|| Source {
            group,
            prefix,
            container: name_of(container).to_owned(),
            services: BTreeSet::new(),
            task,
        });
        source.services.insert(service.to_owned());
    }

    fn by_runtime(&mut self, service: &str, container: &Value, group: &str, task: &Task) {
        let mut own = task.containers.iter();
        let own = own.find(|it| it.name == name_of(container));
        if let Some(runtime) = own.and_then(|it| it.runtime_id.clone()) {
            let task = Some(task.id().to_owned());
            self.add(service, container, group.to_owned(), runtime, task);
        }
    }

    fn gap(&mut self, service: &str, container: &Value, because: String) {
        let of = format!("{service}/{}", name_of(container));
        self.gaps.insert(Gap { of, because });
    }

    fn sources(self) -> Sources {
        Sources {
            read: self.read.into_values().collect(),
            gaps: self.gaps.into_iter().collect(),
        }
    }
}
