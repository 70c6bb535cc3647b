"""IAM, logs, ECR and the tagging API."""

import hashlib
import json

from account import refused, same

_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def roles_and_profiles_are_listed_by_path(aws):
    iam = aws.iam
    tags = [{"Key": "a", "Value": "b"}]
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    role = {"RoleName": "web", "AssumeRolePolicyDocument": _TRUST}
    iam.create_role(**role, Path="/one/", PermissionsBoundary=boundary, Tags=tags)
    refused("EntityAlreadyExists", iam.create_role, **role | {"RoleName": "WEB"})
    shown = iam.get_role(RoleName="web")["Role"]
    same(shown["PermissionsBoundary"]["PermissionsBoundaryArn"], boundary)
    same([r["RoleName"] for r in iam.list_roles(PathPrefix="/one/")["Roles"]], ["web"])
    same(iam.list_roles(PathPrefix="/two/")["Roles"], [])
    iam.create_instance_profile(InstanceProfileName="web", Path="/one/", Tags=tags)
    iam.tag_instance_profile(InstanceProfileName="web", Tags=[{"Key": "c", "Value": "d"}])
    same(
        iam.list_instance_profile_tags(InstanceProfileName="web")["Tags"],
        [*tags, {"Key": "c", "Value": "d"}],
    )
    names = {"InstanceProfileName": "web", "RoleName": "web"}
    iam.add_role_to_instance_profile(**names)
    (profile,) = iam.list_instance_profiles(PathPrefix="/one/")["InstanceProfiles"]
    same([r["RoleName"] for r in profile["Roles"]], ["web"])
    same(iam.list_instance_profiles(PathPrefix="/two/")["InstanceProfiles"], [])
    same(len(iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Tags"]), 2)
    iam.remove_role_from_instance_profile(**names)
    refused("NoSuchEntity", iam.remove_role_from_instance_profile, **names)


def managed_policies_are_there(aws):
    aws.iam.create_role(RoleName="web", AssumeRolePolicyDocument=_TRUST)
    aws.iam.attach_role_policy(
        RoleName="web",
        PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    )


def log_groups_are_found_by_identifier(aws):
    logs = aws.logs
    names = [f"/web/{number}" for number in range(60)]
    for name in names:
        logs.create_log_group(logGroupName=name, tags={"a": "b"})
    answer = logs.describe_log_groups(logGroupIdentifiers=[*names[:40], "/web/none"])
    same(len(answer["logGroups"]), 40)
    identifiers = [answer["logGroups"][0]["logGroupArn"]]
    same(len(logs.describe_log_groups(logGroupIdentifiers=identifiers)["logGroups"]), 1)
    refused("InvalidParameterException", logs.describe_log_groups, logGroupIdentifiers=names)
    refused(
        "InvalidParameterException",
        logs.put_retention_policy,
        logGroupName=names[0],
        retentionInDays=8,
    )


def log_groups_change_their_key(aws):
    logs = aws.logs
    logs.create_log_group(logGroupName="/web", kmsKeyId="arn:aws:kms:us-east-1:1:key/one")
    logs.associate_kms_key(logGroupName="/web", kmsKeyId="arn:aws:kms:us-east-1:1:key/two")
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/web")["logGroups"]
    same(group["kmsKeyId"], "arn:aws:kms:us-east-1:1:key/two")
    logs.disassociate_kms_key(logGroupName="/web")
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/web")["logGroups"]
    same(group.get("kmsKeyId"), None)
    refused("ResourceNotFoundException", logs.disassociate_kms_key, logGroupName="/none")


def log_events_are_found_by_the_beginning_of_a_streams_name(aws):
    logs = aws.logs
    logs.create_log_group(logGroupName="/web")
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/web")["logGroups"]
    for name in ("a/1", "a/2", "b/1"):
        stream = {"logGroupName": "/web", "logStreamName": name}
        logs.create_log_stream(**stream)
        event = {"timestamp": group["creationTime"], "message": name}
        logs.put_log_events(**stream, logEvents=[event])
    found = logs.filter_log_events(logGroupName="/web", logStreamNamePrefix="a/")
    same(sorted(it["message"] for it in found["events"]), ["a/1", "a/2"])


def log_groups_are_tagged_by_their_plain_arn(aws):
    logs = aws.logs
    logs.create_log_group(logGroupName="/web", tags={"a": "b"})
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/web")["logGroups"]
    arn = group["logGroupArn"]
    same(group["arn"], arn + ":*")
    logs.tag_resource(resourceArn=arn, tags={"c": "d"})
    same(logs.list_tags_for_resource(resourceArn=arn)["tags"], {"a": "b", "c": "d"})
    refused("ResourceNotFoundException", logs.tag_resource, resourceArn=arn + "x", tags={"c": "d"})
    logs.delete_log_group(logGroupName="/web")
    logs.create_log_group(logGroupName="/web")
    same(logs.list_tags_for_resource(resourceArn=arn)["tags"], {})


def repositories_have_tags_and_lifecycles(aws):
    ecr = aws.ecr
    repository = ecr.create_repository(repositoryName="web")["repository"]
    refused("LifecyclePolicyNotFoundException", ecr.get_lifecycle_policy, repositoryName="web")
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    text = json.dumps({"rules": [rule]})
    ecr.put_lifecycle_policy(repositoryName="web", lifecyclePolicyText=text)
    same(ecr.get_lifecycle_policy(repositoryName="web")["lifecyclePolicyText"], text)
    arn = repository["repositoryArn"]
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "a", "Value": "b"}])
    same(ecr.list_tags_for_resource(resourceArn=arn)["tags"], [{"Key": "a", "Value": "b"}])


