"""The operations on service deployments, which moto lacks."""

from moto.core.responses import ActionResult
from moto.ecs.responses import EC2ContainerServiceResponse

from .ecs_clusters import active_cluster
from .patching import page, replaces


@replaces(EC2ContainerServiceResponse, "list_service_deployments")
def list_service_deployments(self):
    """moto lacks ListServiceDeployments. AWS lists the newest first, of the
    asked states, twenty a page."""
    backend = self.ecs_backend
    cluster = active_cluster(backend, self._get_param("cluster"))
    service = backend._get_service(cluster.name, self._get_param("service").split("/")[-1])
    wanted = self._get_param("status", [])
    found = [d for d in service.service_deployments if not wanted or d["status"] in wanted]
    size = self._get_int_param("maxResults", 20)
    found, token = page(found, self._get_param("nextToken"), size)
    return ActionResult({"serviceDeployments": found, "nextToken": token})


@replaces(EC2ContainerServiceResponse, "describe_service_deployments")
def describe_service_deployments(self):
    """moto lacks DescribeServiceDeployments. AWS shows those it is given by ARN,
    and names the missing ones among the failures."""
    known = {
        deployment["serviceDeploymentArn"]: deployment
        for service in self.ecs_backend.services.values()
        for deployment in service.service_deployments
    }
    arns = self._get_param("serviceDeploymentArns", [])
    return ActionResult(
        {
            "serviceDeployments": [known[arn] for arn in arns if arn in known],
            "failures": [
                {"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known
            ],
        }
    )
