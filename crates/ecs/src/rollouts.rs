//! The deployments that this run has started or found at work, and how they are doing.

use crate::{
    hopeless,
    raw::Exchange,
    rollout::{Going, Progress, Rollout, short},
    room::Room,
    service_reader::ShownService,
    stopped::{self, Stopped},
};
use aws_sdk_ecs::Client;
use serde_json::Value;
use setpoint_aws::Aws;
use setpoint_core::{AdapterError, ErrorKind, Name, Result, Status};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

/// The newest deployment of each service that this run has to wait for.
#[derive(Debug)]
pub(crate) struct Rollouts {
    aws: Aws,
    client: Client,
    room: Room,
    all: Mutex<BTreeMap<Name, Rollout>>,
}

impl Rollouts {
    pub(crate) fn new(aws: &Aws) -> Rollouts {
        Rollouts {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            room: Room::new(aws),
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

    /// What becomes of a service's deployment, as far as its own document tells: one that is not
    /// done is waited for from now on.
    pub(crate) fn at_first_sight(&self, name: &Name, service: &ShownService) -> Status {
        let Some(rollout) = Rollout::unfinished(&service.document) else {
            return Status::Ready;
        };
        let status = match Rollout::newest(&service.document).progress(&service.document) {
            Progress::Completed => return Status::Ready,
            Progress::Going(going) => Status::Settling(going.texts.join("; ")),
            Progress::Failed(texts) => Status::Failed(texts.join("; ")),
        };
        self.all().entry(name.clone()).or_insert(rollout);
        status
    }

    /// Whether the deployment that is waited for, if there is one, is done.
    pub(crate) async fn status(&self, name: &Name, service: &ShownService) -> Status {
        let Some(mut rollout) = self.rollout(name, &service.document) else {
            return Status::Ready;
        };
        match rollout.progress(&service.document) {
            Progress::Completed => {
                self.all().remove(name);
                Status::Ready
            }
            Progress::Going(going) => self.going(name, service, &mut rollout, going).await,
            Progress::Failed(mut texts) => {
                let stopped = self.stopped(name, service, &mut rollout, -1).await;
                texts.extend(stopped.reasons);
                Status::Failed(texts.join("; "))
            }
        }
    }

    /// A deployment at work, unless there is evidence that it is so in vain.
    async fn going(
        &self,
        name: &Name,
        service: &ShownService,
        rollout: &mut Rollout,
        going: Going,
    ) -> Status {
        let mut texts = going.texts;
        let stopped = match going.attempts {
            0 => Stopped::default(),
            attempts => self.stopped(name, service, rollout, attempts).await,
        };
        let id = short(rollout.id.as_deref().unwrap_or_default());
        if let Some(cause) = hopeless::cause(&service.document, &stopped, &going.events) {
            return Status::Failed(format!("deployment {id} cannot succeed: {cause}"));
        }
        if going.is_empty
            && let Some(cause) = self.room.lacking(service).await
        {
            return Status::Failed(format!("deployment {id} cannot succeed: {cause}"));
        }
        texts.extend(stopped.reasons);
        Status::Settling(texts.join("; "))
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

    /// Why tasks of the deployment stopped, asked for once for each number of attempts.
    async fn stopped(
        &self,
        name: &Name,
        service: &ShownService,
        rollout: &mut Rollout,
        attempts: i64,
    ) -> Stopped {
        if let Some((known, stopped)) = &rollout.stopped
            && *known == attempts
        {
            return stopped.clone();
        }
        let id = rollout.id.clone().unwrap_or_default();
        let since = if rollout.found { rollout.since } else { 0.0 };
        let stopped = stopped::reasons(&self.aws, &self.client, &service.cluster, &id, since).await;
        rollout.stopped = Some((attempts, stopped.clone()));
        if let Some(current) = self.all().get_mut(name)
            && current.id == rollout.id
        {
            current.stopped = rollout.stopped.clone();
        }
        stopped
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
