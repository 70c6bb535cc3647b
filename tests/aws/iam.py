"""Roles, and the policies in them."""

import json
from typing import Any

from account import Account, has, pages, refused, same
from things import empty_profile, policy, put_in_profile, role, trust

MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
ALLOW = policy("Allow", "s3:GetObject")
DENY = policy("Deny", "s3:GetObject")


def _role(aws: Account) -> dict[str, Any]:
    return aws.iam.get_role(RoleName=aws.name)["Role"]


def CreateRole_fills_in_what_was_left_out(aws: Account) -> None:
    arn = role(aws)
    shown = _role(aws)
    has(shown, Arn=arn, Path="/", RoleName=aws.name, MaxSessionDuration=3600)
    same(arn, f"arn:aws:iam::{aws.number}:role/{aws.name}")
    assert shown["RoleId"].startswith("AROA") and shown["CreateDate"], shown
    same(shown["AssumeRolePolicyDocument"], json.loads(trust("ec2.amazonaws.com")))


def CreateRole_keeps_path_description_and_duration(aws: Account) -> None:
    arn = role(aws, Path="/app/", Description="a check", MaxSessionDuration=7200)
    has(_role(aws), Path="/app/", Description="a check", MaxSessionDuration=7200)
    same(arn, f"arn:aws:iam::{aws.number}:role/app/{aws.name}")


def CreateRole_refuses_the_name_of_another(aws: Account) -> None:
    role(aws)
    refused(
        "EntityAlreadyExists",
        aws.iam.create_role,
        http=409,
        RoleName=aws.name,
        AssumeRolePolicyDocument=trust("ec2.amazonaws.com"),
    )


def CreateRole_refuses_a_name_that_differs_only_by_case(aws: Account) -> None:
    role(aws)
    refused(
        "EntityAlreadyExists",
        aws.iam.create_role,
        http=409,
        RoleName=aws.name.upper(),
        AssumeRolePolicyDocument=trust("ec2.amazonaws.com"),
    )


def CreateRole_refuses_a_blank_in_the_name(aws: Account) -> None:
    refused(
        "ValidationError",
        aws.iam.create_role,
        RoleName=f"{aws.name} x",
        AssumeRolePolicyDocument=trust("ec2.amazonaws.com"),
    )


def CreateRole_refuses_a_name_of_65_letters(aws: Account) -> None:
    refused(
        "ValidationError",
        aws.iam.create_role,
        RoleName="r" * 65,
        AssumeRolePolicyDocument=trust("ec2.amazonaws.com"),
    )


def CreateRole_refuses_a_session_of_less_than_an_hour(aws: Account) -> None:
    refused(
        "ValidationError",
        aws.iam.create_role,
        RoleName=aws.name,
        AssumeRolePolicyDocument=trust("ec2.amazonaws.com"),
        MaxSessionDuration=3599,
    )


def CreateRole_refuses_a_trust_policy_that_is_no_JSON(aws: Account) -> None:
    aws.later(aws.iam.delete_role, RoleName=aws.name)
    refused(
        "MalformedPolicyDocument",
        aws.iam.create_role,
        RoleName=aws.name,
        AssumeRolePolicyDocument="{",
    )


def CreateRole_refuses_a_trust_policy_without_a_principal(aws: Account) -> None:
    aws.later(aws.iam.delete_role, RoleName=aws.name)
    refused(
        "MalformedPolicyDocument",
        aws.iam.create_role,
        RoleName=aws.name,
        AssumeRolePolicyDocument=policy("Allow", "sts:AssumeRole"),
    )


def GetRole_refuses_a_missing_one(aws: Account) -> None:
    refused("NoSuchEntity", aws.iam.get_role, http=404, RoleName=aws.name)


def UpdateRole_changes_description_and_duration(aws: Account) -> None:
    role(aws, Description="before")
    aws.iam.update_role(RoleName=aws.name, Description="after", MaxSessionDuration=7200)
    has(_role(aws), Description="after", MaxSessionDuration=7200)


def UpdateAssumeRolePolicy_changes_who_is_trusted(aws: Account) -> None:
    role(aws)
    changed = trust("ecs-tasks.amazonaws.com")
    aws.iam.update_assume_role_policy(RoleName=aws.name, PolicyDocument=changed)
    same(_role(aws)["AssumeRolePolicyDocument"], json.loads(changed))


