"""Application Auto Scaling of ECS services: targets, policies, schedules, activities."""

from datetime import UTC, datetime, timedelta
from typing import Any

from account import Account, has, pages, refused, same, until
from things import shown_service, with_service

MISSING = "ObjectNotFoundException"
INVALID = "ValidationException"


def _target(aws: Account) -> dict[str, str]:
    """What names the target in every call."""
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{aws.name}/{aws.name}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }


def _registered(aws: Account, **arguments: Any) -> str:
    """A service and its target: the target's ARN."""
    with_service(aws)
    arguments = {"MinCapacity": 0, "MaxCapacity": 3} | arguments
    answer = aws.scaling.register_scalable_target(**_target(aws), **arguments)
    aws.later(aws.scaling.deregister_scalable_target, **_target(aws))
    return answer["ScalableTargetARN"]


def _shown(aws: Account) -> dict[str, Any]:
    only = {"ServiceNamespace": "ecs", "ResourceIds": [_target(aws)["ResourceId"]]}
    return aws.scaling.describe_scalable_targets(**only)["ScalableTargets"][0]


def _policies(aws: Account, **arguments: Any) -> list[dict[str, Any]]:
    only = {"ServiceNamespace": "ecs", "ResourceId": _target(aws)["ResourceId"]} | arguments
    return aws.scaling.describe_scaling_policies(**only)["ScalingPolicies"]


def _track(aws: Account, name: str = "cpu", **tracking: Any) -> dict[str, Any]:
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    return aws.scaling.put_scaling_policy(
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 50.0,
            "PredefinedMetricSpecification": metric,
        }
        | tracking,
        **_target(aws),
    )


def _step(aws: Account, name: str) -> dict[str, Any]:
    return aws.scaling.put_scaling_policy(
        PolicyName=name,
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        },
        **_target(aws),
    )


def _schedule(aws: Account, name: str = "night", **arguments: Any) -> None:
    arguments.setdefault("Schedule", "cron(0 22 * * ? *)")
    arguments.setdefault("ScalableTargetAction", {"MinCapacity": 0, "MaxCapacity": 1})
    aws.scaling.put_scheduled_action(ScheduledActionName=name, **_target(aws), **arguments)


def _actions(aws: Account) -> list[dict[str, Any]]:
    only = {"ServiceNamespace": "ecs", "ResourceId": _target(aws)["ResourceId"]}
    return aws.scaling.describe_scheduled_actions(**only)["ScheduledActions"]


def RegisterScalableTarget_fills_in_what_was_left_out(aws: Account) -> None:
    arn = _registered(aws)
    shown = _shown(aws)
    has(shown, MinCapacity=0, MaxCapacity=3, ScalableTargetARN=arn, **_target(aws))
    same(
        shown["SuspendedState"],
        {
            "DynamicScalingInSuspended": False,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        },
    )
    linked = "AWSServiceRoleForApplicationAutoScaling_ECSService"
    assert shown["RoleARN"].endswith(linked), shown["RoleARN"]
    assert arn.startswith(aws.arn("application-autoscaling", "scalable-target/")), arn


def RegisterScalableTarget_wants_both_ends_at_first(aws: Account) -> None:
    with_service(aws)
    refused(INVALID, aws.scaling.register_scalable_target, MaxCapacity=3, **_target(aws))


def RegisterScalableTarget_of_one_that_exists_changes_what_it_names(aws: Account) -> None:
    arn = _registered(aws)
    answer = aws.scaling.register_scalable_target(MaxCapacity=5, **_target(aws))
    same(answer["ScalableTargetARN"], arn)
    has(_shown(aws), MinCapacity=0, MaxCapacity=5)


def RegisterScalableTarget_takes_the_desired_count_along(aws: Account) -> None:
    _registered(aws, MinCapacity=2)
    until(lambda: shown_service(aws)["desiredCount"] == 2)


def RegisterScalableTarget_refuses_a_minimum_above_the_maximum(aws: Account) -> None:
    with_service(aws)
    refused(
        INVALID,
        aws.scaling.register_scalable_target,
        MinCapacity=3,
        MaxCapacity=2,
        **_target(aws),
    )


def RegisterScalableTarget_refuses_a_service_that_there_is_not(aws: Account) -> None:
    refused(
        INVALID,
        aws.scaling.register_scalable_target,
        words="ECS service doesn't exist",
        MinCapacity=0,
        MaxCapacity=1,
        **_target(aws),
    )


def RegisterScalableTarget_refuses_a_dimension_that_there_is_not(aws: Account) -> None:
    with_service(aws)
    wrong = _target(aws) | {"ScalableDimension": "ecs:service:Size"}
    refused(
        INVALID, aws.scaling.register_scalable_target, MinCapacity=0, MaxCapacity=1, **wrong
    )


def RegisterScalableTarget_refuses_a_namespace_that_there_is_not(aws: Account) -> None:
    wrong = _target(aws) | {"ServiceNamespace": "ecz"}
    refused(
        INVALID, aws.scaling.register_scalable_target, MinCapacity=0, MaxCapacity=1, **wrong
    )


