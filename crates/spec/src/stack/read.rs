//! From a parsed text to a stack: section by section and item by item, so that one mistake hides
//! no other.

use super::{Around, Resources, SECTIONS, Stack, Written, Wrong, capacity, documents, network};
use crate::{
    kind::{ClusterCapacityProviders, Image, Subnets, Tags, Vpc},
    problem::{Code, Problem},
    source::{Source, Step},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;
use setpoint_core::{Address, Kind, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// What stands at the top of a stack beside its sections.
const HEAD: [&str; 8] = [
    "name", "region", "account", "tags", "network", "existing", "load", "rehearse",
];

pub(super) fn stack(source: &Source) -> (Stack, Vec<Problem>) {
    let mut reader = Reader {
        source,
        problems: Vec::new(),
    };
    let stack = reader.stack();
    (stack, reader.problems)
}

struct Reader<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn stack(&mut self) -> Stack {
        let empty = Map::new();
        let root = match &self.source.value {
            Value::Object(root) => root,
            _ => {
                self.wrong(
                    &[],
                    Wrong::new([], "a stack is a map that begins with `name:`"),
                );
                &empty
            }
        };
        self.unknown_sections(root);
        let name = self.name(root);
        let network: Option<network::Network> = self.optional(root, "network");
        let network = network.unwrap_or_default();
        let mut existing = self.existing(root);
        let names = names(root, &existing);
        let tags: Tags = self.optional(root, "tags").unwrap_or_default();
        let around = Around {
            tags: &tags,
            vpc: &network.vpc,
            subnets: &network.subnets,
            names: &names,
            autoscaled: &keys(root, "scaling"),
            with_providers: &capacity::clusters_with_providers(root),
        };
        let resources = self.resources(root, &around);
        existing.extend(looked_up(&resources));
        Stack {
            region: self.optional(root, "region"),
            account: self.account(root),
            load: self.optional(root, "load"),
            rehearse: self.optional(root, "rehearse"),
            name,
            resources,
            existing,
        }
    }

    fn resources(&mut self, root: &Map<String, Value>, around: &Around<'_>) -> Resources {
        let clusters = self.section::<capacity::WrittenCluster>(root, "clusters", around);
        let providers: BTreeMap<String, ClusterCapacityProviders> =
            self.section::<capacity::WrittenProviders>(root, "clusters", around);
        let has_any = |it: &ClusterCapacityProviders| {
            !it.capacity_providers.is_empty() || !it.default_strategy.is_empty()
        };
        Resources {
            repositories: self.section::<network::WrittenRepository>(root, "repositories", around),
            images: self.section::<super::images::WrittenImage>(root, "images", around),
            roles: self.section::<super::identity::WrittenRole>(root, "roles", around),
            instance_profiles: self.section::<super::identity::WrittenProfile>(
                root,
                "instanceProfiles",
                around,
            ),
            log_groups: self.section::<network::WrittenLogGroup>(root, "logGroups", around),
            security_groups: self.section::<network::WrittenGroup>(root, "securityGroups", around),
            launch_templates: self.section::<super::instances::WrittenTemplate>(
                root,
                "launchTemplates",
                around,
            ),
            auto_scaling_groups: self.section::<capacity::WrittenAutoScalingGroup>(
                root,
                "autoScalingGroups",
                around,
            ),
            capacity_providers: self.section::<capacity::WrittenProvider>(
                root,
                "capacityProviders",
                around,
            ),
            clusters,
            cluster_capacity_providers: providers.into_iter().filter(|it| has_any(&it.1)).collect(),
            task_definitions: self.section::<documents::WrittenTaskDefinition>(
                root,
                "taskDefinitions",
                around,
            ),
            services: self.section::<documents::WrittenService>(root, "services", around),
            scaling: self.section::<super::scaling::WrittenScaling>(root, "scaling", around),
        }
    }

    /// Reads each item of a section, the good ones past the bad ones.
    fn section<W: Written>(
        &mut self,
        root: &Map<String, Value>,
        section: &str,
        around: &Around<'_>,
    ) -> BTreeMap<String, W::Resource> {
        let mut read = BTreeMap::new();
        for (step, name, value) in self.items(root, section) {
            let path = [section.into(), step];
            let value = match value {
                Value::Null => Value::Object(Map::new()),
                value => value,
            };
            let Some(written) = self.decoded::<W>(&path, value) else {
                continue;
            };
            match written.resource(&name, around) {
                Ok(resource) => {
                    read.insert(name, resource);
                }
                Err(wrongs) => wrongs.into_iter().for_each(|it| self.wrong(&path, it)),
            }
        }
        read
    }

    /// The items of a section: a map by name or, for pasted task definitions and services, a list.
    fn items(&mut self, root: &Map<String, Value>, section: &str) -> Vec<(Step, String, Value)> {
        let named_by = match section {
            "taskDefinitions" => Some("family"),
            "services" => Some("serviceName"),
            _ => None,
        };
        match (root.get(section), named_by) {
            (None | Some(Value::Null), _) => Vec::new(),
            (Some(Value::Object(items)), _) => items
                .iter()
                .map(|(name, it)| (Step::Key(name.clone()), name.clone(), it.clone()))
                .collect(),
            (Some(Value::Array(items)), Some(member)) => {
                let mut named = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    match item[member].as_str() {
                        Some(name) => named.push((index.into(), name.to_owned(), item.clone())),
                        None => self.wrong(
                            &[section.into(), index.into()],
                            Wrong::new([], format!("an element of `{section}` needs `{member}`"))
                                .code(Code::MISSING),
                        ),
                    }
                }
                named
            }
            _ => {
                let message = format!("`{section}` is a map from names to what they stand for");
                self.wrong(&[section.into()], Wrong::new([], message).code(Code::TYPE));
                Vec::new()
            }
        }
    }

    fn decoded<T: DeserializeOwned>(&mut self, path: &[Step], value: Value) -> Option<T> {
        match serde_path_to_error::deserialize(value) {
            Ok(it) => Some(it),
            Err(err) => {
                let mut steps: Vec<Step> = err.path().iter().filter_map(step).collect();
                let text = err.into_inner().to_string();
                let wrong = explained(&text, &mut steps);
                self.wrong(path, wrong);
                None
            }
        }
    }

    fn optional<T: DeserializeOwned>(&mut self, root: &Map<String, Value>, key: &str) -> Option<T> {
        let value = root.get(key).filter(|it| !it.is_null())?;
        self.decoded(&[key.into()], value.clone())
    }

    fn name(&mut self, root: &Map<String, Value>) -> String {
        let name: Option<String> = self.optional(root, "name");
        let is_name = |it: &str| {
            let inner = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
            !it.is_empty() && it.len() <= 64 && it.chars().all(inner)
        };
        match name {
            Some(name) if is_name(&name) => name,
            Some(name) => {
                let message = format!(
                    "`{name}` is no name for a stack: letters, digits, `-` and `_`, 64 at most"
                );
                self.wrong(&["name".into()], Wrong::new([], message));
                name
            }
            None => {
                if !root.contains_key("name") && !root.is_empty() {
                    let wrong = Wrong::new([], "the stack has no `name`")
                        .code(Code::MISSING)
                        .hint("begin the file with `name: <a name for it>`: it marks what is ours");
                    self.wrong(&[], wrong);
                }
                String::new()
            }
        }
    }

    fn account(&mut self, root: &Map<String, Value>) -> Option<String> {
        let account = match root.get("account")? {
            Value::Number(number) => format!("{number:0>12}"),
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        if account.len() == 12 && account.chars().all(|it| it.is_ascii_digit()) {
            return Some(account);
        }
        let wrong = Wrong::new([], "an account is twelve digits").hint("account: \"123456789012\"");
        self.wrong(&["account".into()], wrong);
        None
    }

    fn existing(&mut self, root: &Map<String, Value>) -> BTreeSet<Address> {
        let sections: BTreeMap<String, Vec<String>> =
            self.optional(root, "existing").unwrap_or_default();
        let mut existing = BTreeSet::new();
        for (section, names) in sections {
            let sections = || SECTIONS.iter().filter(|it| it.1 != Image::KIND);
            match sections().find(|it| it.0 == section) {
                Some((_, kind)) => {
                    existing.extend(names.iter().map(|it| Address::new(*kind, it.as_str())));
                }
                None => {
                    let known = sections().map(|it| it.0);
                    let wrong = unknown("kind of resource", &section, known);
                    self.wrong_key(&["existing".into(), section.as_str().into()], wrong);
                }
            }
        }
        existing
    }

    fn unknown_sections(&mut self, root: &Map<String, Value>) {
        for key in root.keys() {
            let known = || HEAD.into_iter().chain(SECTIONS.iter().map(|it| it.0));
            if !known().any(|it| it == key) {
                let wrong = unknown("section", key, known());
                self.wrong_key(&[key.as_str().into()], wrong);
            }
        }
    }

    fn wrong(&mut self, path: &[Step], wrong: Wrong) {
        let path: Vec<Step> = path.iter().chain(&wrong.path).cloned().collect();
        let is_key = wrong.message.starts_with("unknown key");
        self.tell(&path, is_key, wrong);
    }

    fn wrong_key(&mut self, path: &[Step], wrong: Wrong) {
        self.tell(path, true, wrong);
    }

    fn tell(&mut self, path: &[Step], is_key: bool, wrong: Wrong) {
        let span = match (is_key, wrong.code) {
            (true, _) => self.source.span_of_key(path),
            // What is missing is missing from something that has a name.
            (false, Code::MISSING) => self.source.head(path),
            (false, _) => self.source.span(path),
        };
        let mut problem = Problem::error(wrong.code, span, wrong.message);
        problem.hint = wrong.hint;
        if let Some(meant) = wrong.meant {
            let edit = match is_key {
                true => self.source.rename(path, &meant),
                false => self.source.replace(path, &Value::String(meant.clone())),
            };
            if let Some(edit) = edit {
                problem = problem.fix(format!("write `{meant}`"), vec![edit]);
            }
        }
        self.problems.push(problem);
    }
}

fn step(segment: &Segment) -> Option<Step> {
    match segment {
        Segment::Seq { index } => Some((*index).into()),
        Segment::Map { key } => Some(key.as_str().into()),
        Segment::Enum { variant } => Some(variant.as_str().into()),
        Segment::Unknown => None,
    }
}

/// Says in a reader's words what serde says in its own, and moves to the key it speaks of.
fn explained(text: &str, steps: &mut Vec<Step>) -> Wrong {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    let wrong = match (&quoted[..], text) {
        ([field, known @ ..], text) if text.starts_with("unknown field") => {
            if steps.last() != Some(&Step::from(*field)) {
                steps.push((*field).into());
            }
            unknown("key", field, known.iter().copied())
        }
        ([variant, known @ ..], text) if text.starts_with("unknown variant") => {
            unknown("value", variant, known.iter().copied())
        }
        ([field, ..], text) if text.starts_with("missing field") => {
            Wrong::new([], format!("`{field}` is missing")).code(Code::MISSING)
        }
        _ => Wrong::new([], in_words(text)).code(Code::TYPE),
    };
    Wrong {
        path: std::mem::take(steps),
        ..wrong
    }
}

/// What serde says of a value of another type, without the names of Rust's types.
fn in_words(text: &str) -> String {
    let text = text
        .replace("invalid type: ", "this is ")
        .replace(", expected", ", where there should be");
    let Some((rest, last)) = text.rsplit_once(' ') else {
        return text;
    };
    let words = match last {
        "i32" | "i64" | "u16" | "u32" | "u64" => "a whole number",
        "f32" | "f64" => "a number",
        _ => return text,
    };
    format!("{rest} {words}")
}

/// Says that a word is not known, and which one may have been meant.
pub(super) fn unknown<'a>(
    what: &str,
    word: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Wrong {
    let wrong = Wrong::new([], format!("unknown {what} `{word}`")).code(Code::UNKNOWN);
    match nearest(word, known.clone()) {
        Some(near) => Wrong {
            meant: Some(near.to_owned()),
            ..wrong.hint(format!("did you mean `{near}`?"))
        },
        None => {
            let known: Vec<&str> = known.collect();
            match known.is_empty() {
                true => wrong,
                false => wrong.hint(format!("known here: {}", known.join(", "))),
            }
        }
    }
}

/// The known word that is nearest to one, if any is near.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |it: &str| it.to_lowercase().replace(['_', '-'], "");
    let word = plain(word);
    known
        .map(|it| (strsim::damerau_levenshtein(&word, &plain(it)), it))
        .filter(|(distance, it)| *distance <= 1.max(it.len().max(word.len()) / 3))
        .min()
        .map(|(_, it)| it)
}

