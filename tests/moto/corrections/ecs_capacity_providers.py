"""Corrections to ECS capacity providers."""

import copy

from moto.core.responses import ActionResult
from moto.ecs.exceptions import EcsClientException, ECSException
from moto.ecs.models import CapacityProvider, EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from .patching import page, replaces, wraps

TAGS = "DescribeCapacityProvidersResponse.capacityProviders.CapacityProvider.tags"


@wraps(EC2ContainerServiceBackend, "create_capacity_provider")
def create_refuses_a_name_that_is_taken(original, self, name, *rest, **keywords):
    """moto replaces a provider that is there. AWS refuses with `ClientException`."""
    existing = self.capacity_providers.get(name)
    if existing is not None and existing.status == "ACTIVE":
        raise EcsClientException(
            "The specified capacity provider already exists. To change the configuration "
            "of an existing capacity provider, update the capacity provider."
        )
    provider = original(self, name, *rest, **keywords)
    provider.tags = provider.tags or []
    provider.type = "EC2_AUTOSCALING"
    return provider


@wraps(CapacityProvider, "_prepare_asg_provider")
def managed_draining_is_on_by_default(original, self, asg_details):
    """moto shows no `managedDraining` unless it was given. AWS's default is
    ENABLED, and it reads back."""
    details = original(self, asg_details)
    details.setdefault("managedDraining", "ENABLED")
    return details


@wraps(CapacityProvider, "update")
def update_keeps_managed_draining(original, self, asg_details):
    """moto loses `managedDraining` on update. AWS changes it."""
    if "managedDraining" in asg_details:
        self.auto_scaling_group_provider["managedDraining"] = asg_details["managedDraining"]
    original(self, copy.deepcopy(asg_details))


def existing_provider(backend, name):
    provider = backend._get_provider(name)
    if provider is None or provider.status != "ACTIVE":
        raise EcsClientException(
            "The specified capacity provider does not exist. Specify a valid name or ARN "
            "and try again."
        )
    return provider


@wraps(EC2ContainerServiceBackend, "update_capacity_provider")
def update_refuses_a_missing_provider(original, self, name_or_arn, asg_provider):
    """moto fails with an internal error. AWS answers `ClientException`."""
    existing_provider(self, name_or_arn)
    return original(self, name_or_arn, asg_provider)


@replaces(EC2ContainerServiceBackend, "delete_capacity_provider")
def delete_leaves_the_provider_inactive(self, name_or_arn):
    """moto forgets the provider at once, even one in use, and fails on a missing
    one with an internal error. AWS refuses while a cluster has it attached, and
    afterwards shows it for a while as INACTIVE with DELETE_COMPLETE."""
    provider = existing_provider(self, name_or_arn)
    if any(
        provider.name in (cluster.capacity_providers or [])
        for cluster in self.clusters.values()
        if cluster.status == "ACTIVE"
    ):
        raise ECSException(
            "ClientException",
            "The capacity provider cannot be deleted because it is associated with a "
            "cluster. Remove the capacity provider from the cluster and try again.",
        )
    provider.status = "INACTIVE"
    provider.update_status = "DELETE_COMPLETE"
    return provider


@replaces(EC2ContainerServiceResponse, "describe_capacity_providers")
def describe_lists_pages_and_hides_tags(self):
    """moto fails without names, does not page and always shows tags. AWS shows
    every provider when none is named, at most ten a page, with tags only where
    `include` asks for them."""
    backend = self.ecs_backend
    names = self._get_param("capacityProviders")
    if names:
        found, failures = backend.describe_capacity_providers(names)
    else:
        found, failures = sorted(backend.capacity_providers.values(), key=by_name), []
    size = min(self._get_int_param("maxResults", 10), 10)
    found, token = page(found, self._get_param("nextToken"), size)
    if "TAGS" in self._get_param("include", []):
        self._include_in_response(TAGS)
    else:
        self._exclude_from_response(TAGS)
    return ActionResult(
        {"capacityProviders": found, "failures": failures, "nextToken": token}
    )


def by_name(provider):
    return provider.name


@wraps(EC2ContainerServiceBackend, "_get_resource")
def tagging_a_missing_resource_is_refused(original, self, resource_arn, parsed_arn):
    """moto fails with an internal error when a provider or a task that does not
    exist is tagged. AWS answers `ResourceNotFoundException`."""
    resource = original(self, resource_arn, parsed_arn)
    if resource is None:
        raise ECSException("ResourceNotFoundException", "The specified resource was not found.")
    return resource
