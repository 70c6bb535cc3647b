//! One field, and the two ways in which it changes.

use serde_json::{Value, json};
use setpoint_tests::Boto;

/// What another client does to the resource of this name.
pub(crate) type Behind = Box<dyn Fn(&Boto, &str)>;

/// One field of a kind.
pub(crate) struct Row {
    /// The paths that the plan shows when the YAML has changed: one, where no two fields are one.
    pub(crate) paths: Vec<&'static str>,
    /// The paths that it shows when another client has changed it, which are mostly the same.
    pub(crate) drift: Vec<&'static str>,
    /// What stands in the YAML at first.
    pub(crate) old: &'static str,
    /// What replaces it.
    pub(crate) new: &'static str,
    /// Where boto3 shows the field afterwards, and what it shows there; null is nothing.
    pub(crate) shown: (&'static str, Value),
    /// How another client changes it.
    pub(crate) behind: Behind,
    /// Whether a new version is published, which the table's follower then takes.
    pub(crate) publishes: bool,
    /// Whether another client's change does that.
    pub(crate) drift_publishes: bool,
}

/// A row whose path is the same in both ways.
pub(crate) fn row(
    path: &'static str,
    (old, new): (&'static str, &'static str),
    shown: (&'static str, Value),
    behind: Behind,
) -> Row {
    Row {
        paths: vec![path],
        drift: vec![path],
        old,
        new,
        shown,
        behind,
        publishes: true,
        drift_publishes: true,
    }
}

impl Row {
    /// More paths that change with the field in the YAML and behind our back.
    pub(crate) fn with(mut self, paths: &[&'static str]) -> Row {
        self.paths.extend(paths);
        self.drift.extend(paths);
        self
    }

    /// The path that another client's change has instead.
    pub(crate) fn drifting(mut self, paths: &[&'static str]) -> Row {
        self.drift = paths.to_vec();
        self
    }

    /// Nothing is published, so nothing follows.
    pub(crate) fn in_place(mut self) -> Row {
        (self.publishes, self.drift_publishes) = (false, false);
        self
    }

    /// Another client's change is taken back without publishing.
    pub(crate) fn drift_in_place(mut self) -> Row {
        self.drift_publishes = false;
        self
    }
}

/// One call, in whose arguments `NAME` is the resource's name.
pub(crate) fn call(service: &'static str, method: &'static str, arguments: Value) -> Behind {
    Box::new(move |boto, name| {
        boto.expect(service, method, named(&arguments, name, boto));
    })
}

/// The arguments with the resource's name, and the account's number for `ACCOUNT`.
pub(crate) fn named(arguments: &Value, name: &str, boto: &Boto) -> Value {
    let mut text = arguments.to_string().replace("NAME", name);
    if text.contains("ACCOUNT") {
        text = text.replace("ACCOUNT", &account(boto));
    }
    serde_json::from_str(&text).expect("a name is no syntax")
}

/// The account's number.
pub(crate) fn account(boto: &Boto) -> String {
    let identity = boto.expect("sts", "get_caller_identity", json!({}));
    identity["Account"].as_str().expect("a number").to_owned()
}

/// A list of `{Key, Value}`, in any spelling, as a map; without what AWS and setpoint put there.
pub(crate) fn tags(list: &Value) -> Value {
    let either = |it: &Value, upper: &str, lower: &str| match &it[upper] {
        Value::Null => it[lower].clone(),
        found => found.clone(),
    };
    let all = list.as_array().into_iter().flatten();
    let pairs = all.map(|it| (either(it, "Key", "key"), either(it, "Value", "value")));
    let pairs = pairs.map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), value));
    Value::Object(pairs.filter(|it| !it.0.starts_with("setpoint:")).collect())
}
