"""Policies, instance profiles, and what may be simulated."""

import json
from typing import Any

from account import Account, has, refused, same
from things import empty_profile, policy, put_in_profile, role

MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
ALLOW = policy("Allow", "s3:GetObject")
DENY = policy("Deny", "s3:GetObject")


def _role(aws: Account) -> dict[str, Any]:
    return aws.iam.get_role(RoleName=aws.name)["Role"]


def _policy(aws: Account, document: str = ALLOW, **arguments: Any) -> str:
    """The ARN of a policy."""
    made = aws.iam.create_policy(PolicyName=aws.name, PolicyDocument=document, **arguments)
    aws.later(aws.iam.delete_policy, PolicyArn=made["Policy"]["Arn"])
    return made["Policy"]["Arn"]


def policies_of_AWS_are_attached_listed_and_detached(aws: Account) -> None:
    role(aws)
    which = {"RoleName": aws.name, "PolicyArn": MANAGED}
    aws.iam.attach_role_policy(**which)
    aws.iam.attach_role_policy(**which)
    listed = aws.iam.list_attached_role_policies(RoleName=aws.name)["AttachedPolicies"]
    same(listed, [{"PolicyName": MANAGED.rpartition("/")[2], "PolicyArn": MANAGED}])
    aws.iam.detach_role_policy(**which)
    same(aws.iam.list_attached_role_policies(RoleName=aws.name)["AttachedPolicies"], [])
    refused("NoSuchEntity", aws.iam.detach_role_policy, http=404, **which)


def AttachRolePolicy_refuses_a_policy_that_there_is_not(aws: Account) -> None:
    role(aws)
    refused(
        "NoSuchEntity",
        aws.iam.attach_role_policy,
        http=404,
        RoleName=aws.name,
        PolicyArn=f"arn:aws:iam::{aws.number}:policy/{aws.name}",
    )


def the_policies_of_AWS_that_ECS_needs_are_there(aws: Account) -> None:
    for name in ("AmazonECSTaskExecutionRolePolicy", "AmazonEC2ContainerServiceforEC2Role"):
        arn = f"arn:aws:iam::aws:policy/service-role/{name}"
        found = aws.iam.get_policy(PolicyArn=arn)["Policy"]
        has(found, PolicyName=name, Path="/service-role/", IsAttachable=True)
        version = {"PolicyArn": arn, "VersionId": found["DefaultVersionId"]}
        document = aws.iam.get_policy_version(**version)["PolicyVersion"]["Document"]
        assert "ecr:GetAuthorizationToken" in json.dumps(document), document


def CreatePolicy_makes_version_v1(aws: Account) -> None:
    arn = _policy(aws, Description="a check")
    shown = aws.iam.get_policy(PolicyArn=arn)["Policy"]
    has(
        shown,
        Arn=f"arn:aws:iam::{aws.number}:policy/{aws.name}",
        PolicyName=aws.name,
        Path="/",
        DefaultVersionId="v1",
        AttachmentCount=0,
        IsAttachable=True,
        Description="a check",
    )


def CreatePolicy_refuses_the_name_of_another(aws: Account) -> None:
    _policy(aws)
    refused(
        "EntityAlreadyExists",
        aws.iam.create_policy,
        http=409,
        PolicyName=aws.name,
        PolicyDocument=ALLOW,
    )


def CreatePolicyVersion_makes_the_next_and_the_default(aws: Account) -> None:
    arn = _policy(aws)
    made = aws.iam.create_policy_version(PolicyArn=arn, PolicyDocument=DENY, SetAsDefault=True)
    has(made["PolicyVersion"], VersionId="v2", IsDefaultVersion=True)
    listed = aws.iam.list_policy_versions(PolicyArn=arn)["Versions"]
    same({it["VersionId"]: it["IsDefaultVersion"] for it in listed}, {"v1": False, "v2": True})
    refused(
        "DeleteConflict",
        aws.iam.delete_policy_version,
        http=409,
        PolicyArn=arn,
        VersionId="v2",
    )
    aws.iam.delete_policy_version(PolicyArn=arn, VersionId="v1")


def CreatePolicyVersion_refuses_the_sixth(aws: Account) -> None:
    arn = _policy(aws)
    for number in range(2, 6):
        aws.iam.create_policy_version(PolicyArn=arn, PolicyDocument=DENY)
        aws.later(aws.iam.delete_policy_version, PolicyArn=arn, VersionId=f"v{number}")
    refused(
        "LimitExceeded",
        aws.iam.create_policy_version,
        http=409,
        PolicyArn=arn,
        PolicyDocument=DENY,
    )


def DeletePolicy_refuses_one_that_is_attached(aws: Account) -> None:
    role(aws)
    arn = _policy(aws)
    aws.iam.attach_role_policy(RoleName=aws.name, PolicyArn=arn)
    aws.later(aws.iam.detach_role_policy, RoleName=aws.name, PolicyArn=arn)
    refused("DeleteConflict", aws.iam.delete_policy, http=409, PolicyArn=arn)
    entities = aws.iam.list_entities_for_policy(PolicyArn=arn)
    same([it["RoleName"] for it in entities["PolicyRoles"]], [aws.name])


def a_permissions_boundary_is_put_and_deleted(aws: Account) -> None:
    role(aws)
    arn = _policy(aws)
    aws.iam.put_role_permissions_boundary(RoleName=aws.name, PermissionsBoundary=arn)
    bound = _role(aws)["PermissionsBoundary"]
    same(bound["PermissionsBoundaryArn"], arn)
    aws.iam.delete_role_permissions_boundary(RoleName=aws.name)
    assert "PermissionsBoundary" not in _role(aws)


