//! What a lifecycle policy says.

use super::super::{image::Image, invalid, matches};
use crate::Refusal;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;

/// A rule, checked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    #[serde(rename = "rulePriority")]
    pub(super) priority: u64,
    #[serde(default, rename = "description")]
    _description: String,
    pub(super) selection: Selection,
    action: Outcome,
}

/// Which images a rule is for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Selection {
    tag_status: TagStatus,
    #[serde(default)]
    tag_prefix_list: Vec<String>,
    #[serde(default)]
    tag_pattern_list: Vec<String>,
    #[serde(default)]
    storage_class: StorageClass,
    pub(super) count_type: CountType,
    #[serde(default, deserialize_with = "present")]
    count_unit: Option<CountUnit>,
    pub(super) count_number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum TagStatus {
    Tagged,
    Untagged,
    Any,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StorageClass {
    #[default]
    Standard,
    Archive,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum CountType {
    ImageCountMoreThan,
    SinceImagePushed,
    SinceImagePulled,
    SinceImageTransitioned,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum CountUnit {
    Days,
}

/// What happens to them.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Outcome {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default, deserialize_with = "present")]
    target_storage_class: Option<StorageClass>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Expire,
    Transition,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    rules: Vec<Rule>,
}

/// A member that is there is not null.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// The rules of a policy in order of their priority.
pub(super) fn read(text: &str) -> Result<Vec<Rule>, Refusal> {
    let policy = serde_json::from_str::<Policy>(text);
    let mut rules = policy.map_err(|err| wrong(&err.to_string()))?.rules;
    check_all(&rules)?;
    rules.iter().try_for_each(check)?;
    rules.sort_by_key(|it| it.priority);
    Ok(rules)
}

fn wrong(detail: &str) -> Refusal {
    let text = format!("Lifecycle policy validation failure: {detail}");
    invalid("LifecyclePolicyText", &text)
}

fn check_all(rules: &[Rule]) -> Result<(), Refusal> {
    if rules.is_empty() || rules.len() > 50 {
        return Err(wrong("a policy has 1 to 50 rules"));
    }
    let priorities: BTreeSet<u64> = rules.iter().map(|it| it.priority).collect();
    if priorities.len() != rules.len() {
        return Err(wrong("rulePriority values must be unique"));
    }
    let of_status = |status: TagStatus, class: StorageClass| {
        let rules = rules
            .iter()
            .filter(move |it| it.selection.storage_class == class);
        rules.filter(move |it| it.selection.tag_status == status)
    };
    for class in [StorageClass::Standard, StorageClass::Archive] {
        if of_status(TagStatus::Untagged, class).count() > 1 {
            return Err(wrong("only one rule may select untagged images"));
        }
        if of_status(TagStatus::Any, class).count() > 1 {
            return Err(wrong("only one rule may select any images"));
        }
        let of_class = rules
            .iter()
            .filter(|it| it.selection.storage_class == class);
        let last = of_class.map(|it| it.priority).max();
        if of_status(TagStatus::Any, class).any(|it| Some(it.priority) != last) {
            let text = "a rule with tagStatus any must have the highest rulePriority";
            return Err(wrong(text));
        }
    }
    Ok(())
}

fn check(rule: &Rule) -> Result<(), Refusal> {
    let it = &rule.selection;
    let lists = !it.tag_prefix_list.is_empty() as u8 + !it.tag_pattern_list.is_empty() as u8;
    let is_archive = it.storage_class == StorageClass::Archive;
    let moves = rule.archives();
    let target = rule.action.target_storage_class;
    let is_since = it.count_type != CountType::ImageCountMoreThan;
    let wrongs = [
        (rule.priority == 0, "rulePriority must be at least 1"),
        (it.count_number == 0, "countNumber must be at least 1"),
        (
            it.tag_status == TagStatus::Tagged && lists != 1,
            "tagStatus tagged needs either a tagPrefixList or a tagPatternList",
        ),
        (
            it.tag_status != TagStatus::Tagged && lists != 0,
            "only tagStatus tagged takes a tagPrefixList or a tagPatternList",
        ),
        (
            it.tag_pattern_list
                .iter()
                .any(|it| it.matches('*').count() > 4),
            "a tag pattern has at most 4 wildcards",
        ),
        (
            is_since != it.count_unit.is_some(),
            "countUnit is for the count types of time, and needed there",
        ),
        (
            is_archive != (it.count_type == CountType::SinceImageTransitioned),
            "storageClass archive is for countType sinceImageTransitioned, and needed there",
        ),
        (
            is_archive && (moves || it.count_number < 90),
            "archived images can only expire, and after 90 days at the earliest",
        ),
        (
            moves != (target == Some(StorageClass::Archive)) || !moves && target.is_some(),
            "targetStorageClass archive is for transitions, and needed there",
        ),
        (
            it.count_type == CountType::SinceImagePulled && !moves,
            "countType sinceImagePulled is only for transitions",
        ),
    ];
    match wrongs.into_iter().find(|(is_wrong, _)| *is_wrong) {
        Some((_, text)) => Err(wrong(text)),
        None => Ok(()),
    }
}

impl Rule {
    /// Whether images go to the archive, and not away.
    pub(super) fn archives(&self) -> bool {
        self.action.kind == Kind::Transition
    }
}

impl Selection {
    /// Whether the rule looks at an image, by its tags and where it is kept.
    pub(super) fn selects(&self, image: &Image) -> bool {
        let is_archived = image.archived_at.is_some();
        if is_archived != (self.storage_class == StorageClass::Archive) {
            return false;
        }
        let any_tag = |fits: &dyn Fn(&str) -> bool| image.tags.iter().any(|it| fits(it));
        match self.tag_status {
            TagStatus::Any => true,
            TagStatus::Untagged => image.tags.is_empty(),
            TagStatus::Tagged => {
                let mut prefixes = self.tag_prefix_list.iter();
                let mut patterns = self.tag_pattern_list.iter();
                prefixes.all(|prefix| any_tag(&|tag| tag.starts_with(prefix.as_str())))
                    && patterns.all(|pattern| any_tag(&|tag| matches(pattern, tag)))
            }
        }
    }
}
