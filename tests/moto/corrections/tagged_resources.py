"""Corrections to the Resource Groups Tagging API."""

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.core.resource_tagging import (
    TaggedResource,
    make_tag_matcher,
    match_resource_type,
)
from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ecr.models import ecr_backends
from moto.ecs.models import EC2ContainerServiceBackend
from moto.logs.models import LogsBackend
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
from moto.resourcegroupstaggingapi.responses import ResourceGroupsTaggingAPIResponse

from .patching import page, replaces, wraps


@wraps(EC2ContainerServiceBackend, "iter_tagged_resources")
def capacity_providers_are_found(original, self):
    """moto leaves capacity providers out of GetResources. AWS finds them."""
    yield from original(self)
    for provider in self.capacity_providers.values():
        yield TaggedResource(
            arn=provider.capacity_provider_arn,
            tags={tag["key"]: tag["value"] for tag in provider.tags or []},
            resource_type="ecs:capacity-provider",
        )


@wraps(EC2Backend, "iter_tagged_resources")
def launch_templates_are_found(original, self):
    """moto leaves launch templates out of GetResources. AWS finds them."""
    yield from original(self)
    for template in self.launch_templates.values():
        yield TaggedResource(
            arn=f"arn:aws:ec2:{self.region_name}:{self.account_id}:launch-template/{template.id}",
            tags={tag["key"]: tag["value"] for tag in template.get_tags()},
            resource_type="ec2:launch-template",
        )


@wraps(LogsBackend, "iter_tagged_resources")
def log_groups_have_their_type(original, self):
    """moto calls log groups `logs:loggroup`. AWS calls them `logs:log-group`."""
    for resource in original(self):
        if resource.resource_type == "logs:loggroup":
            resource.resource_type = "logs:log-group"
        yield resource


@wraps(ResourceGroupsTaggingAPIBackend, "_get_resources_generator")
def repositories_and_scalable_targets_are_found(
    original, self, tag_filters=None, resource_type_filters=None, resource_arn_list=None
):
    """moto leaves ECR repositories and scalable targets out of GetResources. AWS
    finds them."""
    yield from original(self, tag_filters, resource_type_filters, resource_arn_list)
    matches = make_tag_matcher(tag_filters)
    for resource in untagged_by_moto(self):
        if (
            resource.tags
            and match_resource_type(resource.resource_type, resource_type_filters)
            and matches(resource.tags)
            and (not resource_arn_list or resource.arn in resource_arn_list)
        ):
            yield resource


def untagged_by_moto(self):
    account, region = self.account_id, self.region_name
    repositories = ecr_backends[account][region]
    for repository in repositories.repositories.values():
        yield TaggedResource(
            arn=repository.arn,
            tags=repositories.tagger.get_tag_dict_for_resource(repository.arn),
            resource_type="ecr:repository",
        )
    for targets in applicationautoscaling_backends[account][region].targets.values():
        for target in targets.values():
            yield TaggedResource(
                arn=target.arn,
                tags=target.tags,
                resource_type="application-autoscaling:scalable-target",
            )


@replaces(ResourceGroupsTaggingAPIBackend, "get_resources")
def get_resources_pages_by_resource(
    self,
    pagination_token=None,
    resources_per_page=50,
    tags_per_page=None,
    tag_filters=None,
    resource_type_filters=None,
    resource_arn_list=None,
):
    """moto ends a page at a hundred tags, also when nobody asked for it, and
    loses a resource at some ends. AWS ends a page at ResourcesPerPage, fifty
    unless asked otherwise."""
    found = list(
        self._get_resources_generator(tag_filters, resource_type_filters, resource_arn_list)
    )
    found.sort(key=lambda resource: resource.arn)
    found, token = page(found, pagination_token, resources_per_page)
    return token, found


@wraps(ResourceGroupsTaggingAPIResponse, "get_resources")
def the_last_page_has_an_empty_token(original, self):
    """moto leaves PaginationToken out of the last page. AWS gives an empty one."""
    result = original(self).result
    return ActionResult(result | {"PaginationToken": result["PaginationToken"] or ""})
