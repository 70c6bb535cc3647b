//! How far a deployment is, in the words of the service that it is a deployment of.

use crate::{
    raw::{list, text},
    stopped::Stopped,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// A deployment that this run has started, or found at work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rollout {
    /// Its id; nothing if the answer that held it was lost.
    pub(crate) id: Option<String>,
    /// Since when it is watched, in seconds: what was said or what stopped before is no evidence.
    pub(crate) since: f64,
    /// Whether it was found at work, so that its tasks have been started once already.
    pub(crate) found: bool,
    /// Why its tasks stopped, as of this many attempts: they need not be asked for again.
    pub(crate) stopped: Option<(i64, Stopped)>,
}

/// What has become of a deployment.
#[derive(Debug, PartialEq)]
pub(crate) enum Progress {
    Completed,
    /// At work.
    Going(Going),
    /// AWS gave it up, or something else took its place; why.
    Failed(Vec<String>),
}

/// How a deployment that is at work is getting on.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Going {
    /// What it is at.
    pub(crate) texts: Vec<String>,
    /// How often tasks were started again or failed to start: something new if it changes.
    pub(crate) attempts: i64,
    /// Everything that the service said since it is watched, newest first.
    pub(crate) events: Vec<String>,
    /// Whether no task of it runs.
    pub(crate) is_empty: bool,
}

impl Rollout {
    /// The newest deployment of a service: the one that a write has just started.
    pub(crate) fn newest(service: &Value) -> Rollout {
        let newest = primary(service);
        Rollout {
            id: newest.map(|it| text(it, "id").to_owned()),
            since: newest
                .and_then(|it| it["createdAt"].as_f64())
                .unwrap_or_default(),
            ..Rollout::default()
        }
    }

    /// The newest deployment of a service, if it is at work, or given up: one that an earlier run,
    /// or somebody else, has started.
    ///
    /// Why it has not succeeded so far may have been mended since. It is told, and is no evidence.
    pub(crate) fn unfinished(service: &Value) -> Option<Rollout> {
        let newest = Rollout::newest(service);
        match text(primary(service)?, "rolloutState") {
            "FAILED" => Some(newest),
            "IN_PROGRESS" => {
                let last = list(service, "events").iter();
                let last = last.filter_map(|it| it["createdAt"].as_f64());
                Some(Rollout {
                    since: last.fold(0.0, f64::max) + A_MOMENT,
                    found: true,
                    ..newest
                })
            }
            _ => None,
        }
    }

    /// Judges this deployment by what its service shows now.
    pub(crate) fn progress(&self, service: &Value) -> Progress {
        let id = self.id.as_deref().unwrap_or_default();
        let deployments = list(service, "deployments");
        let Some(deployment) = deployments.iter().find(|it| text(it, "id") == id) else {
            return self.without_deployment(service);
        };
        match text(deployment, "rolloutState") {
            "COMPLETED" => Progress::Completed,
            "FAILED" => self.failed(service, text(deployment, "rolloutStateReason")),
            // Behind a classic load balancer, and under other controllers, there is no such state.
            "" if deployments.len() == 1 && is_steady(service) => Progress::Completed,
            _ => {
                let mut texts = vec![format!(
                    "deployment {}: {} of {} tasks running",
                    short(id),
                    deployment["runningCount"].as_i64().unwrap_or_default(),
                    deployment["desiredCount"].as_i64().unwrap_or_default(),
                )];
                texts.extend(self.events(service).into_iter().next());
                let events = self.said(service);
                let wanted = deployment["desiredCount"].as_i64().unwrap_or_default();
                let started = events.iter().filter(|it| it.contains("has started "));
                let first = if self.found { 0 } else { wanted.max(1) };
                let again = (started.count() as i64 - first).max(0);
                let failed = deployment["failedTasks"].as_i64().unwrap_or_default();
                Progress::Going(Going {
                    texts,
                    attempts: again + failed,
                    events,
                    is_empty: deployment["runningCount"] == 0,
                })
            }
        }
    }

    /// The service no longer shows the deployment, or never showed any.
    fn without_deployment(&self, service: &Value) -> Progress {
        match (primary(service), self.id.as_deref()) {
            (Some(newest), Some(id)) if !id.is_empty() => {
                let newest = short(text(newest, "id"));
                let reason = format!("deployment {} was replaced by {newest}", short(id));
                self.failed(service, &reason)
            }
            _ if is_steady(service) => Progress::Completed,
            _ => {
                let texts = vec![format!(
                    "{} of {} tasks running",
                    service["runningCount"].as_i64().unwrap_or_default(),
                    service["desiredCount"].as_i64().unwrap_or_default(),
                )];
                Progress::Going(Going {
                    texts,
                    ..Going::default()
                })
            }
        }
    }

    fn failed(&self, service: &Value, reason: &str) -> Progress {
        let mut texts: Vec<String> = Vec::new();
        if !reason.is_empty() {
            texts.push(reason.to_owned());
        }
        let telling = self.events(service).into_iter().filter(|it| is_telling(it));
        texts.extend(telling.take(3));
        Progress::Failed(texts)
    }

