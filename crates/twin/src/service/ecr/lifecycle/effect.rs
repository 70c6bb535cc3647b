//! What a lifecycle policy does to the images that there are.

use super::{
    super::{image::Image, query, repository::Repository},
    rule::{CountType, Rule},
};
use crate::Time;
use std::{collections::BTreeSet, time::Duration};

/// What happens to one image.
pub(super) struct Fate {
    pub(super) digest: String,
    /// The rule's priority.
    pub(super) priority: u64,
    /// Whether it goes to the archive, and not away.
    pub(super) archives: bool,
}

/// What the rules, in order of priority, do at a moment. An image whose tags fit a rule is left
/// alone by all rules after it, and one that is in a list stays while the list does.
pub(super) fn of(rules: &[Rule], repository: &Repository, now: Time) -> Vec<Fate> {
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let mut fates = Vec::new();
    for rule in rules {
        let selected = repository.images.values();
        let mut selected: Vec<&Image> = selected.filter(|it| rule.selection.selects(it)).collect();
        selected.sort_by_key(|it| std::cmp::Reverse(it.pushed_at));
        for image in ripe(rule, &selected, now) {
            let is_listed = !query::lists_of(repository, &image.digest).is_empty();
            if !taken.contains(image.digest.as_str()) && !is_listed {
                fates.push(Fate {
                    digest: image.digest.clone(),
                    priority: rule.priority,
                    archives: rule.archives(),
                });
            }
        }
        taken.extend(selected.iter().map(|it| it.digest.as_str()));
    }
    fates
}

/// Those of the selected images, newest first, that a rule is about.
fn ripe<'a>(rule: &Rule, selected: &[&'a Image], now: Time) -> Vec<&'a Image> {
    let number = rule.selection.count_number;
    let since = |moment: fn(&Image) -> Time| {
        let age = Duration::from_secs(number.saturating_mul(24 * 3600));
        let images = selected.iter().copied();
        images
            .filter(|it| now.since(moment(it)) > age)
            .collect::<Vec<_>>()
    };
    match rule.selection.count_type {
        CountType::ImageCountMoreThan => {
            let beyond = selected.iter().skip(number as usize);
            beyond.copied().collect()
        }
        CountType::SinceImagePushed => since(|it| it.pushed_at),
        CountType::SinceImagePulled => since(|it| it.pulled_at.unwrap_or(it.pushed_at)),
        CountType::SinceImageTransitioned => since(|it| it.archived_at.unwrap_or(it.pushed_at)),
    }
}
