"""Clusters, their settings and tags, and account settings."""

from account import Account, alone, has, pages, refused, same
from things import cluster, definition, service, with_service


def _shown(aws: Account, *include: str) -> dict:
    answer = aws.ecs.describe_clusters(clusters=[aws.name], include=list(include))
    return answer["clusters"][0]


def CreateCluster_answers_with_an_active_cluster_that_is_empty(aws: Account) -> None:
    made = aws.ecs.create_cluster(clusterName=aws.name)["cluster"]
    aws.later(aws.ecs.delete_cluster, cluster=aws.name)
    has(
        made,
        clusterArn=aws.arn("ecs", f"cluster/{aws.name}"),
        clusterName=aws.name,
        status="ACTIVE",
        registeredContainerInstancesCount=0,
        runningTasksCount=0,
        pendingTasksCount=0,
        activeServicesCount=0,
        capacityProviders=[],
        defaultCapacityProviderStrategy=[],
    )


def CreateCluster_answers_with_tags_and_settings(aws: Account) -> None:
    tags = [{"key": "a", "value": "b"}]
    settings = [{"name": "containerInsights", "value": "enabled"}]
    answer = aws.ecs.create_cluster(clusterName=aws.name, tags=tags, settings=settings)
    aws.later(aws.ecs.delete_cluster, cluster=aws.name)
    has(answer["cluster"], tags=tags, settings=settings)


def CreateCluster_of_one_that_exists_answers_with_that_one_unchanged(aws: Account) -> None:
    cluster(aws, tags=[{"key": "a", "value": "b"}])
    again = aws.ecs.create_cluster(clusterName=aws.name, tags=[{"key": "c", "value": "d"}])
    same(again["cluster"]["status"], "ACTIVE")
    same(_shown(aws, "TAGS")["tags"], [{"key": "a", "value": "b"}])


def CreateCluster_refuses_a_name_with_a_blank(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecs.create_cluster, clusterName=f"{aws.name} x")


def CreateCluster_refuses_a_name_of_256_letters(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecs.create_cluster, clusterName="n" * 256)


def CreateCluster_refuses_a_setting_that_does_not_exist(aws: Account) -> None:
    refused(
        "InvalidParameterException",
        aws.ecs.create_cluster,
        clusterName=aws.name,
        settings=[{"name": "containerOutsights", "value": "enabled"}],
    )


def CreateCluster_refuses_fifty_one_tags(aws: Account) -> None:
    tags = [{"key": f"k{number}", "value": "v"} for number in range(51)]
    refused(
        "InvalidParameterException", aws.ecs.create_cluster, clusterName=aws.name, tags=tags
    )


def CreateCluster_refuses_a_tag_that_begins_with_aws(aws: Account) -> None:
    tags = [{"key": "aws:mine", "value": "v"}]
    refused(
        ("InvalidParameterException", "ClientException"),
        aws.ecs.create_cluster,
        clusterName=aws.name,
        tags=tags,
    )


def DescribeClusters_answers_by_name_and_by_ARN(aws: Account) -> None:
    cluster(aws)
    for name in (aws.name, aws.arn("ecs", f"cluster/{aws.name}")):
        found = aws.ecs.describe_clusters(clusters=[name])["clusters"]
        same([it["clusterName"] for it in found], [aws.name])


def DescribeClusters_reports_a_missing_one_as_a_failure(aws: Account) -> None:
    cluster(aws)
    answer = aws.ecs.describe_clusters(clusters=[aws.name, aws.name + "-none"])
    same([it["clusterName"] for it in answer["clusters"]], [aws.name])
    missing = aws.arn("ecs", f"cluster/{aws.name}-none")
    same([(it["arn"], it["reason"]) for it in answer["failures"]], [(missing, "MISSING")])


def DescribeClusters_refuses_101_names(aws: Account) -> None:
    names = [f"{aws.name}-{number}" for number in range(101)]
    refused("InvalidParameterException", aws.ecs.describe_clusters, clusters=names)


def DescribeClusters_shows_tags_and_settings_only_when_asked(aws: Account) -> None:
    cluster(aws, tags=[{"key": "a", "value": "b"}])
    bare = _shown(aws)
    same([bare.get("tags", []), bare.get("settings", [])], [[], []])
    full = _shown(aws, "TAGS", "SETTINGS")
    same(full["tags"], [{"key": "a", "value": "b"}])
    same([it["name"] for it in full["settings"]], ["containerInsights"])


def DescribeClusters_refuses_to_include_what_there_is_not(aws: Account) -> None:
    cluster(aws)
    refused(
        "InvalidParameterException",
        aws.ecs.describe_clusters,
        clusters=[aws.name],
        include=["EVERYTHING"],
    )


def DescribeClusters_counts_active_services(aws: Account) -> None:
    with_service(aws)
    same(_shown(aws)["activeServicesCount"], 1)


def DescribeClusters_shows_statistics_by_name(aws: Account) -> None:
    cluster(aws)
    statistics = {it["name"]: it["value"] for it in _shown(aws, "STATISTICS")["statistics"]}
    has(statistics, runningEC2TasksCount="0", activeEC2ServiceCount="0")


