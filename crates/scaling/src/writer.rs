//! The calls that write: the target, its policies, its scheduled actions and its tags.

use crate::{
    policy::{self, Configuration},
    schedule,
    targets::{DIMENSION, NAMESPACE},
};
use aws_sdk_applicationautoscaling::{Client, types::SuspendedState};
use futures::future::join_all;
use setpoint_aws::{Aws, Retagging, code};
use setpoint_core::Result;
use setpoint_spec::kind::{Policy, Scaling, ScheduledAction, Suspended};
use std::collections::{BTreeMap, BTreeSet};

/// Writes, and remembers nothing.
#[derive(Debug)]
pub(crate) struct Writer {
    aws: Aws,
    client: Client,
}

impl Writer {
    pub(crate) fn new(aws: &Aws) -> Writer {
        Writer {
            aws: aws.clone(),
            client: Client::new(aws.config()),
        }
    }

    /// Registers a target, or those of its bounds that differ, and says its ARN.
    pub(crate) async fn register(
        &self,
        resource: &str,
        desired: &Scaling,
        observed: Option<&Scaling>,
    ) -> Result<Option<String>> {
        let differs = |is_same: fn(&Scaling, &Scaling) -> bool| {
            observed.is_none_or(|observed| !is_same(desired, observed))
        };
        let min = differs(|one, other| one.min_capacity == other.min_capacity);
        let max = differs(|one, other| one.max_capacity == other.max_capacity);
        let suspended = match observed {
            None => desired.suspended != Suspended::default(),
            Some(observed) => desired.suspended != observed.suspended,
        };
        if !(min || max || suspended) {
            return Ok(None);
        }
        let tags = observed.is_none().then(|| self.aws.marked(&desired.tags));
        let registered = self
            .aws
            .call("application-autoscaling:RegisterScalableTarget", || {
                self.client
                    .register_scalable_target()
                    .service_namespace(NAMESPACE)
                    .scalable_dimension(DIMENSION)
                    .resource_id(resource)
                    .set_min_capacity(min.then_some(desired.min_capacity))
                    .set_max_capacity(max.then_some(desired.max_capacity))
                    .set_suspended_state(suspended.then(|| suspended_state(desired.suspended)))
                    .set_tags(tags.clone().map(|it| it.into_iter().collect()))
                    .send()
            })
            .await?;
        Ok(registered.scalable_target_arn)
    }

    /// Brings policies and scheduled actions to those desired, all at once.
    pub(crate) async fn write_parts(
        &self,
        resource: &str,
        desired: &Scaling,
        observed: Option<&Scaling>,
    ) -> Result<()> {
        let (no_policies, no_actions) = (BTreeMap::new(), BTreeMap::new());
        let shown = observed.map_or(&no_policies, |it| &it.policies);
        let policies = differing(&desired.policies, shown)
            .map(|(name, desired, observed)| self.change_policy(resource, name, desired, observed));
        let shown = observed.map_or(&no_actions, |it| &it.scheduled_actions);
        let actions =
            differing(&desired.scheduled_actions, shown).map(|(name, desired, _)| async move {
                match desired {
                    Some(desired) => self.put_action(resource, name, desired).await,
                    None => self.delete_action(resource, name).await,
                }
            });
        // All are heard out: a write that is dropped on its way may have had its effect.
        let (policies, actions) = futures::join!(join_all(policies), join_all(actions));
        policies.into_iter().chain(actions).collect()
    }

    pub(crate) async fn write_tags(&self, arn: &str, change: &Retagging) -> Result<()> {
        let set = async {
            if change.set.is_empty() {
                return Ok(());
            }
            self.aws
                .call("application-autoscaling:TagResource", || {
                    let tags = change.set.clone().into_iter().collect();
                    self.client
                        .tag_resource()
                        .resource_arn(arn)
                        .set_tags(Some(tags))
                        .send()
                })
                .await
                .map(drop)
        };
        let remove = async {
            if change.remove.is_empty() {
                return Ok(());
            }
            self.aws
                .call("application-autoscaling:UntagResource", || {
                    let keys = Some(change.remove.clone());
                    self.client
                        .untag_resource()
                        .resource_arn(arn)
                        .set_tag_keys(keys)
                        .send()
                })
                .await
                .map(drop)
        };
        let (set, remove) = futures::join!(set, remove);
        set.and(remove)
    }

