//! Auto Scaling groups and what they did.

use super::{Reader, batched, next};
use crate::{
    Moment,
    picture::{Group, GroupActivity, GroupInstance},
};
use aws_sdk_autoscaling::types::{Activity, AutoScalingGroup, Instance};
use futures::future::try_join_all;
use setpoint_aws::found;
use setpoint_core::Result;

/// How many groups `DescribeAutoScalingGroups` takes by name.
const NAMES: usize = 50;

/// How many it shows at once.
const SHOWN: i32 = 100;

impl Reader {
    /// Groups by name; those that exist.
    pub(crate) async fn groups(&self, names: &[String]) -> Result<Vec<Group>> {
        batched(names, NAMES, |it| self.groups_of(it)).await
    }

    async fn groups_of(&self, names: &[String]) -> Result<Vec<Group>> {
        let page = self
            .aws
            .call("autoscaling:DescribeAutoScalingGroups", || {
                let call = self.groups.describe_auto_scaling_groups();
                let call = call.set_auto_scaling_group_names(Some(names.to_vec()));
                call.max_records(SHOWN).send()
            })
            .await?;
        let groups = page.auto_scaling_groups.unwrap_or_default();
        Ok(groups.iter().map(group).collect())
    }

    /// What groups did since then, newest first.
    pub(crate) async fn group_activities(
        &self,
        names: &[String],
        since: Moment,
    ) -> Result<Vec<GroupActivity>> {
        let calls = names.iter().map(|it| self.activities_of_group(it, since));
        let mut all: Vec<GroupActivity> =
            try_join_all(calls).await?.into_iter().flatten().collect();
        all.sort_by_key(|it| std::cmp::Reverse(it.started_at));
        Ok(all)
    }

    async fn activities_of_group(&self, name: &str, since: Moment) -> Result<Vec<GroupActivity>> {
        let mut activities = Vec::new();
        let mut token = None;
        loop {
            let answered = self
                .aws
                .call("autoscaling:DescribeScalingActivities", || {
                    let call = self.groups.describe_scaling_activities();
                    let call = call.auto_scaling_group_name(name).max_records(SHOWN);
                    call.set_next_token(token.clone()).send()
                })
                .await;
            let Some(page) = found(answered)? else {
                return Ok(activities);
            };
            let shown: Vec<GroupActivity> = page.activities().iter().map(activity).collect();
            // AWS lists those in progress first, and then the newest.
            let is_late = |it: &GroupActivity| it.ended_at.unwrap_or(it.started_at) >= since;
            let more = shown.last().is_some_and(is_late);
            let late = |it: &GroupActivity| is_late(it) || it.ended_at.is_none();
            activities.extend(shown.into_iter().filter(late));
            token = next(page.next_token).filter(|_| more);
            if token.is_none() {
                return Ok(activities);
            }
        }
    }
}

fn group(it: &AutoScalingGroup) -> Group {
    let suspended = it.suspended_processes().iter();
    Group {
        name: it.auto_scaling_group_name().unwrap_or_default().to_owned(),
        min_size: it.min_size().unwrap_or_default().into(),
        max_size: it.max_size().unwrap_or_default().into(),
        desired_capacity: it.desired_capacity().unwrap_or_default().into(),
        instances: it.instances().iter().map(instance).collect(),
        suspended: suspended
            .filter_map(|it| it.process_name().map(str::to_owned))
            .collect(),
        status: it.status().map(str::to_owned),
    }
}

fn instance(it: &Instance) -> GroupInstance {
    GroupInstance {
        id: it.instance_id().unwrap_or_default().to_owned(),
        lifecycle: it.lifecycle_state().map_or("", |it| it.as_str()).to_owned(),
        health: it.health_status().unwrap_or_default().to_owned(),
        zone: it.availability_zone().unwrap_or_default().to_owned(),
        protected: it.protected_from_scale_in().unwrap_or_default(),
    }
}

fn activity(it: &Activity) -> GroupActivity {
    GroupActivity {
        id: it.activity_id().unwrap_or_default().to_owned(),
        group: it.auto_scaling_group_name().unwrap_or_default().to_owned(),
        description: it.description().unwrap_or_default().to_owned(),
        cause: it.cause().unwrap_or_default().to_owned(),
        started_at: it.start_time().map(Into::into).unwrap_or_default(),
        ended_at: it.end_time().map(Into::into),
        status: it.status_code().map_or("", |it| it.as_str()).to_owned(),
        status_message: it.status_message().map(str::to_owned),
        progress: it.progress().unwrap_or_default().into(),
    }
}
