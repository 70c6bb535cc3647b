//! Images that a task definition names, in the account's own registry.

use super::{Home, Questions, Touched};
use crate::system::{Item, System};
use serde_json::Value;
use setpoint_spec::{Code, Problem, Span};
use std::collections::BTreeMap;

const MISSING: Code = Code("SP201");
const ELSE: Code = Code("SP202");

/// Whether an image is there, and what it runs on.
#[derive(Clone, Debug)]
pub struct ImageQuestion {
    /// The repository's name.
    pub repository: String,
    /// A tag, or a digest: `sha256:…`.
    pub reference: String,
    /// Its name in messages.
    name: String,
    definition: String,
    span: Span,
    /// What its containers would run on, by the architecture as images name it.
    machines: BTreeMap<&'static str, String>,
}

/// What AWS says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// There is no such repository.
    NoRepository,
    /// The repository has no such image.
    Absent {
        /// Tags that it has, the newest first.
        tags: Vec<String>,
    },
    /// It is there.
    Present {
        /// What it runs on, as images name it: `amd64`; nothing if that is not known.
        architectures: Vec<String>,
    },
}

impl ImageQuestion {
    /// What an answer means.
    pub fn judge(&self, answer: &Image) -> Option<Problem> {
        let name = &self.name;
        match answer {
            Image::NoRepository => {
                let message = format!(
                    "there is no repository {} in this account and region",
                    self.repository
                );
                Some(
                    Problem::error(MISSING, self.span, message)
                        .why(NEVER)
                        .hint("declare it under `repositories:`, or correct its name"),
                )
            }
            Image::Absent { tags } => {
                let message = format!("there is no image {name}");
                let newest: Vec<&str> = tags.iter().take(5).map(String::as_str).collect();
                let newest = newest.join(", ");
                Some(match tags.is_empty() {
                    // A first apply that was stopped is finished by another one.
                    true => Problem::warning(MISSING, self.span, message)
                        .why(STARTS_NOTHING)
                        .hint("push it: the repository holds no tagged image at all"),
                    false => Problem::error(MISSING, self.span, message)
                        .why(NEVER)
                        .hint(format!(
                            "push it first, or name one that is there, newest first: {newest}"
                        )),
                })
            }
            Image::Present { architectures } => self.misfit(architectures),
        }
    }

    fn misfit(&self, architectures: &[String]) -> Option<Problem> {
        let runs_on = |it: &&str| architectures.iter().any(|own| own == it);
        let mut missing = self.machines.iter().filter(|(it, _)| !runs_on(it));
        let (architecture, machine) = missing.next().filter(|_| !architectures.is_empty())?;
        let message = format!(
            "{} is built for {}, and would run on {machine}, which is {architecture}",
            self.name,
            architectures.join(" and ")
        );
        let problem = Problem::error(ELSE, self.span, message)
            .why("the tasks would end as soon as they start, with `exec format error`")
            .hint(format!(
                "build it for linux/{architecture} too, or choose other instances"
            ));
        Some(problem)
    }

    /// What is known of an image whose repository the plan itself makes.
    fn not_yet(&self) -> Problem {
        let message = format!(
            "nobody can have pushed {} yet: this plan makes its repository",
            self.name
        );
        Problem::note(MISSING, self.span, message)
            .why(STARTS_NOTHING)
            .hint(format!(
                "push it as soon as the repository is there; {}'s service then starts by itself",
                self.definition
            ))
    }
}

const STARTS_NOTHING: &str = "the service finds no image and starts no task until one is pushed";

const NEVER: &str =
    "no task of it would start: every deployment ends with `CannotPullContainerError`";

/// Asks for each image that what a plan touches would run.
pub(super) fn ask(
    system: &System<'_>,
    touched: &Touched,
    home: Home<'_>,
    questions: &mut Questions,
) {
    for definition in system.items("taskDefinitions") {
        let of = |it: &Option<&Item<'_>>| it.is_some_and(|it| it.name == definition.name);
        let runs: Vec<_> = system.runs().filter(|it| of(&it.definition)).collect();
        let is_started = runs
            .iter()
            .any(|it| touched.makes("service", it.service.name));
        if !is_started && !touched.touches("taskDefinition", definition.name) {
            continue;
        }
        let fleets = runs
            .iter()
            .filter(|it| it.is_on_ec2())
            .flat_map(|it| it.fleets);
        let machines = fleets.filter_map(|it| {
            let kind = it.instance_type?;
            let architecture = if kind.architecture == "x86_64" {
                "amd64"
            } else {
                kind.architecture
            };
            Some((
                architecture,
                format!("the {} instances of {}", kind.name, it.group.name),
            ))
        });
        let machines: BTreeMap<&str, String> = machines.collect();
        for container in definition.containers() {
            let image = &container.value["image"];
            let span = system.span(&container.at(["image".into()]));
            if let Some(name) = image["build"].as_str() {
                let built = &system.source.value["images"][name];
                let platform = built["platform"].as_str().unwrap_or("linux/amd64");
                let architecture = platform.split('/').nth(1).unwrap_or_default();
                let question = ImageQuestion {
                    repository: String::new(),
                    reference: String::new(),
                    name: format!("the image {name}"),
                    definition: definition.name.to_owned(),
                    span,
                    machines: machines.clone(),
                };
                let misfit = question.misfit(&[architecture.to_owned()]);
                questions.problems.extend(misfit);
                continue;
            }
            let Some((repository, reference)) = reference(image, home) else {
                continue;
            };
            let mark = match reference.starts_with("sha256:") {
                true => '@',
                false => ':',
            };
            let question = ImageQuestion {
                name: format!("{repository}{mark}{reference}"),
                repository,
                reference,
                definition: definition.name.to_owned(),
                span,
                machines: machines.clone(),
            };
            match touched.makes("repository", &question.repository) {
                true => questions.problems.push(question.not_yet()),
                false => questions.images.push(question),
            }
        }
    }
}

/// The repository and the tag or digest, if the image is in the registry of the account and region.
pub(super) fn reference(image: &Value, home: Home<'_>) -> Option<(String, String)> {
    if let Value::Object(image) = image {
        let text = |member: &str| match image.get(member) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let reference = text("digest").or_else(|| text("tag"));
        return Some((
            text("repository")?,
            reference.unwrap_or_else(|| "latest".into()),
        ));
    }
    let (registry, rest) = image.as_str()?.split_once('/')?;
    let of_home = registry
        .strip_prefix(home.account)?
        .strip_prefix(".dkr.ecr.")?;
    of_home
        .strip_prefix(home.region)?
        .strip_prefix(".amazonaws.com")?;
    let tagged = |it: &str| match it.rsplit_once(':') {
        Some((name, tag)) => (name.to_owned(), tag.to_owned()),
        None => (it.to_owned(), "latest".to_owned()),
    };
    Some(match rest.split_once('@') {
        Some((name, digest)) => (tagged(name).0, digest.to_owned()),
        None => tagged(rest),
    })
}
