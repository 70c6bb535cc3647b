//! Repositories.

use super::{grants, image::Image, invalid, layer, lifecycle, matches};
use crate::{
    Action, Answer, Input, Refusal, Time, World,
    call::{object, page_by_name},
    habits::ACCOUNT,
    service::tags::Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A repository.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its name with the registry's host: what docker is given.
    pub uri: String,
    /// When it was made.
    pub created_at: Time,
    /// `MUTABLE`, `IMMUTABLE`, `IMMUTABLE_WITH_EXCLUSION`, `MUTABLE_WITH_EXCLUSION`.
    pub mutability: String,
    /// The tags that the mutability is not for, in the shape of the model.
    pub exclusions: Vec<Value>,
    /// Whether images are scanned when pushed.
    pub scan_on_push: bool,
    /// `encryptionConfiguration`, in full.
    pub encryption: Value,
    /// Who else may do what, if it was said: JSON text.
    pub policy: Option<String>,
    /// Its lifecycle policy.
    pub lifecycle: Option<lifecycle::Lifecycle>,
    /// What a lifecycle policy would do, as was last asked for.
    pub preview: Option<lifecycle::Preview>,
    /// Its tags.
    pub tags: Tags,
    /// Its images by digest.
    pub images: BTreeMap<String, Image>,
    /// Its layers by digest.
    pub layers: BTreeMap<String, layer::Layer>,
    /// Layers that are being uploaded, by the upload's id.
    pub uploads: BTreeMap<String, layer::Upload>,
}

impl Repository {
    /// The image that bears a tag.
    pub fn tagged(&self, tag: &str) -> Option<&Image> {
        self.images.values().find(|it| it.tags.contains(tag))
    }

    /// Whether a tag that was given may not be given to another image.
    pub fn is_immutable(&self, tag: &str) -> bool {
        let filters = self
            .exclusions
            .iter()
            .filter_map(|it| it["filter"].as_str());
        let is_excluded = filters.into_iter().any(|filter| matches(filter, tag));
        match self.mutability.as_str() {
            "IMMUTABLE" => true,
            "IMMUTABLE_WITH_EXCLUSION" => !is_excluded,
            "MUTABLE_WITH_EXCLUSION" => is_excluded,
            _ => false,
        }
    }

    fn shown(&self) -> Value {
        object([
            ("repositoryArn", Some(json!(self.arn))),
            ("registryId", Some(json!(ACCOUNT))),
            ("repositoryName", Some(json!(self.name))),
            ("repositoryUri", Some(json!(self.uri))),
            ("createdAt", Some(self.created_at.value())),
            ("imageTagMutability", Some(json!(self.mutability))),
            ("imageTagMutabilityExclusionFilters", exclusions(self)),
            (
                "imageScanningConfiguration",
                Some(json!({ "scanOnPush": self.scan_on_push })),
            ),
            ("encryptionConfiguration", Some(self.encryption.clone())),
        ])
    }
}

pub(super) fn actions() -> Vec<Action> {
    let on = grants::on_repositories;
    vec![
        Action::on("CreateRepository", create, grants::on_create),
        Action::on("DescribeRepositories", describe, on),
        Action::on("DeleteRepository", delete, on),
        Action::on("PutImageTagMutability", put_mutability, on),
        Action::on("PutImageScanningConfiguration", put_scanning, on),
    ]
}

/// The repository that the input names.
pub(super) fn find<'a>(world: &'a World, input: &Input) -> Result<&'a Repository, Refusal> {
    named(world, input, input.text("repositoryName"))
}

/// The same, to change.
pub(super) fn find_mut<'a>(
    world: &'a mut World,
    input: &Input,
) -> Result<&'a mut Repository, Refusal> {
    let name = input.text("repositoryName");
    named(world, input, name)?;
    let found = world.ecr.repositories.get_mut(name);
    found.ok_or_else(|| missing(name, ACCOUNT))
}

