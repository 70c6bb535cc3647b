use super::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use setpoint_core::{Kind, Resource};

/// The values that `PutRetentionPolicy` takes, in days.
pub const RETENTION_DAYS: [i32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// The same for a schema, in which nothing is a value, too.
fn days() -> Vec<Option<i32>> {
    RETENTION_DAYS.map(Some).into_iter().chain([None]).collect()
}

/// A CloudWatch Logs log group. Its handle is its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogGroup {
    /// Days until events expire; never, where nothing is said.
    #[serde(default)]
    #[schemars(extend("enum" = days()))]
    pub retention_in_days: Option<i32>,
    /// Whether the account decides that, by a policy over whatever the group itself says. Nothing
    /// asks for it: while it is so, the retention takes what is there.
    #[serde(skip)]
    pub retention_imposed: bool,
    /// What its events can be used for, and cost. It cannot be changed.
    #[serde(default)]
    #[schemars(extend("enum" = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", null]))]
    pub log_group_class: Option<String>,
    /// The ARN of the key that encrypts it.
    #[serde(default)]
    pub kms_key_id: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Resource for LogGroup {
    const KIND: Kind = Kind("logGroup");

    fn inherit(&mut self, observed: &Self) {
        let class = self.log_group_class.take();
        self.log_group_class = class.or(observed.log_group_class.clone());
        // AWS keeps what the group says for the day on which the policy goes, and does not show it
        // until then. So the difference, if there is one, is found and written on that day.
        self.retention_imposed = observed.retention_imposed;
        if self.retention_imposed {
            self.retention_in_days = observed.retention_in_days;
        }
    }

    fn fixed(&self, observed: &Self) -> Option<&'static str> {
        (self.log_group_class != observed.log_group_class).then_some("logGroupClass")
    }
}