def TagRole_and_UntagRole_change_tags(aws: Account) -> None:
    role(aws, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    aws.iam.tag_role(RoleName=aws.name, Tags=[{"Key": "b", "Value": "3"}])
    aws.iam.untag_role(RoleName=aws.name, TagKeys=["a"])
    same(aws.iam.list_role_tags(RoleName=aws.name)["Tags"], [{"Key": "b", "Value": "3"}])
    same(_role(aws)["Tags"], [{"Key": "b", "Value": "3"}])


def TagRole_refuses_fifty_one_tags(aws: Account) -> None:
    role(aws)
    refused(
        ("LimitExceeded", "InvalidInput", "ValidationError"),
        _tag_much,
        aws=aws,
    )


def _tag_much(aws: Account) -> dict[str, Any]:
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(51)]
    return aws.iam.tag_role(RoleName=aws.name, Tags=tags)


def TagRole_refuses_a_missing_role(aws: Account) -> None:
    refused(
        "NoSuchEntity",
        aws.iam.tag_role,
        http=404,
        RoleName=aws.name,
        Tags=[{"Key": "a", "Value": "b"}],
    )


def CreateInstanceProfile_makes_an_empty_one(aws: Account) -> None:
    made = empty_profile(aws, Tags=[{"Key": "a", "Value": "b"}])
    arn = f"arn:aws:iam::{aws.number}:instance-profile/{aws.name}"
    has(made, InstanceProfileName=aws.name, Arn=arn, Path="/", Roles=[])
    assert made["InstanceProfileId"].startswith("AIPA"), made["InstanceProfileId"]
    shown = aws.iam.get_instance_profile(InstanceProfileName=aws.name)["InstanceProfile"]
    same(shown["Tags"], [{"Key": "a", "Value": "b"}])


def CreateInstanceProfile_refuses_the_name_of_another(aws: Account) -> None:
    empty_profile(aws)
    refused(
        "EntityAlreadyExists",
        aws.iam.create_instance_profile,
        http=409,
        InstanceProfileName=aws.name,
    )


def GetInstanceProfile_refuses_a_missing_one(aws: Account) -> None:
    refused(
        "NoSuchEntity", aws.iam.get_instance_profile, http=404, InstanceProfileName=aws.name
    )


def AddRoleToInstanceProfile_takes_one_role_and_no_second(aws: Account) -> None:
    role(aws)
    role(aws, "-2")
    empty_profile(aws)
    put_in_profile(aws)
    shown = aws.iam.get_instance_profile(InstanceProfileName=aws.name)["InstanceProfile"]
    same([it["RoleName"] for it in shown["Roles"]], [aws.name])
    refused(
        "LimitExceeded",
        aws.iam.add_role_to_instance_profile,
        http=409,
        InstanceProfileName=aws.name,
        RoleName=aws.name + "-2",
    )
    listed = aws.iam.list_instance_profiles_for_role(RoleName=aws.name)["InstanceProfiles"]
    same([it["InstanceProfileName"] for it in listed], [aws.name])


def AddRoleToInstanceProfile_refuses_a_missing_role(aws: Account) -> None:
    empty_profile(aws)
    refused(
        "NoSuchEntity",
        aws.iam.add_role_to_instance_profile,
        http=404,
        InstanceProfileName=aws.name,
        RoleName=aws.name,
    )


def DeleteInstanceProfile_refuses_one_with_a_role(aws: Account) -> None:
    role(aws)
    empty_profile(aws)
    put_in_profile(aws)
    refused(
        "DeleteConflict",
        aws.iam.delete_instance_profile,
        http=409,
        InstanceProfileName=aws.name,
    )


def CreateServiceLinkedRole_makes_that_of_the_service_once(aws: Account) -> None:
    which = {"AWSServiceName": "ecs.amazonaws.com"}
    try:
        aws.iam.create_service_linked_role(**which)
    except aws.iam.exceptions.InvalidInputException:
        pass  # It is there already.
    refused("InvalidInput", aws.iam.create_service_linked_role, **which)
    shown = aws.iam.get_role(RoleName="AWSServiceRoleForECS")["Role"]
    same(shown["Path"], "/aws-service-role/ecs.amazonaws.com/")
    refused("UnmodifiableEntity", aws.iam.delete_role, RoleName="AWSServiceRoleForECS")


def SimulatePrincipalPolicy_tells_what_a_role_may(aws: Account) -> None:
    arn = role(aws)
    which = {"RoleName": aws.name, "PolicyName": "p"}
    aws.iam.put_role_policy(PolicyDocument=ALLOW, **which)
    aws.later(aws.iam.delete_role_policy, **which)
    answer = aws.iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["s3:GetObject", "s3:PutObject"]
    )
    found = {it["EvalActionName"]: it["EvalDecision"] for it in answer["EvaluationResults"]}
    same(found, {"s3:GetObject": "allowed", "s3:PutObject": "implicitDeny"})


def SimulateCustomPolicy_lets_a_denial_win(aws: Account) -> None:
    answer = aws.iam.simulate_custom_policy(
        PolicyInputList=[policy("Allow", "s3:*"), DENY], ActionNames=["s3:GetObject"]
    )
    same([it["EvalDecision"] for it in answer["EvaluationResults"]], ["explicitDeny"])
