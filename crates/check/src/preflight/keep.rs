//! Whether a lifecycle policy leaves what runs alone.

use super::{Home, Touched, image::reference};
use crate::{
    lifecycle::{StoredImage, fate},
    system::System,
};
use serde_json::Value;
use setpoint_spec::{Code, Problem, Span};
use std::collections::{BTreeMap, BTreeSet};

const CODE: Code = Code("SP205");

/// Whether the policy of a repository deletes an image that something needs.
#[derive(Clone, Debug)]
pub struct KeepQuestion {
    /// The repository.
    pub repository: String,
    /// The families of the stack that run images of it.
    pub families: Vec<String>,
    /// Tags and digests that the stack itself names, with the task definition that does.
    pub named: BTreeMap<String, String>,
    policy: Value,
    span: Span,
}

impl KeepQuestion {
    /// What the images of a repository mean, with what needs which of them by its digest, such as
    /// `a running task of web`. The time is in seconds since 1970.
    pub fn judge(
        &self,
        images: &[StoredImage],
        needed: &BTreeMap<String, BTreeSet<String>>,
        now: f64,
    ) -> Option<Problem> {
        let mut fates: Vec<_> = needed
            .iter()
            .filter_map(|(digest, by)| Some((digest, by, fate(&self.policy, images, digest, now)?)))
            .collect();
        fates.sort_by(|a, b| a.2.at.total_cmp(&b.2.at));
        let (digest, by, fate) = fates.first()?;
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let does = if fate.archives { "archives" } else { "deletes" };
        let tags = images.iter().find(|it| it.digest == **digest);
        let tags = tags.map(|it| it.tags.join(", ")).unwrap_or_default();
        let named = match tags.is_empty() {
            true => (*digest).clone(),
            false => format!("{tags} ({digest})"),
        };
        let what = format!("{named}, which {} needs", by.join(" and "));
        let policy = format!(
            "rule {} of the lifecycle policy of {}",
            fate.rule, self.repository
        );
        let days = ((fate.at - now) / (24.0 * 3600.0)).ceil();
        let problem = if fate.at <= now {
            Problem::error(CODE, self.span, format!("{policy} {does} {what}"))
        } else {
            let when = format!("in {days} days");
            Problem::warning(CODE, self.span, format!("{policy} {does} {what}, {when}"))
        };
        Some(
            problem
                .why("a task that is started after that finds no image: the service cannot scale out or roll back")
                .hint(format!(
                    "let a rule before rule {} be about the tags of what runs, or keep more images",
                    fate.rule
                )),
        )
    }
}

/// Asks for each repository with a policy that a plan touches, or whose images it would run.
pub(super) fn questions(
    system: &System<'_>,
    touched: &Touched,
    home: Home<'_>,
) -> Vec<KeepQuestion> {
    let repositories = system.items("repositories").iter();
    let asked = repositories.filter_map(|repository| {
        let policy = repository.value.get("lifecyclePolicy")?.clone();
        // A repository that is not there holds nothing.
        if touched.makes("repository", repository.name) {
            return None;
        }
        let mut question = KeepQuestion {
            repository: repository.name.to_owned(),
            families: Vec::new(),
            named: BTreeMap::new(),
            policy,
            span: system.span(&repository.at(["lifecyclePolicy".into()])),
        };
        let mut is_touched = touched.touches("repository", repository.name);
        for definition in system.items("taskDefinitions") {
            for container in definition.containers() {
                let image = &container.value["image"];
                let of = match image["build"].as_str() {
                    Some(name) => {
                        let of = &system.source.value["images"][name]["repository"];
                        of.as_str().map(|it| (it.to_owned(), None))
                    }
                    None => reference(image, home).map(|(name, it)| (name, Some(it))),
                };
                let Some((_, named)) = of.filter(|it| it.0 == repository.name) else {
                    continue;
                };
                is_touched |= touched.touches("taskDefinition", definition.name);
                question.families.push(definition.name.to_owned());
                let by = format!("the task definition {}", definition.name);
                question.named.extend(named.map(|it| (it, by)));
            }
        }
        is_touched.then_some(question)
    });
    asked.collect()
}
