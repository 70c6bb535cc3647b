"""Load balancers, target groups, listeners and rules."""

from typing import Any

from account import Account, has, pages, refused, same, until
from things import default_subnets, default_vpc, security_group

INVALID = "ValidationError"
NONE = "arn:aws:elasticloadbalancing:us-east-1:123456789012"


def _balancer(aws: Account, suffix: str = "", **arguments: Any) -> dict[str, Any]:
    if "Subnets" not in arguments:
        arguments["Subnets"] = default_subnets(aws)[:2]
    made = aws.elb.create_load_balancer(Name=aws.name + suffix, **arguments)["LoadBalancers"][0]
    aws.later(aws.elb.delete_load_balancer, LoadBalancerArn=made["LoadBalancerArn"])
    return made


def _target_group(aws: Account, suffix: str = "", **arguments: Any) -> dict[str, Any]:
    arguments = {"Protocol": "HTTP", "Port": 80, "VpcId": default_vpc(aws)} | arguments
    made = aws.elb.create_target_group(Name=aws.name + suffix, **arguments)["TargetGroups"][0]
    aws.later(aws.elb.delete_target_group, TargetGroupArn=made["TargetGroupArn"])
    return made


def _forward(group: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]


def _listener(aws: Account, port: int = 80, **arguments: Any) -> dict[str, Any]:
    """A listener of a load balancer of its own; to a target group of its own, unless told."""
    if "LoadBalancerArn" not in arguments:
        arguments["LoadBalancerArn"] = _balancer(aws)["LoadBalancerArn"]
    if "DefaultActions" not in arguments:
        arguments["DefaultActions"] = _forward(_target_group(aws))
    arguments.setdefault("Protocol", "HTTP")
    made = aws.elb.create_listener(Port=port, **arguments)["Listeners"][0]
    aws.later(aws.elb.delete_listener, ListenerArn=made["ListenerArn"])
    return made


def _path(pattern: str) -> list[dict[str, Any]]:
    return [{"Field": "path-pattern", "PathPatternConfig": {"Values": [pattern]}}]


def CreateLoadBalancer_answers_with_one_that_is_provisioned(aws: Account) -> None:
    made = _balancer(aws)
    has(made, LoadBalancerName=aws.name, Type="application", Scheme="internet-facing")
    has(made, VpcId=default_vpc(aws), IpAddressType="ipv4", State={"Code": "provisioning"})
    assert f":loadbalancer/app/{aws.name}/" in made["LoadBalancerArn"], made["LoadBalancerArn"]
    zones = [it["SubnetId"] for it in made["AvailabilityZones"]]
    same(sorted(zones), sorted(default_subnets(aws)[:2]))


def CreateLoadBalancer_leads_to_an_active_one(aws: Account) -> None:
    arn = _balancer(aws)["LoadBalancerArn"]

    def state() -> str:
        found = aws.elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
        return found[0]["State"]["Code"]

    until(lambda: state() == "active")


def CreateLoadBalancer_refuses_one_zone_alone(aws: Account) -> None:
    only = default_subnets(aws)[:1]
    refused(
        ("ValidationError", "InvalidConfigurationRequest"),
        aws.elb.create_load_balancer,
        Name=aws.name,
        Subnets=only,
    )


def CreateLoadBalancer_refuses_the_name_of_another(aws: Account) -> None:
    _balancer(aws)
    refused(
        "DuplicateLoadBalancerName",
        aws.elb.create_load_balancer,
        Name=aws.name,
        Subnets=default_subnets(aws)[1:3],
        Scheme="internal",
    )


def CreateLoadBalancer_refuses_a_name_of_33_letters(aws: Account) -> None:
    both = default_subnets(aws)[:2]
    refused(INVALID, aws.elb.create_load_balancer, Name="n" * 33, Subnets=both)


def CreateLoadBalancer_refuses_a_subnet_that_there_is_not(aws: Account) -> None:
    missing = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    refused("SubnetNotFound", aws.elb.create_load_balancer, Name=aws.name, Subnets=missing)


def DescribeLoadBalancers_refuses_a_missing_one(aws: Account) -> None:
    refused("LoadBalancerNotFound", aws.elb.describe_load_balancers, Names=[aws.name])


