"""Parameters, and those that AWS publishes for images."""

import json

from account import Account, has, pages, refused, same
from things import IMAGE_PARAMETER


def _parameter(aws: Account, suffix: str = "", value: str = "1", **arguments: object) -> str:
    name = f"/{aws.name}{suffix}"
    arguments.setdefault("Type", "String")
    aws.ssm.put_parameter(Name=name, Value=value, **arguments)
    aws.later(aws.ssm.delete_parameter, Name=name)
    return name


def GetParameter_knows_the_image_that_AWS_recommends(aws: Account) -> None:
    shown = aws.ssm.get_parameter(Name=IMAGE_PARAMETER)["Parameter"]
    has(shown, Name=IMAGE_PARAMETER, Type="String")
    assert shown["Value"].startswith("ami-"), shown["Value"]
    image = aws.ec2.describe_images(ImageIds=[shown["Value"]])["Images"][0]
    has(image, ImageId=shown["Value"], State="available")


def GetParameter_knows_the_recommended_image_as_JSON(aws: Account) -> None:
    name = IMAGE_PARAMETER.removesuffix("/image_id")
    document = json.loads(aws.ssm.get_parameter(Name=name)["Parameter"]["Value"])
    same(document["image_id"], aws.ssm.get_parameter(Name=IMAGE_PARAMETER)["Parameter"]["Value"])


def GetParameter_knows_an_image_for_Arm(aws: Account) -> None:
    name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
    assert aws.ssm.get_parameter(Name=name)["Parameter"]["Value"].startswith("ami-")


def GetParameter_refuses_a_missing_one(aws: Account) -> None:
    refused("ParameterNotFound", aws.ssm.get_parameter, Name=f"/{aws.name}")


def GetParameters_tells_which_names_are_invalid(aws: Account) -> None:
    name = _parameter(aws)
    answer = aws.ssm.get_parameters(Names=[name, name + "-none"])
    same([it["Name"] for it in answer["Parameters"]], [name])
    same(answer["InvalidParameters"], [name + "-none"])


def GetParameters_refuses_eleven_names(aws: Account) -> None:
    names = [f"/{aws.name}/{number}" for number in range(11)]
    refused("ValidationException", aws.ssm.get_parameters, Names=names)


def PutParameter_makes_the_first_version(aws: Account) -> None:
    name = _parameter(aws, value="a")
    shown = aws.ssm.get_parameter(Name=name)["Parameter"]
    has(shown, Name=name, Type="String", Value="a", Version=1, DataType="text")
    same(shown["ARN"], aws.arn("ssm", f"parameter{name}"))


def PutParameter_refuses_another_value_without_Overwrite(aws: Account) -> None:
    name = _parameter(aws)
    refused(
        "ParameterAlreadyExists", aws.ssm.put_parameter, Name=name, Value="2", Type="String"
    )


def PutParameter_with_Overwrite_makes_the_next_version(aws: Account) -> None:
    name = _parameter(aws)
    same(aws.ssm.put_parameter(Name=name, Value="2", Overwrite=True)["Version"], 2)
    has(aws.ssm.get_parameter(Name=name)["Parameter"], Value="2", Version=2)
    same(aws.ssm.get_parameter(Name=f"{name}:1")["Parameter"]["Value"], "1")


def GetParameter_refuses_a_version_that_there_is_not(aws: Account) -> None:
    name = _parameter(aws)
    refused("ParameterVersionNotFound", aws.ssm.get_parameter, Name=f"{name}:9")


def PutParameter_refuses_a_type_that_there_is_not(aws: Account) -> None:
    refused(
        "ValidationException", aws.ssm.put_parameter, Name=aws.name, Value="1", Type="Number"
    )


def a_secret_reads_in_the_clear_only_when_asked(aws: Account) -> None:
    name = _parameter(aws, value="secret", Type="SecureString")
    assert aws.ssm.get_parameter(Name=name)["Parameter"]["Value"] != "secret"
    shown = aws.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    has(shown, Value="secret", Type="SecureString")


def GetParametersByPath_goes_down_only_when_asked(aws: Account) -> None:
    _parameter(aws, "/a")
    _parameter(aws, "/b/c")
    path = {"Path": f"/{aws.name}"}
    flat = aws.ssm.get_parameters_by_path(**path)["Parameters"]
    same([it["Name"] for it in flat], [f"/{aws.name}/a"])
    deep = pages(
        aws.ssm.get_parameters_by_path,
        "Parameters",
        token="NextToken",
        Recursive=True,
        MaxResults=1,
        **path,
    )
    same(
        sorted(it["Name"] for page in deep for it in page),
        [f"/{aws.name}/a", f"/{aws.name}/b/c"],
    )