    /// What the service said since the deployment is watched, each thing once, newest first.
    fn events(&self, service: &Value) -> Vec<String> {
        let mut told = BTreeSet::new();
        let said = self.said(service).into_iter();
        said.filter(|it| told.insert(it.clone())).collect()
    }

    /// What the service said since the deployment is watched, newest first.
    fn said(&self, service: &Value) -> Vec<String> {
        let prefix = format!("(service {}) ", text(service, "serviceName"));
        let mut events: Vec<(f64, &str)> = list(service, "events")
            .iter()
            .map(|it| {
                (
                    it["createdAt"].as_f64().unwrap_or_default(),
                    text(it, "message"),
                )
            })
            .filter(|(at, _)| *at >= self.since)
            .collect();
        events.sort_by(|one, other| other.0.total_cmp(&one.0));
        let messages = events.into_iter();
        let messages = messages.map(|(_, it)| it.strip_prefix(&prefix).unwrap_or(it).to_owned());
        messages.collect()
    }
}

/// Less than there is between any two things that a service says, in seconds.
const A_MOMENT: f64 = 0.001;

fn primary(service: &Value) -> Option<&Value> {
    list(service, "deployments")
        .iter()
        .find(|it| text(it, "status") == "PRIMARY")
}

fn is_steady(service: &Value) -> bool {
    service["runningCount"] == service["desiredCount"]
}

/// `ecs-svc/123` as people say it.
pub(crate) fn short(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// Whether an event says that something went wrong.
fn is_telling(event: &str) -> bool {
    [
        "unable",
        "failed",
        "unhealthy",
        "throttled",
        "error",
        "rolling back",
    ]
    .iter()
    .any(|it| event.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn service(deployments: Value) -> Value {
        json!({
            "serviceName": "web", "desiredCount": 3, "runningCount": 1,
            "deployments": deployments,
            "events": [
                {"createdAt": 12.5, "message": "(service web) was unable to place a task."},
                {"createdAt": 11.0, "message": "(service web) has started 3 tasks: (task 1)."},
                {"createdAt": 10.5, "message": "(service web) was unable to place a task."},
                {"createdAt": 9.0, "message": "(service web) failed to do something before."},
            ],
        })
    }

    fn check(deployments: Value, expected: Progress) {
        let rollout = Rollout {
            id: Some("ecs-svc/7".into()),
            since: 10.0,
            ..Rollout::default()
        };
        assert_eq!(rollout.progress(&service(deployments)), expected);
    }

    #[test]
    fn a_deployment_is_judged_by_its_own_id() {
        let ours = |state: &str| {
            json!([{"id": "ecs-svc/7", "status": "PRIMARY", "rolloutState": state,
                    "rolloutStateReason": "tasks failed to start.",
                    "runningCount": 1, "desiredCount": 3, "failedTasks": 2}])
        };
        check(ours("COMPLETED"), Progress::Completed);
        check(
            ours("IN_PROGRESS"),
            Progress::Going(Going {
                texts: vec![
                    "deployment 7: 1 of 3 tasks running".into(),
                    "was unable to place a task.".into(),
                ],
                attempts: 2,
                events: vec![
                    "was unable to place a task.".into(),
                    "has started 3 tasks: (task 1).".into(),
                    "was unable to place a task.".into(),
                ],
                is_empty: false,
            }),
        );
        check(
            ours("FAILED"),
            Progress::Failed(vec![
                "tasks failed to start.".into(),
                "was unable to place a task.".into(),
            ]),
        );
        check(
            json!([{"id": "ecs-svc/8", "status": "PRIMARY", "rolloutState": "COMPLETED"}]),
            Progress::Failed(vec![
                "deployment 7 was replaced by 8".into(),
                "was unable to place a task.".into(),
            ]),
        );
    }

    #[test]
    fn one_found_at_work_is_judged_by_what_comes_after() {
        let found = |state: &str| {
            let newest = json!([{"id": "ecs-svc/7", "status": "PRIMARY", "rolloutState": state,
                                 "createdAt": 10.0, "runningCount": 1, "desiredCount": 3}]);
            Rollout::unfinished(&service(newest)).map(|it| (it.since > 12.5, it.found))
        };
        assert_eq!(found("IN_PROGRESS"), Some((true, true)));
        assert_eq!(found("FAILED"), Some((false, false)));
        assert_eq!(found("COMPLETED"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn without_a_rollout_state_the_counts_say_it() {
        let ours = json!([{"id": "ecs-svc/7", "status": "PRIMARY"}]);
        let mut steady = service(ours);
        let rollout = Rollout {
            id: Some("ecs-svc/7".into()),
            ..Rollout::default()
        };
        assert!(matches!(rollout.progress(&steady), Progress::Going(..)));
        steady["runningCount"] = json!(3);
        assert_eq!(rollout.progress(&steady), Progress::Completed);
    }
}
