"""Task definitions: what is taken, what is filled in, revisions and their end."""

from typing import Any

from account import Account, alone, has, pages, refused, same
from things import CONTAINER, definition


def _container(aws: Account, *, of_task: dict[str, Any] | None = None, **more: Any) -> dict:
    """The only container of a definition, as AWS shows it."""
    made = definition(aws, containerDefinitions=[CONTAINER | more], **of_task or {})
    return _shown(aws, made["taskDefinitionArn"])["containerDefinitions"][0]


def _shown(aws: Account, name: str) -> dict[str, Any]:
    return aws.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]


def _refused(aws: Account, *containers: dict, code: Any = "ClientException", **more: Any) -> None:
    """RegisterTaskDefinition refuses these containers."""
    refused(
        code,
        aws.ecs.register_task_definition,
        family=more.pop("family", aws.name),
        containerDefinitions=list(containers),
        **more,
    )


INVALID = ("ClientException", "InvalidParameterException")


def RegisterTaskDefinition_makes_the_first_revision(aws: Account) -> None:
    has(
        definition(aws),
        taskDefinitionArn=aws.arn("ecs", f"task-definition/{aws.name}:1"),
        family=aws.name,
        revision=1,
        status="ACTIVE",
    )


def RegisterTaskDefinition_makes_a_new_revision_of_the_same(aws: Account) -> None:
    same([definition(aws)["revision"] for _ in range(3)], [1, 2, 3])


def RegisterTaskDefinition_fills_in_the_empty_lists_of_a_container(aws: Account) -> None:
    has(
        _container(aws),
        cpu=0,
        essential=True,
        environment=[],
        mountPoints=[],
        portMappings=[],
        volumesFrom=[],
    )


def RegisterTaskDefinition_takes_a_container_for_essential(aws: Account) -> None:
    bare = {"name": "web", "image": "nginx", "memory": 64}
    made = definition(aws, containerDefinitions=[bare])
    same(made["containerDefinitions"][0]["essential"], True)


def RegisterTaskDefinition_fills_in_the_empty_lists_of_the_task(aws: Account) -> None:
    has(_shown(aws, definition(aws)["family"]), volumes=[], placementConstraints=[])


def RegisterTaskDefinition_fills_in_protocol_and_host_port(aws: Account) -> None:
    shown = _container(aws, portMappings=[{"containerPort": 80}])
    same(shown["portMappings"], [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}])


def RegisterTaskDefinition_takes_the_containers_port_for_the_hosts_in_awsvpc(aws: Account) -> None:
    shown = _container(
        aws, of_task={"networkMode": "awsvpc"}, portMappings=[{"containerPort": 80}]
    )
    has(shown["portMappings"][0], containerPort=80, hostPort=80, protocol="tcp")


def RegisterTaskDefinition_fills_in_a_health_check(aws: Account) -> None:
    shown = _container(aws, healthCheck={"command": ["CMD", "true"]})
    has(shown["healthCheck"], command=["CMD", "true"], interval=30, timeout=5, retries=3)


def RegisterTaskDefinition_counts_a_vCPU_as_1024_units(aws: Account) -> None:
    made = definition(aws, cpu="1 vCPU", memory="2 GB")
    same([made["cpu"], made["memory"]], ["1024", "2048"])


def RegisterTaskDefinition_counts_a_quarter_of_a_vCPU(aws: Account) -> None:
    made = definition(aws, cpu=".25 vcpu", memory="0.5GB")
    same([made["cpu"], made["memory"]], ["256", "512"])


def RegisterTaskDefinition_says_that_EC2_is_compatible(aws: Account) -> None:
    assert "EC2" in definition(aws)["compatibilities"]


def RegisterTaskDefinition_says_that_Fargate_is_compatible_when_it_is(aws: Account) -> None:
    made = definition(
        aws,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
    )
    assert "FARGATE" in made["compatibilities"], made["compatibilities"]
    same(made["requiresCompatibilities"], ["FARGATE"])


def RegisterTaskDefinition_refuses_a_size_that_Fargate_has_not(aws: Account) -> None:
    _refused(
        aws,
        CONTAINER,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="8192",
    )


def RegisterTaskDefinition_refuses_Fargate_without_awsvpc(aws: Account) -> None:
    _refused(aws, CONTAINER, requiresCompatibilities=["FARGATE"], cpu="256", memory="512")


def RegisterTaskDefinition_shows_what_its_instance_must_have(aws: Account) -> None:
    logs = {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "r"}}
    made = definition(aws, containerDefinitions=[CONTAINER | {"logConfiguration": logs}])
    names = [it["name"] for it in made["requiresAttributes"]]
    assert "com.amazonaws.ecs.capability.logging-driver.awslogs" in names, names


def RegisterTaskDefinition_says_who_registered_it_and_when(aws: Account) -> None:
    shown = _shown(aws, definition(aws)["taskDefinitionArn"])
    assert shown["registeredAt"] and shown["registeredBy"].startswith("arn:aws:"), shown