    /// Deregisters a target. Its policies and its scheduled actions go with it.
    pub(crate) async fn deregister(&self, resource: &str) -> Result<()> {
        let deleted = self
            .aws
            .call("application-autoscaling:DeregisterScalableTarget", || {
                self.client
                    .deregister_scalable_target()
                    .service_namespace(NAMESPACE)
                    .scalable_dimension(DIMENSION)
                    .resource_id(resource)
                    .send()
            })
            .await;
        unless_gone(deleted)
    }

    async fn put_policy(&self, resource: &str, name: &str, desired: &Policy) -> Result<()> {
        self.aws
            .call("application-autoscaling:PutScalingPolicy", || {
                let call = self
                    .client
                    .put_scaling_policy()
                    .service_namespace(NAMESPACE)
                    .scalable_dimension(DIMENSION)
                    .resource_id(resource)
                    .policy_name(name)
                    .policy_type(policy::type_of(desired));
                match policy::configuration(desired) {
                    Configuration::TargetTracking(it) => {
                        call.target_tracking_scaling_policy_configuration(it).send()
                    }
                    Configuration::Step(it) => call.step_scaling_policy_configuration(it).send(),
                }
            })
            .await
            .map(drop)
    }

    async fn delete_policy(&self, resource: &str, name: &str) -> Result<()> {
        let deleted = self
            .aws
            .call("application-autoscaling:DeleteScalingPolicy", || {
                self.client
                    .delete_scaling_policy()
                    .service_namespace(NAMESPACE)
                    .scalable_dimension(DIMENSION)
                    .resource_id(resource)
                    .policy_name(name)
                    .send()
            })
            .await;
        unless_gone(deleted)
    }

    async fn change_policy(
        &self,
        resource: &str,
        name: &str,
        desired: Option<&Policy>,
        observed: Option<&Policy>,
    ) -> Result<()> {
        let Some(desired) = desired else {
            return self.delete_policy(resource, name).await;
        };
        if observed.is_some_and(|it| policy::type_of(it) != policy::type_of(desired)) {
            self.delete_policy(resource, name).await?;
        }
        self.put_policy(resource, name, desired).await
    }

    /// Puts an action with all its members: AWS takes away the times that are left out.
    async fn put_action(
        &self,
        resource: &str,
        name: &str,
        desired: &ScheduledAction,
    ) -> Result<()> {
        let start = schedule::time(desired.start_time.as_ref())?;
        let end = schedule::time(desired.end_time.as_ref())?;
        self.aws
            .call("application-autoscaling:PutScheduledAction", || {
                self.client
                    .put_scheduled_action()
                    .service_namespace(NAMESPACE)
                    .scalable_dimension(DIMENSION)
                    .resource_id(resource)
                    .scheduled_action_name(name)
                    .schedule(&desired.schedule)
                    .set_timezone(desired.timezone.clone())
                    .set_start_time(start)
                    .set_end_time(end)
                    .scalable_target_action(schedule::capacity(desired))
                    .send()
            })
            .await
            .map(drop)
    }

    async fn delete_action(&self, resource: &str, name: &str) -> Result<()> {
        let deleted = self
            .aws
            .call("application-autoscaling:DeleteScheduledAction", || {
                self.client
                    .delete_scheduled_action()
                    .service_namespace(NAMESPACE)
                    .scalable_dimension(DIMENSION)
                    .resource_id(resource)
                    .scheduled_action_name(name)
                    .send()
            })
            .await;
        unless_gone(deleted)
    }
}

/// Takes it for done that something is deleted which is not there.
///
/// While something is made, the same answer says that its target is yet to appear.
fn unless_gone<T>(deleted: Result<T>) -> Result<()> {
    match deleted {
        Err(err) if code(&err) != Some("ObjectNotFoundException") => Err(err),
        _ => Ok(()),
    }
}

/// The names under which the two differ, with what is under them.
fn differing<'a, T: PartialEq>(
    desired: &'a BTreeMap<String, T>,
    observed: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = (&'a str, Option<&'a T>, Option<&'a T>)> {
    let names: BTreeSet<&String> = desired.keys().chain(observed.keys()).collect();
    let both = names
        .into_iter()
        .map(|it| (it.as_str(), desired.get(it), observed.get(it)));
    both.filter(|(_, desired, observed)| desired != observed)
}

fn suspended_state(desired: Suspended) -> SuspendedState {
    SuspendedState::builder()
        .dynamic_scaling_in_suspended(desired.dynamic_scaling_in)
        .dynamic_scaling_out_suspended(desired.dynamic_scaling_out)
        .scheduled_scaling_suspended(desired.scheduled_scaling)
        .build()
}
