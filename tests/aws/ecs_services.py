"""Services: what is filled in, limits, and what is listed."""

from typing import Any

from account import Account, has, pages, refused, same, until
from things import cluster, definition, service, shown_service, with_service

INVALID = ("InvalidParameterException", "ClientException")
NAMES = ("a", "b", "c")


def _refused(aws: Account, code: Any, **arguments: Any) -> None:
    """CreateService refuses this."""
    arguments.setdefault("cluster", aws.name)
    arguments.setdefault("serviceName", aws.name)
    arguments.setdefault("taskDefinition", aws.name)
    arguments.setdefault("desiredCount", 1)
    words = arguments.pop("words", "")
    refused(code, aws.ecs.create_service, words=words, **arguments)


def CreateService_answers_with_an_active_service(aws: Account) -> None:
    made = with_service(aws, desiredCount=1)
    has(
        made,
        serviceArn=aws.arn("ecs", f"service/{aws.name}/{aws.name}"),
        serviceName=aws.name,
        clusterArn=aws.arn("ecs", f"cluster/{aws.name}"),
        status="ACTIVE",
        desiredCount=1,
        runningCount=0,
        taskDefinition=aws.arn("ecs", f"task-definition/{aws.name}:1"),
        loadBalancers=[],
        serviceRegistries=[],
    )


def CreateService_fills_in_what_was_left_out(aws: Account) -> None:
    with_service(aws)
    has(
        shown_service(aws),
        launchType="EC2",
        schedulingStrategy="REPLICA",
        deploymentController={"type": "ECS"},
        enableECSManagedTags=False,
        enableExecuteCommand=False,
        propagateTags="NONE",
        placementConstraints=[],
        placementStrategy=[],
        availabilityZoneRebalancing="ENABLED",
        healthCheckGracePeriodSeconds=0,
    )


def CreateService_fills_in_how_it_deploys(aws: Account) -> None:
    with_service(aws)
    deploys = shown_service(aws)["deploymentConfiguration"]
    has(deploys, maximumPercent=200, minimumHealthyPercent=100, strategy="ROLLING")
    has(deploys["deploymentCircuitBreaker"], enable=False, rollback=False)


def CreateService_keeps_how_it_deploys(aws: Account) -> None:
    breaker = {"enable": True, "rollback": True}
    wanted = {
        "maximumPercent": 150,
        "minimumHealthyPercent": 50,
        "deploymentCircuitBreaker": breaker,
    }
    with_service(aws, deploymentConfiguration=wanted)
    deploys = shown_service(aws)["deploymentConfiguration"]
    has(deploys, maximumPercent=150, minimumHealthyPercent=50)
    has(deploys["deploymentCircuitBreaker"], **breaker)


def CreateService_starts_one_primary_deployment(aws: Account) -> None:
    made = with_service(aws, desiredCount=2)
    same([it["status"] for it in made["deployments"]], ["PRIMARY"])
    has(
        made["deployments"][0],
        desiredCount=2,
        taskDefinition=made["taskDefinition"],
        rolloutState="IN_PROGRESS",
    )


def CreateService_tells_who_made_it_and_with_which_role(aws: Account) -> None:
    with_service(aws)
    shown = shown_service(aws)
    linked = "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    assert shown["roleArn"].endswith(linked), shown["roleArn"]
    assert shown["createdAt"] and shown["createdBy"].startswith("arn:aws:"), shown


