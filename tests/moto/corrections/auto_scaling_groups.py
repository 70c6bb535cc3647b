"""Corrections to EC2 Auto Scaling groups."""

from botocore import xform_name
from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import EmptyResult

from .patching import replaces, wraps

# Members that a group keeps as they were given.
KEPT = [
    "CapacityRebalance",
    "Context",
    "DefaultCooldown",
    "DefaultInstanceWarmup",
    "DeletionProtection",
    "DesiredCapacityType",
    "InstanceMaintenancePolicy",
    "MaxInstanceLifetime",
    "NewInstancesProtectedFromScaleIn",
    "TerminationPolicies",
]
LAUNCH_SOURCES = ("LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy")
BOOLEANS = ("CapacityRebalance", "NewInstancesProtectedFromScaleIn")


def keep(self):
    group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
    for member in KEPT:
        read = self._get_bool_param if member in BOOLEANS else self._get_param
        if read(member) is not None:
            setattr(group, xform_name(member), read(member))
    return group


@wraps(AutoScalingResponse, "create_auto_scaling_group")
def create_refuses_a_name_that_is_taken(original, self):
    """moto replaces a group that is there, gives 300 seconds of grace to who asks
    for none and forgets several members. AWS answers `AlreadyExists`, gives 0
    seconds, and keeps them."""
    name = self._get_param("AutoScalingGroupName")
    if name in self.autoscaling_backend.autoscaling_groups:
        raise AutoscalingClientError(
            "AlreadyExists",
            "AutoScalingGroup by this name already exists - A group with the name "
            f"{name} already exists",
        )
    result = original(self)
    group = keep(self)
    group.health_check_grace_period = self._get_int_param("HealthCheckGracePeriod", 0)
    return result


@wraps(AutoScalingResponse, "update_auto_scaling_group")
def update_keeps_what_it_was_given(original, self):
    """moto forgets several members of an update, and drops the mixed-instances
    policy of a group whose update names none. AWS keeps them."""
    groups = self.autoscaling_backend.autoscaling_groups
    group = groups.get(self._get_param("AutoScalingGroupName"))
    policy = group and group.mixed_instances_policy
    if policy and not any(self._get_param(source) for source in LAUNCH_SOURCES):
        self.params["MixedInstancesPolicy"] = policy
    result = original(self)
    keep(self)
    return result


@replaces(AutoScalingResponse, "delete_auto_scaling_group")
def delete_refuses_a_group_in_use(self):
    """moto deletes a group with its instances, asked to or not. AWS answers
    `ResourceInUse` while there are instances, unless ForceDelete is given."""
    name = self._get_param("AutoScalingGroupName")
    group = self.autoscaling_backend.autoscaling_groups.get(name)
    if group is not None and group.instance_states and not self._get_bool_param("ForceDelete"):
        raise AutoscalingClientError(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending "
            "Spot instance request(s) still in the group.",
        )
    self.autoscaling_backend.delete_auto_scaling_group(name)
    return EmptyResult()