/// No other registry than ours has anything that we may see.
fn named<'a>(world: &'a World, input: &Input, name: &str) -> Result<&'a Repository, Refusal> {
    let registry = input.maybe("registryId").unwrap_or(ACCOUNT);
    let found = world.ecr.repositories.get(name);
    found
        .filter(|_| registry == ACCOUNT)
        .ok_or_else(|| missing(name, registry))
}

/// The error for a repository that is not there.
pub(super) fn missing(name: &str, registry: &str) -> Refusal {
    let text = format!(
        "The repository with name '{name}' does not exist in the registry with id '{registry}'"
    );
    Refusal::new("RepositoryNotFoundException", text)
}

fn create(world: &mut World, input: &Input) -> Answer {
    let name = input.text("repositoryName");
    check_name(name)?;
    check_registry(input)?;
    let asked = input.maybe("imageTagMutability").unwrap_or("MUTABLE");
    let filters = checked_exclusions(asked, input)?;
    let encryption = encryption(world, input.get("encryptionConfiguration"))?;
    let tags = super::tagging::given(input)?;
    if world.ecr.repositories.contains_key(name) {
        let text = format!(
            "The repository with name '{name}' already exists in the registry with id '{ACCOUNT}'"
        );
        return Err(Refusal::new("RepositoryAlreadyExistsException", text));
    }
    let repository = Repository {
        name: name.to_owned(),
        arn: world.arn("ecr", &format!("repository/{name}")),
        uri: format!("{}/{name}", super::registry::host(world)),
        created_at: world.now,
        mutability: asked.to_owned(),
        exclusions: filters,
        scan_on_push: scans_on_push(input),
        encryption,
        policy: None,
        lifecycle: None,
        preview: None,
        tags,
        images: BTreeMap::new(),
        layers: BTreeMap::new(),
        uploads: BTreeMap::new(),
    };
    let answer = json!({ "repository": repository.shown() });
    world.ecr.repositories.insert(name.to_owned(), repository);
    Ok(answer)
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("repositoryNames");
    if names.is_empty() {
        check_registry(input)?;
        let all = world.ecr.repositories.iter();
        let all: Vec<(&str, &Repository)> = all.map(|(name, it)| (name.as_str(), it)).collect();
        let limit = input.integer("maxResults").unwrap_or(100) as usize;
        let Some((some, next)) = page_by_name(&all, input.maybe("nextToken"), limit) else {
            return Err(invalid("nextToken", "Invalid next token"));
        };
        let shown: Vec<Value> = some.into_iter().map(Repository::shown).collect();
        return Ok(object([
            ("repositories", Some(json!(shown))),
            ("nextToken", next.map(Value::from)),
        ]));
    }
    if input.has("maxResults") || input.has("nextToken") {
        let text = "maxResults and nextToken cannot be used with repositoryNames";
        return Err(Refusal::new("InvalidParameterException", text));
    }
    let found: Result<Vec<Value>, Refusal> = names
        .into_iter()
        .map(|name| Ok(named(world, input, name)?.shown()))
        .collect();
    Ok(json!({ "repositories": found? }))
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let repository = find(world, input)?;
    if !repository.images.is_empty() && !input.flag("force") {
        let text = format!(
            "The repository with name '{}' in registry with id '{ACCOUNT}' cannot be deleted \
             because it still contains images",
            repository.name
        );
        return Err(Refusal::new("RepositoryNotEmptyException", text));
    }
    let answer = json!({ "repository": repository.shown() });
    world.ecr.repositories.remove(input.text("repositoryName"));
    Ok(answer)
}

fn put_mutability(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    let asked = input.text("imageTagMutability");
    repository.exclusions = checked_exclusions(asked, input)?;
    repository.mutability = asked.to_owned();
    Ok(object([
        ("registryId", Some(json!(ACCOUNT))),
        ("repositoryName", Some(json!(repository.name))),
        ("imageTagMutability", Some(json!(repository.mutability))),
        ("imageTagMutabilityExclusionFilters", exclusions(repository)),
    ]))
}

