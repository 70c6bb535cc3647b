"""Corrections to Application Auto Scaling's policies."""

import json

from moto.applicationautoscaling import responses
from moto.applicationautoscaling.models import (
    ApplicationAutoscalingBackend,
    FakeApplicationAutoscalingPolicy,
)
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from .patching import page, replaces, wraps
from .scalable_targets import not_found, require_target


@wraps(ApplicationAutoscalingBackend, "put_scaling_policy")
def putting_a_policy_again_keeps_its_identity(original, self, **keywords):
    """moto stores policies for targets that do not exist, and on an update gives
    a new ARN and leaves the old alarms behind. AWS answers
    `ObjectNotFoundException`, keeps the ARN, and replaces the alarms."""
    namespace = keywords["service_namespace"]
    resource_id, dimension = keywords["resource_id"], keywords["scalable_dimension"]
    require_target(self, namespace, resource_id, dimension)
    key = FakeApplicationAutoscalingPolicy.formulate_key(
        namespace, resource_id, dimension, keywords["policy_name"]
    )
    previous = self.policies.get(key)
    policy = original(self, **keywords)
    if previous is not None:
        previous.delete_alarms(self.account_id, self.region_name)
        policy.policy_arn = previous.policy_arn
        policy.creation_time = previous.creation_time
    return policy


@wraps(FakeApplicationAutoscalingPolicy, "_generate_ecs_alarms")
def alarms_follow_the_target_value(original, self):
    """moto's two alarms have a threshold of 6. AWS's high alarm stands at the
    target value and the low one at nine tenths of it; there is no low alarm
    where scaling in is disabled."""
    high, low = original(self)
    configuration = self.target_tracking_scaling_policy_configuration or {}
    high.threshold = float(configuration.get("TargetValue", 0))
    low.threshold = high.threshold * 0.9
    if configuration.get("DisableScaleIn"):
        from moto.cloudwatch.models import cloudwatch_backends

        cloudwatch_backends[self.account_id][self.region_name].delete_alarms([low.name])
        return [high]
    return [high, low]


@wraps(ApplicationAutoscalingBackend, "delete_scaling_policy")
def deleting_a_missing_policy_is_refused(original, self, **keywords):
    """moto answers `ValidationException` for a missing policy. AWS answers
    `ObjectNotFoundException`."""
    key = FakeApplicationAutoscalingPolicy.formulate_key(
        keywords["service_namespace"],
        keywords["resource_id"],
        keywords["scalable_dimension"],
        keywords["policy_name"],
    )
    if key not in self.policies:
        raise not_found(f"scaling policy found: {keywords['policy_name']}")
    original(self, **keywords)


@replaces(ApplicationAutoScalingResponse, "describe_scaling_policies")
def describing_policies_matches_exactly_and_pages_at_ten(self):
    """moto takes a resource id that is part of the asked one for a match, ignores
    PolicyNames and pages at a hundred. AWS matches exactly and pages at ten."""
    wanted = {
        "service_namespace": self._get_param("ServiceNamespace"),
        "resource_id": self._get_param("ResourceId"),
        "scalable_dimension": self._get_param("ScalableDimension"),
    }
    names = self._get_param("PolicyNames")
    found = [
        policy
        for policy in self.applicationautoscaling_backend.policies.values()
        if all(value in (None, getattr(policy, name)) for name, value in wanted.items())
        and (not names or policy.policy_name in names)
    ]
    size = min(self._get_int_param("MaxResults") or 10, 10)
    found, token = page(found, self._get_param("NextToken"), size)
    policies = [responses._build_policy(policy) for policy in found]
    return json.dumps({"ScalingPolicies": policies, "NextToken": token})