def RegisterTaskDefinition_refuses_a_container_without_memory(aws: Account) -> None:
    refused(
        "ClientException",
        aws.ecs.register_task_definition,
        words="memory",
        family=aws.name,
        containerDefinitions=[{"name": "web", "image": "nginx"}],
    )


def RegisterTaskDefinition_takes_the_tasks_memory_for_a_container_without(aws: Account) -> None:
    bare = {"name": "web", "image": "nginx"}
    made = definition(aws, memory="512", containerDefinitions=[bare])
    same(made["memory"], "512")


def RegisterTaskDefinition_refuses_less_than_six_MiB(aws: Account) -> None:
    _refused(aws, CONTAINER | {"memory": 5}, code=INVALID)


def RegisterTaskDefinition_refuses_a_reservation_above_the_memory(aws: Account) -> None:
    _refused(aws, CONTAINER | {"memory": 64, "memoryReservation": 128}, code=INVALID)


def RegisterTaskDefinition_refuses_two_containers_of_one_name(aws: Account) -> None:
    _refused(aws, CONTAINER, CONTAINER, code=INVALID)


def RegisterTaskDefinition_refuses_to_have_no_essential_container(aws: Account) -> None:
    _refused(aws, CONTAINER | {"essential": False}, code=INVALID)


def RegisterTaskDefinition_refuses_a_container_without_a_name(aws: Account) -> None:
    _refused(aws, {"image": "nginx", "memory": 64}, code=INVALID)


def RegisterTaskDefinition_refuses_no_containers(aws: Account) -> None:
    _refused(aws, code=INVALID)


def RegisterTaskDefinition_refuses_a_family_with_a_dot(aws: Account) -> None:
    _refused(aws, CONTAINER, family=f"{aws.name}.x", code=INVALID)


def RegisterTaskDefinition_refuses_a_host_port_other_than_the_containers_in_host_mode(
    aws: Account,
) -> None:
    ports = [{"containerPort": 80, "hostPort": 8080}]
    _refused(aws, CONTAINER | {"portMappings": ports}, networkMode="host", code=INVALID)


def RegisterTaskDefinition_refuses_a_port_above_65535(aws: Account) -> None:
    _refused(aws, CONTAINER | {"portMappings": [{"containerPort": 65536}]}, code=INVALID)


def RegisterTaskDefinition_refuses_a_network_mode_that_there_is_not(aws: Account) -> None:
    _refused(aws, CONTAINER, networkMode="bridges", code=INVALID)


def RegisterTaskDefinition_refuses_a_mount_of_a_volume_that_there_is_not(aws: Account) -> None:
    mounts = [{"sourceVolume": "data", "containerPath": "/data"}]
    _refused(aws, CONTAINER | {"mountPoints": mounts}, code=INVALID)


def RegisterTaskDefinition_refuses_to_depend_on_a_container_that_there_is_not(
    aws: Account,
) -> None:
    depends = [{"containerName": "db", "condition": "START"}]
    _refused(aws, CONTAINER | {"dependsOn": depends}, code=INVALID)


def RegisterTaskDefinition_refuses_eleven_containers(aws: Account) -> None:
    many = [CONTAINER | {"name": f"c{number}"} for number in range(11)]
    _refused(aws, *many, code=INVALID)


def RegisterTaskDefinition_refuses_task_CPU_below_128_units(aws: Account) -> None:
    _refused(aws, CONTAINER, cpu="64", code=INVALID)


def DescribeTaskDefinition_finds_by_family_revision_and_ARN(aws: Account) -> None:
    definition(aws)
    arn = definition(aws)["taskDefinitionArn"]
    for name, revision in ((aws.name, 2), (f"{aws.name}:1", 1), (arn, 2)):
        same(_shown(aws, name)["revision"], revision)


def DescribeTaskDefinition_refuses_a_missing_one(aws: Account) -> None:
    refused(
        "ClientException",
        aws.ecs.describe_task_definition,
        words="Unable to describe task definition.",
        taskDefinition=aws.name,
    )


def DescribeTaskDefinition_shows_tags_when_asked(aws: Account) -> None:
    tags = [{"key": "a", "value": "b"}]
    definition(aws, tags=tags)
    same(aws.ecs.describe_task_definition(taskDefinition=aws.name).get("tags", []), [])
    answer = aws.ecs.describe_task_definition(taskDefinition=aws.name, include=["TAGS"])
    same(answer["tags"], tags)


def DeregisterTaskDefinition_leaves_an_inactive_revision(aws: Account) -> None:
    arn = definition(aws)["taskDefinitionArn"]
    answer = aws.ecs.deregister_task_definition(taskDefinition=arn)
    same(answer["taskDefinition"]["status"], "INACTIVE")
    shown = _shown(aws, arn)
    assert shown["status"] == "INACTIVE" and shown["deregisteredAt"], shown


