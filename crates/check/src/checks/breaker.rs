//! Deployments that nothing stops.

use crate::system::System;
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs().filter(|it| it.is_rolling()) {
        let service = run.service;
        let breaker = &service.value["deploymentConfiguration"]["deploymentCircuitBreaker"];
        if breaker["enable"] == true {
            continue;
        }
        let home = ["deploymentConfiguration".into(), "deploymentCircuitBreaker".into()];
        let path = service.at(home);
        let span = match breaker["enable"].is_null() {
            true => system.source.span_of_key(&service.path),
            false => system.span(&path),
        };
        let message = format!("a deployment of {} that fails goes on failing", service.name);
        let problem = Problem::warning(code, span, message).why(
            "without the circuit breaker ECS starts the bad tasks again and again, with up to 15 \
             minutes between two attempts, until somebody looks",
        );
        let value = json!({ "enable": true, "rollback": true });
        problems.push(match system.source.put(&path, &value) {
            Some(edit) => problem.fix("give up and roll back", vec![edit]),
            None => problem.hint("deploymentCircuitBreaker: { enable: true, rollback: true }"),
        });
    }
}
