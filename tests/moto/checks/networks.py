"""EC2: launch templates, security groups and Auto Scaling groups."""

from account import pages, refused, same

_DATA = {"ImageId": "ami-1", "InstanceType": "t3.small", "UserData": "aGVsbG8="}


def _template(aws, name="web", **keywords):
    answer = aws.ec2.create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData=_DATA, **keywords
    )
    return answer["LaunchTemplate"]["LaunchTemplateId"]


def _versions(aws, *versions):
    answer = aws.ec2.describe_launch_template_versions(
        LaunchTemplateName="web", Versions=list(versions)
    )
    return answer["LaunchTemplateVersions"]


def a_launch_template_has_versions_and_tags(aws):
    ec2 = aws.ec2
    tags = [{"Key": "a", "Value": "b"}]
    specification = {"ResourceType": "launch-template", "Tags": tags}
    template = _template(aws, TagSpecifications=[specification])
    same(_versions(aws, "$Latest")[0]["LaunchTemplateData"], _DATA)
    ec2.create_launch_template_version(
        LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData={"ImageId": "ami-2"}
    )
    same([v["VersionNumber"] for v in _versions(aws, "$Latest", "$Default")], [2, 1])
    same(_versions(aws, "$Latest")[0]["LaunchTemplateData"], _DATA | {"ImageId": "ami-2"})
    ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion="2")
    same(_versions(aws, "$Default")[0]["VersionNumber"], 2)
    ec2.create_tags(Resources=[template], Tags=[{"Key": "c", "Value": "d"}])
    filters = [{"Name": "tag:c", "Values": ["d"]}]
    (shown,) = ec2.describe_launch_templates(Filters=filters)["LaunchTemplates"]
    same(shown["Tags"], [*tags, {"Key": "c", "Value": "d"}])
    ec2.delete_launch_template(LaunchTemplateId=template)
    same(ec2.describe_launch_templates()["LaunchTemplates"], [])


def more_than_fifteen_launch_templates_are_shown(aws):
    for number in range(18):
        _template(aws, f"web{number}")
    same(len(aws.ec2.describe_launch_templates()["LaunchTemplates"]), 18)
    found = pages(aws.ec2.describe_launch_templates, "LaunchTemplates", MaxResults=10)
    same([len(page) for page in found], [10, 8])


def a_missing_launch_template_has_the_right_code(aws):
    ec2 = aws.ec2
    name, template = {"LaunchTemplateName": "none"}, {"LaunchTemplateId": "lt-" + 17 * "0"}
    by_name = "InvalidLaunchTemplateName.NotFoundException"
    by_id = "InvalidLaunchTemplateId.NotFound"
    refused(by_name, ec2.describe_launch_template_versions, **name)
    refused(by_name, ec2.delete_launch_template, **name)
    refused(by_name, ec2.modify_launch_template, **name, DefaultVersion="1")
    refused(by_id, ec2.delete_launch_template, **template)
    refused(by_id, ec2.describe_launch_templates, LaunchTemplateIds=list(template.values()))


def security_group_rules_keep_descriptions_and_are_canonical(aws):
    ec2 = aws.ec2
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]

    def permission(text):
        ranges = [{"CidrIp": "10.1.2.3/8", "Description": text}]
        return {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": ranges}

    def ingress():
        rules = ec2.describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [group]}]
        )["SecurityGroupRules"]
        rules = [rule for rule in rules if not rule["IsEgress"]]
        return [(rule.get("CidrIpv4"), rule.get("Description")) for rule in rules]

    itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    added = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[permission("one"), itself]
    )
    same(len(added["SecurityGroupRules"]), 2)
    same(ingress(), [("10.0.0.0/8", "one"), (None, None)])
    ec2.update_security_group_rule_descriptions_ingress(
        GroupId=group, IpPermissions=[permission("two")]
    )
    same(ingress(), [("10.0.0.0/8", "two"), (None, None)])
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission("two"), itself])
    same(ingress(), [])


def an_auto_scaling_group_keeps_what_it_was_given(aws):
    template = {"LaunchTemplateId": _template(aws), "Version": "$Latest"}
    subnet = aws.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    create = {
        "AutoScalingGroupName": "web",
        "MinSize": 0,
        "MaxSize": 2,
        "VPCZoneIdentifier": subnet,
        "LaunchTemplate": template,
        "DefaultInstanceWarmup": 30,
        "Tags": [{"Key": "a", "Value": "b", "PropagateAtLaunch": True}],
    }
    groups = aws.autoscaling
    groups.create_auto_scaling_group(**create)
    refused("AlreadyExists", groups.create_auto_scaling_group, **create)

    def shown():
        filters = [{"Name": "tag:a", "Values": ["b"]}]
        return groups.describe_auto_scaling_groups(Filters=filters)["AutoScalingGroups"][0]

    same((shown()["DefaultInstanceWarmup"], shown()["HealthCheckGracePeriod"]), (30, 0))
    aws.ec2.create_launch_template_version(
        LaunchTemplateName="web", LaunchTemplateData=_DATA | {"ImageId": "ami-3"}
    )
    groups.update_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=1,
        DefaultCooldown=5,
        TerminationPolicies=["OldestInstance"],
        CapacityRebalance=True,
    )
    group = shown()
    same((group["DefaultCooldown"], group["CapacityRebalance"]), (5, True))
    same((group["TerminationPolicies"], len(group["Instances"])), (["OldestInstance"], 1))
    refused("ResourceInUse", groups.delete_auto_scaling_group, AutoScalingGroupName="web")
    groups.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    same(groups.describe_auto_scaling_groups()["AutoScalingGroups"], [])


def a_security_group_in_use_is_not_deleted(aws):
    ec2 = aws.ec2
    used, user = (
        ec2.create_security_group(GroupName=name, Description=name)["GroupId"]
        for name in ("used", "user")
    )
    delete = {"GroupId": used}
    rule = [{"IpProtocol": "-1", "UserIdGroupPairs": [delete]}]
    ec2.authorize_security_group_ingress(GroupId=user, IpPermissions=rule)
    refused("DependencyViolation", ec2.delete_security_group, **delete)
    ec2.revoke_security_group_ingress(GroupId=user, IpPermissions=rule)
    instances = ec2.run_instances(
        ImageId="ami-1", MinCount=1, MaxCount=1, SecurityGroupIds=[used]
    )["Instances"]
    refused("DependencyViolation", ec2.delete_security_group, **delete)
    ec2.terminate_instances(InstanceIds=[instances[0]["InstanceId"]])
    ec2.delete_security_group(**delete)
