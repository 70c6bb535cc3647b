//! Whose a resource is: the tag that says so, and the tags that are nobody's business.

use crate::Aws;
use setpoint_core::Owner;
use setpoint_spec::kind::Tags;

/// The tag that names the stack a resource belongs to.
pub const MARK: &str = "setpoint:stack";

/// The tags to write and to remove so that a resource has those it should.
#[derive(Debug, Default, PartialEq)]
pub struct Retagging {
    /// To set, the mark among them where it is missing.
    pub set: Tags,
    /// Keys to remove.
    pub remove: Vec<String>,
}

impl Retagging {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

/// Splits all tags that AWS shows of a resource into its own and its owner's.
///
/// `aws:*` and `AmazonECSManaged` are AWS's, `setpoint:*` are this tool's: neither takes part in a
/// comparison, and neither is removed.
pub fn tags_of(all: impl IntoIterator<Item = (String, String)>, stack: &str) -> (Tags, Owner) {
    let mut owner = Owner::Nobody;
    let mut own = Tags::new();
    for (key, value) in all {
        if key == MARK {
            owner = match value == stack {
                true => Owner::Ours,
                false => Owner::Stack(value),
            };
        } else if !is_hidden(&key) {
            own.insert(key, value);
        }
    }
    (own, owner)
}

fn is_hidden(key: &str) -> bool {
    key.starts_with("aws:") || key.starts_with("setpoint:") || key == "AmazonECSManaged"
}

impl Aws {
    /// A resource's tags and its owner, from all the tags that AWS shows of it.
    pub fn tags_of(&self, all: impl IntoIterator<Item = (String, String)>) -> (Tags, Owner) {
        tags_of(all, self.stack())
    }

    /// The tags with the mark that makes a resource this stack's.
    pub fn marked(&self, tags: &Tags) -> Tags {
        let mut tags = tags.clone();
        tags.insert(MARK.into(), self.stack().into());
        tags
    }

    /// What it takes to bring a resource's tags to those desired, and to mark it as ours.
    pub fn retagging(&self, desired: &Tags, observed: &Tags, owner: &Owner) -> Retagging {
        let mut set: Tags = desired
            .iter()
            .filter(|(key, value)| observed.get(*key) != Some(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if *owner != Owner::Ours {
            set.insert(MARK.into(), self.stack().into());
        }
        let gone = observed.keys().filter(|it| !desired.contains_key(*it));
        Retagging {
            set,
            remove: gone.cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect()
    }

    #[test]
    fn what_others_add_is_invisible() {
        let all = tags(&[
            ("AmazonECSManaged", ""),
            ("aws:cloudformation:stack-name", "x"),
            ("setpoint:stack", "sale"),
            ("team", "shop"),
        ]);
        let expected = (tags(&[("team", "shop")]), Owner::Ours);
        assert_eq!(tags_of(all.clone(), "sale"), expected);
        assert_eq!(tags_of(all, "other").1, Owner::Stack("sale".into()));
    }
}
