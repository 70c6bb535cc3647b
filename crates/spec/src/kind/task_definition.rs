use super::{LogGroup, Repository, Role, Tags};
use crate::{Linked, Slot, document::DocumentKind};
use serde::Serialize;
use serde_json::Value;
use setpoint_core::{AnyLink, Kind, Path, Resource, Segment};
use std::collections::BTreeSet;

/// An ECS task definition: the family bears its name, and its handle is a revision's ARN.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskDefinition {
    /// `RegisterTaskDefinitionRequest` without its tags.
    #[serde(flatten)]
    pub document: Linked,
    /// Its tags.
    pub tags: Tags,
    /// Environment variables whose values are not shown. Not part of what AWS knows.
    #[serde(skip)]
    pub sensitive: Sensitive,
}

/// The names of environment variables that a spec marks as sensitive.
///
/// It says how to show a value and nothing about the value, so any two are equal.
#[derive(Clone, Debug, Default)]
pub struct Sensitive(pub BTreeSet<String>);

impl PartialEq for Sensitive {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl TaskDefinition {
    /// A task definition as `DescribeTaskDefinition` shows it.
    pub fn observed(document: Value, tags: Tags) -> TaskDefinition {
        let slots = held(&document);
        TaskDefinition {
            document: Linked::new(DocumentKind::TaskDefinition, document, slots),
            tags,
            sensitive: Sensitive::default(),
        }
    }

    /// Puts digests in the place of tags, where `digest` knows the one that a tag of a repository
    /// stands for.
    pub fn pin(&mut self, digest: impl FnMut(&crate::Target, &str) -> Option<String>) {
        self.document.pin(digest);
    }

    /// Puts tags in the place of digests, where `tag` knows the one that was resolved to a digest
    /// of a repository's URI.
    pub fn unpin(&mut self, tag: impl FnMut(&str, &str) -> Option<String>) {
        self.document.unpin(tag);
    }

    /// The document to register, in normal form.
    pub fn request(&self) -> Value {
        self.document.value()
    }
}

/// The handles that a document holds of other resources.
fn held(document: &Value) -> Vec<Slot> {
    let mut slots = Vec::new();
    for member in ["executionRoleArn", "taskRoleArn"] {
        if let Some(arn) = document[member].as_str() {
            slots.push(Slot::is(format!("/{member}"), Role::KIND, arn));
        }
    }
    let containers = document["containerDefinitions"].as_array();
    for (index, container) in containers.into_iter().flatten().enumerate() {
        let place = format!("/containerDefinitions/{index}");
        if let Some(image) = container["image"].as_str() {
            let (repository, suffix) = image.split_at(end_of_repository(image));
            slots.push(
                Slot::is(format!("{place}/image"), Repository::KIND, repository)
                    .followed_by(suffix),
            );
        }
        let options = "/logConfiguration/options/awslogs-group";
        if let Some(group) = container.pointer(options).and_then(Value::as_str) {
            slots.push(Slot::is(format!("{place}{options}"), LogGroup::KIND, group));
        }
    }
    slots
}

/// Where the tag or the digest of an image begins.
fn end_of_repository(image: &str) -> usize {
    let last = image.rfind('/').map_or(0, |at| at + 1);
    let end = |mark| image[last..].find(mark).map(|at| last + at);
    end('@').or_else(|| end(':')).unwrap_or(image.len())
}

/// Words in the name of a variable whose value is a secret whether or not anyone says so.
const TELLING: [&str; 6] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "CREDENTIAL",
    "PRIVATE_KEY",
];

impl TaskDefinition {
    /// Whether the name of an environment variable speaks of a secret.
    pub fn is_telling(variable: &str) -> bool {
        let upper = variable.to_uppercase();
        TELLING.iter().any(|it| upper.contains(it))
    }
}

impl Resource for TaskDefinition {
    const KIND: Kind = Kind("taskDefinition");

    fn republishes(&self, observed: &Self) -> bool {
        self.document != observed.document
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        self.document.links(visit);
    }

    fn effect(&self, before: Option<(&Self, u64)>) -> Option<String> {
        match before {
            Some((before, _)) if self.republishes(before) => Some("a new revision".into()),
            Some(_) => Some("no task restarts".into()),
            None => None,
        }
    }

    /// `containerDefinitions[<container>].environment[<variable>].value`, by the variable's name.
    fn sensitive(&self, path: &Path) -> bool {
        let [
            ..,
            Segment::Key(list),
            Segment::Item(variable),
            Segment::Key(value),
        ] = &path.0[..]
        else {
            return false;
        };
        list == "environment"
            && value == "value"
            && (self.sensitive.0.contains(variable) || TaskDefinition::is_telling(variable))
    }
}
