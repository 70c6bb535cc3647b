"""Launch templates and their versions."""

import base64
from typing import Any

from account import Account, has, pages, refused, same
from things import IMAGE, IMAGE_PARAMETER, template

MISSING = "lt-0123456789abcdef0"


def _version(aws: Account, **data: Any) -> dict[str, Any]:
    """Another version of the template."""
    made = aws.ec2.create_launch_template_version(
        LaunchTemplateName=aws.name, LaunchTemplateData=data
    )
    return made["LaunchTemplateVersion"]


def _versions(aws: Account, *versions: str, **arguments: Any) -> list[dict[str, Any]]:
    answer = aws.ec2.describe_launch_template_versions(
        LaunchTemplateName=aws.name, Versions=list(versions), **arguments
    )
    return answer["LaunchTemplateVersions"]


def CreateLaunchTemplate_makes_version_one(aws: Account) -> None:
    data = {"InstanceType": "t3.small"}
    made = aws.ec2.create_launch_template(LaunchTemplateName=aws.name, LaunchTemplateData=data)
    aws.later(aws.ec2.delete_launch_template, LaunchTemplateName=aws.name)
    has(
        made["LaunchTemplate"],
        LaunchTemplateName=aws.name,
        DefaultVersionNumber=1,
        LatestVersionNumber=1,
    )
    assert made["LaunchTemplate"]["LaunchTemplateId"].startswith("lt-"), made
    (version,) = _versions(aws, "1")
    has(version, VersionNumber=1, DefaultVersion=True, LaunchTemplateData=data)


def CreateLaunchTemplate_refuses_the_name_of_another(aws: Account) -> None:
    template(aws)
    refused(
        "InvalidLaunchTemplateName.AlreadyExistsException",
        aws.ec2.create_launch_template,
        LaunchTemplateName=aws.name,
        LaunchTemplateData={"InstanceType": "t3.small"},
    )


def CreateLaunchTemplate_refuses_a_name_of_two_letters(aws: Account) -> None:
    refused(
        ("InvalidLaunchTemplateName.MalformedException", "InvalidParameterValue"),
        aws.ec2.create_launch_template,
        LaunchTemplateName="ab",
        LaunchTemplateData={"InstanceType": "t3.small"},
    )


def CreateLaunchTemplate_takes_tags(aws: Account) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    aws.ec2.create_launch_template(
        LaunchTemplateName=aws.name,
        LaunchTemplateData={"InstanceType": "t3.small"},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
    )
    aws.later(aws.ec2.delete_launch_template, LaunchTemplateName=aws.name)
    answer = aws.ec2.describe_launch_templates(LaunchTemplateNames=[aws.name])
    same([it["Tags"] for it in answer["LaunchTemplates"]], [tags])


def CreateLaunchTemplate_with_the_same_token_makes_no_other(aws: Account) -> None:
    arguments = {
        "LaunchTemplateName": aws.name,
        "LaunchTemplateData": {"InstanceType": "t3.small"},
        "ClientToken": aws.name,
    }
    first = aws.ec2.create_launch_template(**arguments)["LaunchTemplate"]
    aws.later(aws.ec2.delete_launch_template, LaunchTemplateName=aws.name)
    second = aws.ec2.create_launch_template(**arguments)["LaunchTemplate"]
    same(second["LaunchTemplateId"], first["LaunchTemplateId"])


def CreateLaunchTemplate_does_not_look_whether_what_it_names_is_there(aws: Account) -> None:
    template(
        aws,
        ImageId="ami-0123456789abcdef0",
        IamInstanceProfile={"Name": aws.name},
        SecurityGroupIds=["sg-0123456789abcdef0"],
    )
    data = _versions(aws, "1")[0]["LaunchTemplateData"]
    same(data["IamInstanceProfile"], {"Name": aws.name})


def CreateLaunchTemplateVersion_makes_the_latest_but_not_the_default(aws: Account) -> None:
    template(aws)
    has(_version(aws, InstanceType="t3.large"), VersionNumber=2, DefaultVersion=False)
    answer = aws.ec2.describe_launch_templates(LaunchTemplateNames=[aws.name])
    has(answer["LaunchTemplates"][0], DefaultVersionNumber=1, LatestVersionNumber=2)


def CreateLaunchTemplateVersion_keeps_nothing_of_what_was_before(aws: Account) -> None:
    template(aws)
    _version(aws, InstanceType="t3.large")
    same(_versions(aws, "2")[0]["LaunchTemplateData"], {"InstanceType": "t3.large"})


def CreateLaunchTemplateVersion_from_a_source_changes_only_what_it_names(aws: Account) -> None:
    template(aws)
    aws.ec2.create_launch_template_version(
        LaunchTemplateName=aws.name,
        SourceVersion="1",
        VersionDescription="larger",
        LaunchTemplateData={"InstanceType": "t3.large"},
    )
    (shown,) = _versions(aws, "2")
    same(shown["VersionDescription"], "larger")
    same(shown["LaunchTemplateData"], {"ImageId": IMAGE, "InstanceType": "t3.large"})


def CreateLaunchTemplateVersion_refuses_a_missing_template(aws: Account) -> None:
    refused(
        "InvalidLaunchTemplateName.NotFoundException",
        aws.ec2.create_launch_template_version,
        LaunchTemplateName=aws.name,
        LaunchTemplateData={"InstanceType": "t3.small"},
    )


