"""Auto Scaling groups: defaults, limits, and what they launch."""

from typing import Any

from account import Account, has, pages, refused, same, until
from things import (
    by_group,
    default_subnets,
    default_vpc,
    group,
    group_in_service,
    in_service,
    security_group,
    shown_group,
    template,
)

INVALID = "ValidationError"
NOT_FOUND = "name not found"


def _refused(aws: Account, **arguments: Any) -> None:
    """CreateAutoScalingGroup refuses this."""
    which = {"LaunchTemplateId": template(aws), "Version": "$Latest"}
    words = arguments.pop("words", "")
    arguments = {
        "AutoScalingGroupName": aws.name,
        "LaunchTemplate": which,
        "MinSize": 0,
        "MaxSize": 1,
        "VPCZoneIdentifier": default_subnets(aws)[0],
    } | arguments
    aws.later(aws.autoscaling.delete_auto_scaling_group, ForceDelete=True, **by_group(aws))
    refused(INVALID, aws.autoscaling.create_auto_scaling_group, words=words, **arguments)


def CreateAutoScalingGroup_fills_in_what_was_left_out(aws: Account) -> None:
    shown = group(aws)
    has(
        shown,
        AutoScalingGroupName=aws.name,
        MinSize=0,
        MaxSize=3,
        DesiredCapacity=0,
        DefaultCooldown=300,
        HealthCheckType="EC2",
        HealthCheckGracePeriod=0,
        TerminationPolicies=["Default"],
        NewInstancesProtectedFromScaleIn=False,
        Instances=[],
        SuspendedProcesses=[],
        Tags=[],
    )
    linked = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    assert shown["ServiceLinkedRoleARN"].endswith(linked), shown["ServiceLinkedRoleARN"]
    begin = aws.arn("autoscaling", "autoScalingGroup:")
    arn = shown["AutoScalingGroupARN"]
    assert arn.startswith(begin) and arn.endswith(f":autoScalingGroupName/{aws.name}"), arn


def CreateAutoScalingGroup_shows_template_subnets_and_zones(aws: Account) -> None:
    shown = group(aws)
    which = shown["LaunchTemplate"]
    has(which, LaunchTemplateName=aws.name, Version="$Latest")
    same(sorted(shown["VPCZoneIdentifier"].split(",")), sorted(default_subnets(aws)[:2]))
    same(len(shown["AvailabilityZones"]), 2)


def CreateAutoScalingGroup_refuses_the_name_of_another(aws: Account) -> None:
    made = group(aws)
    refused(
        "AlreadyExists",
        aws.autoscaling.create_auto_scaling_group,
        LaunchTemplate={"LaunchTemplateName": aws.name},
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=made["VPCZoneIdentifier"],
        **by_group(aws),
    )


def CreateAutoScalingGroup_refuses_a_template_that_there_is_not(aws: Account) -> None:
    _refused(aws, LaunchTemplate={"LaunchTemplateId": "lt-0123456789abcdef0"})


def CreateAutoScalingGroup_refuses_a_profile_that_there_is_not(aws: Account) -> None:
    made = template(aws, "-p", IamInstanceProfile={"Name": aws.name})
    _refused(
        aws,
        LaunchTemplate={"LaunchTemplateId": made},
        words="Invalid IAM Instance Profile name",
    )


def CreateAutoScalingGroup_refuses_a_minimum_above_the_maximum(aws: Account) -> None:
    _refused(aws, MinSize=2, MaxSize=1)


def CreateAutoScalingGroup_refuses_a_desired_capacity_above_the_maximum(aws: Account) -> None:
    _refused(aws, DesiredCapacity=2)


def CreateAutoScalingGroup_refuses_a_size_below_nothing(aws: Account) -> None:
    _refused(aws, MinSize=-1)


def CreateAutoScalingGroup_refuses_a_subnet_that_there_is_not(aws: Account) -> None:
    _refused(aws, VPCZoneIdentifier="subnet-0123456789abcdef0")


def CreateAutoScalingGroup_refuses_a_colon_in_the_name(aws: Account) -> None:
    _refused(aws, AutoScalingGroupName=f"{aws.name}:x")


def CreateAutoScalingGroup_wants_something_to_launch(aws: Account) -> None:
    refused(
        INVALID,
        aws.autoscaling.create_auto_scaling_group,
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=default_subnets(aws)[0],
        **by_group(aws),
    )


def DescribeAutoScalingGroups_of_a_missing_one_is_empty(aws: Account) -> None:
    answer = aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[aws.name])
    same(answer["AutoScalingGroups"], [])


def DescribeAutoScalingGroups_goes_by_pages(aws: Account) -> None:
    names = [aws.name + suffix for suffix in ("a", "b", "c")]
    for suffix in ("a", "b", "c"):
        group(aws, suffix)
    found = pages(
        aws.autoscaling.describe_auto_scaling_groups,
        "AutoScalingGroups",
        token="NextToken",
        AutoScalingGroupNames=names,
        MaxRecords=2,
    )
    same([len(page) for page in found], [2, 1])
    same(sorted(it["AutoScalingGroupName"] for page in found for it in page), names)


def DescribeAutoScalingGroups_refuses_a_page_of_101(aws: Account) -> None:
    refused(INVALID, aws.autoscaling.describe_auto_scaling_groups, MaxRecords=101)


