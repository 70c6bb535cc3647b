//! The deployments that this run has started, and how they are doing.

use crate::{
    raw::Exchange,
    rollout::{Progress, Rollout},
    service_reader::ShownService,
    stopped,
};
use aws_sdk_ecs::Client;
use serde_json::Value;
use setpoint_aws::Aws;
use setpoint_core::{AdapterError, ErrorKind, Name, Result, Status};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

/// The newest deployment that this run has started of each service.
#[derive(Debug)]
pub(crate) struct Rollouts {
    aws: Aws,
    client: Client,
    all: Mutex<BTreeMap<Name, Rollout>>,
}

impl Rollouts {
    pub(crate) fn new(aws: &Aws) -> Rollouts {
        Rollouts {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            all: Mutex::default(),
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Name, Rollout>> {
        self.all.lock().expect("no holder panics")
    }

    /// Forgets the deployment of a service that is deleted.
    pub(crate) fn forget(&self, name: &Name) {
        self.all().remove(name);
    }

    /// Whether the deployment that this run started, if it started one, is done.
    pub(crate) async fn status(&self, name: &Name, service: &ShownService) -> Status {
        let Some(mut rollout) = self.rollout(name, &service.document) else {
            return Status::Ready;
        };
        match rollout.progress(&service.document) {
            Progress::Completed => {
                self.all().remove(name);
                Status::Ready
            }
            Progress::Going(texts, 0) => Status::Settling(texts.join("; ")),
            Progress::Going(mut texts, failed) => {
                texts.extend(self.stopped(name, service, &mut rollout, failed).await);
                Status::Settling(texts.join("; "))
            }
            Progress::Failed(mut texts) => {
                texts.extend(self.stopped(name, service, &mut rollout, -1).await);
                Status::Failed(texts.join("; "))
            }
        }
    }

    /// The deployment to wait for. If the answer with its id was lost, it is the newest.
    fn rollout(&self, name: &Name, service: &Value) -> Option<Rollout> {
        let mut rollouts = self.all();
        let rollout = rollouts.get_mut(name)?;
        if rollout.id.is_none() {
            *rollout = Rollout::newest(service);
        }
        Some(rollout.clone())
    }

    /// Why tasks of the deployment stopped, asked for once for each number of failed tasks.
    async fn stopped(
        &self,
        name: &Name,
        service: &ShownService,
        rollout: &mut Rollout,
        failed: i64,
    ) -> Vec<String> {
        if let Some((known, reasons)) = &rollout.stopped
            && *known == failed
        {
            return reasons.clone();
        }
        let id = rollout.id.clone().unwrap_or_default();
        let reasons = stopped::reasons(&self.aws, &self.client, &service.cluster, name, &id).await;
        rollout.stopped = Some((failed, reasons.clone()));
        if let Some(current) = self.all().get_mut(name)
            && current.id == rollout.id
        {
            current.stopped = rollout.stopped.clone();
        }
        reasons
    }

    /// Remembers the deployment that a write has started, by its answer or by its loss.
    pub(crate) fn started(&self, name: &Name, sent: &Result<()>, exchange: &Exchange) {
        let rollout = match sent {
            Ok(()) => Rollout::newest(&exchange.answer()["service"]),
            Err(AdapterError {
                kind: ErrorKind::Unsure,
                ..
            }) => Rollout::default(),
            Err(_) => return,
        };
        self.all().insert(name.clone(), rollout);
    }
}
