"""Clusters, capacity providers and task definitions."""

from account import CONTAINER, pages, refused, same


def an_existing_cluster_is_returned_unchanged(aws):
    aws.cluster(tags=[{"key": "a", "value": "b"}])
    aws.cluster(tags=[], settings=[{"name": "containerInsights", "value": "enabled"}])
    shown = aws.ecs.describe_clusters(clusters=["web"], include=["TAGS", "SETTINGS"])["clusters"][0]
    same(shown["tags"], [{"key": "a", "value": "b"}])
    same(shown["settings"], [{"name": "containerInsights", "value": "disabled"}])


def a_cluster_shows_its_providers_and_what_was_asked_for(aws):
    aws.cluster()
    aws.ecs.create_capacity_provider(name="cp", autoScalingGroupProvider=_GROUP)
    strategy = [{"capacityProvider": "cp", "weight": 1}]
    aws.ecs.put_cluster_capacity_providers(
        cluster="web", capacityProviders=["cp"], defaultCapacityProviderStrategy=strategy
    )
    shown = aws.ecs.describe_clusters(clusters=["web"])["clusters"][0]
    same(shown["capacityProviders"], ["cp"])
    same(shown["defaultCapacityProviderStrategy"], [strategy[0] | {"base": 0}])
    assert not {"settings", "attachmentsStatus", "tags"} & set(shown), shown
    shown = aws.ecs.describe_clusters(clusters=["web"], include=["ATTACHMENTS"])["clusters"][0]
    same(shown["attachmentsStatus"], "UPDATE_COMPLETE")


def a_cluster_in_use_is_not_deleted(aws):
    aws.with_service()
    refused("ClusterContainsServicesException", aws.ecs.delete_cluster, cluster="web")
    aws.ecs.delete_service(cluster="web", service="web", force=True)
    aws.ecs.delete_cluster(cluster="web")
    same(aws.ecs.list_clusters()["clusterArns"], [])
    same(aws.ecs.describe_clusters(clusters=["web"])["clusters"][0]["status"], "INACTIVE")
    same(aws.cluster()["status"], "ACTIVE")


def cluster_settings_can_be_updated(aws):
    aws.cluster()
    settings = [{"name": "containerInsights", "value": "enhanced"}]
    aws.ecs.update_cluster_settings(cluster="web", settings=settings)
    shown = aws.ecs.describe_clusters(clusters=["web"], include=["SETTINGS"])
    same(shown["clusters"][0]["settings"], settings)


_GROUP = {"autoScalingGroupArn": "group", "managedScaling": {"status": "ENABLED"}}


def a_capacity_provider_lives_and_dies(aws):
    ecs = aws.ecs
    ecs.create_capacity_provider(
        name="cp", autoScalingGroupProvider=_GROUP, tags=[{"key": "a", "value": "b"}]
    )
    refused(
        "ClientException", ecs.create_capacity_provider, name="cp", autoScalingGroupProvider=_GROUP
    )
    shown = ecs.describe_capacity_providers(capacityProviders=["cp"])["capacityProviders"][0]
    same(shown["autoScalingGroupProvider"]["managedDraining"], "ENABLED")
    assert "tags" not in shown
    ecs.update_capacity_provider(
        name="cp",
        autoScalingGroupProvider={
            "managedDraining": "DISABLED",
            "managedScaling": {"targetCapacity": 80},
        },
    )
    shown = ecs.describe_capacity_providers(include=["TAGS"])["capacityProviders"][0]
    same(shown["tags"], [{"key": "a", "value": "b"}])
    provider = shown["autoScalingGroupProvider"]
    same(provider["managedDraining"], "DISABLED")
    same(provider["managedScaling"]["targetCapacity"], 80)
    same(provider["managedScaling"]["status"], "ENABLED")
    aws.cluster(capacityProviders=["cp"])
    refused("ClientException", ecs.delete_capacity_provider, capacityProvider="cp")
    ecs.put_cluster_capacity_providers(
        cluster="web", capacityProviders=[], defaultCapacityProviderStrategy=[]
    )
    ecs.delete_capacity_provider(capacityProvider="cp")
    shown = ecs.describe_capacity_providers(capacityProviders=["cp"])["capacityProviders"][0]
    same((shown["status"], shown["updateStatus"]), ("INACTIVE", "DELETE_COMPLETE"))
    refused("ClientException", ecs.delete_capacity_provider, capacityProvider="cp")
    ecs.create_capacity_provider(name="cp", autoScalingGroupProvider=_GROUP)