def an_image_is_known_by_the_digest_of_its_manifest(aws):
    aws.ecr.create_repository(repositoryName="web")
    media_type = "application/vnd.oci.image.index.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": media_type, "manifests": []})
    put = aws.ecr.put_image(repositoryName="web", imageManifest=manifest, imageTag="a")
    digest = "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()
    same(put["image"]["imageId"], {"imageDigest": digest, "imageTag": "a"})


def every_tagged_resource_is_found_by_type(aws):
    lower, upper = [{"key": "a", "value": "b"}], [{"Key": "a", "Value": "b"}]
    aws.cluster(tags=lower)
    aws.task_definition(tags=lower)
    aws.service(tags=lower)
    aws.ecs.create_capacity_provider(
        name="cp", autoScalingGroupProvider={"autoScalingGroupArn": "g"}, tags=lower
    )
    aws.ecr.create_repository(repositoryName="web", tags=upper)
    aws.logs.create_log_group(logGroupName="/web", tags={"a": "b"})
    aws.ec2.create_security_group(
        GroupName="web",
        Description="web",
        TagSpecifications=[{"ResourceType": "security-group", "Tags": upper}],
    )
    aws.ec2.create_launch_template(
        LaunchTemplateName="web",
        LaunchTemplateData={"ImageId": "ami-1"},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": upper}],
    )
    aws.application_autoscaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/web/web",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"a": "b"},
    )
    aws.ecr.create_repository(repositoryName="other", tags=[{"Key": "a", "Value": "c"}])
    filters = [{"Key": "a", "Values": ["b"]}]
    types = [
        "ecs:cluster",
        "ecs:service",
        "ecs:task-definition",
        "ecs:capacity-provider",
        "ecr:repository",
        "logs:log-group",
        "ec2:security-group",
        "ec2:launch-template",
        "application-autoscaling:scalable-target",
    ]
    find = aws.resourcegroupstaggingapi.get_resources
    for kind in types:
        answer = find(TagFilters=filters, ResourceTypeFilters=[kind])
        same((kind, len(answer["ResourceTagMappingList"])), (kind, 1))
    answer = find(TagFilters=filters, ResourceTypeFilters=types)
    same((len(answer["ResourceTagMappingList"]), answer["PaginationToken"]), (9, ""))


def tagged_resources_are_paged_by_resource(aws):
    tags = {f"k{number}": "v" for number in range(10)}
    for number in range(120):
        aws.logs.create_log_group(logGroupName=f"/web/{number}", tags=tags)
    found, token = [], ""
    while True:
        answer = aws.resourcegroupstaggingapi.get_resources(
            ResourcesPerPage=100, PaginationToken=token
        )
        found.append(len(answer["ResourceTagMappingList"]))
        token = answer["PaginationToken"]
        if not token:
            break
    same(found, [100, 20])
    answer = aws.resourcegroupstaggingapi.get_resources()
    same(len(answer["ResourceTagMappingList"]), 50)
