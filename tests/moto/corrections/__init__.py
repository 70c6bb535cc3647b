"""Where moto falls short of AWS, and what AWS does instead.

Each correction is one small function; its docstring states the shortfall and
AWS's behaviour. Nothing here knows what the tests test: a correction is right
for every client of AWS, or it does not belong here.
"""

import importlib

AREAS = [
    "threads",
    "ecs_clusters",
    "ecs_capacity_providers",
    "ecs_task_definitions",
    "ecs_services",
    "ecs_service_deployments",
    "scalable_targets",
    "scaling_policies",
    "launch_templates",
    "security_groups",
    "auto_scaling_groups",
    "log_groups",
    "repositories",
    "identities",
    "tagged_resources",
]


def apply():
    """Puts every correction in place; importing an area is what applies it."""
    for area in AREAS:
        importlib.import_module(f"{__name__}.{area}")
