//! Task definitions and services: AWS's own documents, with names where AWS has handles.

use super::{Around, Written, Wrong, capacity, subnets_kind};
use crate::{
    Linked, Slot,
    document::{self, DocumentKind},
    kind::{
        CapacityProvider, Cluster, ClusterCapacityProviders, Image, LogGroup, Repository, Role,
        SecurityGroup, Service, Tags, TaskDefinition,
    },
    problem::Code,
    source::Step,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use setpoint_core::{Kind, Resource};
use std::collections::BTreeSet;

type Document = Map<String, Value>;

#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct WrittenTaskDefinition(Document);

impl Written for WrittenTaskDefinition {
    type Resource = TaskDefinition;

    fn resource(self, name: &str, around: &Around<'_>) -> Result<TaskDefinition, Vec<Wrong>> {
        let mut document = self.0;
        let mut wrongs = Vec::new();
        named(&mut document, "family", name, &mut wrongs);
        let sensitive = match document.remove("sensitive").map(serde_json::from_value) {
            Some(Ok(names)) => names,
            None => BTreeSet::new(),
            Some(Err(_)) => {
                let message = "`sensitive` is a list of names of environment variables";
                wrongs.push(Wrong::new(["sensitive".into()], message));
                BTreeSet::new()
            }
        };
        let tags = tags(&mut document, &mut wrongs);
        let mut links = Links::new(around);
        for member in ["executionRoleArn", "taskRoleArn"] {
            links.role(&mut document, member);
        }
        let containers = document.get_mut("containerDefinitions");
        let containers = containers.and_then(Value::as_array_mut);
        for (index, container) in containers.into_iter().flatten().enumerate() {
            let place = format!("/containerDefinitions/{index}");
            if let Err(wrong) = links.image(container, &place) {
                let path = ["containerDefinitions".into(), index.into(), "image".into()];
                wrongs.push(Wrong {
                    path: path.into(),
                    ..wrong
                });
            }
            links.log_group(container, &place);
        }
        let slots = links.slots;
        let document = Value::Object(document);
        wrongs.extend(problems(DocumentKind::TaskDefinition, &document));
        match wrongs.is_empty() {
            true => Ok(TaskDefinition {
                document: Linked::new(DocumentKind::TaskDefinition, document, slots),
                tags: around.tagged(tags),
                sensitive: crate::kind::Sensitive(sensitive),
            }),
            false => Err(wrongs),
        }
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct WrittenService(Document);

impl Written for WrittenService {
    type Resource = Service;

    fn resource(self, name: &str, around: &Around<'_>) -> Result<Service, Vec<Wrong>> {
        let mut document = self.0;
        let mut wrongs = Vec::new();
        named(&mut document, "serviceName", name, &mut wrongs);
        let tags = tags(&mut document, &mut wrongs);
        for member in ["cluster", "taskDefinition"] {
            if !document.contains_key(member) {
                let wrong = Wrong::new([], format!("`{member}` is missing"));
                wrongs.push(wrong.code(Code::MISSING));
            }
        }
        let autoscaled = around.autoscaled.contains(name);
        let mut links = Links::new(around);
        links.strategy(&document);
        links.named(&mut document, "cluster", Cluster::KIND);
        links.named(&mut document, "taskDefinition", TaskDefinition::KIND);
        links.network(&mut document);
        let slots = links.slots;
        let document = Value::Object(document);
        wrongs.extend(problems(DocumentKind::Service, &document));
        match wrongs.is_empty() {
            true => Ok(Service {
                document: Linked::new(DocumentKind::Service, document, slots),
                tags: around.tagged(tags),
                autoscaled: crate::kind::Autoscaled(autoscaled),
            }),
            false => Err(wrongs),
        }
    }
}

/// Writes the item's name into the document, where it may stand already.
fn named(document: &mut Document, member: &str, name: &str, wrongs: &mut Vec<Wrong>) {
    match document.get(member) {
        Some(Value::String(other)) if other != name => {
            let message = format!("`{member}` is `{other}`, under the name `{name}`");
            let wrong = Wrong::new([member.into()], message);
            wrongs.push(wrong.hint(format!("leave it out, or write `{other}` as the name")));
        }
        _ => {
            document.insert(member.into(), name.into());
        }
    }
}

/// Takes the tags out of a document: a map, or AWS's list of keys and values.
fn tags(document: &mut Document, wrongs: &mut Vec<Wrong>) -> Tags {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Map(Tags),
        List(Vec<Tag>),
    }
    #[derive(Deserialize)]
    struct Tag {
        key: String,
        #[serde(default)]
        value: String,
    }
    match document.remove("tags").map(serde_json::from_value) {
        None => Tags::new(),
        Some(Ok(Written::Map(tags))) => tags,
        Some(Ok(Written::List(tags))) => tags.into_iter().map(|it| (it.key, it.value)).collect(),
        Some(Err(_)) => {
            let message = "tags are a map from keys to values, both text";
            wrongs.push(Wrong::new(["tags".into()], message));
            Tags::new()
        }
    }
}

fn problems(kind: DocumentKind, document: &Value) -> Vec<Wrong> {
    let wrong = |problem: document::Problem| {
        let step = |it: document::Segment| match it {
            document::Segment::Key(key) => Step::Key(key),
            document::Segment::Index(index) => Step::Index(index),
        };
        let unknown = problem.message.contains("no such member");
        let last = problem.path.last().cloned();
        let message = match (unknown, last) {
            (true, Some(document::Segment::Key(key))) => format!("unknown key `{key}`"),
            _ => problem.message,
        };
        let code = match &message {
            it if it.starts_with("unknown key") => Code::UNKNOWN,
            it if it.contains("is missing") => Code::MISSING,
            it if it.contains("belongs") => Code::TYPE,
            _ => Code::VALUE,
        };
        Wrong {
            path: problem.path.into_iter().map(step).collect(),
            message,
            hint: problem
                .suggestion
                .as_ref()
                .map(|it| format!("did you mean `{it}`?")),
            code,
            meant: problem.suggestion,
        }
    };
    document::check(kind, document)
        .into_iter()
        .map(wrong)
        .collect()
}

/// An image that is written as a map.
enum WrittenReference {
    /// One that the stack builds, by its name.
    Build(String),
    /// One that a repository holds: `:` and a tag, or `@` and a digest.
    Held {
        repository: String,
        version: String,
        pin: bool,
    },
}

impl WrittenReference {
    fn read(image: &Value) -> Result<WrittenReference, Wrong> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            build: Option<String>,
            repository: Option<String>,
            tag: Option<String>,
            digest: Option<String>,
            pin: Option<bool>,
        }
        let written: Written = serde_json::from_value(image.clone()).map_err(|err| {
            Wrong::new([], format!("this is no image: {err}"))
                .hint("image: { build: <name> }, or { repository: <name>, tag: <tag> }")
        })?;
        let wrong = |message: &str| Err(Wrong::new([], message));
        match written {
            Written {
                build: Some(name),
                repository: None,
                tag: None,
                digest: None,
                pin: None,
            } => Ok(WrittenReference::Build(name)),
            Written { build: Some(_), .. } => {
                wrong("what is built is run as it was pushed: `build` stands alone")
            }
            Written {
                repository: None, ..
            } => Err(Wrong::new(
                [],
                "an image is of a `repository`, or one that the stack builds",
            )
            .code(Code::MISSING)
            .hint("image: { build: <name> }, or { repository: <name>, tag: <tag> }")),
            Written {
                tag: Some(_),
                digest: Some(_),
                ..
            } => wrong("an image has a `tag` or a `digest`, not both"),
            Written {
                repository: Some(repository),
                tag,
                digest,
                pin,
                ..
            } => {
                let version = match digest {
                    Some(digest) => format!("@{digest}"),
                    None => format!(":{}", tag.as_deref().unwrap_or("latest")),
                };
                Ok(WrittenReference::Held {
                    repository,
                    pin: pin.unwrap_or(true) && version.starts_with(':'),
                    version,
                })
            }
        }
    }
}

