"""Security groups and their rules."""

from typing import Any

from account import Account, has, pages, refused, same
from things import security_group, vpc

ANYWHERE = [{"CidrIp": "0.0.0.0/0"}]


def _tcp(port: int, **sources: Any) -> dict[str, Any]:
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    return rule | (sources or {"IpRanges": ANYWHERE})


def _shown(aws: Account, made: str) -> dict[str, Any]:
    return aws.ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"][0]


def _rules(aws: Account, made: str, *, egress: bool = False) -> list[dict[str, Any]]:
    only = [{"Name": "group-id", "Values": [made]}]
    found = aws.ec2.describe_security_group_rules(Filters=only)["SecurityGroupRules"]
    return [it for it in found if it["IsEgress"] == egress]


def CreateSecurityGroup_makes_one_that_lets_everything_out(aws: Account) -> None:
    network = vpc(aws)
    made = security_group(aws, VpcId=network)
    assert made.startswith("sg-"), made
    shown = _shown(aws, made)
    has(
        shown,
        GroupId=made,
        GroupName=aws.name,
        Description="a check",
        VpcId=network,
        OwnerId=aws.number,
        IpPermissions=[],
    )
    (out,) = shown["IpPermissionsEgress"]
    has(out, IpProtocol="-1", IpRanges=ANYWHERE)


def CreateSecurityGroup_refuses_the_name_of_another_in_the_VPC(aws: Account) -> None:
    network = vpc(aws)
    security_group(aws, VpcId=network)
    refused(
        "InvalidGroup.Duplicate",
        aws.ec2.create_security_group,
        GroupName=aws.name,
        Description="again",
        VpcId=network,
    )


def CreateSecurityGroup_takes_the_name_of_one_in_another_VPC(aws: Account) -> None:
    first = security_group(aws, VpcId=vpc(aws))
    second = security_group(aws, VpcId=vpc(aws, "10.78.0.0/16"))
    assert first != second


def CreateSecurityGroup_refuses_a_name_that_begins_with_sg(aws: Account) -> None:
    refused(
        ("InvalidParameterValue", "InvalidParameterCombination"),
        aws.ec2.create_security_group,
        GroupName=f"sg-{aws.name}",
        Description="a check",
        VpcId=vpc(aws),
    )


def CreateSecurityGroup_refuses_a_missing_VPC(aws: Account) -> None:
    refused(
        "InvalidVpcID.NotFound",
        aws.ec2.create_security_group,
        GroupName=aws.name,
        Description="a check",
        VpcId="vpc-0123456789abcdef0",
    )


def CreateSecurityGroup_wants_a_description(aws: Account) -> None:
    refused("MissingParameter", aws.ec2.create_security_group, GroupName=aws.name)


def CreateSecurityGroup_takes_tags(aws: Account) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    of_group = {"ResourceType": "security-group", "Tags": tags}
    made = security_group(aws, TagSpecifications=[of_group])
    same(_shown(aws, made)["Tags"], tags)


def DescribeSecurityGroups_refuses_a_missing_id(aws: Account) -> None:
    refused(
        "InvalidGroup.NotFound",
        aws.ec2.describe_security_groups,
        GroupIds=["sg-0123456789abcdef0"],
    )


def DescribeSecurityGroups_by_a_filter_finds_none_without_complaint(aws: Account) -> None:
    only = [{"Name": "group-name", "Values": [aws.name]}]
    same(aws.ec2.describe_security_groups(Filters=only)["SecurityGroups"], [])


def DescribeSecurityGroups_filters_by_name_VPC_and_tag(aws: Account) -> None:
    network = vpc(aws)
    of_group = {"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": aws.name}]}
    made = security_group(aws, VpcId=network, TagSpecifications=[of_group])
    for name, value in (
        ("group-name", aws.name),
        ("group-name", aws.name[:-2] + "*"),
        ("group-id", made),
        ("tag:a", aws.name),
    ):
        only = [{"Name": name, "Values": [value]}, {"Name": "vpc-id", "Values": [network]}]
        found = aws.ec2.describe_security_groups(Filters=only)["SecurityGroups"]
        same([it["GroupId"] for it in found], [made])