def RegisterScalableTarget_suspends(aws: Account) -> None:
    _registered(aws)
    aws.scaling.register_scalable_target(
        SuspendedState={"DynamicScalingInSuspended": True}, **_target(aws)
    )
    same(_shown(aws)["SuspendedState"]["DynamicScalingInSuspended"], True)


def DescribeScalableTargets_of_a_missing_one_is_empty(aws: Account) -> None:
    only = {"ServiceNamespace": "ecs", "ResourceIds": [_target(aws)["ResourceId"]]}
    same(aws.scaling.describe_scalable_targets(**only)["ScalableTargets"], [])


def DescribeScalableTargets_refuses_a_page_of_51(aws: Account) -> None:
    refused(
        INVALID, aws.scaling.describe_scalable_targets, ServiceNamespace="ecs", MaxResults=51
    )


def DeregisterScalableTarget_takes_policies_and_schedules_along(aws: Account) -> None:
    _registered(aws)
    names = [it["AlarmName"] for it in _track(aws)["Alarms"]]
    _schedule(aws)
    aws.scaling.deregister_scalable_target(**_target(aws))
    same(_policies(aws), [])
    same(_actions(aws), [])
    same(aws.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"], [])


def DeregisterScalableTarget_refuses_a_missing_one(aws: Account) -> None:
    refused(MISSING, aws.scaling.deregister_scalable_target, **_target(aws))


def PutScalingPolicy_of_a_target_makes_two_alarms(aws: Account) -> None:
    _registered(aws)
    made = _track(aws)
    same(len(made["Alarms"]), 2)
    begin = f"TargetTracking-{_target(aws)['ResourceId']}-Alarm"
    high, low = (
        next(it["AlarmName"] for it in made["Alarms"] if it["AlarmName"].startswith(begin + end))
        for end in ("High", "Low")
    )
    found = aws.cloudwatch.describe_alarms(AlarmNames=[high, low])["MetricAlarms"]
    by_name = {it["AlarmName"]: it for it in found}
    dimensions = [
        {"Name": "ClusterName", "Value": aws.name},
        {"Name": "ServiceName", "Value": aws.name},
    ]
    for name, comparison, threshold, periods in (
        (high, "GreaterThanThreshold", 50.0, 3),
        (low, "LessThanThreshold", 45.0, 15),
    ):
        has(
            by_name[name],
            ComparisonOperator=comparison,
            Threshold=threshold,
            EvaluationPeriods=periods,
            Period=60,
            Statistic="Average",
            Namespace="AWS/ECS",
            MetricName="CPUUtilization",
        )
        # AWS adds which of its services made it: `:createdBy/…`.
        (action,) = by_name[name]["AlarmActions"]
        assert action.startswith(made["PolicyARN"]), action
        same(sorted(by_name[name]["Dimensions"], key=lambda it: it["Name"]), dimensions)


def PutScalingPolicy_with_scale_in_disabled_makes_one_alarm(aws: Account) -> None:
    _registered(aws)
    names = [it["AlarmName"] for it in _track(aws, DisableScaleIn=True)["Alarms"]]
    assert len(names) == 1 and "AlarmHigh" in names[0], names


def PutScalingPolicy_shows_what_was_put(aws: Account) -> None:
    _registered(aws)
    made = _track(aws, ScaleInCooldown=60, ScaleOutCooldown=30)
    (shown,) = _policies(aws)
    has(shown, PolicyARN=made["PolicyARN"], PolicyName="cpu", **_target(aws))
    has(
        shown["TargetTrackingScalingPolicyConfiguration"],
        TargetValue=50.0,
        ScaleInCooldown=60,
        ScaleOutCooldown=30,
        PredefinedMetricSpecification={
            "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
        },
    )
    arn = f"resource/ecs/{_target(aws)['ResourceId']}:policyName/cpu"
    assert made["PolicyARN"].endswith(arn), made["PolicyARN"]


def PutScalingPolicy_of_one_that_exists_keeps_its_ARN(aws: Account) -> None:
    _registered(aws)
    first, second = _track(aws), _track(aws, TargetValue=70.0)
    same(second["PolicyARN"], first["PolicyARN"])
    (shown,) = _policies(aws)
    same(shown["TargetTrackingScalingPolicyConfiguration"]["TargetValue"], 70.0)


def PutScalingPolicy_of_steps_makes_no_alarm(aws: Account) -> None:
    _registered(aws)
    answer = _step(aws, "steps")
    same(answer.get("Alarms", []), [])
    (shown,) = _policies(aws)
    same(shown["PolicyType"], "StepScaling")


def PutScalingPolicy_refuses_a_target_that_there_is_not(aws: Account) -> None:
    with_service(aws)
    refused(MISSING, _track, aws=aws)


def PutScalingPolicy_refuses_a_metric_that_there_is_not(aws: Account) -> None:
    _registered(aws)
    wrong = {"PredefinedMetricType": "ECSServiceAverageHappiness"}
    refused(INVALID, _track, aws=aws, PredefinedMetricSpecification=wrong)


def PutScalingPolicy_refuses_another_type_under_the_same_name(aws: Account) -> None:
    _registered(aws)
    _track(aws)
    refused(INVALID, _step, aws=aws, name="cpu")


def PutScalingPolicy_refuses_a_target_without_a_metric(aws: Account) -> None:
    _registered(aws)
    refused(
        INVALID,
        aws.scaling.put_scaling_policy,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 50.0},
        **_target(aws),
    )