def DescribeListeners_goes_by_pages(aws: Account) -> None:
    group = _target_group(aws)
    listener = _listener(aws, DefaultActions=_forward(group))
    arn = listener["LoadBalancerArn"]
    other = _listener(aws, 81, LoadBalancerArn=arn, DefaultActions=_forward(group))
    found = pages(
        aws.elb.describe_listeners,
        "Listeners",
        token="NextMarker",
        sent="Marker",
        PageSize=1,
        LoadBalancerArn=arn,
    )
    same([len(page) for page in found], [1, 1])
    both = {listener["ListenerArn"], other["ListenerArn"]}
    same({page[0]["ListenerArn"] for page in found}, both)


def ModifyLoadBalancerAttributes_changes_one_and_keeps_the_others(aws: Account) -> None:
    which = {"LoadBalancerArn": _balancer(aws)["LoadBalancerArn"]}
    change = [{"Key": "idle_timeout.timeout_seconds", "Value": "30"}]
    aws.elb.modify_load_balancer_attributes(Attributes=change, **which)
    found = aws.elb.describe_load_balancer_attributes(**which)["Attributes"]
    found = {it["Key"]: it["Value"] for it in found}
    same(found["idle_timeout.timeout_seconds"], "30")
    same(found["deletion_protection.enabled"], "false")
    same(found["routing.http2.enabled"], "true")


def DeleteLoadBalancer_refuses_one_that_is_protected(aws: Account) -> None:
    which = {"LoadBalancerArn": _balancer(aws)["LoadBalancerArn"]}

    def protect(value: str) -> dict[str, Any]:
        return {"Attributes": [{"Key": "deletion_protection.enabled", "Value": value}], **which}

    aws.elb.modify_load_balancer_attributes(**protect("true"))
    aws.later(aws.elb.modify_load_balancer_attributes, **protect("false"))
    refused("OperationNotPermitted", aws.elb.delete_load_balancer, **which)


def DeleteLoadBalancer_takes_it_and_its_listeners_away(aws: Account) -> None:
    balancer = _balancer(aws)
    listener = _listener(aws, LoadBalancerArn=balancer["LoadBalancerArn"])
    aws.elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    gone = [listener["ListenerArn"]]
    refused("ListenerNotFound", aws.elb.describe_listeners, ListenerArns=gone)
    refused("LoadBalancerNotFound", aws.elb.describe_load_balancers, Names=[aws.name])


def SetSecurityGroups_replaces_them(aws: Account) -> None:
    arn = _balancer(aws)["LoadBalancerArn"]
    group = security_group(aws)
    answer = aws.elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[group])
    same(answer["SecurityGroupIds"], [group])
    (shown,) = aws.elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    same(shown["SecurityGroups"], [group])


def SetSubnets_replaces_them(aws: Account) -> None:
    arn = _balancer(aws)["LoadBalancerArn"]
    other = default_subnets(aws)[1:4]
    answer = aws.elb.set_subnets(LoadBalancerArn=arn, Subnets=other)
    same(sorted(it["SubnetId"] for it in answer["AvailabilityZones"]), sorted(other))


def CreateTargetGroup_fills_in_how_health_is_checked(aws: Account) -> None:
    made = _target_group(aws)
    has(made, TargetGroupName=aws.name, Protocol="HTTP", Port=80, TargetType="instance")
    has(made, HealthCheckPath="/", HealthCheckPort="traffic-port", HealthCheckProtocol="HTTP")
    has(made, HealthCheckIntervalSeconds=30, HealthCheckTimeoutSeconds=5)
    has(made, HealthyThresholdCount=5, UnhealthyThresholdCount=2, Matcher={"HttpCode": "200"})
    same(made.get("LoadBalancerArns"), [])


def CreateTargetGroup_refuses_the_name_of_another(aws: Account) -> None:
    _target_group(aws)
    refused(
        "DuplicateTargetGroupName",
        aws.elb.create_target_group,
        Name=aws.name,
        Protocol="HTTP",
        Port=81,
        VpcId=default_vpc(aws),
    )


def CreateTargetGroup_wants_a_protocol_and_a_port(aws: Account) -> None:
    refused(INVALID, aws.elb.create_target_group, Name=aws.name, VpcId=default_vpc(aws))


def CreateTargetGroup_refuses_a_timeout_above_the_interval(aws: Account) -> None:
    refused(
        INVALID,
        aws.elb.create_target_group,
        Name=aws.name,
        Protocol="HTTP",
        Port=80,
        VpcId=default_vpc(aws),
        HealthCheckIntervalSeconds=10,
        HealthCheckTimeoutSeconds=20,
    )


def ModifyTargetGroup_changes_how_health_is_checked(aws: Account) -> None:
    arn = _target_group(aws)["TargetGroupArn"]
    aws.elb.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/up", HealthyThresholdCount=2)
    (shown,) = aws.elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    has(shown, HealthCheckPath="/up", HealthyThresholdCount=2, UnhealthyThresholdCount=2)


