"""Images and their layers."""

import base64
import hashlib
import json
from typing import Any

from account import Account, has, refused, same
from things import repository

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def _layer(aws: Account, content: bytes) -> str:
    """Uploads a layer as docker does: its digest."""
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    upload = aws.ecr.initiate_layer_upload(repositoryName=aws.name)["uploadId"]
    aws.ecr.upload_layer_part(
        repositoryName=aws.name,
        uploadId=upload,
        partFirstByte=0,
        partLastByte=len(content) - 1,
        layerPartBlob=content,
    )
    aws.ecr.complete_layer_upload(
        repositoryName=aws.name, uploadId=upload, layerDigests=[digest]
    )
    return digest


def _manifest(aws: Account, content: str = "one") -> str:
    """A manifest of which all layers are there."""
    parts = {"config": f"config {content} {aws.name}", "layer": f"layer {content} {aws.name}"}
    digests = {name: _layer(aws, text.encode()) for name, text in parts.items()}
    return _written(
        {name: {"size": len(parts[name]), "digest": digests[name]} for name in parts}
    )


def _written(parts: dict[str, Any]) -> str:
    config = {"mediaType": "application/vnd.docker.container.image.v1+json"}
    layer = {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip"}
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config | parts["config"],
            "layers": [layer | parts["layer"]],
        }
    )


def _image(aws: Account, tag: str = "latest", content: str = "one") -> str:
    """Pushes an image: its digest."""
    answer = aws.ecr.put_image(
        repositoryName=aws.name, imageManifest=_manifest(aws, content), imageTag=tag
    )
    return answer["image"]["imageId"]["imageDigest"]


def DeleteRepository_refuses_one_with_images_without_force(aws: Account) -> None:
    repository(aws)
    _image(aws)
    refused("RepositoryNotEmptyException", aws.ecr.delete_repository, repositoryName=aws.name)
    aws.ecr.delete_repository(repositoryName=aws.name, force=True)


def GetAuthorizationToken_is_a_password_for_twelve_hours(aws: Account) -> None:
    (data,) = aws.ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    assert user == "AWS" and password, user
    same(data["proxyEndpoint"], f"https://{aws.number}.dkr.ecr.us-east-1.amazonaws.com")


def PutImage_keeps_an_image_by_the_digest_of_its_manifest(aws: Account) -> None:
    repository(aws)
    manifest = _manifest(aws)
    digest = "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()
    answer = aws.ecr.put_image(
        repositoryName=aws.name, imageManifest=manifest, imageTag="latest"
    )
    same(answer["image"]["imageId"], {"imageDigest": digest, "imageTag": "latest"})
    (shown,) = aws.ecr.describe_images(repositoryName=aws.name)["imageDetails"]
    has(
        shown,
        imageDigest=digest,
        imageTags=["latest"],
        repositoryName=aws.name,
        imageManifestMediaType=MANIFEST,
    )
    assert shown["imageSizeInBytes"] > 0 and shown["imagePushedAt"], shown


def PutImage_refuses_the_same_image_under_the_same_tag(aws: Account) -> None:
    repository(aws)
    manifest = _manifest(aws)
    arguments = {"repositoryName": aws.name, "imageManifest": manifest, "imageTag": "latest"}
    aws.ecr.put_image(**arguments)
    refused("ImageAlreadyExistsException", aws.ecr.put_image, **arguments)


def PutImage_refuses_another_image_under_an_immutable_tag(aws: Account) -> None:
    repository(aws, imageTagMutability="IMMUTABLE")
    _image(aws, "v1", "one")
    refused(
        "ImageTagAlreadyExistsException",
        aws.ecr.put_image,
        words="tag is immutable",
        repositoryName=aws.name,
        imageManifest=_manifest(aws, "two"),
        imageTag="v1",
    )


def PutImage_moves_a_mutable_tag(aws: Account) -> None:
    repository(aws)
    _image(aws, "latest", "one")
    second = _image(aws, "latest", "two")
    found = aws.ecr.describe_images(repositoryName=aws.name, imageIds=[{"imageTag": "latest"}])
    same([it["imageDigest"] for it in found["imageDetails"]], [second])


