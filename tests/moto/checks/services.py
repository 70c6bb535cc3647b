"""ECS services and their deployments."""

import threading

from account import pages, refused, same


def a_service_keeps_what_it_was_given(aws):
    aws.cluster()
    aws.task_definition()
    given = {
        "deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 50},
        "placementStrategy": [
            {"type": "spread", "field": "host"},
            {"type": "binpack", "field": "memory"},
        ],
        "placementConstraints": [{"type": "distinctInstance"}],
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "enableExecuteCommand": True,
        "healthCheckGracePeriodSeconds": 7,
        "availabilityZoneRebalancing": "DISABLED",
    }
    aws.service(**given)
    shown = aws.shown()
    given["deploymentConfiguration"] |= {
        "strategy": "ROLLING",
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    }
    given["placementStrategy"][0]["field"] = "instanceId"
    given["placementStrategy"][1]["field"] = "MEMORY"
    same({name: shown[name] for name in given}, given)
    same(shown["launchType"], "EC2")
    assert "networkConfiguration" not in shown and "capacityProviderStrategy" not in shown
    assert "tags" not in shown


def a_service_shows_defaults(aws):
    aws.with_service()
    shown = aws.shown(include=["TAGS"])
    same(shown["availabilityZoneRebalancing"], "ENABLED")
    same(shown["deploymentConfiguration"]["maximumPercent"], 200)
    same(shown["deploymentConfiguration"]["minimumHealthyPercent"], 100)
    same(shown["tags"], [])
    for name in ("placementStrategy", "placementConstraints", "loadBalancers"):
        same(shown[name], [])
    same((shown["propagateTags"], shown["enableECSManagedTags"]), ("NONE", False))
    same(shown["schedulingStrategy"], "REPLICA")


def a_strategy_takes_the_place_of_the_launch_type(aws):
    provider = {"autoScalingGroupArn": "group"}
    aws.ecs.create_capacity_provider(name="cp", autoScalingGroupProvider=provider)
    strategy = [{"capacityProvider": "cp", "weight": 1, "base": 0}]
    aws.cluster(capacityProviders=["cp"])
    aws.task_definition()
    aws.service("strategy", capacityProviderStrategy=strategy)
    shown = aws.shown("strategy")
    same(shown["capacityProviderStrategy"], strategy)
    same(shown["deployments"][0]["capacityProviderStrategy"], strategy)
    assert "launchType" not in shown and "launchType" not in shown["deployments"][0]
    aws.service("plain")
    update = {"cluster": "web", "service": "plain", "capacityProviderStrategy": strategy}
    refused("InvalidParameterException", aws.ecs.update_service, **update)
    aws.ecs.update_service(**update, forceNewDeployment=True)
    assert "launchType" not in aws.shown("plain")
    aws.ecs.put_cluster_capacity_providers(
        cluster="web", capacityProviders=["cp"], defaultCapacityProviderStrategy=strategy
    )
    aws.service("default")
    same(aws.shown("default")["capacityProviderStrategy"], strategy)
    refused(
        "ResourceInUseException",
        aws.ecs.put_cluster_capacity_providers,
        cluster="web",
        capacityProviders=[],
        defaultCapacityProviderStrategy=[],
    )


def services_run_at_once_and_deployments_complete(aws):
    aws.with_service(desiredCount=3)
    shown = aws.shown()
    same((shown["desiredCount"], shown["runningCount"], shown["pendingCount"]), (3, 3, 0))
    (deployment,) = shown["deployments"]
    same((deployment["status"], deployment["rolloutState"]), ("PRIMARY", "COMPLETED"))
    same((deployment["desiredCount"], deployment["runningCount"]), (3, 3))
    cluster = aws.ecs.describe_clusters(clusters=["web"])["clusters"][0]
    same((cluster["runningTasksCount"], cluster["activeServicesCount"]), (3, 1))


def _deployment(aws):
    return aws.shown()["deployments"][0]["id"]