def UpdateAssumeRolePolicy_refuses_what_is_no_policy(aws: Account) -> None:
    role(aws)
    refused(
        "MalformedPolicyDocument",
        aws.iam.update_assume_role_policy,
        RoleName=aws.name,
        PolicyDocument="{}",
    )


def DeleteRole_refuses_one_with_attached_policies(aws: Account) -> None:
    role(aws)
    aws.iam.attach_role_policy(RoleName=aws.name, PolicyArn=MANAGED)
    aws.later(aws.iam.detach_role_policy, RoleName=aws.name, PolicyArn=MANAGED)
    refused("DeleteConflict", aws.iam.delete_role, http=409, RoleName=aws.name)


def DeleteRole_refuses_one_with_inline_policies(aws: Account) -> None:
    role(aws)
    which = {"RoleName": aws.name, "PolicyName": "p"}
    aws.iam.put_role_policy(PolicyDocument=ALLOW, **which)
    aws.later(aws.iam.delete_role_policy, **which)
    refused("DeleteConflict", aws.iam.delete_role, http=409, RoleName=aws.name)


def DeleteRole_refuses_one_in_an_instance_profile(aws: Account) -> None:
    role(aws)
    empty_profile(aws)
    put_in_profile(aws)
    refused("DeleteConflict", aws.iam.delete_role, http=409, RoleName=aws.name)


def DeleteRole_takes_it_away(aws: Account) -> None:
    role(aws)
    aws.iam.delete_role(RoleName=aws.name)
    refused("NoSuchEntity", aws.iam.get_role, http=404, RoleName=aws.name)
    refused("NoSuchEntity", aws.iam.delete_role, http=404, RoleName=aws.name)


def ListRoles_goes_by_pages_of_a_path(aws: Account) -> None:
    path = f"/{aws.name}/"
    for suffix in ("a", "b", "c"):
        role(aws, suffix, Path=path)
    found = pages(
        aws.iam.list_roles, "Roles", token="Marker", PathPrefix=path, MaxItems=2
    )
    names = [it["RoleName"] for page in found for it in page]
    same(sorted(names), [aws.name + suffix for suffix in ("a", "b", "c")])
    same([len(page) for page in found], [2, 1])


def ListRoles_refuses_a_page_of_1001(aws: Account) -> None:
    refused("ValidationError", aws.iam.list_roles, MaxItems=1001)


def inline_policies_are_put_got_listed_and_deleted(aws: Account) -> None:
    role(aws)
    which = {"RoleName": aws.name, "PolicyName": "p"}
    aws.iam.put_role_policy(PolicyDocument=ALLOW, **which)
    same(aws.iam.get_role_policy(**which)["PolicyDocument"], json.loads(ALLOW))
    aws.iam.put_role_policy(PolicyDocument=DENY, **which)
    same(aws.iam.get_role_policy(**which)["PolicyDocument"], json.loads(DENY))
    same(aws.iam.list_role_policies(RoleName=aws.name)["PolicyNames"], ["p"])
    aws.iam.delete_role_policy(**which)
    refused("NoSuchEntity", aws.iam.get_role_policy, http=404, **which)
    refused("NoSuchEntity", aws.iam.delete_role_policy, http=404, **which)


def PutRolePolicy_refuses_what_is_no_policy(aws: Account) -> None:
    role(aws)
    for document in ("{", policy("Perhaps", "s3:GetObject"), policy("Allow", "GetObject")):
        refused(
            "MalformedPolicyDocument",
            aws.iam.put_role_policy,
            RoleName=aws.name,
            PolicyName="p",
            PolicyDocument=document,
        )


def PutRolePolicy_refuses_a_missing_role(aws: Account) -> None:
    refused(
        "NoSuchEntity",
        aws.iam.put_role_policy,
        http=404,
        RoleName=aws.name,
        PolicyName="p",
        PolicyDocument=ALLOW,
    )


def PutRolePolicy_refuses_more_than_a_role_can_hold(aws: Account) -> None:
    role(aws)
    many = policy("Allow", [f"s3:Get{'x' * 100}{number}" for number in range(120)])
    refused(
        "LimitExceeded",
        aws.iam.put_role_policy,
        http=409,
        RoleName=aws.name,
        PolicyName="p",
        PolicyDocument=many,
    )
