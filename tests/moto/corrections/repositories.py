"""Corrections to ECR repositories."""

from moto.ecr.models import ECRBackend

from .patching import wraps


@wraps(ECRBackend, "put_image_scanning_configuration")
def scanning_that_says_nothing_is_off(original, self, registry_id, repository_name, image_scan_config):
    """moto ignores an empty configuration. To AWS a missing `scanOnPush` is false,
    and some SDKs leave false out."""
    given = {"scanOnPush": False} | (image_scan_config or {})
    return original(self, registry_id, repository_name, given)