@alone
def ListClusters_goes_by_pages(aws: Account) -> None:
    names = {cluster(aws, suffix) for suffix in ("a", "b", "c")}
    found = pages(aws.ecs.list_clusters, "clusterArns", maxResults=2)
    assert all(len(page) <= 2 for page in found), found
    listed = {arn.rpartition("/")[2] for page in found for arn in page}
    same(names - listed, set())


def ListClusters_refuses_a_page_of_101(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecs.list_clusters, maxResults=101)


def ListClusters_refuses_a_token_that_it_never_gave(aws: Account) -> None:
    refused("InvalidParameterException", aws.ecs.list_clusters, nextToken="nonsense")


def UpdateClusterSettings_changes_container_insights(aws: Account) -> None:
    cluster(aws)
    wanted = [{"name": "containerInsights", "value": "enhanced"}]
    answer = aws.ecs.update_cluster_settings(cluster=aws.name, settings=wanted)
    same(answer["cluster"]["settings"], wanted)
    same(_shown(aws, "SETTINGS")["settings"], wanted)


def UpdateClusterSettings_refuses_a_missing_cluster(aws: Account) -> None:
    refused(
        "ClusterNotFoundException",
        aws.ecs.update_cluster_settings,
        cluster=aws.name,
        settings=[{"name": "containerInsights", "value": "enabled"}],
    )


def UpdateCluster_sets_the_configuration_of_exec(aws: Account) -> None:
    cluster(aws)
    wanted = {"executeCommandConfiguration": {"logging": "NONE"}}
    aws.ecs.update_cluster(cluster=aws.name, configuration=wanted)
    same(_shown(aws, "CONFIGURATIONS")["configuration"], wanted)


def DeleteCluster_leaves_an_inactive_one_that_is_not_listed(aws: Account) -> None:
    cluster(aws)
    same(aws.ecs.delete_cluster(cluster=aws.name)["cluster"]["status"], "INACTIVE")
    answer = aws.ecs.describe_clusters(clusters=[aws.name])
    same([it["status"] for it in answer["clusters"]], ["INACTIVE"])
    listed = sum(pages(aws.ecs.list_clusters, "clusterArns"), [])
    assert not [arn for arn in listed if arn.endswith("/" + aws.name)]


def DeleteCluster_refuses_a_missing_one(aws: Account) -> None:
    refused("ClusterNotFoundException", aws.ecs.delete_cluster, cluster=aws.name)


def DeleteCluster_refuses_one_with_services(aws: Account) -> None:
    with_service(aws)
    refused("ClusterContainsServicesException", aws.ecs.delete_cluster, cluster=aws.name)


def CreateCluster_takes_the_name_of_a_deleted_one(aws: Account) -> None:
    cluster(aws)
    aws.ecs.delete_cluster(cluster=aws.name)
    same(aws.ecs.create_cluster(clusterName=aws.name)["cluster"]["status"], "ACTIVE")


def calls_on_a_deleted_cluster_are_refused(aws: Account) -> None:
    cluster(aws)
    definition(aws)
    aws.ecs.delete_cluster(cluster=aws.name)
    refused("ClusterNotFoundException", aws.ecs.list_services, cluster=aws.name)
    refused(
        "ClusterNotFoundException",
        service,
        aws=aws,
        taskDefinition=aws.name,
    )


def TagResource_and_UntagResource_change_the_tags_of_a_cluster(aws: Account) -> None:
    cluster(aws, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    arn = aws.arn("ecs", f"cluster/{aws.name}")
    aws.ecs.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "3"}, {"key": "c"}])
    aws.ecs.untag_resource(resourceArn=arn, tagKeys=["a"])
    tags = aws.ecs.list_tags_for_resource(resourceArn=arn)["tags"]
    same({it["key"]: it.get("value", "") for it in tags}, {"b": "3", "c": ""})


def TagResource_refuses_a_cluster_that_does_not_exist(aws: Account) -> None:
    refused(
        ("ClusterNotFoundException", "ResourceNotFoundException"),
        aws.ecs.tag_resource,
        resourceArn=aws.arn("ecs", f"cluster/{aws.name}"),
        tags=[{"key": "a", "value": "b"}],
    )


def TagResource_refuses_what_is_no_ARN(aws: Account) -> None:
    refused(
        "InvalidParameterException",
        aws.ecs.tag_resource,
        resourceArn="cluster",
        tags=[{"key": "a", "value": "b"}],
    )


def TagResource_refuses_a_key_of_129_letters(aws: Account) -> None:
    cluster(aws)
    refused(
        "InvalidParameterException",
        aws.ecs.tag_resource,
        resourceArn=aws.arn("ecs", f"cluster/{aws.name}"),
        tags=[{"key": "k" * 129, "value": "v"}],
    )


def ListAccountSettings_has_the_default_of_each(aws: Account) -> None:
    found = pages(aws.ecs.list_account_settings, "settings", effectiveSettings=True)
    values = {it["name"]: it["value"] for it in sum(found, [])}
    has(values, serviceLongArnFormat="enabled", taskLongArnFormat="enabled")


def PutAccountSetting_refuses_a_setting_that_does_not_exist(aws: Account) -> None:
    refused(
        "InvalidParameterException",
        aws.ecs.put_account_setting,
        name="shortArnFormat",
        value="enabled",
    )
