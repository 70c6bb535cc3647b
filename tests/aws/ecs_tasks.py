"""Tasks and container instances, on an instance that these checks share."""

from typing import Any

from account import Account, has, pages, refused, same, until
from things import cluster, definition

INVALID = ("InvalidParameterException", "ClientException")
WEB = {"name": "web", "image": "nginx", "memory": 8, "portMappings": [{"containerPort": 80}]}


def _ready(aws: Account, **arguments: Any) -> dict[str, Any]:
    """A task definition, and the arguments to run it."""
    definition(aws, containerDefinitions=[WEB])
    return {"cluster": aws.fleet(), "taskDefinition": aws.name} | arguments


def _run(aws: Account, **arguments: Any) -> list[str]:
    """The ARNs of tasks that begin."""
    answer = aws.ecs.run_task(**_ready(aws, **arguments))
    same(answer["failures"], [])
    arns = [task["taskArn"] for task in answer["tasks"]]
    for arn in arns:
        aws.later(aws.ecs.stop_task, cluster=aws.fleet(), task=arn)
    return arns


def _task(aws: Account, arn: str, **arguments: Any) -> dict[str, Any]:
    return aws.ecs.describe_tasks(cluster=aws.fleet(), tasks=[arn], **arguments)["tasks"][0]


def _instance(aws: Account, **arguments: Any) -> dict[str, Any]:
    listed = aws.ecs.list_container_instances(cluster=aws.fleet())["containerInstanceArns"]
    answer = aws.ecs.describe_container_instances(
        cluster=aws.fleet(), containerInstances=listed, **arguments
    )
    return answer["containerInstances"][0]


def RunTask_answers_with_a_task_that_begins(aws: Account) -> None:
    (task,) = aws.ecs.run_task(**_ready(aws))["tasks"]
    aws.later(aws.ecs.stop_task, cluster=aws.fleet(), task=task["taskArn"])
    has(
        task,
        clusterArn=aws.arn("ecs", f"cluster/{aws.fleet()}"),
        taskDefinitionArn=aws.arn("ecs", f"task-definition/{aws.name}:1"),
        containerInstanceArn=_instance(aws)["containerInstanceArn"],
        desiredStatus="RUNNING",
        launchType="EC2",
        group=f"family:{aws.name}",
    )
    assert task["taskArn"].startswith(aws.arn("ecs", f"task/{aws.fleet()}/")), task["taskArn"]
    assert task["lastStatus"] in ("PROVISIONING", "PENDING"), task["lastStatus"]


def RunTask_leads_to_a_task_that_runs_at_a_port_of_its_instance(aws: Account) -> None:
    (arn,) = _run(aws)
    task = until(lambda: (it := _task(aws, arn))["lastStatus"] == "RUNNING" and it)
    (container,) = task["containers"]
    has(container, name="web", lastStatus="RUNNING", taskArn=arn, image="nginx")
    (binding,) = container["networkBindings"]
    has(binding, containerPort=80, protocol="tcp")
    assert 32768 <= binding["hostPort"] <= 60999, binding
    same(task["connectivity"], "CONNECTED")
    assert task["startedAt"] >= task["createdAt"], task


def RunTask_keeps_overrides_group_and_starter(aws: Account) -> None:
    overrides = {
        "containerOverrides": [
            {"name": "web", "environment": [{"name": "A", "value": "b"}]},
        ]
    }
    (arn,) = _run(aws, overrides=overrides, group="mine", startedBy="check")
    task = _task(aws, arn)
    has(task, group="mine", startedBy="check")
    override = task["overrides"]["containerOverrides"][0]
    has(override, name="web", environment=[{"name": "A", "value": "b"}])


def RunTask_refuses_an_override_of_a_container_that_there_is_not(aws: Account) -> None:
    overrides = {"containerOverrides": [{"name": "db", "cpu": 1}]}
    refused(INVALID, aws.ecs.run_task, **_ready(aws, overrides=overrides))


def RunTask_starts_as_many_as_are_asked_for(aws: Account) -> None:
    same(len(set(_run(aws, count=3))), 3)


def RunTask_refuses_eleven_at_once(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecs.run_task, **_ready(aws, count=11))


def RunTask_reports_a_task_that_is_too_large_as_a_failure(aws: Account) -> None:
    definition(aws, containerDefinitions=[WEB | {"memory": 100_000}])
    answer = aws.ecs.run_task(cluster=aws.fleet(), taskDefinition=aws.name)
    same(answer["tasks"], [])
    same([it["reason"] for it in answer["failures"]], ["RESOURCE:MEMORY"])


def RunTask_refuses_a_task_for_Fargate_that_has_no_network(aws: Account) -> None:
    refused(
        ("InvalidParameterException", "ClientException", "UnsupportedFeatureException"),
        aws.ecs.run_task,
        **_ready(aws, launchType="FARGATE"),
    )