fn put_scanning(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    repository.scan_on_push = scans_on_push(input);
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "imageScanningConfiguration": { "scanOnPush": repository.scan_on_push },
    }))
}

fn scans_on_push(input: &Input) -> bool {
    let asked = input.get("imageScanningConfiguration");
    asked.is_some_and(|it| it["scanOnPush"] == true)
}

fn exclusions(repository: &Repository) -> Option<Value> {
    let some = Some(&repository.exclusions).filter(|it| !it.is_empty());
    some.map(|it| json!(it))
}

fn checked_exclusions(mutability: &str, input: &Input) -> Result<Vec<Value>, Refusal> {
    const MEMBER: &str = "imageTagMutabilityExclusionFilters";
    let filters = input.list(MEMBER);
    let is_told = mutability.ends_with("_WITH_EXCLUSION");
    if is_told == filters.is_empty() {
        let text = match is_told {
            true => "exclusion filters are required with this tag mutability",
            false => "exclusion filters cannot be used with this tag mutability",
        };
        return Err(invalid(MEMBER, text));
    }
    for filter in filters.iter().filter_map(|it| it["filter"].as_str()) {
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "._*-".contains(it);
        if !filter.chars().all(is_plain) {
            return Err(invalid(
                MEMBER,
                "must satisfy regular expression '^[0-9a-zA-Z._*-]{1,128}$'",
            ));
        }
        if filter.matches('*').count() > 2 {
            return Err(invalid(MEMBER, "a filter has at most 2 wildcards"));
        }
    }
    Ok(filters.to_vec())
}

/// AWS's own key is the same for every repository of a region.
fn encryption(world: &World, asked: Option<&Value>) -> Result<Value, Refusal> {
    let kind = asked.and_then(|it| it["encryptionType"].as_str());
    let key = asked.and_then(|it| it["kmsKey"].as_str());
    let key = match (kind.unwrap_or("AES256"), key) {
        ("AES256", None) => return Ok(json!({ "encryptionType": "AES256" })),
        ("AES256", Some(_)) => {
            let text = "KMS key can not be specified with encryption type AES256";
            return Err(invalid("encryptionConfiguration", text));
        }
        (_, Some(arn)) if arn.starts_with("arn:") => arn.to_owned(),
        (_, Some(alias)) if alias.starts_with("alias/") => world.arn("kms", alias),
        (_, Some(id)) => world.arn("kms", &format!("key/{id}")),
        (_, None) => world.arn("kms", "key/0d990263-018e-4e65-a703-eff731de951e"),
    };
    Ok(json!({ "encryptionType": kind, "kmsKey": key }))
}

fn check_registry(input: &Input) -> Result<(), Refusal> {
    match input.maybe("registryId") {
        None | Some(ACCOUNT) => Ok(()),
        Some(_) => Err(invalid("registryId", "must be the registry of the caller")),
    }
}

/// Parts between slashes; in each, letters and digits with single separators between them, which
/// are a dot, one or two underscores, or hyphens.
fn check_name(name: &str) -> Result<(), Refusal> {
    const PATTERN: &str = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";
    let is_letter = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let is_separator = |it: &str| {
        matches!(it, "." | "_" | "__") || !it.is_empty() && it.chars().all(|it| it == '-')
    };
    let is_part = |part: &str| {
        let mut separators = part.split(is_letter).filter(|it| !it.is_empty());
        part.starts_with(is_letter) && part.ends_with(is_letter) && separators.all(is_separator)
    };
    match name.split('/').all(is_part) {
        true => Ok(()),
        false => {
            let text = format!("must satisfy regular expression '{PATTERN}'");
            Err(invalid("repositoryName", &text))
        }
    }
}