def ModifyTargetGroupAttributes_changes_the_delay_of_300_s(aws: Account) -> None:
    which = {"TargetGroupArn": _target_group(aws)["TargetGroupArn"]}
    key = "deregistration_delay.timeout_seconds"

    def delay() -> str:
        found = aws.elb.describe_target_group_attributes(**which)["Attributes"]
        return next(it["Value"] for it in found if it["Key"] == key)

    same(delay(), "300")
    change = [{"Key": key, "Value": "15"}]
    aws.elb.modify_target_group_attributes(Attributes=change, **which)
    same(delay(), "15")


def DescribeTargetGroups_refuses_a_missing_one(aws: Account) -> None:
    refused("TargetGroupNotFound", aws.elb.describe_target_groups, Names=[aws.name])


def DescribeTargetGroups_tells_those_of_a_load_balancer(aws: Account) -> None:
    group = _target_group(aws)
    arn = _listener(aws, DefaultActions=_forward(group))["LoadBalancerArn"]
    found = aws.elb.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]
    same([it["TargetGroupArn"] for it in found], [group["TargetGroupArn"]])
    same(found[0]["LoadBalancerArns"], [arn])


def DeleteTargetGroup_refuses_one_in_use(aws: Account) -> None:
    group = _target_group(aws)
    _listener(aws, DefaultActions=_forward(group))
    arn = group["TargetGroupArn"]
    refused("ResourceInUse", aws.elb.delete_target_group, TargetGroupArn=arn)


def RegisterTargets_and_DeregisterTargets_change_what_is_behind(aws: Account) -> None:
    group = _target_group(aws, TargetType="ip")["TargetGroupArn"]
    subnet = aws.ec2.describe_subnets(SubnetIds=default_subnets(aws)[:1])["Subnets"][0]
    target = {"Id": subnet["CidrBlock"].rsplit(".", 1)[0] + ".9", "Port": 8080}
    aws.elb.register_targets(TargetGroupArn=group, Targets=[target])
    (shown,) = aws.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    has(shown["Target"], **target)
    # No load balancer asks it how it is.
    has(shown["TargetHealth"], State="unused", Reason="Target.NotInUse")
    aws.elb.deregister_targets(TargetGroupArn=group, Targets=[target])
    same(aws.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"], [])


def RegisterTargets_refuses_an_instance_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidTarget",
        aws.elb.register_targets,
        TargetGroupArn=_target_group(aws)["TargetGroupArn"],
        Targets=[{"Id": "i-0123456789abcdef0"}],
    )


def RegisterTargets_refuses_a_missing_group(aws: Account) -> None:
    refused(
        "TargetGroupNotFound",
        aws.elb.register_targets,
        TargetGroupArn=f"{NONE}:targetgroup/{aws.name}/0123456789abcdef",
        Targets=[{"Id": "i-0123456789abcdef0"}],
    )


def CreateListener_answers_with_its_default_action(aws: Account) -> None:
    group = _target_group(aws)
    made = _listener(aws, DefaultActions=_forward(group))
    has(made, Protocol="HTTP", Port=80)
    (action,) = made["DefaultActions"]
    has(action, Type="forward", TargetGroupArn=group["TargetGroupArn"])
    assert f":listener/app/{aws.name}/" in made["ListenerArn"], made["ListenerArn"]


def CreateListener_refuses_the_port_of_another(aws: Account) -> None:
    group = _target_group(aws)
    made = _listener(aws, DefaultActions=_forward(group))
    refused(
        "DuplicateListener",
        aws.elb.create_listener,
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=_forward(_target_group(aws, "-2")),
    )