def DescribeSecurityGroups_goes_by_pages(aws: Account) -> None:
    network = vpc(aws)
    made = {security_group(aws, str(number), VpcId=network) for number in range(6)}
    found = pages(
        aws.ec2.describe_security_groups,
        "SecurityGroups",
        token="NextToken",
        Filters=[{"Name": "vpc-id", "Values": [network]}],
        MaxResults=5,
    )
    same([len(page) for page in found], [5, 2])
    same(made - {it["GroupId"] for page in found for it in page}, set())


def DescribeSecurityGroups_refuses_a_page_of_four(aws: Account) -> None:
    refused("InvalidParameterValue", aws.ec2.describe_security_groups, MaxResults=4)


def AuthorizeSecurityGroupIngress_lets_in(aws: Account) -> None:
    made = security_group(aws)
    described = [{"CidrIp": "10.0.0.0/8", "Description": "inside"}]
    aws.ec2.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[_tcp(80), _tcp(443, IpRanges=described)]
    )
    found = {it["FromPort"]: it for it in _shown(aws, made)["IpPermissions"]}
    has(found[80], IpProtocol="tcp", ToPort=80, IpRanges=ANYWHERE)
    has(found[443], IpRanges=described)


def AuthorizeSecurityGroupIngress_shows_a_range_by_its_network(aws: Account) -> None:
    made = security_group(aws)
    written = [{"CidrIp": "100.68.0.18/18"}]
    aws.ec2.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[_tcp(80, IpRanges=written)]
    )
    (found,) = _shown(aws, made)["IpPermissions"]
    same(found["IpRanges"], [{"CidrIp": "100.68.0.0/18"}])


def AuthorizeSecurityGroupIngress_gives_each_rule_an_id(aws: Account) -> None:
    made = security_group(aws)
    both = [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "172.16.0.0/12"}]
    aws.ec2.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[_tcp(80, IpRanges=both)]
    )
    found = _rules(aws, made)
    same(sorted(it["CidrIpv4"] for it in found), ["10.0.0.0/8", "172.16.0.0/12"])
    assert len({it["SecurityGroupRuleId"] for it in found}) == 2
    assert all(it["SecurityGroupRuleId"].startswith("sgr-") for it in found), found
    assert len(_shown(aws, made)["IpPermissions"]) == 1


def AuthorizeSecurityGroupIngress_lets_another_group_in(aws: Account) -> None:
    made, other = security_group(aws), security_group(aws, "-other")
    pair = [{"GroupId": other}]
    aws.ec2.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[_tcp(80, UserIdGroupPairs=pair)]
    )
    (found,) = _shown(aws, made)["IpPermissions"]
    has(found["UserIdGroupPairs"][0], GroupId=other, UserId=aws.number)
    aws.later(
        aws.ec2.revoke_security_group_ingress,
        GroupId=made,
        IpPermissions=[_tcp(80, UserIdGroupPairs=pair)],
    )


def AuthorizeSecurityGroupIngress_refuses_the_same_twice(aws: Account) -> None:
    made = security_group(aws)
    arguments = {"GroupId": made, "IpPermissions": [_tcp(80)]}
    aws.ec2.authorize_security_group_ingress(**arguments)
    refused(
        "InvalidPermission.Duplicate", aws.ec2.authorize_security_group_ingress, **arguments
    )


def AuthorizeSecurityGroupIngress_refuses_a_missing_group(aws: Account) -> None:
    refused(
        "InvalidGroup.NotFound",
        aws.ec2.authorize_security_group_ingress,
        GroupId="sg-0123456789abcdef0",
        IpPermissions=[_tcp(80)],
    )


def AuthorizeSecurityGroupIngress_refuses_ports_the_wrong_way_round(aws: Account) -> None:
    made = security_group(aws)
    wrong = {"IpProtocol": "tcp", "FromPort": 81, "ToPort": 80, "IpRanges": ANYWHERE}
    refused(
        "InvalidParameterValue",
        aws.ec2.authorize_security_group_ingress,
        GroupId=made,
        IpPermissions=[wrong],
    )


def AuthorizeSecurityGroupIngress_refuses_what_is_no_range(aws: Account) -> None:
    made = security_group(aws)
    refused(
        "InvalidParameterValue",
        aws.ec2.authorize_security_group_ingress,
        GroupId=made,
        IpPermissions=[_tcp(80, IpRanges=[{"CidrIp": "10.0.0.0/33"}])],
    )