def DeleteParameter_takes_it_away(aws: Account) -> None:
    name = _parameter(aws)
    aws.ssm.delete_parameter(Name=name)
    refused("ParameterNotFound", aws.ssm.delete_parameter, Name=name)


def AddTagsToResource_and_RemoveTagsFromResource_change_tags(aws: Account) -> None:
    name = _parameter(aws, Tags=[{"Key": "a", "Value": "1"}])
    which = {"ResourceType": "Parameter", "ResourceId": name}
    aws.ssm.add_tags_to_resource(Tags=[{"Key": "b", "Value": "2"}], **which)
    aws.ssm.remove_tags_from_resource(TagKeys=["a"], **which)
    same(aws.ssm.list_tags_for_resource(**which)["TagList"], [{"Key": "b", "Value": "2"}])


def PutParameter_refuses_another_type(aws: Account) -> None:
    name = _parameter(aws)
    refused(
        "HierarchyTypeMismatchException",
        aws.ssm.put_parameter,
        Name=name,
        Value="2",
        Type="StringList",
        Overwrite=True,
    )


def PutParameter_refuses_more_than_4_KB(aws: Account) -> None:
    long = {"Value": "v" * 4097, "Type": "String"}
    refused("ValidationException", aws.ssm.put_parameter, Name=f"/{aws.name}", **long)
    name = _parameter(aws, value="v" * 4097, Tier="Advanced")
    same(len(aws.ssm.get_parameter(Name=name)["Parameter"]["Value"]), 4097)


def PutParameter_refuses_what_the_pattern_does_not_allow(aws: Account) -> None:
    refused(
        "ParameterPatternMismatchException",
        aws.ssm.put_parameter,
        Name=f"/{aws.name}",
        Value="abc",
        Type="String",
        AllowedPattern="^\\d+$",
    )


def PutParameter_refuses_tags_with_Overwrite(aws: Account) -> None:
    name = _parameter(aws)
    refused(
        "ValidationException",
        aws.ssm.put_parameter,
        Name=name,
        Value="2",
        Overwrite=True,
        Tags=[{"Key": "a", "Value": "1"}],
    )


def PutParameter_refuses_a_name_that_AWS_keeps_for_itself(aws: Account) -> None:
    one = {"Value": "1", "Type": "String"}
    refused("AccessDeniedException", aws.ssm.put_parameter, Name="aws-" + aws.name, **one)
    refused("ValidationException", aws.ssm.put_parameter, Name="ssm-" + aws.name, **one)


def GetParameterHistory_tells_every_version(aws: Account) -> None:
    name = _parameter(aws, value="a", Description="first")
    aws.ssm.put_parameter(Name=name, Value="b", Overwrite=True)
    found = aws.ssm.get_parameter_history(Name=name)["Parameters"]
    same([(it["Version"], it["Value"]) for it in found], [(1, "a"), (2, "b")])
    same(found[0]["Description"], "first")


def DescribeParameters_filters_by_name_and_tag(aws: Account) -> None:
    names = [_parameter(aws, "/a", Tags=[{"Key": "check", "Value": aws.name}])]
    names.append(_parameter(aws, "/b"))
    for only, expected in (
        ({"Key": "Name", "Option": "BeginsWith", "Values": [f"/{aws.name}/"]}, names),
        ({"Key": "tag:check", "Values": [aws.name]}, names[:1]),
    ):
        found = aws.ssm.describe_parameters(ParameterFilters=[only])["Parameters"]
        same(sorted(it["Name"] for it in found), expected)


def DeleteParameters_tells_which_names_are_invalid(aws: Account) -> None:
    name = _parameter(aws)
    answer = aws.ssm.delete_parameters(Names=[name, name + "-none"])
    same(answer["DeletedParameters"], [name])
    same(answer["InvalidParameters"], [name + "-none"])


def AddTagsToResource_refuses_a_missing_parameter(aws: Account) -> None:
    refused(
        "InvalidResourceId",
        aws.ssm.add_tags_to_resource,
        ResourceType="Parameter",
        ResourceId=f"/{aws.name}",
        Tags=[{"Key": "a", "Value": "1"}],
    )