fn keys(root: &Map<String, Value>, section: &str) -> BTreeSet<String> {
    let items = root.get(section).and_then(Value::as_object);
    items
        .into_iter()
        .flat_map(|it| it.keys().cloned())
        .collect()
}

/// Every name that the stack declares or says to exist, by kind.
fn names(
    root: &Map<String, Value>,
    existing: &BTreeSet<Address>,
) -> BTreeMap<Kind, BTreeSet<String>> {
    let mut names: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
    for (section, kind) in SECTIONS {
        let names = names.entry(kind).or_default();
        names.extend(keys(root, section));
        let listed = root.get(section).and_then(Value::as_array);
        for item in listed.into_iter().flatten() {
            let name = item["family"].as_str().or(item["serviceName"].as_str());
            names.extend(name.map(String::from));
        }
    }
    for address in existing {
        let names = names.entry(address.kind).or_default();
        names.insert(address.name.0.clone());
    }
    names
}

/// The VPCs and subnets that resources link to: they are looked up, never made.
fn looked_up(resources: &Resources) -> BTreeSet<Address> {
    let mut found = BTreeSet::new();
    let mut visit = |link: &mut dyn setpoint_core::AnyLink| {
        let target = link.waits_for();
        found.extend(target.filter(|it| it.kind == Vpc::KIND || it.kind == Subnets::KIND));
    };
    let groups = resources.security_groups.values().cloned();
    groups.for_each(|mut it| it.links(&mut visit));
    let groups = resources.auto_scaling_groups.values().cloned();
    groups.for_each(|mut it| it.links(&mut visit));
    let services = resources.services.values().cloned();
    services.for_each(|mut it| it.links(&mut visit));
    found
}
