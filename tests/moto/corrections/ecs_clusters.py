"""Corrections to ECS clusters."""

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ClusterNotFoundException, ECSException
from moto.ecs.models import Cluster, EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from .patching import page, replaces, wraps

# What DescribeClusters shows only to those who ask for it.
INCLUDED = {
    "ATTACHMENTS": ["attachments", "attachmentsStatus"],
    "CONFIGURATIONS": ["configuration"],
    "SETTINGS": ["settings"],
    "STATISTICS": ["statistics"],
    "TAGS": ["tags"],
}


def active_cluster(backend, name):
    """The cluster of this name or ARN, unless it was deleted."""
    cluster = backend._get_cluster(name or "default")
    if cluster.status != "ACTIVE":
        raise ClusterNotFoundException()
    return cluster


@wraps(EC2ContainerServiceBackend, "create_cluster")
def create_cluster_returns_the_existing_one(original, self, cluster_name, *rest, **keywords):
    """moto makes a new cluster in the place of one that is there and so loses
    its tags, settings and providers. AWS returns the existing cluster as it is,
    whatever the request asks for."""
    existing = self.clusters.get(cluster_name)
    if existing is not None and existing.status == "ACTIVE":
        return existing
    return original(self, cluster_name, *rest, **keywords)


@wraps(Cluster, "__init__")
def cluster_shows_its_providers(original, self, *arguments, **keywords):
    """moto leaves out the providers of a cluster that has none, and says nothing
    of their attachment. AWS shows empty lists and `attachmentsStatus`."""
    original(self, *arguments, **keywords)
    self.capacity_providers = self.capacity_providers or []
    self.default_capacity_provider_strategy = with_strategy_defaults(
        self.default_capacity_provider_strategy
    )
    self.tags = self.tags or []
    self.attachments = []
    self.attachments_status = "UPDATE_COMPLETE"


def with_strategy_defaults(strategy):
    """AWS fills weight 0 and base 0 into each item of a provider strategy."""
    return [{"weight": 0, "base": 0} | item for item in strategy or []]


@wraps(EC2ContainerServiceBackend, "put_cluster_capacity_providers")
def cluster_keeps_known_providers(original, self, cluster_name, providers, strategy):
    """moto attaches providers that do not exist, and detaches those that a
    service still uses. AWS refuses the first with `InvalidParameterException`
    and the second with `ResourceInUseException`."""
    cluster = active_cluster(self, cluster_name)
    for provider in providers or []:
        known = self._get_provider(provider)
        if not provider.startswith("FARGATE") and (
            known is None or known.status != "ACTIVE"
        ):
            raise ECSException(
                "InvalidParameterException",
                f"The specified capacity provider '{provider}' was not found. "
                "Specify a valid capacity provider and try again.",
            )
    used = {
        item["capacityProvider"]
        for service in self.services.values()
        if service.cluster_name == cluster.name and service.status == "ACTIVE"
        for item in service.capacity_provider_strategy or []
    }
    if used & (set(cluster.capacity_providers) - set(providers or [])):
        raise ECSException(
            "ResourceInUseException",
            "The specified capacity provider is in use and cannot be removed.",
        )
    return original(self, cluster_name, providers, with_strategy_defaults(strategy))


@wraps(EC2ContainerServiceBackend, "delete_cluster")
def delete_cluster_refuses_a_cluster_with_services(original, self, cluster_str):
    """moto deletes a cluster with services or container instances in it. AWS
    refuses with `ClusterContainsServicesException` and
    `ClusterContainsContainerInstancesException`."""
    cluster = self._get_cluster(cluster_str)
    if any(
        service.cluster_name == cluster.name and service.status != "INACTIVE"
        for service in self.services.values()
    ):
        raise ECSException(
            "ClusterContainsServicesException",
            "The Cluster cannot be deleted while Services are active.",
        )
    if self.container_instances.get(cluster.name):
        raise ECSException(
            "ClusterContainsContainerInstancesException",
            "The Cluster cannot be deleted while Container Instances are active or draining.",
        )
    return original(self, cluster_str)


@replaces(EC2ContainerServiceResponse, "update_cluster_settings")
def update_cluster_settings(self):
    """moto lacks UpdateClusterSettings. AWS changes the settings it is given."""
    cluster = active_cluster(self.ecs_backend, self._get_param("cluster"))
    cluster.settings = self._get_param("settings")
    return ActionResult({"cluster": cluster})


@replaces(EC2ContainerServiceResponse, "list_clusters")
def list_clusters_pages(self):
    """moto lists deleted clusters and does not page. AWS lists the active ones,
    a hundred a page unless asked for fewer."""
    backend = self.ecs_backend
    arns = sorted(c.arn for c in backend.clusters.values() if c.status == "ACTIVE")
    size = self._get_int_param("maxResults", 100)
    arns, token = page(arns, self._get_param("nextToken"), size)
    return ActionResult({"clusterArns": arns, "nextToken": token})


@wraps(EC2ContainerServiceResponse, "describe_clusters")
def describe_clusters_shows_what_was_asked_for(original, self):
    """moto shows settings and configuration to everyone and counts no services.
    AWS shows `settings`, `configuration`, `attachments`, `statistics` and `tags`
    only where `include` asks for them, and counts the active services."""
    for cluster in self.ecs_backend.clusters.values():
        cluster.active_services_count = sum(
            service.cluster_name == cluster.name and service.status == "ACTIVE"
            for service in self.ecs_backend.services.values()
        )
    result = original(self)
    include = self._get_param("include", [])
    for asked, members in INCLUDED.items():
        for member in members:
            path = f"DescribeClustersResponse.clusters.Cluster.{member}"
            if asked in include:
                self._include_in_response(path)
            else:
                self._exclude_from_response(path)
    return result


@wraps(EC2ContainerServiceBackend, "describe_container_instances")
def an_empty_cluster_has_no_container_instances(original, self, cluster_str, *rest):
    """moto fails with an internal error where a cluster never had an instance.
    AWS names the asked ones among the failures."""
    self.container_instances.setdefault(self._get_cluster(cluster_str).name, {})
    return original(self, cluster_str, *rest)
