"""Deployments of a service, which here are done as soon as they begin."""

import uuid

from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random


def set_desired_count(backend, service, count):
    """moto's services never start a task. In AWS the running count follows the
    desired count; here it does so at once, and the cluster's counts with it."""
    cluster = backend.clusters[service.cluster_name]
    cluster.running_tasks_count += count - service.running_count
    cluster.pending_tasks_count -= service.pending_count
    service.desired_count = count
    service.running_count = count
    service.pending_count = 0
    for deployment in service.deployments:
        deployment.update(desiredCount=count, runningCount=count, pendingCount=0)


def begin_deployment(service):
    """moto gives a service one deployment that never completes. In AWS each
    deployment has an id of its own and completes when its tasks run; here they
    run at once."""
    if service.deployment_controller["type"] != "ECS":
        return
    number = mock_random.randint(10**18, 10**19)
    now = utcnow()
    deployment = {
        "id": f"ecs-svc/{number}",
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count,
        "runningCount": service.desired_count,
        "pendingCount": 0,
        "failedTasks": 0,
        "createdAt": now,
        "updatedAt": now,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": f"ECS deployment ecs-svc/{number} completed.",
        "launchType": service.launch_type,
        "capacityProviderStrategy": service.capacity_provider_strategy,
        "platformVersion": service.platform_version,
        "networkConfiguration": service.network_configuration,
        "serviceConnectConfiguration": service.service_connect_configuration,
        "volumeConfigurations": service.volume_configurations,
    }
    service.deployments = [
        {name: value for name, value in deployment.items() if value is not None}
    ]
    note_service_deployment(service, number, now)
    note_event(service, now)


def note_service_deployment(service, number, now):
    prefix, path = service.arn.split(":service/")
    revision = f"{prefix}:service-revision/{path}/{number}"
    previous = service.service_deployments[:1]
    service.service_deployments.insert(
        0,
        {
            "serviceDeploymentArn": f"{prefix}:service-deployment/{path}/{uuid.uuid4().hex[:21]}",
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "createdAt": now,
            "startedAt": now,
            "finishedAt": now,
            "updatedAt": now,
            "status": "SUCCESSFUL",
            "targetServiceRevisionArn": revision,
            "targetServiceRevision": revision_summary(revision, service.desired_count),
            "sourceServiceRevisions": [
                revision_summary(deployment["targetServiceRevisionArn"], 0)
                for deployment in previous
            ],
            "deploymentConfiguration": service.deployment_configuration,
            "deploymentCircuitBreaker": {
                "status": "DISABLED",
                "failureCount": 0,
                "threshold": 3,
            },
        },
    )
    service.current_service_deployment = service.service_deployments[0]["serviceDeploymentArn"]
    service.current_service_revisions = [revision_summary(revision, service.desired_count)]


def revision_summary(arn, count):
    return {
        "arn": arn,
        "requestedTaskCount": count,
        "runningTaskCount": count,
        "pendingTaskCount": 0,
    }


def note_event(service, now):
    service.events.insert(
        0,
        {
            "id": str(uuid.uuid4()),
            "createdAt": now,
            "message": f"(service {service.name}) has reached a steady state.",
        },
    )
    del service.events[100:]