def PutImage_refuses_layers_that_were_not_uploaded(aws: Account) -> None:
    repository(aws)
    digest = "sha256:" + "0" * 64
    parts = {name: {"size": 1, "digest": digest} for name in ("config", "layer")}
    refused(
        "LayersNotFoundException",
        aws.ecr.put_image,
        repositoryName=aws.name,
        imageManifest=_written(parts),
        imageTag="latest",
    )


def PutImage_refuses_a_missing_repository(aws: Account) -> None:
    refused(
        "RepositoryNotFoundException",
        aws.ecr.put_image,
        repositoryName=aws.name,
        imageManifest="{}",
        imageTag="latest",
    )


def CompleteLayerUpload_refuses_a_digest_that_is_not_the_layers(aws: Account) -> None:
    repository(aws)
    upload = aws.ecr.initiate_layer_upload(repositoryName=aws.name)["uploadId"]
    aws.ecr.upload_layer_part(
        repositoryName=aws.name,
        uploadId=upload,
        partFirstByte=0,
        partLastByte=2,
        layerPartBlob=b"abc",
    )
    refused(
        "InvalidLayerException",
        aws.ecr.complete_layer_upload,
        repositoryName=aws.name,
        uploadId=upload,
        layerDigests=["sha256:" + "0" * 64],
    )


def BatchCheckLayerAvailability_tells_which_layers_are_there(aws: Account) -> None:
    repository(aws)
    there, missing = _layer(aws, aws.name.encode()), "sha256:" + "0" * 64
    answer = aws.ecr.batch_check_layer_availability(
        repositoryName=aws.name, layerDigests=[there, missing]
    )
    found = {it["layerDigest"]: it["layerAvailability"] for it in answer["layers"]}
    same(found.get(there), "AVAILABLE")
    assert found.get(missing, "UNAVAILABLE") == "UNAVAILABLE", found


def BatchGetImage_answers_with_manifests_and_failures(aws: Account) -> None:
    repository(aws)
    digest = _image(aws)
    answer = aws.ecr.batch_get_image(
        repositoryName=aws.name, imageIds=[{"imageTag": "latest"}, {"imageTag": "none"}]
    )
    same([it["imageId"]["imageDigest"] for it in answer["images"]], [digest])
    same(json.loads(answer["images"][0]["imageManifest"])["mediaType"], MANIFEST)
    same([it["failureCode"] for it in answer["failures"]], ["ImageNotFound"])


def BatchGetImage_refuses_101(aws: Account) -> None:
    repository(aws)
    refused(
        "InvalidParameterException",
        aws.ecr.batch_get_image,
        repositoryName=aws.name,
        imageIds=[{"imageTag": f"t{number}"} for number in range(101)],
    )


def DescribeImages_refuses_a_tag_that_there_is_not(aws: Account) -> None:
    repository(aws)
    refused(
        "ImageNotFoundException",
        aws.ecr.describe_images,
        repositoryName=aws.name,
        imageIds=[{"imageTag": "none"}],
    )


def ListImages_lists_tags_and_digests(aws: Account) -> None:
    repository(aws)
    digest = _image(aws)
    same(
        aws.ecr.list_images(repositoryName=aws.name)["imageIds"],
        [{"imageDigest": digest, "imageTag": "latest"}],
    )
    untagged = aws.ecr.list_images(repositoryName=aws.name, filter={"tagStatus": "UNTAGGED"})
    same(untagged["imageIds"], [])


def BatchDeleteImage_by_tag_takes_the_tag_and_the_last_takes_the_image(aws: Account) -> None:
    repository(aws)
    digest = _image(aws)
    answer = aws.ecr.batch_delete_image(
        repositoryName=aws.name, imageIds=[{"imageTag": "latest"}, {"imageTag": "none"}]
    )
    same(answer["imageIds"], [{"imageDigest": digest, "imageTag": "latest"}])
    same([it["failureCode"] for it in answer["failures"]], ["ImageNotFound"])
    same(aws.ecr.describe_images(repositoryName=aws.name)["imageDetails"], [])
