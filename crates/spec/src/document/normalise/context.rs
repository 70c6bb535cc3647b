//! The defaults that depend on another member.

use serde_json::{Map, Value};

use crate::document::habits::WhenAbsent;

/// What a document says that decides the defaults in the rest of it.
///
/// It is the same for a document and for its normal form.
pub(in crate::document) struct Context {
    network_mode: String,
    /// Fargate is among what the task must be able to run on.
    pub(in crate::document) on_fargate: bool,
    only_on_fargate: bool,
    is_daemon: bool,
}

impl Context {
    pub(in crate::document) fn of(document: &Map<String, Value>) -> Context {
        let text = |member: &str| {
            let value = document.get(member).and_then(Value::as_str);
            value.filter(|text| !text.is_empty())
        };
        let platforms: Vec<&str> = match document.get("requiresCompatibilities") {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let on_fargate = platforms.contains(&"FARGATE");
        let usual_mode = if on_fargate { "awsvpc" } else { "bridge" };
        Context {
            network_mode: text("networkMode").unwrap_or(usual_mode).to_owned(),
            on_fargate,
            only_on_fargate: on_fargate && platforms.iter().all(|name| *name == "FARGATE"),
            is_daemon: text("schedulingStrategy") == Some("DAEMON"),
        }
    }

    /// Tells whether a member says no more than its absence would.
    ///
    /// `siblings` is the normal form of the object that the member is in.
    pub(in crate::document) fn is_default(
        &self,
        default: WhenAbsent,
        value: &Value,
        siblings: &Map<String, Value>,
    ) -> bool {
        match default {
            WhenAbsent::HostPort => {
                let shares_ports = matches!(self.network_mode.as_str(), "awsvpc" | "host");
                *value == 0 || (shares_ports && siblings.get("containerPort") == Some(value))
            }
            _ => self.value(default).as_ref() == Some(value),
        }
    }

    /// The value that says what absence says, where there is one to write.
    pub(in crate::document) fn value(&self, default: WhenAbsent) -> Option<Value> {
        match default {
            WhenAbsent::Text(text) => Some(Value::from(text)),
            WhenAbsent::Number(number) => Some(Value::from(number)),
            WhenAbsent::Flag(flag) => Some(Value::from(flag)),
            WhenAbsent::EmptyList => Some(Value::Array(Vec::new())),
            WhenAbsent::NetworkMode => (!self.on_fargate).then(|| Value::from("bridge")),
            WhenAbsent::HostPort => Some(Value::from(0)),
            WhenAbsent::OnFargate(text) => self.only_on_fargate.then(|| Value::from(text)),
            WhenAbsent::Scheduled(replica, daemon) => {
                Some(Value::from(if self.is_daemon { daemon } else { replica }))
            }
        }
    }
}
