"""Services that change: what starts a deployment, and their end."""

from account import Account, has, refused, same, until
from things import cluster, definition, service, shown_service, with_service

INVALID = ("InvalidParameterException", "ClientException")


def UpdateService_of_the_count_starts_no_deployment(aws: Account) -> None:
    first = with_service(aws)["deployments"][0]["id"]
    answer = aws.ecs.update_service(cluster=aws.name, service=aws.name, desiredCount=2)
    same(answer["service"]["desiredCount"], 2)
    same([it["id"] for it in answer["service"]["deployments"]], [first])


def UpdateService_of_the_task_definition_starts_a_deployment(aws: Account) -> None:
    first = with_service(aws)["deployments"][0]["id"]
    second = definition(aws)["taskDefinitionArn"]
    answer = aws.ecs.update_service(cluster=aws.name, service=aws.name, taskDefinition=second)
    same(answer["service"]["taskDefinition"], second)
    primary = answer["service"]["deployments"][0]
    has(primary, status="PRIMARY", taskDefinition=second)
    assert primary["id"] != first


def UpdateService_by_force_starts_a_deployment_of_the_same(aws: Account) -> None:
    made = with_service(aws)
    answer = aws.ecs.update_service(cluster=aws.name, service=aws.name, forceNewDeployment=True)
    primary = answer["service"]["deployments"][0]
    assert primary["id"] != made["deployments"][0]["id"]
    same(primary["taskDefinition"], made["taskDefinition"])


def UpdateService_keeps_what_it_does_not_name(aws: Account) -> None:
    with_service(aws, deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 50})
    aws.ecs.update_service(cluster=aws.name, service=aws.name, desiredCount=0)
    deploys = shown_service(aws)["deploymentConfiguration"]
    has(deploys, maximumPercent=150, minimumHealthyPercent=50)


def UpdateService_empties_a_placement_strategy(aws: Account) -> None:
    with_service(aws, placementStrategy=[{"type": "binpack", "field": "cpu"}])
    aws.ecs.update_service(cluster=aws.name, service=aws.name, placementStrategy=[])
    same(shown_service(aws)["placementStrategy"], [])


def UpdateService_changes_exec_and_tags_of_tasks(aws: Account) -> None:
    with_service(aws)
    wanted = {"enableExecuteCommand": True, "enableECSManagedTags": True}
    aws.ecs.update_service(
        cluster=aws.name, service=aws.name, propagateTags="SERVICE", **wanted
    )
    has(shown_service(aws), propagateTags="SERVICE", **wanted)


def UpdateService_refuses_a_missing_service(aws: Account) -> None:
    cluster(aws)
    refused(
        "ServiceNotFoundException",
        aws.ecs.update_service,
        cluster=aws.name,
        service=aws.name,
        desiredCount=1,
    )


def UpdateService_refuses_a_missing_cluster(aws: Account) -> None:
    refused(
        "ClusterNotFoundException", aws.ecs.update_service, cluster=aws.name, service="a"
    )


def UpdateService_refuses_a_deleted_service(aws: Account) -> None:
    with_service(aws)
    aws.ecs.delete_service(cluster=aws.name, service=aws.name)
    until(lambda: shown_service(aws)["status"] == "INACTIVE")
    refused(
        "ServiceNotActiveException",
        aws.ecs.update_service,
        cluster=aws.name,
        service=aws.name,
        desiredCount=1,
    )


def UpdateService_refuses_a_missing_task_definition(aws: Account) -> None:
    with_service(aws)
    refused(
        INVALID,
        aws.ecs.update_service,
        cluster=aws.name,
        service=aws.name,
        taskDefinition=f"{aws.name}:99",
    )


def UpdateService_wants_force_with_another_strategy(aws: Account) -> None:
    with_service(aws)
    aws.ecs.put_cluster_capacity_providers(
        cluster=aws.name, capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
    )
    refused(
        "InvalidParameterException",
        aws.ecs.update_service,
        words="force a new deployment",
        cluster=aws.name,
        service=aws.name,
        capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}],
    )


