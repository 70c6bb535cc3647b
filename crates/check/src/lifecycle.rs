//! What a lifecycle policy of ECR does to the images that there are.
//!
//! The semantics are those of [ECR's guide](https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html):
//! rules take their turns by priority, an image that fits a rule is left alone by every rule after
//! it, and what an index lists stays while the index does.

use serde_json::Value;

const DAY: f64 = 24.0 * 3600.0;

/// An image that a policy is tried on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredImage {
    /// Its digest.
    pub digest: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was pushed, in seconds since 1970.
    pub pushed_at: f64,
    /// When it was pulled last, in seconds since 1970.
    pub pulled_at: Option<f64>,
    /// Whether it is an index of images for several platforms.
    pub is_index: bool,
}

/// What becomes of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fate {
    /// The priority of the rule.
    pub(crate) rule: i64,
    /// When, in seconds since 1970; a time that is past means the next run of the policy.
    pub(crate) at: f64,
    /// Whether it is archived, and not deleted. Neither can be pulled.
    pub(crate) archives: bool,
}

/// What a policy does to one of the images, if it does anything that time alone will not change.
pub(crate) fn fate(policy: &Value, images: &[StoredImage], digest: &str, now: f64) -> Option<Fate> {
    let image = images.iter().find(|it| it.digest == digest)?;
    // Which images an index lists is not known here.
    let may_be_listed = image.tags.is_empty() && images.iter().any(|it| it.is_index);
    if may_be_listed && !image.is_index {
        return None;
    }
    let rules = policy["rules"].as_array()?;
    let mut rules: Vec<&Value> = rules.iter().collect();
    rules.sort_by_key(|it| it["rulePriority"].as_i64().unwrap_or(i64::MAX));
    let rule = rules
        .into_iter()
        .find(|it| selects(&it["selection"], image))?;
    let selection = &rule["selection"];
    let number = selection["countNumber"].as_f64()?;
    let at = match selection["countType"].as_str()? {
        "imageCountMoreThan" => {
            let newer = images.iter().filter(|it| {
                selects(selection, it) && it.digest != digest && it.pushed_at > image.pushed_at
            });
            (newer.count() as f64 >= number).then_some(now)?
        }
        "sinceImagePushed" => image.pushed_at + number * DAY,
        "sinceImagePulled" => image.pulled_at.unwrap_or(image.pushed_at) + number * DAY,
        // Of the archive, from which nothing is run.
        _ => return None,
    };
    Some(Fate {
        rule: rule["rulePriority"].as_i64()?,
        at,
        archives: rule["action"]["type"] == "transition",
    })
}

/// Whether a rule is about an image: all its prefixes or patterns have a tag that fits.
fn selects(selection: &Value, image: &StoredImage) -> bool {
    let listed = |member: &str| -> Vec<String> {
        let listed = selection[member].as_array().into_iter().flatten();
        listed
            .filter_map(|it| it.as_str().map(str::to_owned))
            .collect()
    };
    match selection["tagStatus"].as_str() {
        Some("any") => true,
        Some("untagged") => image.tags.is_empty(),
        Some("tagged") => {
            let (prefixes, patterns) = (listed("tagPrefixList"), listed("tagPatternList"));
            let has = |fits: &dyn Fn(&str) -> bool| image.tags.iter().any(|it| fits(it));
            !image.tags.is_empty()
                && prefixes
                    .iter()
                    .all(|prefix| has(&|it| it.starts_with(&**prefix)))
                && patterns.iter().all(|pattern| has(&|it| fits(pattern, it)))
        }
        _ => false,
    }
}

/// Whether a text fits a pattern, in which `*` is any number of characters.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = rest.split('*').collect();
    let (last, middle) = parts.split_last().expect("a split has a part");
    for part in middle {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn image(digest: &str, tags: &[&str], day: f64) -> StoredImage {
        StoredImage {
            digest: digest.into(),
            tags: tags.iter().map(|it| it.to_string()).collect(),
            pushed_at: day * DAY,
            ..StoredImage::default()
        }
    }

    fn rule(priority: i64, selection: Value) -> Value {
        json!({ "rulePriority": priority, "selection": selection, "action": { "type": "expire" } })
    }

    fn told(rules: Value, images: &[StoredImage]) -> Vec<String> {
        let policy = json!({ "rules": rules });
        let line = |it: &StoredImage| {
            let fate = fate(&policy, images, &it.digest, 100.0 * DAY);
            fate.map(|to| format!("{} by {} on day {}", it.digest, to.rule, to.at / DAY))
        };
        images.iter().filter_map(line).collect()
    }

    #[test]
    fn beyond_the_count_the_oldest_go_and_what_a_rule_before_is_about_stays() {
        let images = [
            image("a", &["v1"], 1.0),
            image("b", &["keep-1", "v2"], 2.0),
            image("c", &["v3"], 3.0),
        ];
        let any =
            json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1 });
        assert_eq!(
            told(json!([rule(2, any.clone())]), &images),
            ["a by 2 on day 100", "b by 2 on day 100"]
        );
        let keep = json!({ "tagStatus": "tagged", "tagPrefixList": ["keep-"],
            "countType": "imageCountMoreThan", "countNumber": 5 });
        assert_eq!(
            told(json!([rule(2, any), rule(1, keep)]), &images),
            ["a by 2 on day 100"]
        );
    }

    #[test]
    fn age_counts_from_the_push_or_the_last_pull() {
        let mut pulled = image("b", &["v2"], 2.0);
        pulled.pulled_at = Some(90.0 * DAY);
        let images = [image("a", &["v1"], 1.0), pulled];
        let since = |count: &str| {
            json!([rule(
                1,
                json!({ "tagStatus": "any", "countType": count, "countUnit": "days", "countNumber": 30 })
            )])
        };
        assert_eq!(
            told(since("sinceImagePushed"), &images),
            ["a by 1 on day 31", "b by 1 on day 32"]
        );
        assert_eq!(
            told(since("sinceImagePulled"), &images),
            ["a by 1 on day 31", "b by 1 on day 120"]
        );
    }

    #[test]
    fn all_prefixes_and_patterns_are_to_fit_and_untagged_ones_may_belong_to_an_index() {
        let tagged = |list: &str, items: &[&str]| {
            json!([rule(
                1,
                json!({ "tagStatus": "tagged", list: items,
                "countType": "imageCountMoreThan", "countNumber": 0 })
            )])
        };
        let images = [
            image("a", &["prod-1", "eu"], 1.0),
            image("b", &["prod-2"], 2.0),
        ];
        assert_eq!(
            told(tagged("tagPrefixList", &["prod", "eu"]), &images).len(),
            1
        );
        assert_eq!(told(tagged("tagPatternList", &["*-1"]), &images).len(), 1);
        assert_eq!(told(tagged("tagPatternList", &["p*d-*"]), &images).len(), 2);
        let untagged = json!([rule(
            1,
            json!({ "tagStatus": "untagged",
            "countType": "sinceImagePushed", "countNumber": 14 })
        )]);
        let mut images = vec![image("a", &[], 1.0), image("b", &["v1"], 1.0)];
        assert_eq!(told(untagged.clone(), &images), ["a by 1 on day 15"]);
        images[1].is_index = true;
        assert_eq!(told(untagged, &images), [""; 0]);
    }
}
