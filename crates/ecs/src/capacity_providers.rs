//! Capacity providers over Auto Scaling groups.

use crate::{
    failures::{only_missing, refused},
    tags,
};
use aws_sdk_ecs::{
    Client,
    types::{
        AutoScalingGroupProvider, AutoScalingGroupProviderUpdate, CapacityProvider as Shown,
        CapacityProviderField, CapacityProviderStatus, CapacityProviderUpdateStatus,
        ManagedDraining, ManagedScaling as Scaling, ManagedScalingStatus,
        ManagedTerminationProtection,
    },
};
use futures::future::try_join_all;
use setpoint_aws::{Aws, found};
use setpoint_core::{
    Adapter, AdapterError, ErrorKind, Freshness, Handle, Link, Name, Observed, Result, Status,
};
use setpoint_spec::kind::{CapacityProvider, ManagedScaling};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

/// How many providers one page may hold. A call may name a hundred, but shows ten at a time.
const BATCH: usize = 10;

/// Reads and writes capacity providers. A provider's handle is its name.
#[derive(Debug)]
pub struct CapacityProviders {
    aws: Aws,
    client: Client,
    arns: Mutex<BTreeMap<Name, String>>,
}

impl CapacityProviders {
    /// An adapter over this connection.
    pub fn new(aws: &Aws) -> CapacityProviders {
        CapacityProviders {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            arns: Mutex::default(),
        }
    }

    async fn describe(&self, names: &[String]) -> Result<Vec<Shown>> {
        const OPERATION: &str = "ecs:DescribeCapacityProviders";
        let page = self
            .aws
            .call(OPERATION, || {
                self.client
                    .describe_capacity_providers()
                    .set_capacity_providers(Some(names.to_vec()))
                    .include(CapacityProviderField::Tags)
                    .send()
            })
            .await?;
        let failures = page.failures().iter();
        let failures = failures.map(|it| {
            (
                it.arn().unwrap_or_default(),
                it.reason().unwrap_or_default(),
            )
        });
        only_missing(OPERATION, failures)?;
        Ok(page.capacity_providers.unwrap_or_default())
    }

    fn observed(&self, shown: Shown, freshness: Freshness) -> Option<Observed<CapacityProvider>> {
        let status = match (status(&shown)?, shown.status()) {
            // What failed on a provider that is there, failed some other day: a plan starts anew.
            (Status::Failed(_), Some(CapacityProviderStatus::Active))
                if freshness == Freshness::Indexed =>
            {
                Status::Ready
            }
            (status, _) => status,
        };
        let group = shown.auto_scaling_group_provider.as_ref();
        let arn = group
            .map(|it| it.auto_scaling_group_arn())
            .unwrap_or_default();
        let scaling = group.and_then(|it| it.managed_scaling());
        let protection = group.and_then(|it| it.managed_termination_protection());
        let draining = group.and_then(|it| it.managed_draining());
        let (tags, owner) = self.aws.tags_of(tags::read(shown.tags));
        let resource = CapacityProvider {
            auto_scaling_group: Link::is(name_of_group(arn)),
            managed_scaling: managed_scaling(scaling),
            managed_termination_protection: protection
                == Some(&ManagedTerminationProtection::Enabled),
            managed_draining: draining != Some(&ManagedDraining::Disabled),
            tags,
        };
        Some(Observed {
            status,
            ..Observed::new(resource, shown.name?, owner)
        })
    }

    async fn arn(&self, name: &Name) -> Result<String> {
        let known = || {
            self.arns
                .lock()
                .expect("no holder panics")
                .get(name)
                .cloned()
        };
        if known().is_none() {
            self.observe(&BTreeSet::from([name.clone()]), Freshness::Direct)
                .await?;
        }
        Ok(known().unwrap_or_default())
    }
}

fn name_of_group(arn: &str) -> &str {
    arn.split_once("autoScalingGroupName/")
        .map_or(arn, |it| it.1)
}

/// What a provider's two statuses mean; nothing for one that is no more.
fn status(shown: &Shown) -> Option<Status> {
    use CapacityProviderUpdateStatus as Update;
    match (shown.status(), shown.update_status()) {
        (Some(CapacityProviderStatus::Inactive), _) | (_, Some(Update::DeleteComplete)) => None,
        (Some(CapacityProviderStatus::Deprovisioning), _) | (_, Some(Update::DeleteInProgress)) => {
            Some(Status::Leaving("it to be deleted".into()))
        }
        (_, Some(Update::CreateFailed | Update::UpdateFailed | Update::DeleteFailed)) => {
            Some(Status::Failed(reason(shown)))
        }
        (Some(CapacityProviderStatus::Provisioning), _) | (_, Some(Update::CreateInProgress)) => {
            Some(Status::Settling("it to be made".into()))
        }
        (_, Some(Update::UpdateInProgress)) => Some(Status::Settling("its update to end".into())),
        _ => Some(Status::Ready),
    }
}

fn managed_scaling(shown: Option<&Scaling>) -> ManagedScaling {
    let default = ManagedScaling::default();
    let Some(shown) = shown else {
        return ManagedScaling {
            enabled: false,
            ..default
        };
    };
    let or = |shown: Option<i32>, default| shown.unwrap_or(default);
    ManagedScaling {
        enabled: shown.status() == Some(&ManagedScalingStatus::Enabled),
        target_capacity: or(shown.target_capacity(), default.target_capacity),
        minimum_scaling_step_size: or(
            shown.minimum_scaling_step_size(),
            default.minimum_scaling_step_size,
        ),
        maximum_scaling_step_size: or(
            shown.maximum_scaling_step_size(),
            default.maximum_scaling_step_size,
        ),
        instance_warmup_period: or(
            shown.instance_warmup_period(),
            default.instance_warmup_period,
        ),
    }
}

