"""Corrections to ECR repositories and images."""

import hashlib

from moto.ecr.models import ECRBackend, Image

from .patching import replaces, wraps


@wraps(ECRBackend, "put_image_scanning_configuration")
def scanning_that_says_nothing_is_off(original, self, registry_id, repository_name, image_scan_config):
    """moto ignores an empty configuration. To AWS a missing `scanOnPush` is false,
    and some SDKs leave false out."""
    given = {"scanOnPush": False} | (image_scan_config or {})
    return original(self, registry_id, repository_name, given)


@replaces(Image, "_create_digest")
def an_image_is_known_by_the_digest_of_its_manifest(self):
    """moto digests the layers' digests, and chooses a digest by chance where there are
    none. AWS's is that of the manifest's bytes."""
    self._image_digest = "sha256:" + hashlib.sha256(self.image_manifest.encode()).hexdigest()