def RunTask_refuses_a_missing_cluster(aws: Account) -> None:
    definition(aws)
    refused(
        "ClusterNotFoundException", aws.ecs.run_task, cluster=aws.name, taskDefinition=aws.name
    )


def RunTask_refuses_a_missing_task_definition(aws: Account) -> None:
    cluster(aws)
    refused(INVALID, aws.ecs.run_task, cluster=aws.name, taskDefinition=aws.name)


def RunTask_refuses_a_cluster_without_instances(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    refused(
        "InvalidParameterException",
        aws.ecs.run_task,
        words="No Container Instances were found in your cluster.",
        cluster=aws.name,
        taskDefinition=aws.name,
    )


def RunTask_with_the_same_token_starts_no_other(aws: Account) -> None:
    (arn,) = _run(aws, clientToken=aws.name)
    again = aws.ecs.run_task(
        cluster=aws.fleet(), taskDefinition=aws.name, clientToken=aws.name
    )
    same([it["taskArn"] for it in again["tasks"]], [arn])


def RunTask_takes_tags_and_those_of_the_definition(aws: Account) -> None:
    definition(aws, containerDefinitions=[WEB], tags=[{"key": "of", "value": "definition"}])
    (task,) = aws.ecs.run_task(
        cluster=aws.fleet(),
        taskDefinition=aws.name,
        tags=[{"key": "of-task", "value": "1"}],
        propagateTags="TASK_DEFINITION",
    )["tasks"]
    aws.later(aws.ecs.stop_task, cluster=aws.fleet(), task=task["taskArn"])
    shown = _task(aws, task["taskArn"], include=["TAGS"])
    tags = {it["key"]: it["value"] for it in shown["tags"]}
    has(tags, **{"of": "definition", "of-task": "1"})


def StartTask_puts_a_task_on_the_instance_that_it_names(aws: Account) -> None:
    instance = _instance(aws)["containerInstanceArn"]
    answer = aws.ecs.start_task(**_ready(aws), containerInstances=[instance])
    (task,) = answer["tasks"]
    aws.later(aws.ecs.stop_task, cluster=aws.fleet(), task=task["taskArn"])
    same(task["containerInstanceArn"], instance)


def StopTask_ends_a_task_and_says_why(aws: Account) -> None:
    (arn,) = _run(aws)
    until(lambda: _task(aws, arn)["lastStatus"] == "RUNNING")
    answer = aws.ecs.stop_task(cluster=aws.fleet(), task=arn, reason="enough")
    same(answer["task"]["desiredStatus"], "STOPPED")
    task = until(lambda: (it := _task(aws, arn))["lastStatus"] == "STOPPED" and it)
    has(task, stoppedReason="enough", stopCode="UserInitiated")
    assert task["stoppedAt"] >= task["startedAt"] >= task["createdAt"], task


def a_task_takes_its_share_of_the_instance(aws: Account) -> None:
    def left() -> dict[str, int]:
        return {it["name"]: it.get("integerValue") for it in of_instance()["remainingResources"]}

    def of_instance() -> dict[str, Any]:
        return _instance(aws)

    registered = {it["name"]: it.get("integerValue") for it in of_instance()["registeredResources"]}
    same(registered["CPU"], 1024)
    assert 1800 <= registered["MEMORY"] <= 2048, registered
    _run(aws)
    assert left()["MEMORY"] <= registered["MEMORY"] - 8, left()


def StopTask_refuses_a_missing_one(aws: Account) -> None:
    cluster(aws)
    refused(
        "InvalidParameterException",
        aws.ecs.stop_task,
        words="The referenced task was not found.",
        cluster=aws.name,
        task="0123456789abcdef0123456789abcdef",
    )


def DescribeTasks_reports_a_missing_one_as_a_failure(aws: Account) -> None:
    cluster(aws)
    name = "0123456789abcdef0123456789abcdef"
    answer = aws.ecs.describe_tasks(cluster=aws.name, tasks=[name])
    same(answer["tasks"], [])
    missing = aws.arn("ecs", f"task/{aws.name}/{name}")
    same([(it["arn"], it["reason"]) for it in answer["failures"]], [(missing, "MISSING")])


def DescribeTasks_refuses_101(aws: Account) -> None:
    cluster(aws)
    names = [f"{number:032x}" for number in range(101)]
    refused("InvalidParameterException", aws.ecs.describe_tasks, cluster=aws.name, tasks=names)


def DescribeTasks_refuses_a_missing_cluster(aws: Account) -> None:
    refused(
        "ClusterNotFoundException", aws.ecs.describe_tasks, cluster=aws.name, tasks=["0" * 32]
    )


def ListTasks_lists_the_stopped_only_when_asked(aws: Account) -> None:
    (arn,) = _run(aws)
    only = {"cluster": aws.fleet(), "family": aws.name}
    same(aws.ecs.list_tasks(**only)["taskArns"], [arn])
    aws.ecs.stop_task(cluster=aws.fleet(), task=arn)
    until(lambda: _task(aws, arn)["lastStatus"] == "STOPPED")
    same(aws.ecs.list_tasks(**only)["taskArns"], [])
    same(aws.ecs.list_tasks(desiredStatus="STOPPED", **only)["taskArns"], [arn])


def ListTasks_chooses_by_starter_and_instance(aws: Account) -> None:
    (arn,) = _run(aws, startedBy=aws.name)
    only = {"cluster": aws.fleet(), "startedBy": aws.name}
    same(aws.ecs.list_tasks(**only)["taskArns"], [arn])
    here = _instance(aws)["containerInstanceArn"]
    assert arn in aws.ecs.list_tasks(cluster=aws.fleet(), containerInstance=here)["taskArns"]


def ListTasks_goes_by_pages(aws: Account) -> None:
    _run(aws, count=3)
    only = {"cluster": aws.fleet(), "family": aws.name}
    found = pages(aws.ecs.list_tasks, "taskArns", maxResults=2, **only)
    same([len(page) for page in found], [2, 1])


def ListTasks_refuses_a_page_of_101(aws: Account) -> None:
    cluster(aws)
    refused("InvalidParameterException", aws.ecs.list_tasks, cluster=aws.name, maxResults=101)


def ListTasks_refuses_a_missing_cluster(aws: Account) -> None:
    refused("ClusterNotFoundException", aws.ecs.list_tasks, cluster=aws.name)


def ListTasks_refuses_a_missing_service(aws: Account) -> None:
    cluster(aws)
    refused(
        "ServiceNotFoundException", aws.ecs.list_tasks, cluster=aws.name, serviceName="none"
    )


def TagResource_changes_the_tags_of_a_task(aws: Account) -> None:
    (arn,) = _run(aws)
    aws.ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "b"}])
    tags = aws.ecs.list_tags_for_resource(resourceArn=arn)["tags"]
    assert {"key": "a", "value": "b"} in tags, tags


