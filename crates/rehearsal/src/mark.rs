use serde::{Deserialize, Serialize};

/// Something that happened at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// Seconds since the load began.
    pub at: f64,
    /// What kind of thing.
    pub kind: MarkKind,
    /// Whose it is: an alarm's name, a service's.
    pub subject: String,
    /// What happened, in AWS's words where they are.
    pub text: String,
}

/// What kinds of things happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MarkKind {
    /// The load: it began, a stage began, it ended.
    Load,
    /// A condition ended the load before its time.
    Abort,
    /// A scaling activity.
    Scaling,
    /// An alarm went to ALARM.
    Alarm,
    /// An alarm went to another state.
    Quiet,
    /// An event of the service.
    Event,
}

impl MarkKind {
    /// In a word.
    pub fn name(&self) -> &'static str {
        match self {
            MarkKind::Load => "load",
            MarkKind::Abort => "abort",
            MarkKind::Scaling => "scaling",
            MarkKind::Alarm => "alarm",
            MarkKind::Quiet => "alarm over",
            MarkKind::Event => "event",
        }
    }
}
