"""Repositories, their policies and tags."""

import json
from typing import Any

from account import Account, has, pages, refused, same
from things import repository

ENOUGH = 10


def _shown(aws: Account) -> dict[str, Any]:
    return aws.ecr.describe_repositories(repositoryNames=[aws.name])["repositories"][0]


def CreateRepository_fills_in_what_was_left_out(aws: Account) -> None:
    made = repository(aws)
    has(
        made,
        repositoryArn=aws.arn("ecr", f"repository/{aws.name}"),
        registryId=aws.number,
        repositoryName=aws.name,
        repositoryUri=f"{aws.number}.dkr.ecr.us-east-1.amazonaws.com/{aws.name}",
        imageTagMutability="MUTABLE",
        imageScanningConfiguration={"scanOnPush": False},
    )
    same(made["encryptionConfiguration"]["encryptionType"], "AES256")
    same(_shown(aws), made)


def CreateRepository_keeps_mutability_and_scanning(aws: Account) -> None:
    wanted = {
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
    }
    repository(aws, **wanted)
    has(_shown(aws), **wanted)


def CreateRepository_refuses_the_name_of_another(aws: Account) -> None:
    repository(aws)
    refused("RepositoryAlreadyExistsException", aws.ecr.create_repository, repositoryName=aws.name)


def CreateRepository_refuses_upper_case(aws: Account) -> None:
    refused(
        "InvalidParameterException", aws.ecr.create_repository, repositoryName=f"{aws.name}/App"
    )


def CreateRepository_refuses_a_name_of_one_letter(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecr.create_repository, repositoryName="a")


def CreateRepository_refuses_a_name_of_257_letters(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecr.create_repository, repositoryName="a" * 257)


def CreateRepository_takes_a_name_with_a_namespace(aws: Account) -> None:
    made = repository(aws, "/web-app_1.x")
    same(made["repositoryName"], f"{aws.name}/web-app_1.x")


def CreateRepository_refuses_a_mutability_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidParameterException",
        aws.ecr.create_repository,
        repositoryName=aws.name,
        imageTagMutability="SOMETIMES",
    )


def DescribeRepositories_refuses_if_one_of_the_names_is_missing(aws: Account) -> None:
    repository(aws)
    refused(
        "RepositoryNotFoundException",
        aws.ecr.describe_repositories,
        repositoryNames=[aws.name, aws.name + "-none"],
    )


def DescribeRepositories_refuses_101_names(aws: Account) -> None:
    names = [f"{aws.name}-{number}" for number in range(101)]
    refused(
        "InvalidParameterException", aws.ecr.describe_repositories, repositoryNames=names
    )


def DescribeRepositories_refuses_a_page_of_1001(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecr.describe_repositories, maxResults=1001)


def DescribeRepositories_goes_by_pages(aws: Account) -> None:
    names = {repository(aws, suffix)["repositoryName"] for suffix in ("-a", "-b", "-c")}
    found = pages(aws.ecr.describe_repositories, "repositories", maxResults=2)
    assert all(len(page) <= 2 for page in found[:-1]), [len(page) for page in found]
    same(names - {it["repositoryName"] for page in found for it in page}, set())


def PutImageTagMutability_changes_it(aws: Account) -> None:
    repository(aws)
    aws.ecr.put_image_tag_mutability(repositoryName=aws.name, imageTagMutability="IMMUTABLE")
    same(_shown(aws)["imageTagMutability"], "IMMUTABLE")


def PutImageScanningConfiguration_changes_it(aws: Account) -> None:
    repository(aws)
    wanted = {"scanOnPush": True}
    aws.ecr.put_image_scanning_configuration(
        repositoryName=aws.name, imageScanningConfiguration=wanted
    )
    same(_shown(aws)["imageScanningConfiguration"], wanted)


def a_lifecycle_policy_is_put_got_and_deleted(aws: Account) -> None:
    repository(aws)
    name = {"repositoryName": aws.name}
    text = json.dumps({"rules": [_rule(1)]})
    aws.ecr.put_lifecycle_policy(lifecyclePolicyText=text, **name)
    same(
        json.loads(aws.ecr.get_lifecycle_policy(**name)["lifecyclePolicyText"]),
        json.loads(text),
    )
    aws.ecr.delete_lifecycle_policy(**name)
    refused("LifecyclePolicyNotFoundException", aws.ecr.get_lifecycle_policy, **name)


def _rule(priority: int) -> dict[str, Any]:
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": ENOUGH}
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}


def DeleteLifecyclePolicy_refuses_where_there_is_none(aws: Account) -> None:
    repository(aws)
    refused(
        "LifecyclePolicyNotFoundException",
        aws.ecr.delete_lifecycle_policy,
        repositoryName=aws.name,
    )


def PutLifecyclePolicy_refuses_two_rules_of_one_priority(aws: Account) -> None:
    repository(aws)
    refused(
        "InvalidParameterException",
        aws.ecr.put_lifecycle_policy,
        repositoryName=aws.name,
        lifecyclePolicyText=json.dumps({"rules": [_rule(1), _rule(1)]}),
    )


def PutLifecyclePolicy_refuses_what_is_no_policy(aws: Account) -> None:
    repository(aws)
    refused(
        "InvalidParameterException",
        aws.ecr.put_lifecycle_policy,
        repositoryName=aws.name,
        lifecyclePolicyText=json.dumps({"rules": [{"what": "ever"}]}),
    )


def a_repository_policy_is_set_got_and_deleted(aws: Account) -> None:
    repository(aws)
    name = {"repositoryName": aws.name}
    statement = {"Sid": "pull", "Effect": "Allow", "Principal": "*"}
    statement["Action"] = ["ecr:BatchGetImage"]
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    refused("RepositoryPolicyNotFoundException", aws.ecr.get_repository_policy, **name)
    aws.ecr.set_repository_policy(policyText=text, **name)
    same(json.loads(aws.ecr.get_repository_policy(**name)["policyText"])["Statement"], [statement])
    aws.ecr.delete_repository_policy(**name)
    refused("RepositoryPolicyNotFoundException", aws.ecr.delete_repository_policy, **name)


def TagResource_and_UntagResource_change_the_tags_of_a_repository(aws: Account) -> None:
    made = repository(aws, tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    arn = made["repositoryArn"]
    aws.ecr.tag_resource(resourceArn=arn, tags=[{"Key": "b", "Value": "3"}])
    aws.ecr.untag_resource(resourceArn=arn, tagKeys=["a"])
    tags = aws.ecr.list_tags_for_resource(resourceArn=arn)["tags"]
    same(tags, [{"Key": "b", "Value": "3"}])


def TagResource_refuses_a_missing_repository(aws: Account) -> None:
    refused(
        "RepositoryNotFoundException",
        aws.ecr.tag_resource,
        resourceArn=aws.arn("ecr", f"repository/{aws.name}"),
        tags=[{"Key": "a", "Value": "b"}],
    )


def TagResource_refuses_fifty_one_tags(aws: Account) -> None:
    arn = repository(aws)["repositoryArn"]
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(51)]
    refused(
        ("TooManyTagsException", "InvalidParameterException"),
        aws.ecr.tag_resource,
        resourceArn=arn,
        tags=tags,
    )


def DeleteRepository_takes_it_away(aws: Account) -> None:
    repository(aws)
    aws.ecr.delete_repository(repositoryName=aws.name)
    refused(
        "RepositoryNotFoundException", aws.ecr.describe_repositories, repositoryNames=[aws.name]
    )
    refused("RepositoryNotFoundException", aws.ecr.delete_repository, repositoryName=aws.name)
