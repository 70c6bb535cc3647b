//! A stack that lives in an account of its own.

use std::ffi::OsStr;

use serde_json::Value;

use crate::boto::Boto;
use crate::proxy::Proxy;
use crate::setpoint::{Outcome, Setpoint};
use crate::stack::Stack;
use crate::world::World;

/// An account, a proxy before it, and a place with a `stack.yaml` to run the binary from.
#[derive(Debug)]
pub struct Scenario {
    /// The proxy before the account.
    pub proxy: Proxy,
    /// The place.
    pub setpoint: Setpoint,
}

impl Scenario {
    /// A new account, and a place with this stack.
    pub fn of(stack: &Stack) -> Scenario {
        let proxy = Proxy::start();
        let setpoint = Setpoint::against(&proxy);
        let scenario = Scenario { proxy, setpoint };
        scenario.says(stack);
        scenario
    }

    /// Writes another `stack.yaml`.
    pub fn says(&self, stack: &Stack) {
        self.setpoint.write("stack.yaml", &stack.to_string());
    }

    /// Runs the binary. The recording then holds what this run called and nothing else.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        self.proxy.recording().reset();
        self.setpoint.run(arguments)
    }

    /// `apply --yes`, which must succeed.
    #[track_caller]
    pub fn apply(&self) -> Outcome {
        self.run(&["apply", "--yes"]).exits(0)
    }

    /// `destroy --yes` with what repositories hold, which must succeed.
    #[track_caller]
    pub fn destroy(&self) -> Outcome {
        self.run(&["destroy", "--yes", "--empty-repositories"])
            .exits(0)
    }

    /// The actions and addresses of the plan, such as `update role.ecsInstanceRole`.
    #[track_caller]
    pub fn planned(&self) -> Vec<String> {
        let plan = self.run(&["plan", "--json"]).exits(0).json();
        let changes = plan["changes"].as_array().expect("a plan has changes");
        let text = |it: &Value| it.as_str().unwrap_or("?").to_owned();
        changes
            .iter()
            .map(|it| format!("{} {}", text(&it["action"]), text(&it["address"])))
            .collect()
    }

    /// boto3, behind the proxy.
    pub fn boto(&self) -> Boto {
        self.proxy.behind()
    }

    /// What the account holds.
    pub fn world(&self) -> World {
        World::of(&self.boto())
    }

    /// How many calls of the last run changed something.
    pub fn writes(&self) -> Vec<String> {
        let calls = self.proxy.recording().mutating();
        let named = calls
            .iter()
            .map(|it| format!("{}:{}", it.service, it.action));
        named.collect()
    }

    /// Nothing is left to do: the plan is empty, and another apply writes nothing.
    #[track_caller]
    pub fn holds(&self) {
        let before = self.world();
        self.run(&["plan", "--detailed-exitcode"]).exits(0);
        assert_eq!(self.writes(), [""; 0], "a plan wrote");
        self.apply();
        assert_eq!(self.writes(), [""; 0], "an apply with nothing to do wrote");
        assert_eq!(self.world().difference(&before), [""; 0]);
    }
}