/// The links found in a document so far.
struct Links<'a> {
    around: &'a Around<'a>,
    slots: Vec<Slot>,
}

impl<'a> Links<'a> {
    fn new(around: &'a Around<'a>) -> Self {
        Links {
            around,
            slots: Vec::new(),
        }
    }

    /// A link that stands nowhere in the document and only says what comes first.
    fn after(&mut self, kind: Kind, name: &str) {
        self.slots.push(Slot::to("", kind, name));
    }

    /// A member that is another resource's name, unless it is an ARN already.
    fn named(&mut self, document: &mut Document, member: &str, kind: Kind) {
        if let Some(name) = document.get(member).and_then(Value::as_str)
            && !name.starts_with("arn:")
            && !(name.contains(':') && kind == TaskDefinition::KIND)
        {
            self.slots.push(Slot::to(format!("/{member}"), kind, name));
        }
    }

    /// A role by name; or by the ARN of one that the stack makes, which then comes first.
    fn role(&mut self, document: &mut Document, member: &str) {
        let Some(role) = document.get(member).and_then(Value::as_str) else {
            return;
        };
        match role.rsplit_once('/') {
            Some((_, name)) if role.starts_with("arn:") => {
                if self.around.has(Role::KIND, name) {
                    self.after(Role::KIND, name);
                }
            }
            _ => self
                .slots
                .push(Slot::to(format!("/{member}"), Role::KIND, role)),
        }
    }