def DeleteService_refuses_one_that_is_wanted_without_force(aws: Account) -> None:
    with_service(aws, desiredCount=1)
    refused(
        "InvalidParameterException",
        aws.ecs.delete_service,
        words="scaled above 0",
        cluster=aws.name,
        service=aws.name,
    )


def DeleteService_by_force_ends_one_that_is_wanted(aws: Account) -> None:
    with_service(aws, desiredCount=1)
    answer = aws.ecs.delete_service(cluster=aws.name, service=aws.name, force=True)
    assert answer["service"]["status"] in ("DRAINING", "INACTIVE")
    until(lambda: shown_service(aws)["status"] == "INACTIVE")


def DeleteService_takes_it_off_the_list(aws: Account) -> None:
    with_service(aws)
    aws.ecs.delete_service(cluster=aws.name, service=aws.name)
    same(aws.ecs.list_services(cluster=aws.name)["serviceArns"], [])


def DeleteService_refuses_a_missing_one(aws: Account) -> None:
    cluster(aws)
    refused(
        "ServiceNotFoundException", aws.ecs.delete_service, cluster=aws.name, service=aws.name
    )


def CreateService_takes_the_name_of_an_inactive_one(aws: Account) -> None:
    made = with_service(aws)
    aws.ecs.delete_service(cluster=aws.name, service=aws.name)
    until(lambda: shown_service(aws)["status"] == "INACTIVE")
    again = service(aws, taskDefinition=made["taskDefinition"])
    same(again["status"], "ACTIVE")


def a_service_takes_the_default_strategy_of_its_cluster(aws: Account) -> None:
    strategy = [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]
    cluster(aws, capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=strategy)
    definition(
        aws, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512"
    )
    subnet = aws.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    made = service(
        aws,
        taskDefinition=aws.name,
        networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
    )
    same(made["capacityProviderStrategy"], strategy)
    assert not made.get("launchType"), made["launchType"]


def TagResource_and_UntagResource_change_the_tags_of_a_service(aws: Account) -> None:
    arn = with_service(aws, tags=[{"key": "a", "value": "1"}])["serviceArn"]
    aws.ecs.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}])
    aws.ecs.untag_resource(resourceArn=arn, tagKeys=["a"])
    same(shown_service(aws, include=["TAGS"])["tags"], [{"key": "b", "value": "2"}])


def TagResource_refuses_a_service_that_there_is_not(aws: Account) -> None:
    cluster(aws)
    refused(
        ("ServiceNotFoundException", "ResourceNotFoundException", "InvalidParameterException"),
        aws.ecs.tag_resource,
        resourceArn=aws.arn("ecs", f"service/{aws.name}/none"),
        tags=[{"key": "a", "value": "b"}],
    )


def ListServiceDeployments_lists_what_was_deployed(aws: Account) -> None:
    with_service(aws)
    found = until(
        lambda: aws.ecs.list_service_deployments(cluster=aws.name, service=aws.name)[
            "serviceDeployments"
        ]
    )
    arn = found[0]["serviceDeploymentArn"]
    answer = aws.ecs.describe_service_deployments(serviceDeploymentArns=[arn])
    has(
        answer["serviceDeployments"][0],
        serviceArn=aws.arn("ecs", f"service/{aws.name}/{aws.name}"),
        clusterArn=aws.arn("ecs", f"cluster/{aws.name}"),
    )


def DescribeServiceRevisions_shows_what_the_service_runs(aws: Account) -> None:
    made = with_service(aws)
    revision = until(lambda: shown_service(aws).get("currentServiceRevisions", []))[0]["arn"]
    answer = aws.ecs.describe_service_revisions(serviceRevisionArns=[revision])
    has(
        answer["serviceRevisions"][0],
        serviceArn=made["serviceArn"],
        taskDefinition=made["taskDefinition"],
        launchType="EC2",
    )


def DescribeServiceRevisions_refuses_twenty_one(aws: Account) -> None:
    arn = aws.arn("ecs", f"service-revision/{aws.name}/{aws.name}/")
    refused(
        "InvalidParameterException",
        aws.ecs.describe_service_revisions,
        serviceRevisionArns=[f"{arn}{number}" for number in range(21)],
    )
