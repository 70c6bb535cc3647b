"""Corrections to ECS services."""

from botocore import xform_name
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecs.exceptions import ECSException, EcsClientException, InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from .ecs_clusters import active_cluster, with_strategy_defaults
from .ecs_deployments import begin_deployment, set_desired_count
from .patching import page, replaces, wraps

# Members that a service keeps as they were given, and their defaults on create.
KEPT = {
    "placementConstraints": [],
    "placementStrategy": [],
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "healthCheckGracePeriodSeconds": 0,
    "propagateTags": "NONE",
    "availabilityZoneRebalancing": "ENABLED",
    "loadBalancers": [],
    "serviceRegistries": [],
    "networkConfiguration": None,
    "platformVersion": None,
    "serviceConnectConfiguration": None,
    "volumeConfigurations": None,
    "vpcLatticeConfigurations": None,
    "monitoring": None,
}

# Changing one of these starts a deployment; the rest take effect in place.
STARTS_A_DEPLOYMENT = [
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
    "monitoring",
]


def keep(service, request):
    for member in KEPT:
        if request.get(member) is not None:
            value = request[member]
            if member == "placementStrategy":
                value = [read_back(strategy) for strategy in value]
            setattr(service, xform_name(member), value)


def read_back(strategy):
    """AWS reads `host` back as `instanceId`, and `cpu` and `memory` in capitals."""
    field = strategy.get("field")
    if field == "host":
        return strategy | {"field": "instanceId"}
    if field in ("cpu", "memory"):
        return strategy | {"field": field.upper()}
    return strategy


def keep_deployment_configuration(service, given):
    daemon = service.scheduling_strategy == "DAEMON"
    defaults = {
        "maximumPercent": 100 if daemon else 200,
        "minimumHealthyPercent": 0 if daemon else 100,
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
        "strategy": "ROLLING",
    }
    known = getattr(service, "deployment_configuration", None) or defaults
    service.deployment_configuration = known | (given or {})


def choose_capacity(service, cluster, request):
    """A service that names neither launch type nor strategy takes a copy of the
    cluster's default strategy, else the launch type EC2."""
    strategy = request.get("capacityProviderStrategy")
    if strategy and request.get("launchType"):
        raise InvalidParameterException(
            "Specifying both a launch type and capacity provider strategy is not "
            "supported. Remove one and try again."
        )
    if not strategy and not request.get("launchType"):
        strategy = cluster.default_capacity_provider_strategy
    for item in strategy or []:
        if item["capacityProvider"] not in cluster.capacity_providers:
            raise InvalidParameterException(
                "The specified capacity provider strategy cannot contain a capacity "
                "provider that is not associated with the cluster. Associate the "
                "capacity provider with the cluster and try again."
            )
    service.capacity_provider_strategy = with_strategy_defaults(strategy) or None
    service.launch_type = None if strategy else request.get("launchType") or "EC2"


