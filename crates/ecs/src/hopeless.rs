//! Deployments that no wait will complete, told by their evidence.
//!
//! Where a circuit breaker is on, AWS itself gives up tasks that fail, and rolls back if it is to.
//! What the breaker does not see, and everything where there is none, is judged here: otherwise AWS
//! would try for ever.

use crate::stopped::Stopped;
use serde_json::Value;

/// How many tasks have to fail in the same way before it is no accident. The circuit breaker's own
/// least number.
const FAILURES: usize = 3;

/// Ends of tasks that no further attempt changes: what is missing has to be made by somebody.
const FINAL: [&str; 6] = [
    "CannotPullContainerError",
    "CannotPullECRContainerError",
    "CannotPullImageManifestError",
    "The specified log group does not exist",
    "CannotCreateVolumeError",
    "exec format error",
];

/// Why the deployment cannot succeed, if there is evidence of it.
pub(crate) fn cause(service: &Value, stopped: &Stopped, events: &[String]) -> Option<String> {
    let roles = events
        .iter()
        .filter(|it| it.contains("unable to assume the role"));
    let roles: Vec<&String> = roles.collect();
    // A role that is new may take a while to be known everywhere.
    if roles.len() >= FAILURES {
        return Some(format!("{} (said {} times)", roles[0], roles.len()));
    }
    if has_breaker(service) {
        return None;
    }
    let is_final = |it: &&String| FINAL.iter().any(|end| it.contains(end));
    if let Some(end) = stopped.reasons.iter().find(is_final) {
        return Some(end.clone());
    }
    (stopped.failed >= FAILURES).then(|| {
        format!(
            "{} tasks failed one after the other, and none stayed: {}",
            stopped.failed,
            stopped.reasons.join("; ")
        )
    })
}

fn has_breaker(service: &Value) -> bool {
    let breaker = &service["deploymentConfiguration"]["deploymentCircuitBreaker"];
    breaker["enable"].as_bool() == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judged(breaker: bool, failed: usize, reasons: &[&str], events: &[&str]) -> Option<String> {
        let service = json!({
            "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": breaker}},
        });
        let stopped = Stopped {
            reasons: reasons.iter().map(|it| it.to_string()).collect(),
            failed,
        };
        let events: Vec<String> = events.iter().map(|it| it.to_string()).collect();
        cause(&service, &stopped, &events)
    }

    #[test]
    fn what_is_missing_is_given_up_at_once_and_what_crashes_after_three_times() {
        let missing = "web: CannotPullContainerError: not found";
        assert_eq!(judged(false, 1, &[missing], &[]).as_deref(), Some(missing));
        assert_eq!(judged(false, 2, &["web: exit code 1"], &[]), None);
        assert_eq!(
            judged(false, 3, &["web: exit code 1"], &[]).as_deref(),
            Some("3 tasks failed one after the other, and none stayed: web: exit code 1")
        );
    }

    #[test]
    fn a_breaker_decides_about_failing_tasks_and_not_about_roles() {
        let missing = "web: CannotPullContainerError: not found";
        assert_eq!(judged(true, 5, &[missing], &[]), None);
        let role = "failed to launch a task with (error ECS was unable to assume the role 'r'.)";
        assert_eq!(judged(true, 0, &[], &[role, role]), None);
        assert_eq!(
            judged(true, 0, &[], &[role, role, role]),
            Some(format!("{role} (said 3 times)"))
        );
    }
}
