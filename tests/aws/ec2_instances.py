"""Instances, as RunInstances starts them."""

import base64
from typing import Any

from account import Account, has, refused, same, until
from things import IMAGE_PARAMETER, default_subnets, security_group, template

MISSING = "i-0123456789abcdef0"


def _image(aws: Account) -> str:
    return aws.ssm.get_parameter(Name=IMAGE_PARAMETER)["Parameter"]["Value"]


def _run(aws: Account, **arguments: Any) -> str:
    """The id of an instance that begins."""
    if "LaunchTemplate" not in arguments:
        arguments = {"ImageId": _image(aws), "InstanceType": "t3.micro"} | arguments
    arguments = {"MinCount": 1, "MaxCount": 1} | arguments
    made = aws.ec2.run_instances(**arguments)["Instances"][0]["InstanceId"]
    aws.later(aws.ec2.terminate_instances, InstanceIds=[made])
    return made


def _shown(aws: Account, instance: str) -> dict[str, Any]:
    answer = aws.ec2.describe_instances(InstanceIds=[instance])
    return answer["Reservations"][0]["Instances"][0]


def _until(aws: Account, instance: str, state: str) -> dict[str, Any]:
    return until(lambda: (it := _shown(aws, instance))["State"]["Name"] == state and it)


def RunInstances_starts_one_that_will_run(aws: Account) -> None:
    made = aws.ec2.run_instances(
        ImageId=_image(aws), InstanceType="t3.micro", MinCount=1, MaxCount=1
    )
    (begun,) = made["Instances"]
    aws.later(aws.ec2.terminate_instances, InstanceIds=[begun["InstanceId"]])
    assert made["ReservationId"].startswith("r-"), made["ReservationId"]
    same(begun["State"], {"Code": 0, "Name": "pending"})
    shown = _until(aws, begun["InstanceId"], "running")
    has(
        shown,
        ImageId=_image(aws),
        InstanceType="t3.micro",
        Architecture="x86_64",
        Hypervisor="xen",
        RootDeviceType="ebs",
        VirtualizationType="hvm",
    )
    same(shown["State"], {"Code": 16, "Name": "running"})
    same(shown["Monitoring"], {"State": "disabled"})


def RunInstances_puts_it_into_a_default_subnet_with_a_public_address(aws: Account) -> None:
    shown = _until(aws, _run(aws), "running")
    assert shown["SubnetId"] in default_subnets(aws), shown["SubnetId"]
    assert shown["PublicIpAddress"], shown
    assert shown["PrivateIpAddress"].startswith("172.31."), shown["PrivateIpAddress"]
    same([it["GroupName"] for it in shown["SecurityGroups"]], ["default"])
    (interface,) = shown["NetworkInterfaces"]
    has(interface, SubnetId=shown["SubnetId"], Status="in-use")


def RunInstances_takes_subnet_group_tags_and_user_data(aws: Account) -> None:
    made, subnet = security_group(aws), default_subnets(aws)[0]
    tags = [{"Key": "a", "Value": "b"}]
    instance = _run(
        aws,
        SubnetId=subnet,
        SecurityGroupIds=[made],
        UserData="#!/bin/sh",
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    shown = _shown(aws, instance)
    has(shown, SubnetId=subnet, Tags=tags)
    same([it["GroupId"] for it in shown["SecurityGroups"]], [made])
    data = aws.ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")
    same(base64.b64decode(data["UserData"]["Value"]), b"#!/bin/sh")


def RunInstances_takes_a_launch_template(aws: Account) -> None:
    made = template(aws, ImageId=_image(aws), InstanceType="t3.small")
    which = {"LaunchTemplateId": made, "Version": "$Latest"}
    shown = _shown(aws, _run(aws, LaunchTemplate=which))
    same(shown["InstanceType"], "t3.small")
    tags = {it["Key"]: it["Value"] for it in shown["Tags"]}
    has(tags, **{"aws:ec2launchtemplate:id": made, "aws:ec2launchtemplate:version": "1"})


def RunInstances_refuses_an_image_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidAMIID.NotFound",
        aws.ec2.run_instances,
        ImageId="ami-0123456789abcdef0",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
    )


def RunInstances_refuses_a_type_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidParameterValue",
        aws.ec2.run_instances,
        ImageId=_image(aws),
        InstanceType="t9.enormous",
        MinCount=1,
        MaxCount=1,
    )


def RunInstances_refuses_a_group_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidGroup.NotFound",
        aws.ec2.run_instances,
        ImageId=_image(aws),
        InstanceType="t3.micro",
        SecurityGroupIds=["sg-0123456789abcdef0"],
        MinCount=1,
        MaxCount=1,
    )


def RunInstances_refuses_a_profile_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidParameterValue",
        aws.ec2.run_instances,
        words="Invalid IAM Instance Profile name",
        ImageId=_image(aws),
        InstanceType="t3.micro",
        IamInstanceProfile={"Name": aws.name},
        MinCount=1,
        MaxCount=1,
    )


def RunInstances_wants_how_many(aws: Account) -> None:
    refused(
        "MissingParameter", aws.ec2.run_instances, ImageId=_image(aws), InstanceType="t3.micro"
    )


def DescribeInstances_refuses_a_missing_one(aws: Account) -> None:
    refused("InvalidInstanceID.NotFound", aws.ec2.describe_instances, InstanceIds=[MISSING])


def DescribeInstances_refuses_an_id_that_is_none(aws: Account) -> None:
    refused("InvalidInstanceID.Malformed", aws.ec2.describe_instances, InstanceIds=[aws.name])


