"""The tagging API, which looks over all services."""

from typing import Any

from account import Account, alone, pages, refused, same, until
from things import cluster, group, role


def _found(aws: Account, **arguments: Any) -> list[str]:
    only = {"TagFilters": [{"Key": "check", "Values": [aws.name]}]} | arguments
    found = pages(
        aws.tagging.get_resources,
        "ResourceTagMappingList",
        token="PaginationToken",
        **only,
    )
    return sorted(it["ResourceARN"] for page in found for it in page)


def _cluster_and_log_group(aws: Account) -> list[str]:
    """The ARNs of both, which bear the check's tag."""
    cluster(aws, tags=[{"key": "check", "value": aws.name}])
    aws.logs.create_log_group(logGroupName=f"/{aws.name}", tags={"check": aws.name})
    aws.later(aws.logs.delete_log_group, logGroupName=f"/{aws.name}")
    return [
        aws.arn("ecs", f"cluster/{aws.name}"),
        aws.arn("logs", f"log-group:/{aws.name}"),
    ]


def GetResources_finds_all_that_bear_a_tag(aws: Account) -> None:
    expected = _cluster_and_log_group(aws)
    until(lambda: _found(aws) == expected, 5)


def GetResources_chooses_by_type(aws: Account) -> None:
    expected = _cluster_and_log_group(aws)
    until(lambda: _found(aws, ResourceTypeFilters=["ecs:cluster"]) == expected[:1], 5)
    same(_found(aws, ResourceTypeFilters=["ec2"]), [])


def GetResources_goes_by_pages(aws: Account) -> None:
    expected = _cluster_and_log_group(aws)
    until(lambda: _found(aws) == expected, 5)
    same(_found(aws, ResourcesPerPage=1), expected)


def GetResources_shows_the_tags(aws: Account) -> None:
    _cluster_and_log_group(aws)
    only = [{"Key": "check", "Values": [aws.name]}]

    def tags() -> list[Any]:
        answer = aws.tagging.get_resources(TagFilters=only, ResourceTypeFilters=["ecs:cluster"])
        return [it["Tags"] for it in answer["ResourceTagMappingList"]]

    until(lambda: tags() == [[{"Key": "check", "Value": aws.name}]], 5)


def GetResources_chooses_by_several_tags_and_values(aws: Account) -> None:
    both = [{"key": "check", "value": aws.name}, {"key": "of", "value": "a"}]
    cluster(aws, "a", tags=both)
    cluster(aws, "b", tags=both[:1])
    only = [{"Key": "check", "Values": [aws.name]}, {"Key": "of", "Values": ["a", "b"]}]
    expected = [aws.arn("ecs", f"cluster/{aws.name}a")]
    until(lambda: _found(aws, TagFilters=only) == expected, 5)


def GetResources_does_not_know_roles(aws: Account) -> None:
    # The tagging API has no IAM: not among its services' resources in any region but by policies.
    role(aws, Tags=[{"Key": "check", "Value": aws.name}])
    same([arn for arn in _found(aws) if ":role/" in arn], [])


def GetResources_does_not_know_auto_scaling_groups(aws: Account) -> None:
    tag = {"Key": "check", "Value": aws.name, "PropagateAtLaunch": False}
    group(aws, Tags=[tag])
    same([arn for arn in _found(aws) if ":autoScalingGroup" in arn], [])


def GetResources_takes_ARNs_or_filters_but_not_both(aws: Account) -> None:
    refused(
        "InvalidParameterException",
        aws.tagging.get_resources,
        ResourceARNList=[aws.arn("ecs", f"cluster/{aws.name}")],
        TagFilters=[{"Key": "check", "Values": [aws.name]}],
    )


def GetResources_refuses_a_page_of_101(aws: Account) -> None:
    refused("InvalidParameterException", aws.tagging.get_resources, ResourcesPerPage=101)


def GetResources_refuses_fifty_one_filters(aws: Account) -> None:
    filters = [{"Key": f"k{number}"} for number in range(51)]
    refused("InvalidParameterException", aws.tagging.get_resources, TagFilters=filters)


def TagResources_and_UntagResources_change_tags_of_several(aws: Account) -> None:
    arns = _cluster_and_log_group(aws)
    answer = aws.tagging.tag_resources(ResourceARNList=arns, Tags={"more": aws.name})
    same(answer["FailedResourcesMap"], {})
    only = [{"Key": "more", "Values": [aws.name]}]
    until(lambda: _found(aws, TagFilters=only) == arns, 5)
    aws.tagging.untag_resources(ResourceARNList=arns, TagKeys=["more"])
    until(lambda: _found(aws, TagFilters=only) == [], 5)


def TagResources_reports_what_it_could_not_tag(aws: Account) -> None:
    missing = aws.arn("ecs", f"cluster/{aws.name}")
    answer = aws.tagging.tag_resources(ResourceARNList=[missing], Tags={"a": "b"})
    same(list(answer["FailedResourcesMap"]), [missing])


def TagResources_refuses_twenty_one_resources(aws: Account) -> None:
    arns = [aws.arn("ecs", f"cluster/{aws.name}{number}") for number in range(21)]
    refused(
        "InvalidParameterException",
        aws.tagging.tag_resources,
        ResourceARNList=arns,
        Tags={"a": "b"},
    )


@alone
def GetTagKeys_and_GetTagValues_list_what_is_in_use(aws: Account) -> None:
    _cluster_and_log_group(aws)
    more = {"token": "PaginationToken"}
    until(lambda: "check" in sum(pages(aws.tagging.get_tag_keys, "TagKeys", **more), []), 5)
    values = pages(aws.tagging.get_tag_values, "TagValues", Key="check", **more)
    assert aws.name in sum(values, []), values
