"""Capacity providers, those of a cluster, and container instances."""

from typing import Any

from account import Account, has, refused, same, until
from things import cluster, definition, group, provider, service

INVALID = ("InvalidParameterException", "ClientException")


def _shown(aws: Account, **arguments: Any) -> dict[str, Any]:
    answer = aws.ecs.describe_capacity_providers(capacityProviders=[aws.name], **arguments)
    return answer["capacityProviders"][0]


def _attach(aws: Account, *names: str, strategy: Any = ()) -> None:
    """Gives the cluster these providers, and waits until it has them."""
    aws.ecs.put_cluster_capacity_providers(
        cluster=aws.name,
        capacityProviders=list(names),
        defaultCapacityProviderStrategy=list(strategy),
    )
    aws.later(_detach, aws=aws)
    _settle(aws)


def _detach(aws: Account) -> None:
    aws.ecs.put_cluster_capacity_providers(
        cluster=aws.name, capacityProviders=[], defaultCapacityProviderStrategy=[]
    )
    _settle(aws)


def _settle(aws: Account) -> None:
    def is_settled() -> bool:
        answer = aws.ecs.describe_clusters(clusters=[aws.name], include=["ATTACHMENTS"])
        return answer["clusters"][0].get("attachmentsStatus") != "UPDATE_IN_PROGRESS"

    until(is_settled)


def CreateCapacityProvider_fills_in_managed_scaling(aws: Account) -> None:
    made = provider(aws, managedScaling={"status": "ENABLED"})
    has(
        made,
        capacityProviderArn=aws.arn("ecs", f"capacity-provider/{aws.name}"),
        name=aws.name,
        status="ACTIVE",
    )
    shown = _shown(aws)["autoScalingGroupProvider"]
    has(
        shown["managedScaling"],
        status="ENABLED",
        targetCapacity=100,
        minimumScalingStepSize=1,
        maximumScalingStepSize=10000,
        instanceWarmupPeriod=300,
    )
    has(shown, managedTerminationProtection="DISABLED", managedDraining="ENABLED")


def CreateCapacityProvider_takes_the_groups_name_for_its_ARN(aws: Account) -> None:
    made = provider(aws, autoScalingGroupArn=aws.name)
    arn = made["autoScalingGroupProvider"]["autoScalingGroupArn"]
    assert arn.startswith("arn:aws:autoscaling:") and arn.endswith("/" + aws.name), arn


def CreateCapacityProvider_refuses_the_name_of_another(aws: Account) -> None:
    made = provider(aws)
    other = group(aws, "-other")
    refused(
        "ClientException",
        aws.ecs.create_capacity_provider,
        words="already exists",
        name=made["name"],
        autoScalingGroupProvider={"autoScalingGroupArn": other["AutoScalingGroupARN"]},
    )


def CreateCapacityProvider_refuses_the_group_of_another(aws: Account) -> None:
    made = provider(aws)
    refused(
        "ClientException",
        aws.ecs.create_capacity_provider,
        words="already being used by another capacity provider",
        name=aws.name + "-other",
        autoScalingGroupProvider={
            "autoScalingGroupArn": made["autoScalingGroupProvider"]["autoScalingGroupArn"]
        },
    )


def CreateCapacityProvider_refuses_a_group_that_there_is_not(aws: Account) -> None:
    refused(
        INVALID,
        aws.ecs.create_capacity_provider,
        name=aws.name,
        autoScalingGroupProvider={"autoScalingGroupArn": aws.name},
    )


def CreateCapacityProvider_refuses_names_that_AWS_keeps_for_itself(aws: Account) -> None:
    made = group(aws)
    for name in (f"aws{aws.name}", f"ecs{aws.name}", f"fargate{aws.name}"):
        refused(
            INVALID,
            aws.ecs.create_capacity_provider,
            name=name,
            autoScalingGroupProvider={"autoScalingGroupArn": made["AutoScalingGroupARN"]},
        )


def CreateCapacityProvider_refuses_a_target_above_100(aws: Account) -> None:
    made = group(aws)
    refused(
        INVALID,
        aws.ecs.create_capacity_provider,
        name=aws.name,
        autoScalingGroupProvider={
            "autoScalingGroupArn": made["AutoScalingGroupARN"],
            "managedScaling": {"status": "ENABLED", "targetCapacity": 101},
        },
    )


def CreateCapacityProvider_refuses_to_protect_what_the_group_does_not(aws: Account) -> None:
    made = group(aws)
    refused(
        INVALID,
        aws.ecs.create_capacity_provider,
        words="managed termination protection",
        name=aws.name,
        autoScalingGroupProvider={
            "autoScalingGroupArn": made["AutoScalingGroupARN"],
            "managedScaling": {"status": "ENABLED"},
            "managedTerminationProtection": "ENABLED",
        },
    )