def DescribeAutoScalingGroups_filters_by_tag(aws: Account) -> None:
    group(aws, Tags=[{"Key": "check", "Value": aws.name, "PropagateAtLaunch": False}])
    only = [{"Name": "tag:check", "Values": [aws.name]}]
    found = aws.autoscaling.describe_auto_scaling_groups(Filters=only)["AutoScalingGroups"]
    same([it["AutoScalingGroupName"] for it in found], [aws.name])


def UpdateAutoScalingGroup_changes_only_what_it_names(aws: Account) -> None:
    group(aws, DefaultCooldown=60)
    aws.autoscaling.update_auto_scaling_group(
        MaxSize=5, HealthCheckGracePeriod=30, NewInstancesProtectedFromScaleIn=True, **by_group(aws)
    )
    has(
        shown_group(aws),
        MinSize=0,
        MaxSize=5,
        DefaultCooldown=60,
        HealthCheckGracePeriod=30,
        NewInstancesProtectedFromScaleIn=True,
    )


def UpdateAutoScalingGroup_takes_the_desired_capacity_along(aws: Account) -> None:
    group(aws)
    aws.autoscaling.update_auto_scaling_group(MinSize=1, **by_group(aws))
    same(shown_group(aws)["DesiredCapacity"], 1)
    aws.autoscaling.update_auto_scaling_group(MinSize=0, MaxSize=0, **by_group(aws))
    same(shown_group(aws)["DesiredCapacity"], 0)


def UpdateAutoScalingGroup_refuses_a_missing_one(aws: Account) -> None:
    refused(
        INVALID,
        aws.autoscaling.update_auto_scaling_group,
        words=NOT_FOUND,
        MaxSize=1,
        **by_group(aws),
    )


def UpdateAutoScalingGroup_refuses_a_minimum_above_the_maximum(aws: Account) -> None:
    group(aws)
    refused(INVALID, aws.autoscaling.update_auto_scaling_group, MinSize=4, **by_group(aws))


def DeleteAutoScalingGroup_takes_an_empty_one_away(aws: Account) -> None:
    group(aws)
    aws.autoscaling.delete_auto_scaling_group(**by_group(aws))

    def is_gone() -> bool:
        answer = aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[aws.name])
        return not answer["AutoScalingGroups"]

    until(is_gone)


def DeleteAutoScalingGroup_refuses_a_missing_one(aws: Account) -> None:
    refused(
        INVALID, aws.autoscaling.delete_auto_scaling_group, words=NOT_FOUND, **by_group(aws)
    )


def DeleteAutoScalingGroup_refuses_one_with_instances_without_force(aws: Account) -> None:
    group_in_service(aws)
    refused(
        ("ResourceInUse", "ScalingActivityInProgress"),
        aws.autoscaling.delete_auto_scaling_group,
        **by_group(aws),
    )


def DeleteAutoScalingGroup_by_force_terminates_its_instances(aws: Account) -> None:
    (instance,) = group_in_service(aws)
    aws.autoscaling.delete_auto_scaling_group(ForceDelete=True, **by_group(aws))

    def state() -> str:
        answer = aws.ec2.describe_instances(InstanceIds=[instance])
        return answer["Reservations"][0]["Instances"][0]["State"]["Name"]

    until(lambda: state() == "terminated")


def a_group_launches_what_is_desired(aws: Account) -> None:
    made = security_group(aws, VpcId=default_vpc(aws))
    which = template(aws, SecurityGroupIds=[made], InstanceType="t3.micro")
    tag = {"Key": "check", "Value": aws.name, "PropagateAtLaunch": True}
    (instance,) = group_in_service(
        aws, LaunchTemplate={"LaunchTemplateId": which, "Version": "1"}, Tags=[tag]
    )
    (shown,) = shown_group(aws)["Instances"]
    has(shown, HealthStatus="Healthy", ProtectedFromScaleIn=False, InstanceType="t3.micro")
    answer = aws.ec2.describe_instances(InstanceIds=[instance])
    (found,) = answer["Reservations"][0]["Instances"]
    same([it["GroupId"] for it in found["SecurityGroups"]], [made])
    tags = {it["Key"]: it["Value"] for it in found["Tags"]}
    has(tags, check=aws.name, **{"aws:autoscaling:groupName": aws.name})
    (described,) = aws.autoscaling.describe_auto_scaling_instances(InstanceIds=[instance])[
        "AutoScalingInstances"
    ]
    has(described, AutoScalingGroupName=aws.name, LifecycleState="InService")


def a_group_tells_what_it_did_and_why(aws: Account) -> None:
    (instance,) = group_in_service(aws)

    def launched() -> dict[str, Any] | None:
        (first, *_) = aws.autoscaling.describe_scaling_activities(**by_group(aws))["Activities"]
        return first if first["StatusCode"] == "Successful" else None

    activity = until(launched)
    same(activity["Description"], f"Launching a new EC2 instance: {instance}")
    same(activity["Progress"], 100)
    assert "desired capacity" in activity["Cause"] or "capacity" in activity["Cause"], activity


def a_group_replaces_an_instance_that_was_terminated(aws: Account) -> None:
    (instance,) = group_in_service(aws)
    aws.ec2.terminate_instances(InstanceIds=[instance])
    until(lambda: (it := in_service(aws, 1)) and it != [instance])
