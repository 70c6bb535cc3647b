//! Task definitions: a family stands in the stack, and one revision of it stands for the family.

use crate::{
    ServiceReader,
    raw::text,
    revisions::{Revision, Revisions, family_and_number},
};
use futures::future::try_join_all;
use setpoint_aws::Aws;
use setpoint_core::{Adapter, Freshness, Handle, Name, Observed, Owner, Resource, Result};
use setpoint_spec::kind::TaskDefinition;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Mutex,
};

/// Reads and writes task definitions. The handle is a revision's ARN.
///
/// A family is compared with the revision that its service runs, and only where none does with
/// the newest active one: a revision that somebody registered and nobody runs changes nothing.
#[derive(Debug)]
pub struct TaskDefinitions {
    aws: Aws,
    revisions: Revisions,
    services: ServiceReader,
    running: BTreeMap<Name, BTreeSet<Name>>,
    stood: Mutex<BTreeMap<Name, Stood>>,
}

/// Which revision stood for a family when it was last seen.
#[derive(Clone, Debug)]
enum Stood {
    /// This run made it so: the service that is to run it may not have been told yet.
    Written(String),
    /// It was found so. It stays so when, during a deletion, the service is gone that ran it.
    Seen(String),
}

impl TaskDefinitions {
    /// An adapter that asks `services` which revisions run: `running` names for each family the
    /// services that use it. The content of revisions is kept in the folder `cache`, if any.
    pub fn new(
        aws: &Aws,
        services: ServiceReader,
        running: BTreeMap<Name, BTreeSet<Name>>,
        cache: Option<PathBuf>,
    ) -> TaskDefinitions {
        TaskDefinitions {
            aws: aws.clone(),
            revisions: Revisions::new(aws, cache),
            services,
            running,
            stood: Mutex::default(),
        }
    }