def RevokeSecurityGroupIngress_by_the_rule_and_by_its_id(aws: Account) -> None:
    made = security_group(aws)
    aws.ec2.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[_tcp(80), _tcp(443)]
    )
    aws.ec2.revoke_security_group_ingress(GroupId=made, IpPermissions=[_tcp(80)])
    (left,) = _rules(aws, made)
    aws.ec2.revoke_security_group_ingress(
        GroupId=made, SecurityGroupRuleIds=[left["SecurityGroupRuleId"]]
    )
    same(_shown(aws, made)["IpPermissions"], [])


def RevokeSecurityGroupIngress_refuses_a_rule_that_there_is_not(aws: Account) -> None:
    made = security_group(aws, VpcId=vpc(aws))
    refused(
        "InvalidPermission.NotFound",
        aws.ec2.revoke_security_group_ingress,
        GroupId=made,
        IpPermissions=[_tcp(80)],
    )


def RevokeSecurityGroupEgress_takes_the_way_out(aws: Account) -> None:
    made = security_group(aws)
    aws.ec2.revoke_security_group_egress(
        GroupId=made, IpPermissions=[{"IpProtocol": "-1", "IpRanges": ANYWHERE}]
    )
    same(_shown(aws, made)["IpPermissionsEgress"], [])
    same(_rules(aws, made, egress=True), [])


def UpdateSecurityGroupRuleDescriptionsIngress_changes_the_words(aws: Account) -> None:
    made = security_group(aws)
    aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[_tcp(80)])
    described = [{"CidrIp": "0.0.0.0/0", "Description": "all"}]
    aws.ec2.update_security_group_rule_descriptions_ingress(
        GroupId=made, IpPermissions=[_tcp(80, IpRanges=described)]
    )
    same([it.get("Description") for it in _rules(aws, made)], ["all"])


def DeleteSecurityGroup_takes_it_away(aws: Account) -> None:
    made = security_group(aws)
    aws.ec2.delete_security_group(GroupId=made)
    refused("InvalidGroup.NotFound", aws.ec2.describe_security_groups, GroupIds=[made])
    refused("InvalidGroup.NotFound", aws.ec2.delete_security_group, GroupId=made)


def DeleteSecurityGroup_refuses_one_that_another_names(aws: Account) -> None:
    made, other = security_group(aws), security_group(aws, "-other")
    pair = [_tcp(80, UserIdGroupPairs=[{"GroupId": other}])]
    aws.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=pair)
    aws.later(aws.ec2.revoke_security_group_ingress, GroupId=made, IpPermissions=pair)
    refused("DependencyViolation", aws.ec2.delete_security_group, GroupId=other)


def DeleteSecurityGroup_refuses_that_which_a_VPC_begins_with(aws: Account) -> None:
    only = [{"Name": "vpc-id", "Values": [vpc(aws)]}, {"Name": "group-name", "Values": ["default"]}]
    (default,) = aws.ec2.describe_security_groups(Filters=only)["SecurityGroups"]
    refused("CannotDelete", aws.ec2.delete_security_group, GroupId=default["GroupId"])


def CreateTags_and_DeleteTags_change_the_tags_of_a_group(aws: Account) -> None:
    made = security_group(aws)
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    aws.ec2.create_tags(Resources=[made], Tags=tags)
    aws.ec2.delete_tags(Resources=[made], Tags=[{"Key": "a"}])
    same(_shown(aws, made)["Tags"], tags[1:])
    only = [{"Name": "resource-id", "Values": [made]}]
    (tag,) = aws.ec2.describe_tags(Filters=only)["Tags"]
    has(tag, Key="b", Value="2", ResourceType="security-group")


def CreateTags_refuses_a_resource_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidGroup.NotFound",
        aws.ec2.create_tags,
        Resources=["sg-0123456789abcdef0"],
        Tags=[{"Key": "a", "Value": "b"}],
    )


def DryRun_is_refused_where_the_call_would_have_succeeded(aws: Account) -> None:
    refused(
        "DryRunOperation",
        aws.ec2.create_security_group,
        http=412,
        GroupName=aws.name,
        Description="a check",
        VpcId=vpc(aws),
        DryRun=True,
    )