def DescribeInstances_filters_by_state_and_tag(aws: Account) -> None:
    tags = [{"Key": "check", "Value": aws.name}]
    instance = _run(aws, TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])
    _until(aws, instance, "running")
    by_tag = {"Name": "tag:check", "Values": [aws.name]}
    for state, expected in (("running", [instance]), ("stopped", [])):
        by_state = {"Name": "instance-state-name", "Values": [state]}
        answer = aws.ec2.describe_instances(Filters=[by_tag, by_state])
        found = [it["InstanceId"] for its in answer["Reservations"] for it in its["Instances"]]
        same(found, expected)


def DescribeInstanceStatus_says_that_a_running_one_is_well(aws: Account) -> None:
    instance = _run(aws)
    _until(aws, instance, "running")

    def is_well() -> bool:
        found = aws.ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]
        return [it["InstanceStatus"]["Status"] for it in found] == ["ok"]

    until(is_well)


def StopInstances_and_StartInstances_do_so(aws: Account) -> None:
    instance = _run(aws)
    _until(aws, instance, "running")
    (change,) = aws.ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"]
    has(change, InstanceId=instance, CurrentState={"Code": 64, "Name": "stopping"})
    shown = _until(aws, instance, "stopped")
    assert not shown.get("PublicIpAddress"), shown["PublicIpAddress"]
    aws.ec2.start_instances(InstanceIds=[instance])
    _until(aws, instance, "running")


def StopInstances_refuses_one_that_is_terminated(aws: Account) -> None:
    instance = _run(aws)
    aws.ec2.terminate_instances(InstanceIds=[instance])
    _until(aws, instance, "terminated")
    refused("IncorrectInstanceState", aws.ec2.stop_instances, InstanceIds=[instance])


def ModifyInstanceAttribute_changes_the_type_of_one_that_is_stopped(aws: Account) -> None:
    instance = _run(aws)
    which = {"InstanceId": instance, "InstanceType": {"Value": "t3.medium"}}
    _until(aws, instance, "running")
    refused("IncorrectInstanceState", aws.ec2.modify_instance_attribute, **which)
    aws.ec2.stop_instances(InstanceIds=[instance])
    _until(aws, instance, "stopped")
    aws.ec2.modify_instance_attribute(**which)
    same(_shown(aws, instance)["InstanceType"], "t3.medium")


def ModifyInstanceAttribute_changes_one_attribute_at_a_time(aws: Account) -> None:
    instance = _run(aws)
    refused(
        "InvalidParameterCombination",
        aws.ec2.modify_instance_attribute,
        InstanceId=instance,
        DisableApiTermination={"Value": False},
        InstanceInitiatedShutdownBehavior={"Value": "stop"},
    )


def ModifyInstanceAttribute_replaces_the_security_groups(aws: Account) -> None:
    made = security_group(aws)
    instance = _run(aws)
    aws.ec2.modify_instance_attribute(InstanceId=instance, Groups=[made])
    shown = _shown(aws, instance)
    same([it["GroupId"] for it in shown["SecurityGroups"]], [made])
    same([it["GroupId"] for it in shown["NetworkInterfaces"][0]["Groups"]], [made])


def GetLaunchTemplateData_tells_what_makes_such_an_instance(aws: Account) -> None:
    instance = _run(aws)
    data = aws.ec2.get_launch_template_data(InstanceId=instance)["LaunchTemplateData"]
    shown = _shown(aws, instance)
    has(data, ImageId=shown["ImageId"], InstanceType=shown["InstanceType"])


def MonitorInstances_and_UnmonitorInstances_do_so(aws: Account) -> None:
    instance = _run(aws)
    (answer,) = aws.ec2.monitor_instances(InstanceIds=[instance])["InstanceMonitorings"]
    has(answer, InstanceId=instance, Monitoring={"State": "pending"})
    until(lambda: _shown(aws, instance)["Monitoring"]["State"] == "enabled")
    aws.ec2.unmonitor_instances(InstanceIds=[instance])
    until(lambda: _shown(aws, instance)["Monitoring"]["State"] == "disabled")


def TerminateInstances_ends_it_and_it_stays_to_be_seen(aws: Account) -> None:
    instance = _run(aws)
    _until(aws, instance, "running")
    (change,) = aws.ec2.terminate_instances(InstanceIds=[instance])["TerminatingInstances"]
    has(
        change,
        InstanceId=instance,
        CurrentState={"Code": 32, "Name": "shutting-down"},
        PreviousState={"Code": 16, "Name": "running"},
    )
    shown = _until(aws, instance, "terminated")
    same(shown["State"], {"Code": 48, "Name": "terminated"})
    refused("IncorrectInstanceState", aws.ec2.start_instances, InstanceIds=[instance])


def TerminateInstances_refuses_a_missing_one(aws: Account) -> None:
    refused("InvalidInstanceID.NotFound", aws.ec2.terminate_instances, InstanceIds=[MISSING])


def TerminateInstances_refuses_one_that_is_protected(aws: Account) -> None:
    instance = _run(aws, DisableApiTermination=True)
    aws.later(
        aws.ec2.modify_instance_attribute,
        InstanceId=instance,
        DisableApiTermination={"Value": False},
    )
    refused("OperationNotPermitted", aws.ec2.terminate_instances, InstanceIds=[instance])


def a_security_group_of_an_instance_is_not_deleted(aws: Account) -> None:
    made = security_group(aws)
    _run(aws, SecurityGroupIds=[made])
    refused("DependencyViolation", aws.ec2.delete_security_group, GroupId=made)


def CreateTags_changes_the_tags_of_an_instance(aws: Account) -> None:
    instance = _run(aws)
    aws.ec2.create_tags(Resources=[instance], Tags=[{"Key": "a", "Value": "b"}])
    same(_shown(aws, instance)["Tags"], [{"Key": "a", "Value": "b"}])