def CreateService_takes_the_latest_revision_of_a_family(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    latest = definition(aws)["taskDefinitionArn"]
    same(service(aws, taskDefinition=aws.name)["taskDefinition"], latest)


def CreateService_refuses_the_name_of_an_active_one(aws: Account) -> None:
    with_service(aws)
    _refused(
        aws,
        "InvalidParameterException",
        words="Creation of service was not idempotent.",
        desiredCount=2,
    )


def CreateService_with_the_same_token_answers_the_same_service(aws: Account) -> None:
    made = with_service(aws, clientToken=aws.name)
    again = aws.ecs.create_service(
        cluster=aws.name,
        serviceName=aws.name,
        taskDefinition=made["taskDefinition"],
        desiredCount=0,
        clientToken=aws.name,
    )["service"]
    same(again["serviceArn"], made["serviceArn"])


def CreateService_refuses_a_token_of_37_letters(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    _refused(aws, "InvalidParameterException", clientToken="t" * 37)


def CreateService_refuses_a_missing_cluster(aws: Account) -> None:
    definition(aws)
    _refused(aws, "ClusterNotFoundException")


def CreateService_refuses_a_missing_task_definition(aws: Account) -> None:
    cluster(aws)
    _refused(aws, INVALID)


def CreateService_refuses_an_inactive_task_definition(aws: Account) -> None:
    cluster(aws)
    arn = definition(aws)["taskDefinitionArn"]
    aws.ecs.deregister_task_definition(taskDefinition=arn)
    # It may be used for ten minutes more.
    until(lambda: _is_refused(aws, arn))


def _is_refused(aws: Account, definition_arn: str) -> bool:
    try:
        service(aws, taskDefinition=definition_arn)
    except (aws.ecs.exceptions.ClientException, aws.ecs.exceptions.InvalidParameterException):
        return True
    aws.ecs.delete_service(cluster=aws.name, service=aws.name, force=True)
    return False


def CreateService_refuses_a_name_with_a_dot(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    _refused(aws, "InvalidParameterException", serviceName=f"{aws.name}.x")


def CreateService_refuses_a_launch_type_beside_a_strategy(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    strategy = [{"capacityProvider": "FARGATE", "weight": 1}]
    _refused(
        aws, "InvalidParameterException", launchType="EC2", capacityProviderStrategy=strategy
    )


def CreateService_refuses_a_strategy_of_what_the_cluster_has_not(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    strategy = [{"capacityProvider": aws.name, "weight": 1}]
    _refused(aws, INVALID, capacityProviderStrategy=strategy)


def CreateService_refuses_a_replica_without_a_count(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    refused(
        "InvalidParameterException",
        aws.ecs.create_service,
        cluster=aws.name,
        serviceName=aws.name,
        taskDefinition=aws.name,
    )


def CreateService_refuses_a_count_below_nothing(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    _refused(aws, "InvalidParameterException", desiredCount=-1)


def CreateService_refuses_a_scheduling_strategy_that_there_is_not(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    _refused(aws, "InvalidParameterException", schedulingStrategy="SOME")


def CreateService_refuses_rebalancing_with_maximum_percent_100(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    _refused(
        aws,
        "InvalidParameterException",
        availabilityZoneRebalancing="ENABLED",
        deploymentConfiguration={"maximumPercent": 100, "minimumHealthyPercent": 0},
    )


def CreateService_refuses_a_target_group_that_there_is_not(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    arn = aws.arn("elasticloadbalancing", f"targetgroup/{aws.name[:20]}/0123456789abcdef")
    balancer = {"targetGroupArn": arn, "containerName": "web", "containerPort": 80}
    _refused(aws, INVALID, loadBalancers=[balancer])


def CreateService_of_a_daemon_fills_in_how_it_deploys(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    aws.ecs.create_service(
        cluster=aws.name,
        serviceName=aws.name,
        taskDefinition=aws.name,
        schedulingStrategy="DAEMON",
    )
    aws.later(aws.ecs.delete_service, cluster=aws.name, service=aws.name, force=True)
    shown = shown_service(aws)
    same(shown["schedulingStrategy"], "DAEMON")
    has(shown["deploymentConfiguration"], maximumPercent=100, minimumHealthyPercent=0)


def placement_strategies_read_back_in_upper_case(aws: Account) -> None:
    wanted = [{"type": "binpack", "field": "memory"}]
    with_service(aws, placementStrategy=wanted)
    same(shown_service(aws)["placementStrategy"], [{"type": "binpack", "field": "MEMORY"}])


def placement_by_host_reads_back_as_instanceId(aws: Account) -> None:
    with_service(aws, placementStrategy=[{"type": "spread", "field": "host"}])
    same(shown_service(aws)["placementStrategy"], [{"type": "spread", "field": "instanceId"}])


def DescribeServices_shows_tags_only_when_asked(aws: Account) -> None:
    tags = [{"key": "a", "value": "b"}]
    with_service(aws, tags=tags)
    same(shown_service(aws).get("tags", []), [])
    same(shown_service(aws, include=["TAGS"])["tags"], tags)


def DescribeServices_reports_a_missing_one_as_a_failure(aws: Account) -> None:
    cluster(aws)
    answer = aws.ecs.describe_services(cluster=aws.name, services=["none"])
    same(answer["services"], [])
    missing = aws.arn("ecs", f"service/{aws.name}/none")
    same([(it["arn"], it["reason"]) for it in answer["failures"]], [(missing, "MISSING")])


def DescribeServices_refuses_eleven_names(aws: Account) -> None:
    cluster(aws)
    names = [f"s{number}" for number in range(11)]
    refused(
        "InvalidParameterException", aws.ecs.describe_services, cluster=aws.name, services=names
    )


def DescribeServices_refuses_no_names(aws: Account) -> None:
    cluster(aws)
    refused(
        "InvalidParameterException", aws.ecs.describe_services, cluster=aws.name, services=[]
    )


def DescribeServices_refuses_a_missing_cluster(aws: Account) -> None:
    refused(
        "ClusterNotFoundException", aws.ecs.describe_services, cluster=aws.name, services=["a"]
    )


def ListServices_goes_by_pages_of_ten(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    names = {f"s{number:02}" for number in range(12)}
    for name in names:
        service(aws, name, taskDefinition=aws.name)
    found = pages(aws.ecs.list_services, "serviceArns", cluster=aws.name)
    same([len(page) for page in found], [10, 2])
    same({arn.rpartition("/")[2] for page in found for arn in page}, names)


def ListServices_goes_by_smaller_pages(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    for name in NAMES:
        service(aws, name, taskDefinition=aws.name)
    found = pages(aws.ecs.list_services, "serviceArns", cluster=aws.name, maxResults=2)
    same([len(page) for page in found], [2, 1])


def ListServices_chooses_by_launch_type_and_strategy(aws: Account) -> None:
    made = with_service(aws)
    only = {"cluster": aws.name, "schedulingStrategy": "REPLICA"}
    same(aws.ecs.list_services(launchType="EC2", **only)["serviceArns"], [made["serviceArn"]])
    same(aws.ecs.list_services(launchType="FARGATE", **only)["serviceArns"], [])


def ListServices_refuses_a_missing_cluster(aws: Account) -> None:
    refused("ClusterNotFoundException", aws.ecs.list_services, cluster=aws.name)