def CreateCapacityProvider_protects_what_the_group_protects(aws: Account) -> None:
    made = group(aws, NewInstancesProtectedFromScaleIn=True)
    answer = aws.ecs.create_capacity_provider(
        name=aws.name,
        autoScalingGroupProvider={
            "autoScalingGroupArn": made["AutoScalingGroupARN"],
            "managedScaling": {"status": "ENABLED"},
            "managedTerminationProtection": "ENABLED",
        },
    )
    aws.later(aws.ecs.delete_capacity_provider, capacityProvider=aws.name)
    shown = answer["capacityProvider"]["autoScalingGroupProvider"]
    same(shown["managedTerminationProtection"], "ENABLED")


def DescribeCapacityProviders_shows_tags_only_when_asked(aws: Account) -> None:
    tags = [{"key": "a", "value": "b"}]
    provider(aws, tags=tags)
    same(_shown(aws).get("tags", []), [])
    same(_shown(aws, include=["TAGS"])["tags"], tags)


def DescribeCapacityProviders_reports_a_missing_one_as_a_failure(aws: Account) -> None:
    answer = aws.ecs.describe_capacity_providers(capacityProviders=[aws.name])
    same([it["reason"] for it in answer["failures"]], ["MISSING"])


def DescribeCapacityProviders_knows_those_of_Fargate(aws: Account) -> None:
    names = ["FARGATE", "FARGATE_SPOT"]
    answer = aws.ecs.describe_capacity_providers(capacityProviders=names)
    same(sorted(it["name"] for it in answer["capacityProviders"]), names)


def DescribeCapacityProviders_refuses_a_page_of_eleven(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecs.describe_capacity_providers, maxResults=11)


def UpdateCapacityProvider_changes_managed_scaling_and_draining(aws: Account) -> None:
    provider(aws, managedScaling={"status": "ENABLED"})
    changed = {"managedScaling": {"status": "ENABLED", "targetCapacity": 80}}
    changed["managedDraining"] = "DISABLED"
    aws.ecs.update_capacity_provider(name=aws.name, autoScalingGroupProvider=changed)

    def is_changed() -> bool:
        shown = _shown(aws)["autoScalingGroupProvider"]
        target = shown["managedScaling"]["targetCapacity"]
        return (target, shown["managedDraining"]) == (80, "DISABLED")

    until(is_changed)


def UpdateCapacityProvider_refuses_a_missing_one(aws: Account) -> None:
    refused(
        INVALID,
        aws.ecs.update_capacity_provider,
        name=aws.name,
        autoScalingGroupProvider={"managedDraining": "DISABLED"},
    )


def DeleteCapacityProvider_takes_it_away(aws: Account) -> None:
    provider(aws)
    aws.ecs.delete_capacity_provider(capacityProvider=aws.name)

    def is_gone() -> bool:
        answer = aws.ecs.describe_capacity_providers(capacityProviders=[aws.name])
        return all(it["status"] == "INACTIVE" for it in answer["capacityProviders"])

    until(is_gone)


def DeleteCapacityProvider_refuses_a_missing_one(aws: Account) -> None:
    refused(INVALID, aws.ecs.delete_capacity_provider, capacityProvider=aws.name)


def DeleteCapacityProvider_refuses_that_of_Fargate(aws: Account) -> None:
    refused(INVALID, aws.ecs.delete_capacity_provider, capacityProvider="FARGATE")


def DeleteCapacityProvider_keeps_one_of_a_cluster(aws: Account) -> None:
    provider(aws)
    cluster(aws)
    _attach(aws, aws.name)
    # AWS documents both a refusal and the update status DELETE_FAILED.
    try:
        answer = aws.ecs.delete_capacity_provider(capacityProvider=aws.name)
    except aws.ecs.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] in (*INVALID, "ResourceInUseException"), error
    else:
        same(answer["capacityProvider"]["updateStatus"], "DELETE_FAILED")
    same(_shown(aws)["status"], "ACTIVE")


def PutClusterCapacityProviders_replaces_all_of_them(aws: Account) -> None:
    cluster(aws)
    strategy = [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]
    _attach(aws, "FARGATE", "FARGATE_SPOT", strategy=strategy)
    shown = aws.ecs.describe_clusters(clusters=[aws.name])["clusters"][0]
    same(sorted(shown["capacityProviders"]), ["FARGATE", "FARGATE_SPOT"])
    same(shown["defaultCapacityProviderStrategy"], strategy)
    _attach(aws, "FARGATE")
    shown = aws.ecs.describe_clusters(clusters=[aws.name])["clusters"][0]
    same([shown["capacityProviders"], shown["defaultCapacityProviderStrategy"]], [["FARGATE"], []])


def PutClusterCapacityProviders_wants_both_lists(aws: Account) -> None:
    cluster(aws)
    refused(
        INVALID,
        aws.ecs.put_cluster_capacity_providers,
        cluster=aws.name,
        capacityProviders=["FARGATE"],
    )


def PutClusterCapacityProviders_refuses_a_missing_cluster(aws: Account) -> None:
    refused(
        "ClusterNotFoundException",
        aws.ecs.put_cluster_capacity_providers,
        cluster=aws.name,
        capacityProviders=[],
        defaultCapacityProviderStrategy=[],
    )


