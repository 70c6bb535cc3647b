"""What changes in Auto Scaling groups: capacity, refreshes, tags, hooks, policies, schedules."""

from datetime import UTC, datetime, timedelta

from account import Account, has, refused, same, until
from things import by_group, group, group_in_service, in_service, shown_group

INVALID = "ValidationError"


def SetDesiredCapacity_is_kept_between_minimum_and_maximum(aws: Account) -> None:
    group(aws)
    refused(
        INVALID, aws.autoscaling.set_desired_capacity, DesiredCapacity=4, **by_group(aws)
    )
    aws.autoscaling.set_desired_capacity(DesiredCapacity=1, **by_group(aws))
    same(shown_group(aws)["DesiredCapacity"], 1)


def SetInstanceProtection_protects_one_from_scaling_in(aws: Account) -> None:
    (instance,) = group_in_service(aws)
    aws.autoscaling.set_instance_protection(
        InstanceIds=[instance], ProtectedFromScaleIn=True, **by_group(aws)
    )
    same([it["ProtectedFromScaleIn"] for it in shown_group(aws)["Instances"]], [True])


def SetInstanceProtection_refuses_fifty_one(aws: Account) -> None:
    group(aws)
    refused(
        ("LimitExceeded", INVALID),
        aws.autoscaling.set_instance_protection,
        InstanceIds=[f"i-{number:017x}" for number in range(51)],
        ProtectedFromScaleIn=True,
        **by_group(aws),
    )


def TerminateInstanceInAutoScalingGroup_may_take_the_capacity_along(aws: Account) -> None:
    (instance,) = group_in_service(aws)
    aws.autoscaling.terminate_instance_in_auto_scaling_group(
        InstanceId=instance, ShouldDecrementDesiredCapacity=True
    )
    same(shown_group(aws)["DesiredCapacity"], 0)
    until(lambda: shown_group(aws)["Instances"] == [])


def DetachInstances_leaves_an_instance_that_runs(aws: Account) -> None:
    (instance,) = group_in_service(aws)
    aws.later(aws.ec2.terminate_instances, InstanceIds=[instance])
    aws.autoscaling.detach_instances(
        InstanceIds=[instance], ShouldDecrementDesiredCapacity=True, **by_group(aws)
    )
    until(lambda: shown_group(aws)["Instances"] == [])
    answer = aws.ec2.describe_instances(InstanceIds=[instance])
    same(answer["Reservations"][0]["Instances"][0]["State"]["Name"], "running")


def StartInstanceRefresh_replaces_the_instances(aws: Account) -> None:
    (instance,) = group_in_service(aws)
    started = aws.autoscaling.start_instance_refresh(
        Preferences={"MinHealthyPercentage": 0, "InstanceWarmup": 0}, **by_group(aws)
    )["InstanceRefreshId"]
    refused(
        "InstanceRefreshInProgress", aws.autoscaling.start_instance_refresh, **by_group(aws)
    )

    def is_done() -> bool:
        (shown,) = aws.autoscaling.describe_instance_refreshes(
            InstanceRefreshIds=[started], **by_group(aws)
        )["InstanceRefreshes"]
        return shown["Status"] == "Successful"

    until(is_done)
    assert in_service(aws, 1) != [instance]


def CancelInstanceRefresh_refuses_where_there_is_none(aws: Account) -> None:
    group(aws)
    refused(
        "ActiveInstanceRefreshNotFound",
        aws.autoscaling.cancel_instance_refresh,
        **by_group(aws),
    )


def tags_are_created_described_and_deleted(aws: Account) -> None:
    group(aws)
    of_group = {"ResourceId": aws.name, "ResourceType": "auto-scaling-group"}
    tag = {"Key": "a", "Value": "1", "PropagateAtLaunch": True} | of_group
    aws.autoscaling.create_or_update_tags(Tags=[tag, tag | {"Key": "b"}])
    aws.autoscaling.create_or_update_tags(Tags=[tag | {"Value": "2"}])
    aws.autoscaling.delete_tags(Tags=[{"Key": "b"} | of_group])
    only = [{"Name": "auto-scaling-group", "Values": [aws.name]}]
    same(aws.autoscaling.describe_tags(Filters=only)["Tags"], [tag | {"Value": "2"}])
    same(shown_group(aws)["Tags"], [tag | {"Value": "2"}])


def CreateOrUpdateTags_refuses_a_missing_group(aws: Account) -> None:
    tag = {"Key": "a", "Value": "1", "PropagateAtLaunch": True}
    tag |= {"ResourceId": aws.name, "ResourceType": "auto-scaling-group"}
    refused(INVALID, aws.autoscaling.create_or_update_tags, Tags=[tag])


