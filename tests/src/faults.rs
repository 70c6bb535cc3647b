//! What can be made to go wrong, and when.

use crate::call::Identity;

/// What happens to a call instead of an ordinary answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection closes before AWS has seen the call: it had no effect.
    DropBefore,
    /// The connection closes after AWS has done what was asked: the caller cannot know.
    DropAfter,
    /// AWS answers HTTP 500, without effect.
    InternalError,
    /// AWS has done what was asked, but answers HTTP 500.
    InternalErrorAfter,
    /// AWS answers that there were too many calls, without effect.
    Throttle,
    /// AWS answers that the caller may not, without effect.
    AccessDenied,
}

/// Which calls a fault or a hook is for.
///
/// ```
/// # use setpoint_tests::Matching;
/// Matching::action("CreateService").nth(2); // the second CreateService only
/// Matching::service("iam");                 // every call to IAM
/// Matching::mutating().first(3);            // the next three changes
/// ```
#[derive(Clone, Debug)]
pub struct Matching {
    service: Option<String>,
    action: Option<String>,
    mutating: Option<bool>,
    first: u64,
    last: u64,
    seen: u64,
}

impl Matching {
    /// Every call.
    pub fn any() -> Matching {
        Matching {
            service: None,
            action: None,
            mutating: None,
            first: 1,
            last: u64::MAX,
            seen: 0,
        }
    }

    /// Every call of one action, such as `CreateService`.
    pub fn action(action: &str) -> Matching {
        Matching {
            action: Some(action.to_owned()),
            ..Matching::any()
        }
    }

    /// Every call to one service, as the signature names it.
    pub fn service(service: &str) -> Matching {
        Matching {
            service: Some(service.to_owned()),
            ..Matching::any()
        }
    }

    /// Every call that changes something.
    pub fn mutating() -> Matching {
        Matching {
            mutating: Some(true),
            ..Matching::any()
        }
    }

    /// Only those of these calls that go to one service.
    pub fn of(self, service: &str) -> Matching {
        Matching {
            service: Some(service.to_owned()),
            ..self
        }
    }

    /// Only the k-th of these calls, counted from 1 and from now on.
    pub fn nth(self, k: u64) -> Matching {
        Matching {
            first: k,
            last: k,
            ..self
        }
    }

    /// Only the first k of these calls, counted from now on.
    pub fn first(self, k: u64) -> Matching {
        Matching {
            first: 1,
            last: k,
            ..self
        }
    }

    /// Counts the call, and tells whether it is one of those meant.
    pub(crate) fn meets(&mut self, identity: &Identity) -> bool {
        let is = |wanted: &Option<String>, actual: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == actual)
        };
        if !is(&self.service, &identity.service)
            || !is(&self.action, &identity.action)
            || self
                .mutating
                .is_some_and(|wanted| wanted != identity.mutating())
        {
            return false;
        }
        self.seen += 1;
        (self.first..=self.last).contains(&self.seen)
    }
}