def capacity_providers_come_ten_a_page(aws):
    for number in range(12):
        aws.ecs.create_capacity_provider(name=f"cp{number}", autoScalingGroupProvider=_GROUP)
    found = pages(aws.ecs.describe_capacity_providers, "capacityProviders")
    same([len(page) for page in found], [10, 2])


def a_provider_that_does_not_exist_cannot_be_used(aws):
    aws.cluster()
    aws.task_definition()
    refused(
        "InvalidParameterException",
        aws.ecs.put_cluster_capacity_providers,
        cluster="web",
        capacityProviders=["none"],
        defaultCapacityProviderStrategy=[],
    )
    refused(
        "InvalidParameterException",
        aws.service,
        capacityProviderStrategy=[{"capacityProvider": "none"}],
    )
    refused(
        "ResourceNotFoundException",
        aws.ecs.tag_resource,
        resourceArn=f"arn:aws:ecs:us-east-1:{aws.number}:capacity-provider/none",
        tags=[{"key": "a", "value": "b"}],
    )


def a_family_means_its_latest_active_revision(aws):
    first, second = aws.task_definition(), aws.task_definition()
    aws.ecs.deregister_task_definition(taskDefinition=second)
    shown = aws.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    same(shown["taskDefinitionArn"], first)
    aws.ecs.deregister_task_definition(taskDefinition=first)
    refused("ClientException", aws.ecs.describe_task_definition, taskDefinition="web")
    aws.ecs.delete_task_definitions(taskDefinitions=[first, second])
    assert aws.task_definition().endswith(":3")


def a_task_definition_reads_back_with_defaults_and_tags(aws):
    tags = [{"key": "a", "value": "b"}]
    answer = aws.ecs.register_task_definition(
        family="web",
        containerDefinitions=[CONTAINER | {"portMappings": [{"containerPort": 80}]}],
        volumes=[{"name": "data"}],
        tags=tags,
        enableFaultInjection=True,
    )
    same(answer["tags"], tags)
    shown = aws.ecs.describe_task_definition(taskDefinition="web", include=["TAGS"])
    same(shown["tags"], tags)
    shown = shown["taskDefinition"]
    mappings = shown["containerDefinitions"][0]["portMappings"]
    same(mappings, [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}])
    same(shown["volumes"], [{"name": "data", "host": {}}])
    same(shown["enableFaultInjection"], True)
    assert "registeredAt" in shown and "registeredBy" in shown
    assert "tags" not in aws.ecs.describe_task_definition(taskDefinition="web")


def task_definitions_are_sorted_and_paged(aws):
    arns = [aws.task_definition() for _ in range(11)]
    aws.task_definition("web2")
    found = aws.ecs.list_task_definitions(familyPrefix="web", sort="DESC", maxResults=2)
    same(found["taskDefinitionArns"], arns[:-3:-1])
    found = pages(aws.ecs.list_task_definitions, "taskDefinitionArns", maxResults=5)
    same([len(page) for page in found], [5, 5, 2])
    same(found[0], arns[:5])
    same(aws.ecs.list_task_definition_families()["families"], ["web", "web2"])
    aws.ecs.deregister_task_definition(taskDefinition="web2:1")
    same(aws.ecs.list_task_definition_families(status="ACTIVE")["families"], ["web"])


def an_empty_cluster_misses_container_instances(aws):
    aws.cluster()
    answer = aws.ecs.describe_container_instances(cluster="web", containerInstances=["none"])
    same([failure["reason"] for failure in answer["failures"]], ["MISSING"])
