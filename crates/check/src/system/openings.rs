//! What a security group lets in.

use super::{Item, number};
use serde_json::Value;
use setpoint_spec::Step;

/// A rule of a security group for what comes in.
pub(crate) struct Opening<'a> {
    /// Where it stands.
    pub(crate) path: Vec<Step>,
    /// The first and the last port.
    pub(crate) ports: (u64, u64),
    /// Whether it is about TCP.
    pub(crate) is_tcp: bool,
    /// Whom it lets in.
    from: &'a Value,
}

impl Opening<'_> {
    /// Whether it lets in whoever asks.
    pub(crate) fn is_to_the_world(&self) -> bool {
        let is_world = |it: &Value| {
            let text = it.as_str().unwrap_or_default();
            matches!(text, "anywhere" | "0.0.0.0/0" | "::/0")
        };
        let listed = self.from.as_array();
        is_world(self.from) || listed.is_some_and(|it| it.iter().any(is_world))
    }

    pub(crate) fn holds(&self, port: u64) -> bool {
        (self.ports.0..=self.ports.1).contains(&port)
    }
}

/// The rules of a group for what comes in.
pub(crate) fn openings<'a>(group: &Item<'a>) -> Vec<Opening<'a>> {
    let rules = group.value["ingress"].as_array();
    let rules = rules.into_iter().flatten().enumerate();
    rules
        .map(|(index, rule)| Opening {
            path: group.at(["ingress".into(), index.into()]),
            ports: range(&rule["ports"]),
            is_tcp: matches!(rule["protocol"].as_str(), None | Some("tcp" | "all" | "-1")),
            from: &rule["from"],
        })
        .collect()
}

/// The ports of a rule; none, as a range that ends before it begins, if it cannot be read.
fn range(ports: &Value) -> (u64, u64) {
    const NONE: (u64, u64) = (1, 0);
    match ports {
        Value::String(text) if text == "all" => (0, 65535),
        Value::String(text) => {
            let (from, to) = text.split_once('-').unwrap_or((text, text));
            match (from.trim().parse(), to.trim().parse()) {
                (Ok(from), Ok(to)) => (from, to),
                _ => NONE,
            }
        }
        Value::Null => (0, 65535),
        ports => number(ports).map_or(NONE, |it| (it, it)),
    }
}
