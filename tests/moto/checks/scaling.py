"""Application Auto Scaling: targets, policies and scheduled actions."""

from account import pages, refused, same

_DIMENSION = "ecs:service:DesiredCount"
_TRACKING = {
    "TargetValue": 50.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
}


def _target(service="web"):
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/web/{service}",
        "ScalableDimension": _DIMENSION,
    }


def _register(aws, service="web", **keywords):
    keywords = {"MinCapacity": 2, "MaxCapacity": 4} | keywords
    aws.application_autoscaling.register_scalable_target(**_target(service), **keywords)


def _put(aws, service="web", name="cpu", **changes):
    return aws.application_autoscaling.put_scaling_policy(
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=_TRACKING | changes,
        **_target(service),
    )


def a_target_shows_its_arn_role_and_state_and_clamps_the_service(aws):
    aws.with_service(desiredCount=1)
    _register(aws)
    same(aws.shown()["desiredCount"], 2)
    aws.ecs.update_service(cluster="web", service="web", desiredCount=9)
    aws.application_autoscaling.register_scalable_target(**_target())
    same(aws.shown()["runningCount"], 4)
    targets = aws.application_autoscaling.describe_scalable_targets(ServiceNamespace="ecs")
    (target,) = targets["ScalableTargets"]
    same((target["MinCapacity"], target["MaxCapacity"]), (2, 4))
    assert target["ScalableTargetARN"] and "AWSServiceRole" in target["RoleARN"]
    same(set(target["SuspendedState"].values()), {False})
    same(len(target["SuspendedState"]), 3)


def a_target_can_be_tagged(aws):
    aws.with_service()
    scaling = aws.application_autoscaling
    _register(aws, Tags={"a": "b", "c": "d"})
    targets = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    arn = targets[0]["ScalableTargetARN"]
    same(scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"a": "b", "c": "d"})
    scaling.tag_resource(ResourceARN=arn, Tags={"e": "f"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    same(scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"c": "d", "e": "f"})
    refused("ResourceNotFoundException", scaling.list_tags_for_resource, ResourceARN=arn + "x")


def targets_and_policies_page_to_the_end_and_match_exactly(aws):
    aws.cluster()
    aws.task_definition()
    names = [f"s-{number}" for number in range(101)]
    for name in names:
        aws.service(name)
        _register(aws, name)
    scaling = aws.application_autoscaling
    found = pages(
        scaling.describe_scalable_targets, "ScalableTargets", ServiceNamespace="ecs"
    )
    same([len(page) for page in found], [50, 50, 1])
    for name in ("s-1", "s-10", "s-100"):
        _put(aws, name)
    found = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId="service/web/s-10")
    same([policy["ResourceId"] for policy in found["ScalingPolicies"]], ["service/web/s-10"])
    for number in range(10):
        _put(aws, "s-2", f"p{number}")
    found = pages(scaling.describe_scaling_policies, "ScalingPolicies", ServiceNamespace="ecs")
    same([len(page) for page in found], [10, 3])


def a_policy_put_again_keeps_its_arn_and_has_two_alarms(aws):
    aws.with_service()
    _register(aws)
    first = _put(aws)["PolicyARN"]
    same(_put(aws, TargetValue=60.0)["PolicyARN"], first)
    alarms = aws.cloudwatch.describe_alarms()["MetricAlarms"]
    same(sorted(alarm["Threshold"] for alarm in alarms), [54.0, 60.0])
    _put(aws, DisableScaleIn=True)
    same(len(aws.cloudwatch.describe_alarms()["MetricAlarms"]), 1)
    aws.application_autoscaling.delete_scaling_policy(PolicyName="cpu", **_target())
    same(aws.cloudwatch.describe_alarms()["MetricAlarms"], [])


def scheduled_actions_come_and_go(aws):
    aws.with_service()
    _register(aws)
    scaling = aws.application_autoscaling
    action = {"ScheduledActionName": "night", **_target()}
    scaling.put_scheduled_action(
        **action,
        Schedule="cron(0 20 * * ? *)",
        Timezone="Europe/Berlin",
        ScalableTargetAction={"MinCapacity": 0},
        StartTime=4102444800,
    )
    scaling.put_scheduled_action(**action, Schedule="cron(0 21 * * ? *)")
    (shown,) = scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    same(shown["Schedule"], "cron(0 21 * * ? *)")
    assert "StartTime" not in shown and "EndTime" not in shown
    scaling.delete_scheduled_action(**action)
    refused("ObjectNotFoundException", scaling.delete_scheduled_action, **action)


def what_has_no_target_is_not_found(aws):
    aws.with_service()
    scaling = aws.application_autoscaling
    for call in (
        lambda: scaling.deregister_scalable_target(**_target()),
        lambda: _put(aws),
        lambda: scaling.delete_scaling_policy(PolicyName="cpu", **_target()),
        lambda: scaling.put_scheduled_action(
            ScheduledActionName="a", Schedule="rate(1 day)", **_target()
        ),
    ):
        refused("ObjectNotFoundException", call)
    refused("ValidationException", scaling.register_scalable_target, **_target())
    refused("ValidationException", lambda: _register(aws, "none"))


def deregistering_takes_policies_and_schedules_along(aws):
    aws.with_service()
    _register(aws)
    _put(aws)
    scaling = aws.application_autoscaling
    scaling.put_scheduled_action(ScheduledActionName="a", Schedule="rate(1 day)", **_target())
    scaling.deregister_scalable_target(**_target())
    same(scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"], [])
    same(scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"], [])
    same(aws.cloudwatch.describe_alarms()["MetricAlarms"], [])
    same(scaling.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"], [])