def CreateListener_refuses_a_target_group_that_there_is_not(aws: Account) -> None:
    missing = {"TargetGroupArn": f"{NONE}:targetgroup/none/0123456789abcdef"}
    refused(
        "TargetGroupNotFound",
        aws.elb.create_listener,
        LoadBalancerArn=_balancer(aws)["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=_forward(missing),
    )


def CreateListener_refuses_a_missing_load_balancer(aws: Account) -> None:
    refused(
        "LoadBalancerNotFound",
        aws.elb.create_listener,
        LoadBalancerArn=f"{NONE}:loadbalancer/app/{aws.name}/0123456789abcdef",
        Protocol="HTTP",
        Port=80,
        DefaultActions=_forward(_target_group(aws)),
    )


def ModifyListener_changes_port_and_action(aws: Account) -> None:
    arn = _listener(aws)["ListenerArn"]
    fixed = {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "later"}
    action = {"Type": "fixed-response", "FixedResponseConfig": fixed}
    aws.elb.modify_listener(ListenerArn=arn, Port=81, DefaultActions=[action])
    (shown,) = aws.elb.describe_listeners(ListenerArns=[arn])["Listeners"]
    same(shown["Port"], 81)
    same(shown["DefaultActions"][0]["FixedResponseConfig"], fixed)


def DescribeListeners_refuses_a_missing_load_balancer(aws: Account) -> None:
    arn = f"{NONE}:loadbalancer/app/{aws.name}/0123456789abcdef"
    refused("LoadBalancerNotFound", aws.elb.describe_listeners, LoadBalancerArn=arn)


def CreateRule_goes_before_the_default(aws: Account) -> None:
    group = _target_group(aws)
    arn = _listener(aws, DefaultActions=_forward(group))["ListenerArn"]
    made = aws.elb.create_rule(
        ListenerArn=arn, Priority=10, Conditions=_path("/x*"), Actions=_forward(group)
    )["Rules"][0]
    has(made, Priority="10", IsDefault=False)
    found = aws.elb.describe_rules(ListenerArn=arn)["Rules"]
    same([it["Priority"] for it in found], ["10", "default"])
    aws.elb.delete_rule(RuleArn=made["RuleArn"])
    same([it["IsDefault"] for it in aws.elb.describe_rules(ListenerArn=arn)["Rules"]], [True])


def CreateRule_refuses_the_priority_of_another(aws: Account) -> None:
    group = _target_group(aws)
    arn = _listener(aws, DefaultActions=_forward(group))["ListenerArn"]
    rule = {"ListenerArn": arn, "Priority": 10, "Actions": _forward(group)}
    aws.elb.create_rule(Conditions=_path("/x"), **rule)
    refused("PriorityInUse", aws.elb.create_rule, Conditions=_path("/y"), **rule)


def DeleteRule_refuses_the_default(aws: Account) -> None:
    arn = _listener(aws)["ListenerArn"]
    (default,) = aws.elb.describe_rules(ListenerArn=arn)["Rules"]
    refused("OperationNotPermitted", aws.elb.delete_rule, RuleArn=default["RuleArn"])


def SetRulePriorities_changes_the_order(aws: Account) -> None:
    group = _target_group(aws)
    arn = _listener(aws, DefaultActions=_forward(group))["ListenerArn"]
    rules = [
        aws.elb.create_rule(
            ListenerArn=arn, Priority=at, Conditions=_path(f"/{at}"), Actions=_forward(group)
        )["Rules"][0]["RuleArn"]
        for at in (1, 2)
    ]
    aws.elb.set_rule_priorities(RulePriorities=[{"RuleArn": rules[0], "Priority": 3}])
    found = aws.elb.describe_rules(ListenerArn=arn)["Rules"]
    same([it["RuleArn"] for it in found[:2]], rules[::-1])


def AddTags_and_RemoveTags_change_the_tags_of_a_target_group(aws: Account) -> None:
    made = _target_group(aws, Tags=[{"Key": "a", "Value": "1"}])["TargetGroupArn"]
    aws.elb.add_tags(ResourceArns=[made], Tags=[{"Key": "b", "Value": "2"}])
    aws.elb.remove_tags(ResourceArns=[made], TagKeys=["a"])
    (shown,) = aws.elb.describe_tags(ResourceArns=[made])["TagDescriptions"]
    same(shown["Tags"], [{"Key": "b", "Value": "2"}])


def DescribeTags_refuses_a_missing_load_balancer(aws: Account) -> None:
    arn = f"{NONE}:loadbalancer/app/{aws.name}/0123456789abcdef"
    refused("LoadBalancerNotFound", aws.elb.describe_tags, ResourceArns=[arn])


def AddTags_refuses_fifty_one_tags(aws: Account) -> None:
    made = _target_group(aws)["TargetGroupArn"]
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(51)]
    refused("TooManyTags", aws.elb.add_tags, ResourceArns=[made], Tags=tags)


def DescribeAccountLimits_tells_how_many_there_may_be(aws: Account) -> None:
    found = pages(aws.elb.describe_account_limits, "Limits", token="NextMarker", sent="Marker")
    limits = {it["Name"]: it["Max"] for page in found for it in page}
    same(limits["target-groups-per-action-on-application-load-balancer"], "5")
    same(limits["application-load-balancers"], "50")