def DeregisterTaskDefinition_makes_an_older_revision_the_latest(aws: Account) -> None:
    definition(aws)
    definition(aws)
    aws.ecs.deregister_task_definition(taskDefinition=f"{aws.name}:2")
    same(_shown(aws, aws.name)["revision"], 1)


def DeregisterTaskDefinition_wants_a_revision(aws: Account) -> None:
    definition(aws)
    refused(INVALID, aws.ecs.deregister_task_definition, taskDefinition=aws.name)


def DeregisterTaskDefinition_refuses_a_missing_one(aws: Account) -> None:
    refused(INVALID, aws.ecs.deregister_task_definition, taskDefinition=f"{aws.name}:1")


def revisions_are_never_given_out_twice(aws: Account) -> None:
    arn = definition(aws)["taskDefinitionArn"]
    aws.ecs.deregister_task_definition(taskDefinition=arn)
    aws.ecs.delete_task_definitions(taskDefinitions=[arn])
    same(definition(aws)["revision"], 2)


def DeleteTaskDefinitions_begins_the_deletion_of_an_inactive_one(aws: Account) -> None:
    arn = definition(aws)["taskDefinitionArn"]
    aws.ecs.deregister_task_definition(taskDefinition=arn)
    answer = aws.ecs.delete_task_definitions(taskDefinitions=[arn])
    same([it["status"] for it in answer["taskDefinitions"]], ["DELETE_IN_PROGRESS"])
    same(answer["failures"], [])


def DeleteTaskDefinitions_reports_an_active_one_as_a_failure(aws: Account) -> None:
    arn = definition(aws)["taskDefinitionArn"]
    answer = aws.ecs.delete_task_definitions(taskDefinitions=[arn])
    same([it["arn"] for it in answer["failures"]], [arn])
    same(_shown(aws, arn)["status"], "ACTIVE")


def DeleteTaskDefinitions_refuses_eleven(aws: Account) -> None:
    names = [f"{aws.name}:{number}" for number in range(1, 12)]
    refused(INVALID, aws.ecs.delete_task_definitions, taskDefinitions=names)


def ListTaskDefinitions_knows_a_family_by_its_whole_name(aws: Account) -> None:
    arn = definition(aws)["taskDefinitionArn"]
    definition(aws, aws.name + "-other")
    answer = aws.ecs.list_task_definitions(familyPrefix=aws.name)
    same(answer["taskDefinitionArns"], [arn])


def ListTaskDefinitions_goes_by_pages_in_either_order(aws: Account) -> None:
    arns = [definition(aws)["taskDefinitionArn"] for _ in range(3)]
    only = {"familyPrefix": aws.name, "maxResults": 2}
    same(
        pages(aws.ecs.list_task_definitions, "taskDefinitionArns", **only), [arns[:2], arns[2:]]
    )
    last = aws.ecs.list_task_definitions(familyPrefix=aws.name, sort="DESC")
    same(last["taskDefinitionArns"], arns[::-1])


def ListTaskDefinitions_lists_the_inactive_only_when_asked(aws: Account) -> None:
    arn = definition(aws)["taskDefinitionArn"]
    aws.ecs.deregister_task_definition(taskDefinition=arn)
    same(aws.ecs.list_task_definitions(familyPrefix=aws.name)["taskDefinitionArns"], [])
    asked = aws.ecs.list_task_definitions(familyPrefix=aws.name, status="INACTIVE")
    same(asked["taskDefinitionArns"], [arn])


def ListTaskDefinitions_refuses_a_page_of_101(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecs.list_task_definitions, maxResults=101)


@alone
def ListTaskDefinitionFamilies_lists_families_that_begin_so(aws: Account) -> None:
    for suffix in ("-a", "-b"):
        definition(aws, aws.name + suffix)
    answer = aws.ecs.list_task_definition_families(familyPrefix=aws.name)
    same(answer["families"], [aws.name + "-a", aws.name + "-b"])


def ListTaskDefinitionFamilies_drops_a_family_without_active_revisions(aws: Account) -> None:
    arn = definition(aws)["taskDefinitionArn"]
    aws.ecs.deregister_task_definition(taskDefinition=arn)
    only = {"familyPrefix": aws.name}
    same(aws.ecs.list_task_definition_families(status="ACTIVE", **only)["families"], [])
    inactive = aws.ecs.list_task_definition_families(status="INACTIVE", **only)
    same(inactive["families"], [aws.name])


def TagResource_and_UntagResource_change_the_tags_of_a_task_definition(aws: Account) -> None:
    arn = definition(aws, tags=[{"key": "a", "value": "1"}])["taskDefinitionArn"]
    aws.ecs.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}])
    aws.ecs.untag_resource(resourceArn=arn, tagKeys=["a"])
    answer = aws.ecs.list_tags_for_resource(resourceArn=arn)
    same(answer["tags"], [{"key": "b", "value": "2"}])