def lifecycle_hooks_are_put_described_and_deleted(aws: Account) -> None:
    group(aws)
    hook = {"LifecycleHookName": "h", **by_group(aws)}
    aws.autoscaling.put_lifecycle_hook(
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING", **hook
    )
    (shown,) = aws.autoscaling.describe_lifecycle_hooks(**by_group(aws))["LifecycleHooks"]
    has(
        shown,
        LifecycleHookName="h",
        HeartbeatTimeout=3600,
        DefaultResult="ABANDON",
        GlobalTimeout=172800,
    )
    aws.autoscaling.delete_lifecycle_hook(**hook)
    same(aws.autoscaling.describe_lifecycle_hooks(**by_group(aws))["LifecycleHooks"], [])


def PutLifecycleHook_refuses_a_transition_that_there_is_not(aws: Account) -> None:
    group(aws)
    refused(
        INVALID,
        aws.autoscaling.put_lifecycle_hook,
        LifecycleHookName="h",
        LifecycleTransition="autoscaling:EC2_INSTANCE_SLEEPING",
        **by_group(aws),
    )


def a_hook_holds_an_instance_until_it_is_let_go(aws: Account) -> None:
    (instance,) = group_in_service(aws)
    hook = {"LifecycleHookName": "h", **by_group(aws)}
    aws.autoscaling.put_lifecycle_hook(
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING", **hook
    )
    aws.autoscaling.set_desired_capacity(DesiredCapacity=0, **by_group(aws))

    def states() -> list[str]:
        return [it["LifecycleState"] for it in shown_group(aws)["Instances"]]

    until(lambda: states() == ["Terminating:Wait"])
    aws.autoscaling.complete_lifecycle_action(
        LifecycleActionResult="CONTINUE", InstanceId=instance, **hook
    )
    until(lambda: states() == [])


def processes_are_suspended_and_resumed(aws: Account) -> None:
    group(aws)
    aws.autoscaling.suspend_processes(ScalingProcesses=["Launch"], **by_group(aws))
    same([it["ProcessName"] for it in shown_group(aws)["SuspendedProcesses"]], ["Launch"])
    aws.autoscaling.set_desired_capacity(DesiredCapacity=1, **by_group(aws))
    same(shown_group(aws)["Instances"], [])
    aws.autoscaling.set_desired_capacity(DesiredCapacity=0, **by_group(aws))
    aws.autoscaling.resume_processes(ScalingProcesses=["Launch"], **by_group(aws))
    same(shown_group(aws)["SuspendedProcesses"], [])


def PutScalingPolicy_of_a_target_makes_two_alarms(aws: Account) -> None:
    group(aws)
    metric = {"PredefinedMetricType": "ASGAverageCPUUtilization"}
    answer = aws.autoscaling.put_scaling_policy(
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={"PredefinedMetricSpecification": metric, "TargetValue": 50},
        **by_group(aws),
    )
    same(len(answer["Alarms"]), 2)
    (shown,) = aws.autoscaling.describe_policies(**by_group(aws))["ScalingPolicies"]
    has(shown, PolicyARN=answer["PolicyARN"], PolicyType="TargetTrackingScaling", Enabled=True)
    aws.autoscaling.delete_policy(PolicyName="p", **by_group(aws))
    same(aws.autoscaling.describe_policies(**by_group(aws))["ScalingPolicies"], [])
    names = [it["AlarmName"] for it in answer["Alarms"]]
    same(aws.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"], [])


def DeletePolicy_refuses_a_missing_one(aws: Account) -> None:
    group(aws)
    refused(INVALID, aws.autoscaling.delete_policy, PolicyName="p", **by_group(aws))


def scheduled_actions_are_put_described_and_deleted(aws: Account) -> None:
    group(aws)
    which = {"ScheduledActionName": "night", **by_group(aws)}
    aws.autoscaling.put_scheduled_update_group_action(
        Recurrence="0 22 * * *", MinSize=0, MaxSize=1, **which
    )
    (shown,) = aws.autoscaling.describe_scheduled_actions(**by_group(aws))[
        "ScheduledUpdateGroupActions"
    ]
    has(shown, ScheduledActionName="night", Recurrence="0 22 * * *", MinSize=0, MaxSize=1)
    aws.autoscaling.delete_scheduled_action(**which)
    refused(INVALID, aws.autoscaling.delete_scheduled_action, **which)


def PutScheduledUpdateGroupAction_refuses_what_is_over(aws: Account) -> None:
    group(aws)
    refused(
        INVALID,
        aws.autoscaling.put_scheduled_update_group_action,
        ScheduledActionName="over",
        StartTime=datetime.now(UTC) - timedelta(days=30),
        MinSize=0,
        **by_group(aws),
    )