def DeleteScalingPolicy_takes_its_alarms_along(aws: Account) -> None:
    _registered(aws)
    names = [it["AlarmName"] for it in _track(aws)["Alarms"]]
    aws.scaling.delete_scaling_policy(PolicyName="cpu", **_target(aws))
    same(_policies(aws), [])
    same(aws.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"], [])
    refused(MISSING, aws.scaling.delete_scaling_policy, PolicyName="cpu", **_target(aws))


def DescribeScalingPolicies_goes_by_pages_of_ten(aws: Account) -> None:
    _registered(aws)
    for number in range(11):
        _step(aws, f"p{number:02}")
    found = pages(
        aws.scaling.describe_scaling_policies,
        "ScalingPolicies",
        token="NextToken",
        **_target(aws),
    )
    same([len(page) for page in found], [10, 1])


def DescribeScalingPolicies_chooses_by_name(aws: Account) -> None:
    _registered(aws)
    _track(aws)
    _step(aws, "other")
    same([it["PolicyName"] for it in _policies(aws, PolicyNames=["cpu"])], ["cpu"])


def DescribeScalingPolicies_refuses_a_page_of_eleven(aws: Account) -> None:
    many = {"ServiceNamespace": "ecs", "MaxResults": 11}
    refused(INVALID, aws.scaling.describe_scaling_policies, **many)


def PutScheduledAction_shows_what_was_put(aws: Account) -> None:
    _registered(aws)
    _schedule(aws, Timezone="Europe/Berlin")
    (shown,) = _actions(aws)
    has(
        shown,
        ScheduledActionName="night",
        Schedule="cron(0 22 * * ? *)",
        Timezone="Europe/Berlin",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 1},
        **_target(aws),
    )


def PutScheduledAction_forgets_a_start_that_it_does_not_name(aws: Account) -> None:
    _registered(aws)
    _schedule(aws, StartTime=datetime.now(UTC) + timedelta(days=30))
    assert "StartTime" in _actions(aws)[0]
    _schedule(aws)
    assert "StartTime" not in _actions(aws)[0]


def PutScheduledAction_refuses_what_is_no_schedule(aws: Account) -> None:
    _registered(aws)
    for wrong in ("cron(0 22 * * *)", "rate(0 minutes)", "at(tomorrow)", "0 22 * * ? *"):
        refused(INVALID, _schedule, aws=aws, Schedule=wrong)


def PutScheduledAction_refuses_a_time_zone_that_there_is_not(aws: Account) -> None:
    _registered(aws)
    refused(INVALID, _schedule, aws=aws, Timezone="Europe/Atlantis")


def PutScheduledAction_refuses_a_target_that_there_is_not(aws: Account) -> None:
    with_service(aws)
    refused(MISSING, _schedule, aws=aws)


def DeleteScheduledAction_refuses_a_missing_one(aws: Account) -> None:
    _registered(aws)
    _schedule(aws)
    which = {"ScheduledActionName": "night", **_target(aws)}
    aws.scaling.delete_scheduled_action(**which)
    refused(MISSING, aws.scaling.delete_scheduled_action, **which)


def a_scheduled_action_sets_the_ends_and_the_count(aws: Account) -> None:
    _registered(aws, MinCapacity=0)
    now = _shown(aws)["CreationTime"].astimezone(UTC)
    soon = (now + timedelta(minutes=4)).strftime("at(%Y-%m-%dT%H:%M:%S)")
    _schedule(aws, Schedule=soon, ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 2})
    until(lambda: shown_service(aws)["desiredCount"] == 1)
    has(_shown(aws), MinCapacity=1, MaxCapacity=2)
    (activity,) = aws.scaling.describe_scaling_activities(
        ServiceNamespace="ecs", ResourceId=_target(aws)["ResourceId"]
    )["ScalingActivities"][:1]
    has(activity, Description="Setting desired count to 1.")


def DescribeScalingActivities_of_a_target_that_did_nothing_is_empty(aws: Account) -> None:
    _registered(aws)
    answer = aws.scaling.describe_scaling_activities(
        ServiceNamespace="ecs", ResourceId=_target(aws)["ResourceId"]
    )
    same(answer["ScalingActivities"], [])


def TagResource_and_UntagResource_change_the_tags_of_a_target(aws: Account) -> None:
    arn = _registered(aws, Tags={"a": "1"})
    aws.scaling.tag_resource(ResourceARN=arn, Tags={"b": "2"})
    aws.scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    same(aws.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"b": "2"})


def TagResource_refuses_a_target_that_there_is_not(aws: Account) -> None:
    refused(
        "ResourceNotFoundException",
        aws.scaling.tag_resource,
        ResourceARN=aws.arn("application-autoscaling", "scalable-target/0123456789abcdef"),
        Tags={"a": "b"},
    )
