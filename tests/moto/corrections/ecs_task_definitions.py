"""Corrections to ECS task definitions."""

import copy

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecs.exceptions import TaskDefinitionNotFoundException
from moto.ecs.models import EC2ContainerServiceBackend, TaskDefinition
from moto.ecs.responses import EC2ContainerServiceResponse

from .patching import page, replaces, wraps


@wraps(EC2ContainerServiceBackend, "_get_last_task_definition_revision_id")
def revisions_are_never_used_twice(original, self, family):
    """moto counts from the revisions it still has, so that a deleted revision's
    number comes back. AWS never gives a number twice."""
    return max(highest_revisions(self).get(family, 0), original(self, family) or 0)


@wraps(EC2ContainerServiceBackend, "register_task_definition")
def the_highest_revision_is_noted(original, self, family, *rest, **keywords):
    """The other half: once given, a number is remembered."""
    task_definition = original(self, family, *rest, **keywords)
    highest_revisions(self)[family] = task_definition.revision
    return task_definition


def highest_revisions(backend):
    return backend.__dict__.setdefault("highest_revisions", {})


@wraps(EC2ContainerServiceBackend, "describe_task_definition")
def a_family_means_its_latest_active_revision(original, self, task_definition_str):
    """moto answers a family with its highest revision, active or not. AWS answers
    with the latest ACTIVE revision, and refuses a family that has none."""
    name = task_definition_str.split("/")[-1]
    if ":" in name:
        return original(self, task_definition_str)
    revisions = self.task_definitions.get(name, {}).values()
    active = [revision for revision in revisions if revision.status == "ACTIVE"]
    if not active:
        raise TaskDefinitionNotFoundException()
    return max(active, key=lambda revision: revision.revision)


@wraps(TaskDefinition, "__init__")
def registered_documents_read_back_with_defaults(original, self, *arguments, **keywords):
    """moto gives back port mappings and volumes as they came and says neither
    when nor by whom they were registered. AWS fills in the protocol `tcp`, the
    host port (0 under bridge, the container's own otherwise), `systemControls`
    and an empty `host` of a volume, and shows `registeredAt` and `registeredBy`."""
    original(self, *arguments, **keywords)
    self.container_definitions = copy.deepcopy(self.container_definitions)
    for container in self.container_definitions:
        container.setdefault("systemControls", [])
        for mapping in container["portMappings"]:
            mapping.setdefault("protocol", "tcp")
            if "containerPort" in mapping:
                own = 0 if self.network_mode == "bridge" else mapping["containerPort"]
                mapping.setdefault("hostPort", own)
    self.volumes = copy.deepcopy(self.volumes)
    for volume in self.volumes:
        if set(volume) == {"name"}:
            volume["host"] = {}
    self.registered_at = utcnow()
    self.registered_by = f"arn:aws:iam::{self.arn.split(':')[4]}:root"


@wraps(EC2ContainerServiceResponse, "register_task_definition")
def register_answers_with_tags(original, self):
    """moto leaves out of its answer the tags that were given, and forgets
    `enableFaultInjection`. AWS shows both."""
    result = original(self)
    task_definition = result.result["taskDefinition"]
    task_definition.enable_fault_injection = self._get_param("enableFaultInjection")
    return ActionResult(result.result | {"tags": task_definition.tags})


@wraps(EC2ContainerServiceBackend, "deregister_task_definition")
def deregistering_notes_the_time(original, self, task_definition_str):
    """moto shows no `deregisteredAt`. AWS does."""
    task_definition = original(self, task_definition_str)
    task_definition.deregistered_at = utcnow()
    return task_definition


@replaces(EC2ContainerServiceResponse, "list_task_definitions")
def list_task_definitions_sorts_and_pages(self):
    """moto ignores `sort`, `maxResults` and `nextToken`. AWS sorts by family and
    revision, ascending unless asked for DESC, a hundred a page."""
    status = self._get_param("status", "ACTIVE")
    family = self._get_param("familyPrefix")
    found = [
        revision
        for revisions in self.ecs_backend.task_definitions.values()
        for revision in revisions.values()
        if revision.status == status and family in (None, revision.family)
    ]
    found.sort(
        key=lambda revision: (revision.family, revision.revision),
        reverse=self._get_param("sort") == "DESC",
    )
    arns = [revision.arn for revision in found]
    size = self._get_int_param("maxResults", 100)
    arns, token = page(arns, self._get_param("nextToken"), size)
    return ActionResult({"taskDefinitionArns": arns, "nextToken": token})


@replaces(EC2ContainerServiceResponse, "list_task_definition_families")
def list_task_definition_families_pages(self):
    """moto ignores `status`, `maxResults` and `nextToken`. AWS lists the active
    families unless asked otherwise, a hundred a page."""
    prefix = self._get_param("familyPrefix") or ""
    status = self._get_param("status", "ACTIVE")
    families = sorted(
        family
        for family, revisions in self.ecs_backend.task_definitions.items()
        if family.startswith(prefix) and status in ("ALL", family_status(revisions))
    )
    size = self._get_int_param("maxResults", 100)
    families, token = page(families, self._get_param("nextToken"), size)
    return ActionResult({"families": families, "nextToken": token})


def family_status(revisions):
    active = any(revision.status == "ACTIVE" for revision in revisions.values())
    return "ACTIVE" if active else "INACTIVE"
