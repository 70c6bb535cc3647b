"""Who is calling, and sessions of roles."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from account import Account, has, refused, same, until
from things import role


def _trusting(aws: Account) -> str:
    """A role that anyone in the account may assume."""
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws.number}:root"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    arn = role(aws, AssumeRolePolicyDocument=document)
    until(lambda: _assumed(aws, arn))
    return arn


def _assumed(aws: Account, arn: str) -> dict[str, Any] | None:
    """A session, once the role is known everywhere."""
    try:
        return aws.sts.assume_role(RoleArn=arn, RoleSessionName="check")
    except ClientError as error:
        same(error.response["Error"]["Code"], "AccessDenied")
        return None


def GetCallerIdentity_tells_account_ARN_and_id(aws: Account) -> None:
    identity = aws.sts.get_caller_identity()
    assert len(identity["Account"]) == 12 and identity["Account"].isdigit(), identity
    assert identity["Arn"].startswith("arn:aws:"), identity
    assert identity["UserId"], identity


def AssumeRole_answers_with_credentials_for_an_hour(aws: Account) -> None:
    arn = _trusting(aws)
    answer = aws.sts.assume_role(RoleArn=arn, RoleSessionName="check")
    session = f"arn:aws:sts::{aws.number}:assumed-role/{aws.name}/check"
    same(answer["AssumedRoleUser"]["Arn"], session)
    credentials = answer["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA"), credentials["AccessKeyId"]
    assert credentials["SecretAccessKey"] and credentials["SessionToken"]
    # The twin's clock runs ahead of ours.
    assert credentials["Expiration"] > datetime.now(UTC) + timedelta(minutes=50)


def AssumeRole_refuses_less_than_fifteen_minutes(aws: Account) -> None:
    arn = _trusting(aws)
    refused(
        "ValidationError",
        aws.sts.assume_role,
        RoleArn=arn,
        RoleSessionName="check",
        DurationSeconds=899,
    )


def AssumeRole_refuses_longer_than_the_role_allows(aws: Account) -> None:
    arn = _trusting(aws)
    refused(
        "ValidationError",
        aws.sts.assume_role,
        words="MaxSessionDuration",
        RoleArn=arn,
        RoleSessionName="check",
        DurationSeconds=7200,
    )


def AssumeRole_refuses_a_session_name_of_one_letter(aws: Account) -> None:
    arn = _trusting(aws)
    refused("ValidationError", aws.sts.assume_role, RoleArn=arn, RoleSessionName="c")


def AssumeRole_refuses_a_session_name_with_a_blank(aws: Account) -> None:
    arn = _trusting(aws)
    refused("ValidationError", aws.sts.assume_role, RoleArn=arn, RoleSessionName="a check")


def AssumeRole_refuses_a_role_that_there_is_not(aws: Account) -> None:
    refused(
        "AccessDenied",
        aws.sts.assume_role,
        http=403,
        RoleArn=f"arn:aws:iam::{aws.number}:role/{aws.name}",
        RoleSessionName="check",
    )


def AssumeRole_refuses_a_role_that_trusts_only_a_service(aws: Account) -> None:
    arn = role(aws)
    refused(
        "AccessDenied", aws.sts.assume_role, http=403, RoleArn=arn, RoleSessionName="check"
    )


def AssumeRole_refuses_a_malformed_session_policy(aws: Account) -> None:
    arn = _trusting(aws)
    refused(
        "MalformedPolicyDocument",
        aws.sts.assume_role,
        RoleArn=arn,
        RoleSessionName="check",
        Policy="{}",
    )


def GetSessionToken_answers_with_credentials(aws: Account) -> None:
    has(aws.sts.get_session_token()["ResponseMetadata"], HTTPStatusCode=200)
    assert aws.sts.get_session_token()["Credentials"]["SessionToken"]


def GetAccessKeyInfo_tells_the_account_of_a_key(aws: Account) -> None:
    arn = _trusting(aws)
    made = aws.sts.assume_role(RoleArn=arn, RoleSessionName="check")["Credentials"]
    answer = aws.sts.get_access_key_info(AccessKeyId=made["AccessKeyId"])
    same(answer["Account"], aws.number)
