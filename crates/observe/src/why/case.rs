//! A service that is asked about, what is known, and what was found so far.

use super::{Cause, Clues, Finding};
use crate::{
    Picture,
    picture::{Event, Service, Task},
};
use serde_json::Value;

pub(super) struct Case<'a> {
    pub(super) picture: &'a Picture,
    pub(super) service: &'a Service,
    pub(super) clues: &'a Clues,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Case<'a> {
    pub(super) fn new(picture: &'a Picture, service: &'a Service, clues: &'a Clues) -> Case<'a> {
        Case {
            picture,
            service,
            clues,
            findings: Vec::new(),
        }
    }

    pub(super) fn name(&self) -> &'a str {
        &self.service.service_name
    }

    /// Adds what is wrong.
    pub(super) fn wrong(
        &mut self,
        cause: Cause,
        headline: String,
        evidence: Vec<String>,
        remedy: Vec<String>,
    ) {
        self.add(cause, true, headline, evidence, remedy);
    }

    /// Adds why things stay as they are.
    pub(super) fn note(
        &mut self,
        cause: Cause,
        headline: String,
        evidence: Vec<String>,
        remedy: Vec<String>,
    ) {
        self.add(cause, false, headline, evidence, remedy);
    }

    fn add(
        &mut self,
        cause: Cause,
        wrong: bool,
        headline: String,
        evidence: Vec<String>,
        remedy: Vec<String>,
    ) {
        if self.findings.iter().any(|it| it.cause == cause) {
            return;
        }
        self.findings.push(Finding {
            cause,
            service: self.service.service_name.clone(),
            wrong,
            headline,
            evidence,
            remedy,
        });
    }

    /// Whether something wrong was found.
    pub(super) fn is_wrong(&self) -> bool {
        self.findings.iter().any(|it| it.wrong)
    }

    /// Whether fewer tasks run than are to run, of the deployment that is to last.
    pub(super) fn is_short(&self) -> bool {
        let primary = self.service.primary();
        let running = primary.map_or(self.service.running_count, |it| it.running_count);
        running < self.service.desired_count
    }

    /// Whether a deployment failed, or had tasks fail, since the service was last well.
    pub(super) fn has_failed(&self) -> bool {
        self.deployment_failed().is_some()
            || self.service.primary().is_some_and(|it| it.failed_tasks > 0)
    }

    /// What the scheduler said of a deployment that it gave up, unless another one completed since.
    pub(super) fn deployment_failed(&self) -> Option<&'a Event> {
        let events = &self.service.events;
        let failed = events
            .iter()
            .position(|it| it.message.contains("deployment failed"))?;
        let back_to = self.rolled_back_to();
        let completed = |it: &Event| {
            it.message.contains("deployment completed")
                && back_to.is_none_or(|id| !it.message.contains(id))
        };
        let mended = events[..failed].iter().any(completed);
        (!mended).then(|| &events[failed])
    }

    /// The id of the deployment that was last rolled back to.
    pub(super) fn rolled_back_to(&self) -> Option<&'a str> {
        let mut events = self.service.events.iter();
        let event = events.find(|it| it.message.contains("rolling back to deployment"))?;
        let (_, id) = event.message.split_once("rolling back to deployment ")?;
        Some(id.trim_end_matches('.'))
    }

    /// The newest event that says something, since tasks last started or all was well.
    pub(super) fn complaint(&self, words: &str) -> Option<&'a Event> {
        let is_over = |it: &&Event| {
            !it.message.contains("has reached a steady state")
                && !it.message.contains("has started")
        };
        let mut recent = self.service.events.iter().take_while(is_over);
        recent.find(|it| it.message.contains(words))
    }

    /// Tasks that ended and were not told to, newest first.
    pub(super) fn failed(&self) -> Vec<&'a Task> {
        let by_choice = |it: &Task| {
            let reason = it.stopped_reason.as_deref().unwrap_or_default();
            let code = it.stop_code.as_deref();
            let scheduler = code == Some("ServiceSchedulerInitiated");
            scheduler && !reason.starts_with("Task failed") || code == Some("UserInitiated")
        };
        let mut failed: Vec<&Task> = self
            .picture
            .tasks_of(self.service)
            .filter(|it| it.desired_status == "STOPPED" && !by_choice(it))
            .collect();
        failed.sort_by_key(|it| std::cmp::Reverse(it.created_at));
        failed
    }

    /// The task definition of the deployment that is to last.
    pub(super) fn definition(&self) -> &'a Value {
        let found = self.picture.definitions.get(&self.service.task_definition);
        found.unwrap_or(&Value::Null)
    }

    /// The containers of the task definition.
    pub(super) fn containers(&self) -> &'a [Value] {
        let containers = self.definition()["containerDefinitions"].as_array();
        containers.map_or(&[], Vec::as_slice)
    }
}
