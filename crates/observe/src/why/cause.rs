//! The names of causes.

use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! causes {
    ($($name:ident $text:literal $means:literal)*) => {
        /// A cause. Its name never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cause {
            $(#[doc = $means] $name,)*
        }

        impl Cause {
            /// All of them.
            pub const ALL: &[Cause] = &[$(Cause::$name),*];

            /// Its name, as JSON has it.
            pub fn name(self) -> &'static str {
                match self { $(Cause::$name => $text),* }
            }

            /// What it means, in a clause.
            pub fn means(self) -> &'static str {
                match self { $(Cause::$name => $means),* }
            }
        }
    };
}

causes! {
    ServiceInactive "service-inactive" "the service is deleted, or was never made"
    ServiceDraining "service-draining" "the service is being deleted"
    DesiredZero "desired-zero" "the service is to have no tasks"
    DefinitionInactive "definition-inactive" "its task definition is deregistered"
    RoleNotAssumable "role-not-assumable" "a role of its tasks is missing, or does not trust ECS"
    ImageMissing "image-missing" "the image is not in its registry"
    ImageDenied "image-denied" "the image may not be pulled"
    ImagePlatform "image-platform" "the image is for other processors than the instances"
    LogGroupMissing "log-group-missing" "the log group of a container does not exist"
    LogDenied "log-denied" "a container's log may not be written"
    SecretUnreadable "secret-unreadable" "a secret of a container cannot be read"
    OutOfMemory "out-of-memory" "a container takes more memory than it may"
    ContainerUnhealthy "container-unhealthy" "a container's own health check fails"
    TargetUnhealthy "target-unhealthy" "the load balancer's health check fails"
    CrashLoop "crash-loop" "a container ends again and again"
    TaskTooLarge "task-too-large" "no instance could ever take the task"
    LaunchFailing "launch-failing" "the group cannot launch instances"
    LaunchSuspended "launch-suspended" "the group's launches are suspended"
    NotJoined "instance-not-joined" "an instance runs and does not join the cluster"
    NoInstances "no-instances" "the cluster has no container instance"
    AgentDisconnected "agent-disconnected" "the agent of the instances does not speak to ECS"
    InstancesDraining "instances-draining" "every instance drains"
    GroupAtMax "group-at-max" "the group has as many instances as it may"
    ManagedScalingDisabled "managed-scaling-disabled" "nothing adds instances for waiting tasks"
    CapacityWarmingUp "capacity-warming-up" "instances are on their way"
    LaunchTypeUnseen "launch-type-unseen" "managed scaling does not see tasks of launch type EC2"
    PortTaken "port-taken" "the fixed host port is taken on every instance"
    ConstraintUnmet "constraint-unmet" "no instance meets the placement constraint"
    NotEnoughCpu "not-enough-cpu" "no instance has enough CPU units free"
    NotEnoughMemory "not-enough-memory" "no instance has enough memory free"
    BreakerTripped "breaker-tripped" "the circuit breaker gave the deployment up"
    BreakerRolledBack "breaker-rolled-back" "the circuit breaker went back to the deployment before"
    DeploymentStuck "deployment-stuck" "the percentages let nothing start and nothing stop"
    DeploymentRunning "deployment-running" "a deployment is on its way"
    AlarmDeleted "alarm-deleted" "an alarm of a scaling policy is gone"
    AlarmActionsDisabled "alarm-actions-disabled" "an alarm of a scaling policy does nothing"
    AlarmWithoutData "alarm-without-data" "an alarm of a scaling policy sees no data"
    NoTarget "no-target" "nothing scales the service"
    NoPolicy "no-policy" "there are bounds, and no policy moves the count"
    ScaleOutSuspended "scale-out-suspended" "scaling out is suspended"
    ScaleInSuspended "scale-in-suspended" "scaling in is suspended"
    CreditsSpent "credits-spent" "an instance has used up its CPU credits"
    AtMax "at-max" "there are as many tasks as scaling allows"
    AtMin "at-min" "there are as few tasks as scaling allows"
    CoolingDown "cooling-down" "scaling waits for its last step to show"
    UnderTheLine "under-the-line" "the metric is under the target"
    TasksProtected "tasks-protected" "tasks are protected from scaling in"
    InstancesProtected "instances-protected" "idle instances are protected from scaling in"
    NoPublicAddress "no-public-address" "the tasks have no public address"
    PortClosed "port-closed" "no security group opens the port"
    NotAnswering "not-answering" "nothing answers at the port"
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