def DescribeContainerInstances_shows_an_instance_that_has_joined(aws: Account) -> None:
    shown = _instance(aws)
    has(shown, status="ACTIVE", agentConnected=True)
    assert shown["ec2InstanceId"].startswith("i-"), shown["ec2InstanceId"]
    attributes = {it["name"]: it.get("value") for it in shown["attributes"]}
    has(attributes, **{"ecs.instance-type": "t2.small", "ecs.os-type": "linux"})
    same(shown.get("tags", []), [])


def ListContainerInstances_chooses_by_the_cluster_query_language(aws: Account) -> None:
    def found(words: str) -> int:
        answer = aws.ecs.list_container_instances(cluster=aws.fleet(), filter=words)
        return len(answer["containerInstanceArns"])

    same(found("attribute:ecs.instance-type == t2.small"), 1)
    same(found("attribute:ecs.instance-type == t3.small"), 0)


def PutAttributes_gives_an_instance_an_attribute(aws: Account) -> None:
    instance = _instance(aws)["containerInstanceArn"].rpartition("/")[2]
    of_instance = {"name": aws.name, "value": "1", "targetType": "container-instance"}
    of_instance["targetId"] = instance
    aws.ecs.put_attributes(cluster=aws.fleet(), attributes=[of_instance])
    only = {"cluster": aws.fleet(), "targetType": "container-instance"}
    found = aws.ecs.list_attributes(attributeName=aws.name, **only)["attributes"]
    same([it["value"] for it in found], ["1"])
    aws.ecs.delete_attributes(cluster=aws.fleet(), attributes=[of_instance])
    same(aws.ecs.list_attributes(attributeName=aws.name, **only)["attributes"], [])


def UpdateContainerInstancesState_refuses_a_status_that_there_is_not(aws: Account) -> None:
    refused(
        "InvalidParameterException",
        aws.ecs.update_container_instances_state,
        cluster=aws.fleet(),
        containerInstances=[_instance(aws)["containerInstanceArn"]],
        status="SLEEPING",
    )


def UpdateTaskProtection_reports_a_task_of_no_service_as_a_failure(aws: Account) -> None:
    (arn,) = _run(aws)
    answer = aws.ecs.update_task_protection(
        cluster=aws.fleet(), tasks=[arn], protectionEnabled=True
    )
    same([it["arn"] for it in answer["failures"]], [arn])


def UpdateTaskProtection_refuses_a_missing_cluster(aws: Account) -> None:
    refused(
        "ClusterNotFoundException",
        aws.ecs.update_task_protection,
        cluster=aws.name,
        tasks=["0" * 32],
        protectionEnabled=True,
    )