def PutClusterCapacityProviders_refuses_a_provider_that_there_is_not(aws: Account) -> None:
    cluster(aws)
    refused(
        INVALID,
        aws.ecs.put_cluster_capacity_providers,
        cluster=aws.name,
        capacityProviders=[aws.name],
        defaultCapacityProviderStrategy=[],
    )


def PutClusterCapacityProviders_refuses_a_strategy_of_another_provider(aws: Account) -> None:
    cluster(aws)
    refused(
        INVALID,
        aws.ecs.put_cluster_capacity_providers,
        cluster=aws.name,
        capacityProviders=["FARGATE"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    )


def PutClusterCapacityProviders_refuses_to_take_one_that_a_service_uses(aws: Account) -> None:
    provider(aws, managedScaling={"status": "ENABLED"})
    cluster(aws)
    _attach(aws, aws.name)
    definition(aws)
    service(
        aws,
        taskDefinition=aws.name,
        capacityProviderStrategy=[{"capacityProvider": aws.name, "weight": 1}],
    )
    refused(
        "ResourceInUseException",
        aws.ecs.put_cluster_capacity_providers,
        words="in use",
        cluster=aws.name,
        capacityProviders=[],
        defaultCapacityProviderStrategy=[],
    )


def a_cluster_sets_up_managed_scaling_on_the_group(aws: Account) -> None:
    provider(aws, managedScaling={"status": "ENABLED"})
    cluster(aws)
    _attach(aws, aws.name)
    policies = aws.autoscaling.describe_policies(AutoScalingGroupName=aws.name)
    (policy,) = policies["ScalingPolicies"]
    assert policy["PolicyName"].startswith("ECSManagedAutoScalingPolicy-"), policy["PolicyName"]
    tracked = policy["TargetTrackingConfiguration"]
    same(tracked["TargetValue"], 100.0)
    metric = tracked["CustomizedMetricSpecification"]
    has(metric, MetricName="CapacityProviderReservation", Namespace="AWS/ECS/ManagedScaling")
    hooks = aws.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=aws.name)
    (hook,) = hooks["LifecycleHooks"]
    has(
        hook,
        LifecycleHookName="ecs-managed-draining-termination-hook",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=3600,
        DefaultResult="CONTINUE",
    )


def a_capacity_provider_tags_its_group(aws: Account) -> None:
    provider(aws, managedScaling={"status": "ENABLED"})
    cluster(aws)
    _attach(aws, aws.name)
    only = [{"Name": "auto-scaling-group", "Values": [aws.name]}]
    tags = aws.autoscaling.describe_tags(Filters=only)["Tags"]
    same([it["Key"] for it in tags], ["AmazonECSManaged"])


def a_service_of_a_strategy_has_no_launch_type(aws: Account) -> None:
    provider(aws, managedScaling={"status": "ENABLED"})
    cluster(aws)
    _attach(aws, aws.name)
    definition(aws)
    strategy = [{"capacityProvider": aws.name, "weight": 1, "base": 0}]
    made = service(aws, taskDefinition=aws.name, capacityProviderStrategy=strategy)
    same(made["capacityProviderStrategy"], strategy)
    assert not made.get("launchType"), made["launchType"]


def TagResource_changes_the_tags_of_a_capacity_provider(aws: Account) -> None:
    arn = provider(aws)["capacityProviderArn"]
    aws.ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "b"}])
    same(_shown(aws, include=["TAGS"])["tags"], [{"key": "a", "value": "b"}])
    aws.ecs.untag_resource(resourceArn=arn, tagKeys=["a"])
    same(_shown(aws, include=["TAGS"]).get("tags", []), [])


def ListContainerInstances_of_an_empty_cluster_is_empty(aws: Account) -> None:
    cluster(aws)
    same(aws.ecs.list_container_instances(cluster=aws.name)["containerInstanceArns"], [])


def ListContainerInstances_refuses_a_missing_cluster(aws: Account) -> None:
    refused("ClusterNotFoundException", aws.ecs.list_container_instances, cluster=aws.name)


def ListContainerInstances_refuses_a_status_that_there_is_not(aws: Account) -> None:
    cluster(aws)
    refused(
        "InvalidParameterException",
        aws.ecs.list_container_instances,
        cluster=aws.name,
        status="SLEEPING",
    )


def DescribeContainerInstances_reports_a_missing_one_as_a_failure(aws: Account) -> None:
    cluster(aws)
    name = "0123456789abcdef0123456789abcdef"
    answer = aws.ecs.describe_container_instances(
        cluster=aws.name, containerInstances=[name]
    )
    same([it["reason"] for it in answer["failures"]], ["MISSING"])


def DescribeContainerInstances_refuses_101(aws: Account) -> None:
    cluster(aws)
    names = [f"{number:032x}" for number in range(101)]
    refused(
        "InvalidParameterException",
        aws.ecs.describe_container_instances,
        cluster=aws.name,
        containerInstances=names,
    )
