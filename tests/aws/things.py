"""Things that many checks begin with. Each is swept away when its check is over."""

import json
from typing import Any

from account import Account, until

CONTAINER = {"name": "web", "image": "nginx", "memory": 64, "essential": True}
IMAGE = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
IMAGE_PARAMETER = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"


def trust(*services: str) -> str:
    principal = {"Service": list(services)}
    allow = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


def policy(effect: str, action: str | list[str], resource: str = "*") -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def cluster(aws: Account, suffix: str = "", **arguments: Any) -> str:
    name = aws.name + suffix
    aws.ecs.create_cluster(clusterName=name, **arguments)
    aws.later(aws.ecs.delete_cluster, cluster=name)
    return name


def definition(aws: Account, family: str = "", **arguments: Any) -> dict[str, Any]:
    arguments.setdefault("containerDefinitions", [CONTAINER])
    answer = aws.ecs.register_task_definition(family=family or aws.name, **arguments)
    made = answer["taskDefinition"]
    aws.later(aws.ecs.deregister_task_definition, taskDefinition=made["taskDefinitionArn"])
    return made


def service(aws: Account, name: str = "", **arguments: Any) -> dict[str, Any]:
    """A service in a cluster, both called as the check is unless it says otherwise."""
    arguments.setdefault("cluster", aws.name)
    arguments.setdefault("desiredCount", 0)
    answer = aws.ecs.create_service(serviceName=name or aws.name, **arguments)
    aws.later(
        aws.ecs.delete_service, cluster=arguments["cluster"], service=name or aws.name, force=True
    )
    return answer["service"]


def with_service(aws: Account, **arguments: Any) -> dict[str, Any]:
    """A cluster, a task definition and a service, all called as the check is."""
    cluster(aws)
    made = definition(aws)
    arguments.setdefault("taskDefinition", made["taskDefinitionArn"])
    return service(aws, **arguments)


def shown_service(aws: Account, **arguments: Any) -> dict[str, Any]:
    answer = aws.ecs.describe_services(cluster=aws.name, services=[aws.name], **arguments)
    return answer["services"][0]


def role(aws: Account, suffix: str = "", services: str = "ec2.amazonaws.com", **more: Any) -> str:
    """The ARN of a role."""
    name = aws.name + suffix
    more.setdefault("AssumeRolePolicyDocument", trust(services))
    made = aws.iam.create_role(RoleName=name, **more)["Role"]
    aws.later(aws.iam.delete_role, RoleName=name)
    return made["Arn"]


def profile(aws: Account) -> str:
    """The name of an instance profile whose role may join clusters."""
    role(aws)
    managed = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
    aws.iam.attach_role_policy(RoleName=aws.name, PolicyArn=managed)
    aws.later(aws.iam.detach_role_policy, RoleName=aws.name, PolicyArn=managed)
    aws.iam.create_instance_profile(InstanceProfileName=aws.name)
    aws.later(aws.iam.delete_instance_profile, InstanceProfileName=aws.name)
    both = {"InstanceProfileName": aws.name, "RoleName": aws.name}
    aws.iam.add_role_to_instance_profile(**both)
    aws.later(aws.iam.remove_role_from_instance_profile, **both)
    return aws.name


def default_vpc(aws: Account) -> str:
    only = [{"Name": "is-default", "Values": ["true"]}]
    return aws.ec2.describe_vpcs(Filters=only)["Vpcs"][0]["VpcId"]


def default_subnets(aws: Account) -> list[str]:
    only = [{"Name": "default-for-az", "Values": ["true"]}]
    found = aws.ec2.describe_subnets(Filters=only)["Subnets"]
    return [it["SubnetId"] for it in sorted(found, key=lambda it: it["AvailabilityZone"])]


def vpc(aws: Account, block: str = "10.77.0.0/16") -> str:
    made = aws.ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
    aws.later(aws.ec2.delete_vpc, VpcId=made)
    return made