fn scaling(desired: &ManagedScaling) -> Scaling {
    Scaling::builder()
        .status(match desired.enabled {
            true => ManagedScalingStatus::Enabled,
            false => ManagedScalingStatus::Disabled,
        })
        .target_capacity(desired.target_capacity)
        .minimum_scaling_step_size(desired.minimum_scaling_step_size)
        .maximum_scaling_step_size(desired.maximum_scaling_step_size)
        .instance_warmup_period(desired.instance_warmup_period)
        .build()
}

fn protection(enabled: bool) -> ManagedTerminationProtection {
    match enabled {
        true => ManagedTerminationProtection::Enabled,
        false => ManagedTerminationProtection::Disabled,
    }
}

fn draining(enabled: bool) -> ManagedDraining {
    match enabled {
        true => ManagedDraining::Enabled,
        false => ManagedDraining::Disabled,
    }
}

impl Adapter for CapacityProviders {
    type Resource = CapacityProvider;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let index = self.aws.index().await?;
        Ok(index
            .names("ecs", "capacity-provider")
            .into_iter()
            .map(Name::from)
            .collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<CapacityProvider>>> {
        let names: Vec<String> = names.iter().map(|it| it.0.clone()).collect();
        let pages = try_join_all(names.chunks(BATCH).map(|it| self.describe(it))).await?;
        let mut observed = BTreeMap::new();
        let mut arns = self.arns.lock().expect("no holder panics");
        for shown in pages.into_iter().flatten() {
            let Some(name) = shown.name.clone().map(Name) else {
                continue;
            };
            arns.extend(
                shown
                    .capacity_provider_arn
                    .clone()
                    .map(|arn| (name.clone(), arn)),
            );
            observed.extend(self.observed(shown, freshness).map(|it| (name, it)));
        }
        Ok(observed)
    }

    async fn create(
        &self,
        name: &Name,
        desired: &CapacityProvider,
    ) -> Result<Handle<CapacityProvider>> {
        const OPERATION: &str = "ecs:CreateCapacityProvider";
        let group = desired.auto_scaling_group.handle();
        let provider = AutoScalingGroupProvider::builder()
            // A name does as well as an ARN.
            .auto_scaling_group_arn(group.expect("the links of what is written are filled"))
            .managed_scaling(scaling(&desired.managed_scaling))
            .managed_termination_protection(protection(desired.managed_termination_protection))
            .managed_draining(draining(desired.managed_draining))
            .build()
            .map_err(|err| refused(OPERATION, err.to_string()))?;
        let tags = tags::write(&self.aws.marked(&desired.tags));
        self.aws
            .call(OPERATION, || {
                self.client
                    .create_capacity_provider()
                    .name(name.as_str())
                    .auto_scaling_group_provider(provider.clone())
                    .set_tags(Some(tags.clone()))
                    .send()
            })
            .await?;
        Ok(Handle::new(name.as_str()))
    }

    async fn update(
        &self,
        name: &Name,
        desired: &CapacityProvider,
        observed: &Observed<CapacityProvider>,
    ) -> Result<Handle<CapacityProvider>> {
        let shown = &observed.resource;
        let settings = async {
            let scales = desired.managed_scaling != shown.managed_scaling;
            let protects =
                desired.managed_termination_protection != shown.managed_termination_protection;
            let drains = desired.managed_draining != shown.managed_draining;
            if !(scales || protects || drains) {
                return Ok(());
            }
            let update = AutoScalingGroupProviderUpdate::builder()
                .set_managed_scaling(scales.then(|| scaling(&desired.managed_scaling)))
                .set_managed_termination_protection(
                    protects.then(|| protection(desired.managed_termination_protection)),
                )
                .set_managed_draining(drains.then(|| draining(desired.managed_draining)))
                .build();
            self.aws
                .call("ecs:UpdateCapacityProvider", || {
                    self.client
                        .update_capacity_provider()
                        .name(name.as_str())
                        .auto_scaling_group_provider(update.clone())
                        .send()
                })
                .await
                .map(drop)
        };
        let tags = async {
            let change = self
                .aws
                .retagging(&desired.tags, &shown.tags, &observed.owner);
            if change.is_empty() {
                return Ok(());
            }
            let arn = self.arn(name).await?;
            tags::change(&self.aws, &self.client, &arn, &change).await
        };
        let (settings, tags) = futures::join!(settings, tags);
        settings.and(tags)?;
        Ok(observed.handle.clone())
    }

    /// While a cluster has the provider, AWS accepts the call and says in its answer that it failed.
    async fn delete(&self, _: &Name, observed: &Observed<CapacityProvider>) -> Result<()> {
        const OPERATION: &str = "ecs:DeleteCapacityProvider";
        let handle = observed.handle.as_str();
        let deleted = self
            .aws
            .call(OPERATION, || {
                self.client
                    .delete_capacity_provider()
                    .capacity_provider(handle)
                    .send()
            })
            .await;
        let left = found(deleted)?.and_then(|it| it.capacity_provider);
        let failed =
            |it: &Shown| it.update_status() == Some(&CapacityProviderUpdateStatus::DeleteFailed);
        match left.filter(failed) {
            None => Ok(()),
            Some(left) => Err(AdapterError {
                operation: OPERATION.into(),
                kind: ErrorKind::NotYet("what still uses it to let go of it".into()),
                source: reason(&left).into(),
            }),
        }
    }
}

fn reason(shown: &Shown) -> String {
    let reason = shown.update_status_reason().filter(|it| !it.is_empty());
    reason.unwrap_or("AWS gives no reason").to_owned()
}

#[cfg(test)]
mod tests;
