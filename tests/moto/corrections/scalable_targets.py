"""Corrections to Application Auto Scaling's targets and scheduled actions."""

import json

from moto.applicationautoscaling import responses
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError

from .ecs_deployments import set_desired_count
from .patching import page, replaces, wraps

SERVICE_ROLE = (
    "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_ECSService"
)
NOT_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def not_found(what):
    return JsonRESTError("ObjectNotFoundException", f"No {what}")


def require_target(backend, namespace, resource_id, dimension):
    if not backend._scalable_target_exists(resource_id, dimension):
        raise not_found(
            f"scalable target found for service namespace: {namespace}, "
            f"resource ID: {resource_id}, scalable dimension: {dimension}"
        )


@wraps(ApplicationAutoScalingResponse, "register_scalable_target")
def registering_keeps_tags_and_clamps_the_service(original, self):
    """moto forgets Tags, shows no role, leaves out the suspended state and takes
    a new target without a range. AWS keeps the tags of a new target, fills in the
    service-linked role and three explicit false values, wants MinCapacity and
    MaxCapacity of a new target, and moves the service's desired count into the
    range on every call."""
    backend = self.applicationautoscaling_backend
    resource_id = self._get_param("ResourceId")
    dimension = self._get_param("ScalableDimension")
    new = not backend._scalable_target_exists(resource_id, dimension)
    low, high = self._get_int_param("MinCapacity"), self._get_int_param("MaxCapacity")
    if new and (low is None or high is None):
        raise JsonRESTError(
            "ValidationException",
            "MinCapacity and MaxCapacity are required to register a new scalable target",
        )
    if low is not None and high is not None and low > high:
        raise JsonRESTError(
            "ValidationException", "MaxCapacity must be greater than or equal to MinCapacity"
        )
    answer = original(self)
    target = backend.targets[dimension][resource_id]
    if new:
        target.tags = dict(self._get_param("Tags") or {})
        target.role_arn = target.role_arn or f"arn:aws:iam::{backend.account_id}:{SERVICE_ROLE}"
    target.suspended_state = NOT_SUSPENDED | (target.suspended_state or {})
    clamp_service(backend, target)
    return answer


def clamp_service(backend, target):
    if target.service_namespace != "ecs":
        return
    ecs = backend.ecs_backend
    service = ecs.services.get(":".join(target.resource_id.split("/")[1:]))
    if service is not None and service.status == "ACTIVE":
        count = max(service.desired_count, target.min_capacity)
        set_desired_count(ecs, service, min(count, target.max_capacity))


@wraps(ApplicationAutoscalingBackend, "_ecs_service_exists_for_target")
def a_deleted_service_is_no_target(original, self, r_id):
    """moto registers a target for a deleted service. AWS refuses with
    `ValidationException`, as for a service that never was."""
    original(self, r_id)
    service = self.ecs_backend.services[":".join(r_id.split("/")[1:])]
    if service.status != "ACTIVE":
        raise JsonRESTError("ValidationException", f"ECS service doesn't exist: {r_id}")
    return True


@replaces(ApplicationAutoScalingResponse, "describe_scalable_targets")
def describing_targets_ends(self):
    """moto's token is always the same, so that paging never ends above a hundred
    targets. AWS pages at fifty, and to the end."""
    self._validate_params()
    found = self.applicationautoscaling_backend.describe_scalable_targets(
        self._get_param("ServiceNamespace"),
        self._get_param("ResourceIds"),
        self._get_param("ScalableDimension"),
    )
    size = min(self._get_int_param("MaxResults") or 50, 50)
    found, token = page(found, self._get_param("NextToken"), size)
    targets = [responses._build_target(target) for target in found]
    return json.dumps({"ScalableTargets": targets, "NextToken": token})


@wraps(ApplicationAutoscalingBackend, "deregister_scalable_target")
def deregistering_takes_policies_along(original, self, namespace, r_id, dimension):
    """moto answers `ValidationException` for a missing target and keeps the
    policies and schedules of a deregistered one. AWS answers
    `ObjectNotFoundException`, and deletes them with the target."""
    require_target(self, namespace, r_id, dimension)
    original(self, namespace, r_id, dimension)
    for key, policy in list(self.policies.items()):
        if (policy.resource_id, policy.scalable_dimension) == (r_id, dimension):
            policy.delete_alarms(self.account_id, self.region_name)
            del self.policies[key]
    self.scheduled_actions = [
        action
        for action in self.scheduled_actions
        if (action.resource_id, action.scalable_dimension) != (r_id, dimension)
    ]


@wraps(ApplicationAutoscalingBackend, "put_scheduled_action")
def a_schedule_needs_its_target(original, self, service_namespace, **keywords):
    """moto schedules for targets that do not exist. AWS answers
    `ObjectNotFoundException`."""
    require_target(
        self, service_namespace, keywords["resource_id"], keywords["scalable_dimension"]
    )
    original(self, service_namespace=service_namespace, **keywords)


@wraps(ApplicationAutoscalingBackend, "delete_scheduled_action")
def deleting_a_missing_schedule_is_refused(original, self, **keywords):
    """moto deletes a scheduled action that does not exist. AWS answers
    `ObjectNotFoundException`."""
    count = len(self.scheduled_actions)
    original(self, **keywords)
    if len(self.scheduled_actions) == count:
        raise not_found(f"scheduled action found: {keywords['scheduled_action_name']}")


@wraps(ApplicationAutoScalingResponse, "describe_scheduled_actions")
def describing_schedules_pages_without_nulls(original, self):
    """moto does not page and gives null for what is unset. AWS pages at fifty and
    leaves the unset out."""
    actions = json.loads(original(self))["ScheduledActions"]
    size = min(self._get_int_param("MaxResults") or 50, 50)
    actions, token = page(actions, self._get_param("NextToken"), size)
    set_members = [
        {name: value for name, value in action.items() if value is not None}
        for action in actions
    ]
    return json.dumps({"ScheduledActions": set_members, "NextToken": token})


def target_by_arn(self):
    arn = self._get_param("ResourceARN")
    for targets in self.applicationautoscaling_backend.targets.values():
        for target in targets.values():
            if target.arn == arn:
                return target
    raise JsonRESTError("ResourceNotFoundException", f"The resource {arn} was not found")


@replaces(ApplicationAutoScalingResponse, "list_tags_for_resource")
def list_tags_for_resource(self):
    """moto lacks ListTagsForResource of Application Auto Scaling."""
    return json.dumps({"Tags": target_by_arn(self).tags})


@replaces(ApplicationAutoScalingResponse, "tag_resource")
def tag_resource(self):
    """moto lacks TagResource of Application Auto Scaling."""
    target_by_arn(self).tags.update(self._get_param("Tags") or {})
    return "{}"


@replaces(ApplicationAutoScalingResponse, "untag_resource")
def untag_resource(self):
    """moto lacks UntagResource of Application Auto Scaling."""
    tags = target_by_arn(self).tags
    for key in self._get_param("TagKeys") or []:
        tags.pop(key, None)
    return "{}"


@replaces(ApplicationAutoScalingResponse, "describe_scaling_activities")
def describe_scaling_activities(self):
    """moto lacks DescribeScalingActivities. Nothing scales here, so there is no
    activity to show."""
    return json.dumps({"ScalingActivities": []})