def DescribeLaunchTemplateVersions_knows_latest_and_default(aws: Account) -> None:
    template(aws)
    _version(aws, InstanceType="t3.large")
    same([it["VersionNumber"] for it in _versions(aws, "$Latest")], [2])
    same([it["VersionNumber"] for it in _versions(aws, "$Default")], [1])


def DescribeLaunchTemplateVersions_refuses_a_missing_version(aws: Account) -> None:
    template(aws)
    refused(
        "InvalidLaunchTemplateId.VersionNotFound",
        aws.ec2.describe_launch_template_versions,
        LaunchTemplateName=aws.name,
        Versions=["9"],
    )


def DescribeLaunchTemplateVersions_resolves_an_image_only_when_asked(aws: Account) -> None:
    template(aws)
    (plain,) = _versions(aws, "1")
    same(plain["LaunchTemplateData"]["ImageId"], IMAGE)
    (resolved,) = _versions(aws, "1", ResolveAlias=True)
    image = aws.ssm.get_parameter(Name=IMAGE_PARAMETER)["Parameter"]["Value"]
    same(resolved["LaunchTemplateData"]["ImageId"], image)


def DescribeLaunchTemplates_refuses_a_missing_name(aws: Account) -> None:
    refused(
        "InvalidLaunchTemplateName.NotFoundException",
        aws.ec2.describe_launch_templates,
        LaunchTemplateNames=[aws.name],
    )


def DescribeLaunchTemplates_refuses_a_missing_id(aws: Account) -> None:
    refused(
        "InvalidLaunchTemplateId.NotFound",
        aws.ec2.describe_launch_templates,
        LaunchTemplateIds=[MISSING],
    )


def DescribeLaunchTemplates_refuses_an_id_that_is_none(aws: Account) -> None:
    refused(
        "InvalidLaunchTemplateId.Malformed",
        aws.ec2.describe_launch_templates,
        LaunchTemplateIds=[aws.name],
    )


def DescribeLaunchTemplates_goes_by_pages(aws: Account) -> None:
    names = [aws.name + suffix for suffix in ("a", "b", "c")]
    for suffix in ("a", "b", "c"):
        template(aws, suffix)
    found = pages(
        aws.ec2.describe_launch_templates,
        "LaunchTemplates",
        token="NextToken",
        Filters=[{"Name": "launch-template-name", "Values": names}],
        MaxResults=2,
    )
    same(sorted(it["LaunchTemplateName"] for page in found for it in page), names)


def DescribeLaunchTemplates_refuses_a_page_of_201(aws: Account) -> None:
    refused("InvalidParameterValue", aws.ec2.describe_launch_templates, MaxResults=201)


def user_data_comes_back_as_it_was_sent(aws: Account) -> None:
    data = base64.b64encode(b"#!/bin/bash\necho ECS_CLUSTER=x >> /etc/ecs/ecs.config\n").decode()
    template(aws, UserData=data)
    same(_versions(aws, "1")[0]["LaunchTemplateData"]["UserData"], data)


def user_data_must_be_base64(aws: Account) -> None:
    refused(
        ("InvalidUserData.Malformed", "InvalidParameterValue"),
        aws.ec2.create_launch_template,
        LaunchTemplateName=aws.name,
        LaunchTemplateData={"UserData": "#!/bin/bash"},
    )


def ModifyLaunchTemplate_sets_the_default_version(aws: Account) -> None:
    template(aws)
    _version(aws, InstanceType="t3.large")
    answer = aws.ec2.modify_launch_template(LaunchTemplateName=aws.name, DefaultVersion="2")
    same(answer["LaunchTemplate"]["DefaultVersionNumber"], 2)
    same([it["VersionNumber"] for it in _versions(aws, "$Default")], [2])


def DeleteLaunchTemplateVersions_keeps_the_default(aws: Account) -> None:
    template(aws)
    _version(aws, InstanceType="t3.large")
    answer = aws.ec2.delete_launch_template_versions(
        LaunchTemplateName=aws.name, Versions=["1", "2"]
    )
    deleted = answer["SuccessfullyDeletedLaunchTemplateVersions"]
    same([it["VersionNumber"] for it in deleted], [2])
    kept = answer["UnsuccessfullyDeletedLaunchTemplateVersions"]
    same([it["VersionNumber"] for it in kept], [1])


def DeleteLaunchTemplate_takes_it_away(aws: Account) -> None:
    made = template(aws)
    aws.ec2.delete_launch_template(LaunchTemplateId=made)
    refused(
        "InvalidLaunchTemplateId.NotFound", aws.ec2.delete_launch_template, LaunchTemplateId=made
    )


def CreateTags_changes_the_tags_of_a_template(aws: Account) -> None:
    made = template(aws)
    aws.ec2.create_tags(Resources=[made], Tags=[{"Key": "a", "Value": aws.name}])
    only = [{"Name": "tag:a", "Values": [aws.name]}]
    found = aws.ec2.describe_launch_templates(Filters=only)["LaunchTemplates"]
    same([it["LaunchTemplateId"] for it in found], [made])


def GetLaunchTemplateData_refuses_a_missing_instance(aws: Account) -> None:
    refused(
        "InvalidInstanceID.NotFound",
        aws.ec2.get_launch_template_data,
        InstanceId="i-0123456789abcdef0",
    )