def only_some_updates_start_a_deployment(aws):
    aws.with_service()
    first = _deployment(aws)
    update = {"cluster": "web", "service": "web"}
    aws.ecs.update_service(**update, desiredCount=5, enableECSManagedTags=True)
    same((_deployment(aws), aws.shown()["runningCount"]), (first, 5))
    aws.ecs.update_service(**update, taskDefinition="web:1")
    same(_deployment(aws), first)
    second_definition = aws.task_definition()
    aws.ecs.update_service(**update, taskDefinition="web")
    second = _deployment(aws)
    assert second != first
    same(aws.shown()["taskDefinition"], second_definition)
    aws.ecs.update_service(**update, forceNewDeployment=True)
    assert _deployment(aws) != second
    deployments = aws.ecs.list_service_deployments(**update)["serviceDeployments"]
    same([deployment["status"] for deployment in deployments], ["SUCCESSFUL"] * 3)
    newest = deployments[0]["serviceDeploymentArn"]
    same(aws.shown()["currentServiceDeployment"], newest)
    described = aws.ecs.describe_service_deployments(serviceDeploymentArns=[newest])
    same(described["serviceDeployments"][0]["status"], "SUCCESSFUL")


def part_of_a_deployment_configuration_keeps_the_rest(aws):
    aws.with_service(deploymentConfiguration={"maximumPercent": 150})
    breaker = {"enable": True, "rollback": True}
    aws.ecs.update_service(
        cluster="web",
        service="web",
        deploymentConfiguration={"deploymentCircuitBreaker": breaker},
    )
    shown = aws.shown()["deploymentConfiguration"]
    same(shown["maximumPercent"], 150)
    same({name: shown["deploymentCircuitBreaker"][name] for name in breaker}, breaker)


def a_taken_name_is_refused_and_a_token_is_not(aws):
    aws.with_service(clientToken="one")
    same(aws.service(clientToken="one")["serviceName"], "web")
    refused("InvalidParameterException", aws.service, clientToken="two")
    refused("InvalidParameterException", aws.service)


def a_deleted_service_is_inactive_and_its_name_free(aws):
    aws.with_service()
    delete = {"cluster": "web", "service": "web"}
    refused("InvalidParameterException", aws.ecs.delete_service, **delete)
    aws.ecs.delete_service(**delete, force=True)
    shown = aws.shown()
    same((shown["status"], shown["runningCount"], shown["deployments"]), ("INACTIVE", 0, []))
    same(aws.ecs.list_services(cluster="web")["serviceArns"], [])
    refused("ServiceNotActiveException", aws.ecs.update_service, **delete, desiredCount=1)
    same(aws.service()["status"], "ACTIVE")


def services_are_listed_for_one_cluster_in_pages(aws):
    aws.cluster()
    aws.cluster("dev-web")
    aws.task_definition()
    for number in range(12):
        aws.service(f"s{number:02}")
    aws.service("other", cluster="dev-web")
    found = pages(aws.ecs.list_services, "serviceArns", cluster="web")
    same([len(page) for page in found], [10, 2])
    same(len(aws.ecs.list_services(cluster="web", maxResults=100)["serviceArns"]), 12)
    assert found[0][0].endswith(":service/web/s00")


def describe_services_takes_one_to_ten_names(aws):
    aws.with_service()
    describe = aws.ecs.describe_services
    names = [f"s{number}" for number in range(11)]
    refused("InvalidParameterException", describe, cluster="web", services=names)
    refused("InvalidParameterException", describe, cluster="web", services=[])
    answer = describe(cluster="web", services=names[:10])
    same((len(answer["services"]), len(answer["failures"])), (0, 10))


def tags_do_not_leak_between_calls_at_once(aws):
    aws.with_service(tags=[{"key": "a", "value": "b"}])
    wrong = []

    def look(include):
        for _ in range(20):
            if ("tags" in aws.shown(include=include)) != bool(include):
                wrong.append(include)

    threads = [threading.Thread(target=look, args=(include,)) for include in ([], ["TAGS"]) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(wrong, [])