    /// For each family the newest revision of it that one of its services runs.
    async fn run_by_services(
        &self,
        families: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, String>> {
        let users = |family: &Name| self.running.get(family).into_iter().flatten();
        let asked: BTreeSet<Name> = families.iter().flat_map(users).cloned().collect();
        if asked.is_empty() {
            return Ok(BTreeMap::new());
        }
        let shown = self
            .services
            .read(&asked, freshness, TaskDefinition::KIND)
            .await?;
        let newest = |family: &Name| {
            users(family)
                .filter_map(|it| shown.get(it).filter(|it| it.is_active()))
                .map(|it| text(&it.document, "taskDefinition"))
                .filter_map(|arn| Some((family_and_number(arn)?, arn)))
                .filter(|((of, _), _)| *of == family.as_str())
                .max_by_key(|((_, number), _)| *number)
                .map(|(_, arn)| (family.clone(), arn.to_owned()))
        };
        Ok(families.iter().filter_map(newest).collect())
    }

    async fn look_indexed(
        &self,
        family: &Name,
        runs: Option<&String>,
    ) -> Result<Option<Observed<TaskDefinition>>> {
        let shown = match runs {
            Some(arn) => match self.revisions.kept(arn).await? {
                Some(kept) => Some(kept),
                None => self.revisions.describe(arn).await?,
            },
            None => self.revisions.latest(family).await?,
        };
        self.owned(family, shown).await
    }

    async fn look_directly(
        &self,
        family: &Name,
        runs: Option<&String>,
    ) -> Result<Option<Observed<TaskDefinition>>> {
        let shown = match (self.stood(family), runs) {
            (Some(Stood::Written(arn)), _) => self.revisions.describe(&arn).await?,
            (_, Some(arn)) => self.revisions.describe(arn).await?,
            (Some(Stood::Seen(arn)), None) => {
                match self
                    .revisions
                    .describe(&arn)
                    .await?
                    .filter(|it| it.is_active())
                {
                    Some(shown) => Some(shown),
                    None => self.revisions.latest(family).await?,
                }
            }
            (None, None) => self.revisions.latest(family).await?,
        };
        self.owned(family, shown).await
    }

    /// A revision as the stack's, if the family is: another client may have registered without the
    /// mark what runs now, while an older revision bears it still.
    async fn owned(
        &self,
        family: &Name,
        shown: Option<Revision>,
    ) -> Result<Option<Observed<TaskDefinition>>> {
        let Some(mut observed) = shown.map(|it| it.observed(&self.aws)) else {
            return Ok(None);
        };
        if observed.owner == Owner::Nobody && self.marked(family).await?.is_some() {
            observed.owner = Owner::Ours;
        }
        Ok(Some(observed))
    }

    /// The newest revision of a family that bears the mark, by the index, if it is active.
    async fn marked(&self, family: &Name) -> Result<Option<Observed<TaskDefinition>>> {
        let index = self.aws.index().await?;
        let newest = index
            .names("ecs", "task-definition")
            .into_iter()
            .filter_map(|it| Some((family_and_number(it)?, it)))
            .filter(|((of, _), _)| *of == family.as_str())
            .max_by_key(|((_, number), _)| *number)
            .map(|(_, it)| it.to_owned());
        let Some(newest) = newest else {
            return Ok(None);
        };
        // The index shows for a while what was deregistered.
        let shown = self.revisions.describe(&newest).await?;
        let shown = shown.filter(Revision::is_active);
        Ok(shown
            .map(|it| it.observed(&self.aws))
            .filter(|it| it.owner == Owner::Ours))
    }

    fn stood(&self, family: &Name) -> Option<Stood> {
        self.stood
            .lock()
            .expect("no holder panics")
            .get(family)
            .cloned()
    }

    fn stands(&self, family: &Name, stood: Option<Stood>) {
        let mut all = self.stood.lock().expect("no holder panics");
        match stood {
            Some(stood) => all.insert(family.clone(), stood),
            None => all.remove(family),
        };
    }

    /// Publishes `desired`, unless a run before this one did and got no further.
    async fn publish(
        &self,
        name: &Name,
        desired: &TaskDefinition,
        observed: &Observed<TaskDefinition>,
    ) -> Result<String> {
        let latest = self.revisions.latest(name).await?;
        let known = latest.as_ref().and_then(|it| family_and_number(&it.arn));
        let known = known.map_or(0, |(_, number)| number);
        let was_superseded = latest
            .as_ref()
            .is_some_and(|it| it.is_superseded(&self.aws));
        let latest = latest.map(|it| it.observed(&self.aws));
        let (latest, other) = match latest {
            Some(it) if it.owner != Owner::Ours => (self.marked(name).await?, Some(it.handle)),
            latest => (latest, None),
        };
        // Behind another client's, an older revision stands for the family only where a service runs it.
        let is_run = self.running.get(name).is_some_and(|it| !it.is_empty());
        let published = latest
            .as_ref()
            .filter(|it| it.resource.document == desired.document)
            .filter(|_| other.is_none() || is_run);
        let arn = match published {
            Some(revision) => {
                self.revisions.retag(revision, desired).await?;
                revision.handle.as_str().to_owned()
            }
            None => self.revisions.register_once(name, desired, known).await?,
        };
        let ours = (observed.owner == Owner::Ours).then(|| observed.handle.as_str());
        let unused = latest.as_ref().map(|it| it.handle.as_str());
        let superseded: BTreeSet<&str> = ours.into_iter().chain(unused).collect();
        // What another client registered is not marked by us, whatever ran it.
        let other = other.as_ref().map(Handle::as_str);
        let superseded = superseded
            .into_iter()
            .filter(|it| *it != arn && Some(*it) != other);
        // A revision that was superseded and is wanted again bears the mark again.
        let mark = async {
            if published.is_some() && was_superseded {
                self.revisions.mark(&arn).await;
            }
        };
        futures::join!(self.revisions.supersede(superseded), mark);
        Ok(arn)
    }
}

impl Adapter for TaskDefinitions {
    type Resource = TaskDefinition;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let index = self.aws.index().await?;
        let revisions = index.names("ecs", "task-definition").into_iter();
        let families = revisions.filter_map(|it| Some(family_and_number(it)?.0.into()));
        Ok(families.collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<TaskDefinition>>> {
        let written = |name: &Name| matches!(self.stood(name), Some(Stood::Written(_)));
        let shown = match freshness {
            Freshness::Indexed => {
                let runs = self.run_by_services(names, freshness).await?;
                let looks = names.iter().map(|it| self.look_indexed(it, runs.get(it)));
                try_join_all(looks).await?
            }
            Freshness::Direct => {
                let others: BTreeSet<Name> =
                    names.iter().filter(|it| !written(it)).cloned().collect();
                let runs = self.run_by_services(&others, freshness).await?;
                let looks = names.iter().map(|it| self.look_directly(it, runs.get(it)));
                try_join_all(looks).await?
            }
        };
        let mut observed = BTreeMap::new();
        for (name, shown) in names.iter().zip(shown) {
            let seen = shown
                .as_ref()
                .map(|it| Stood::Seen(it.handle.as_str().to_owned()));
            if freshness == Freshness::Indexed || !written(name) {
                self.stands(name, seen);
            }
            observed.extend(shown.map(|it| (name.clone(), it)));
        }
        Ok(observed)
    }

    /// Every registration makes a revision. After one whose answer was lost, the look that follows
    /// finds it as the family's newest.
    async fn create(
        &self,
        name: &Name,
        desired: &TaskDefinition,
    ) -> Result<Handle<TaskDefinition>> {
        let arn = self.revisions.register_once(name, desired, 0).await?;
        self.stands(name, Some(Stood::Written(arn.clone())));
        Ok(Handle::new(arn))
    }

    async fn update(
        &self,
        name: &Name,
        desired: &TaskDefinition,
        observed: &Observed<TaskDefinition>,
    ) -> Result<Handle<TaskDefinition>> {
        let arn = match desired.republishes(&observed.resource) {
            true => self.publish(name, desired, observed).await?,
            false => {
                self.revisions.retag(observed, desired).await?;
                observed.handle.as_str().to_owned()
            }
        };
        self.stands(name, Some(Stood::Written(arn.clone())));
        Ok(Handle::new(arn))
    }

    async fn delete(&self, name: &Name, observed: &Observed<TaskDefinition>) -> Result<()> {
        self.revisions
            .delete(name, observed.handle.as_str())
            .await?;
        self.stands(name, None);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