    /// `image: {build}`, `image: {repository, tag | digest}`, or a reference, which stays as it is
    /// and may be to a repository of the stack.
    fn image(&mut self, container: &mut Value, place: &str) -> Result<(), Wrong> {
        let Some(image) = container.get_mut("image") else {
            return Ok(());
        };
        if let Value::String(reference) = image {
            let path = reference.split_once(".amazonaws.com/").map(|it| it.1);
            let name = path.map(|it| it.split([':', '@']).next().unwrap_or(it));
            if let Some(name) = name.filter(|it| self.around.has(Repository::KIND, it)) {
                self.after(Repository::KIND, name);
            }
            return Ok(());
        }
        let written = WrittenReference::read(image)?;
        let place = format!("{place}/image");
        let slot = match &written {
            WrittenReference::Build(name) => Slot::to(place, Image::KIND, name),
            WrittenReference::Held {
                repository,
                version,
                pin,
            } => {
                let slot = Slot::to(place, Repository::KIND, repository).followed_by(version);
                if *pin { slot.pinned() } else { slot }
            }
        };
        // It only has to look like an image: the slot is what is registered.
        *image = Value::String(match written {
            WrittenReference::Build(name) => name,
            WrittenReference::Held {
                repository,
                version,
                ..
            } => format!("{repository}{version}"),
        });
        self.slots.push(slot);
        Ok(())
    }

    /// A log group of the stack comes first. Another is none of our business.
    fn log_group(&mut self, container: &Value, place: &str) {
        let at = "/logConfiguration/options/awslogs-group";
        if let Some(name) = container.pointer(at).and_then(Value::as_str)
            && self.around.has(LogGroup::KIND, name)
        {
            let slot = Slot::to(format!("{place}{at}"), LogGroup::KIND, name);
            self.slots.push(slot);
        }
    }

    /// The providers of a strategy, and that the cluster has them. A service that names neither a
    /// strategy nor a launch type gets the cluster's default, which must be there first, too.
    fn strategy(&mut self, document: &Document) {
        let items = document
            .get("capacityProviderStrategy")
            .and_then(Value::as_array);
        for (index, item) in items.into_iter().flatten().enumerate() {
            let Some(name) = item["capacityProvider"].as_str() else {
                continue;
            };
            if capacity::provider(name).handle().is_none() {
                let place = format!("/capacityProviderStrategy/{index}/capacityProvider");
                self.slots
                    .push(Slot::to(place, CapacityProvider::KIND, name));
            }
        }
        if let Some(cluster) = document.get("cluster").and_then(Value::as_str)
            && self.around.with_providers.contains(cluster)
        {
            self.after(ClusterCapacityProviders::KIND, cluster);
        }
    }

    /// Security groups by name, and subnets as they are looked up.
    fn network(&mut self, document: &mut Document) {
        let configuration = document
            .get_mut("networkConfiguration")
            .and_then(|it| it.get_mut("awsvpcConfiguration"))
            .and_then(Value::as_object_mut);
        let Some(configuration) = configuration else {
            return;
        };
        let place = "/networkConfiguration/awsvpcConfiguration";
        if let Some(Value::String(name)) = configuration.get("subnets") {
            let slot = Slot::to(format!("{place}/subnets"), subnets_kind(), name);
            self.slots.push(slot);
            configuration.insert("subnets".into(), json!(["subnet-00000000"]));
        }
        let groups = configuration
            .get("securityGroups")
            .and_then(Value::as_array);
        for (index, group) in groups.into_iter().flatten().enumerate() {
            if let Some(name) = group.as_str().filter(|it| !it.starts_with("sg-")) {
                let place = format!("{place}/securityGroups/{index}");
                self.slots.push(Slot::to(place, SecurityGroup::KIND, name));
            }
        }
    }
}