@replaces(EC2ContainerServiceResponse, "create_service")
def create_service_keeps_what_it_was_given(self):
    """moto loses most members of the request, says launch type EC2 under a
    strategy, starts no task and replaces a service that is there. AWS keeps and
    shows every member with its defaults, and refuses a taken name with
    `InvalidParameterException` unless the client token is the same."""
    request = self._get_params()
    backend = self.ecs_backend
    cluster = active_cluster(backend, request.get("cluster"))
    name = request["serviceName"]
    existing = backend.services.get(f"{cluster.name}:{name}")
    if existing is not None and existing.status == "ACTIVE":
        if request.get("clientToken") and request["clientToken"] == existing.client_token:
            return ActionResult({"service": existing})
        raise InvalidParameterException("Creation of service was not idempotent.")
    if request.get("taskDefinition"):
        active_task_definition(backend, request["taskDefinition"])
    # A trial on an empty object, so that nothing is stored if it is refused.
    choose_capacity(type("Trial", (), {})(), cluster, request)
    service = backend.create_service(
        cluster.name,
        name,
        request.get("desiredCount"),
        request.get("taskDefinition"),
        scheduling_strategy=request.get("schedulingStrategy"),
        tags=request.get("tags"),
        deployment_controller=request.get("deploymentController"),
        network_configuration=request.get("networkConfiguration"),
        role_arn=request.get("role"),
    )
    for member, default in KEPT.items():
        setattr(service, xform_name(member), default)
    if service.scheduling_strategy == "DAEMON":
        service.availability_zone_rebalancing = "DISABLED"
    keep(service, request)
    keep_deployment_configuration(service, request.get("deploymentConfiguration"))
    choose_capacity(service, cluster, request)
    account = backend.account_id
    service.role_arn = request.get("role") or (
        f"arn:aws:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    )
    service.created_at = utcnow()
    service.created_by = f"arn:aws:iam::{account}:root"
    service.client_token = request.get("clientToken")
    service.service_deployments = []
    set_desired_count(backend, service, service.desired_count)
    begin_deployment(service)
    return ActionResult({"service": service})


def active_task_definition(backend, name):
    found = backend.describe_task_definition(name)
    if found.status != "ACTIVE":
        raise EcsClientException("TaskDefinition is inactive")
    return found


@replaces(EC2ContainerServiceResponse, "update_service")
def update_service_changes_what_it_was_given(self):
    """moto stores the task definition as it was written, keeps the old deployment
    on a new task definition, and updates deleted services. AWS shows the ARN,
    starts a deployment with an id of its own for a change that needs one, wants
    `forceNewDeployment` with a changed provider strategy, and answers
    `ServiceNotActiveException` for a deleted service."""
    request = self._get_params()
    backend = self.ecs_backend
    cluster = active_cluster(backend, request.get("cluster"))
    service = backend._get_service(cluster.name, request["service"].split("/")[-1])
    if service.status != "ACTIVE":
        raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
    force = request.get("forceNewDeployment") or False
    strategy = request.get("capacityProviderStrategy")
    if strategy is not None:
        given = with_strategy_defaults(strategy)
        if given != (service.capacity_provider_strategy or []) and not force:
            raise InvalidParameterException(
                "When switching from launch type to capacity provider strategy on an "
                "existing service, or making a change to a capacity provider strategy "
                "on a service that is already using one, you must force a new deployment."
            )
        launch_type = None if strategy else "EC2"
        choose_capacity(service, cluster, request | {"launchType": launch_type})
    before = deployed(service)
    if request.get("taskDefinition"):
        found = active_task_definition(backend, request["taskDefinition"])
        service.task_definition = found.arn
    keep(service, request)
    if request.get("deploymentController"):
        service.deployment_controller = request["deploymentController"]
    keep_deployment_configuration(service, request.get("deploymentConfiguration"))
    if request.get("desiredCount") is not None:
        set_desired_count(backend, service, request["desiredCount"])
    if force or deployed(service) != before:
        begin_deployment(service)
    return ActionResult({"service": service})


def deployed(service):
    members = [getattr(service, xform_name(name)) for name in STARTS_A_DEPLOYMENT]
    return [service.task_definition, *members]


@wraps(EC2ContainerServiceBackend, "delete_service")
def a_deleted_service_has_nothing_left(original, self, cluster_name, service_name, force):
    """moto keeps the counts and deployments of a deleted service. In AWS it runs
    nothing and has no deployment; DescribeServices shows it INACTIVE for a while."""
    service = original(self, cluster_name, service_name, force)
    service.desired_count = 0
    service.running_count = 0
    service.deployments = []
    return service


@replaces(EC2ContainerServiceResponse, "list_services")
def list_services_pages_one_cluster(self):
    """moto does not page, matches clusters by the end of their names and lists
    deleted services. AWS pages (ten unless asked otherwise, a hundred at most),
    takes the one cluster asked for, and leaves out deleted services."""
    cluster = active_cluster(self.ecs_backend, self._get_param("cluster"))
    wanted = {
        "launch_type": self._get_param("launchType"),
        "scheduling_strategy": self._get_param("schedulingStrategy"),
    }
    arns = sorted(
        service.arn
        for service in self.ecs_backend.services.values()
        if service.cluster_name == cluster.name
        and service.status == "ACTIVE"
        and all(v in (None, getattr(service, k)) for k, v in wanted.items())
    )
    size = self._get_int_param("maxResults", 10)
    if not 1 <= size <= 100:
        raise InvalidParameterException("maxResults must be between 1 and 100.")
    arns, token = page(arns, self._get_param("nextToken"), size)
    return ActionResult({"serviceArns": arns, "nextToken": token})


@wraps(EC2ContainerServiceResponse, "describe_services")
def describe_services_takes_ten_names(original, self):
    """moto takes any number of names. AWS takes one to ten."""
    names = self._get_param("services", [])
    if not names:
        raise InvalidParameterException("Services cannot be empty.")
    if len(names) > 10:
        raise InvalidParameterException("Services cannot have more than 10 elements.")
    active_cluster(self.ecs_backend, self._get_param("cluster"))
    return original(self)