def security_group(aws: Account, suffix: str = "", **arguments: Any) -> str:
    arguments.setdefault("Description", "a check")
    arguments.setdefault("VpcId", default_vpc(aws))
    made = aws.ec2.create_security_group(GroupName=aws.name + suffix, **arguments)["GroupId"]
    aws.later(aws.ec2.delete_security_group, GroupId=made)
    return made


def template(aws: Account, suffix: str = "", **data: Any) -> str:
    """The id of a launch template."""
    data.setdefault("ImageId", IMAGE)
    data.setdefault("InstanceType", "t3.small")
    name = aws.name + suffix
    made = aws.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    aws.later(aws.ec2.delete_launch_template, LaunchTemplateName=name)
    return made["LaunchTemplate"]["LaunchTemplateId"]


def group(aws: Account, suffix: str = "", **arguments: Any) -> dict[str, Any]:
    """An Auto Scaling group without instances, of a launch template called the same."""
    name = aws.name + suffix
    if "LaunchTemplate" not in arguments:
        made = template(aws, suffix)
        arguments["LaunchTemplate"] = {"LaunchTemplateId": made, "Version": "$Latest"}
    arguments.setdefault("MinSize", 0)
    arguments.setdefault("MaxSize", 3)
    if "VPCZoneIdentifier" not in arguments:
        arguments["VPCZoneIdentifier"] = ",".join(default_subnets(aws)[:2])
    aws.autoscaling.create_auto_scaling_group(AutoScalingGroupName=name, **arguments)
    whole = {"AutoScalingGroupName": name, "ForceDelete": True}
    aws.later(aws.autoscaling.delete_auto_scaling_group, **whole)
    return shown_group(aws, suffix)


def shown_group(aws: Account, suffix: str = "") -> dict[str, Any]:
    name = aws.name + suffix
    answer = aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    return answer["AutoScalingGroups"][0]


def provider(aws: Account, suffix: str = "", tags: Any = None, **of_group: Any) -> dict[str, Any]:
    """A capacity provider of a group called the same."""
    made = group(aws, suffix)
    of_group = {"autoScalingGroupArn": made["AutoScalingGroupARN"]} | of_group
    more = {"tags": tags} if tags else {}
    answer = aws.ecs.create_capacity_provider(
        name=aws.name + suffix, autoScalingGroupProvider=of_group, **more
    )
    aws.later(aws.ecs.delete_capacity_provider, capacityProvider=aws.name + suffix)
    return answer["capacityProvider"]


def by_group(aws: Account) -> dict[str, str]:
    return {"AutoScalingGroupName": aws.name}


def in_service(aws: Account, count: int) -> list[str]:
    instances = shown_group(aws)["Instances"]
    ready = [it["InstanceId"] for it in instances if it["LifecycleState"] == "InService"]
    return ready if len(ready) == count == len(instances) else []


def group_in_service(aws: Account, count: int = 1, **arguments: Any) -> list[str]:
    """A group with instances in service: their ids."""
    group(aws, MinSize=0, MaxSize=3, DesiredCapacity=count, **arguments)
    return until(lambda: in_service(aws, count))


def empty_profile(aws: Account, suffix: str = "", **arguments: Any) -> dict[str, Any]:
    name = aws.name + suffix
    made = aws.iam.create_instance_profile(InstanceProfileName=name, **arguments)
    aws.later(aws.iam.delete_instance_profile, InstanceProfileName=name)
    return made["InstanceProfile"]


def put_in_profile(aws: Account, suffix: str = "") -> None:
    both = {"InstanceProfileName": aws.name, "RoleName": aws.name + suffix}
    aws.iam.add_role_to_instance_profile(**both)
    aws.later(aws.iam.remove_role_from_instance_profile, **both)


def repository(aws: Account, suffix: str = "", **arguments: Any) -> dict[str, Any]:
    name = aws.name + suffix
    made = aws.ecr.create_repository(repositoryName=name, **arguments)["repository"]
    aws.later(aws.ecr.delete_repository, repositoryName=name, force=True)
    return made
