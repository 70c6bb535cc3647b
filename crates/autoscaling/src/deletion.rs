//! How a group goes away.

use crate::{Groups, read::is_leaving};
use aws_sdk_autoscaling::types::{Instance, LifecycleState};
use futures::{future::try_join_all, try_join};
use setpoint_aws::found;
use setpoint_core::Result;

/// The hook by which ECS holds an instance until its tasks have left it.
const DRAINING_HOOK: &str = "ecs-managed-draining-termination-hook";

/// How many instances `SetInstanceProtection` takes.
const INSTANCES: usize = 50;

impl Groups {
    /// Ends the group's instances and deletes it, whatever ECS left in it.
    ///
    /// AWS terminates the instances of a group that is deleted by force through the group's hooks.
    /// ECS's hook waits for an hour, and once the capacity provider is gone nobody answers it. So
    /// the hook goes first: "If there are any outstanding lifecycle actions, they are completed
    /// first (ABANDON for launching instances, CONTINUE for terminating instances)", says the
    /// service's model of `DeleteLifecycleHook`. Nothing is left on the instances to be drained:
    /// the services that ran there are deleted before their capacity provider, and that before its
    /// group.
    pub(crate) async fn dissolve(&self, name: &str) -> Result<()> {
        let names = [name.to_owned()];
        let groups = self.pages(&names, None);
        let (groups, has_hook) = try_join!(groups, self.has_draining_hook(name))?;
        let Some(group) = groups.first() else {
            return Ok(());
        };
        let release = async {
            match has_hook {
                true => self.delete_hook(name).await,
                false => Ok(()),
            }
        };
        if is_leaving(group) {
            return release.await;
        }
        let protected = group.instances().iter().filter(|it| is_protected(it));
        let protected: Vec<String> = protected.filter_map(|it| it.instance_id.clone()).collect();
        let batches = protected.chunks(INSTANCES);
        let unprotect = try_join_all(batches.map(|it| self.unprotect(name, it)));
        try_join!(release, unprotect)?;
        // Nothing may start an instance while the deletion is under way. The maximum stays:
        // nothing would be gained by lowering it too.
        self.empty(name).await?;
        let request = self.client.delete_auto_scaling_group();
        let request = request.auto_scaling_group_name(name).force_delete(true);
        let send = || request.clone().send();
        found(
            self.aws
                .call("autoscaling:DeleteAutoScalingGroup", send)
                .await,
        )?;
        Ok(())
    }

    async fn has_draining_hook(&self, name: &str) -> Result<bool> {
        let request = self
            .client
            .describe_lifecycle_hooks()
            .auto_scaling_group_name(name);
        let send = || request.clone().send();
        let hooks = found(
            self.aws
                .call("autoscaling:DescribeLifecycleHooks", send)
                .await,
        )?;
        let hooks = hooks.and_then(|it| it.lifecycle_hooks).unwrap_or_default();
        Ok(hooks
            .iter()
            .any(|it| it.lifecycle_hook_name() == Some(DRAINING_HOOK)))
    }

    async fn delete_hook(&self, name: &str) -> Result<()> {
        let request = self.client.delete_lifecycle_hook();
        let request = request
            .auto_scaling_group_name(name)
            .lifecycle_hook_name(DRAINING_HOOK);
        let send = || request.clone().send();
        found(self.aws.call("autoscaling:DeleteLifecycleHook", send).await)?;
        Ok(())
    }

    async fn unprotect(&self, name: &str, instances: &[String]) -> Result<()> {
        let request = self
            .client
            .set_instance_protection()
            .auto_scaling_group_name(name)
            .set_instance_ids(Some(instances.to_vec()))
            .protected_from_scale_in(false);
        let send = || request.clone().send();
        found(
            self.aws
                .call("autoscaling:SetInstanceProtection", send)
                .await,
        )?;
        Ok(())
    }

    async fn empty(&self, name: &str) -> Result<()> {
        let request = self
            .client
            .update_auto_scaling_group()
            .auto_scaling_group_name(name);
        let request = request.min_size(0).desired_capacity(0);
        let send = || request.clone().send();
        found(
            self.aws
                .call("autoscaling:UpdateAutoScalingGroup", send)
                .await,
        )?;
        Ok(())
    }
}

/// Whether an instance is protected from scale-in and can lose that: AWS changes it only of those
/// in service.
fn is_protected(instance: &Instance) -> bool {
    let in_service = instance.lifecycle_state() == Some(&LifecycleState::InService);
    in_service && instance.protected_from_scale_in.unwrap_or(false)
}
