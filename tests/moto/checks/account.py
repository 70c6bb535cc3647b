"""One account, with the few things that most checks need in it."""

import boto3
import botocore.config
from botocore.exceptions import ClientError

SESSION = boto3.Session("test", "test", region_name="us-east-1")
CONFIGURATION = botocore.config.Config(retries={"total_max_attempts": 1})
CONTAINER = {"name": "web", "image": "nginx", "memory": 64}


class Account:
    """Clients by service name: `account.ecs.list_clusters()`."""

    def __init__(self, endpoint, number):
        self.endpoint, self.number = endpoint, number

    def client(self, service):
        client = SESSION.client(service, endpoint_url=self.endpoint, config=CONFIGURATION)

        def name_the_account(request, **_):
            request.headers["x-moto-account-id"] = self.number

        client.meta.events.register("before-send", name_the_account)
        return client

    def __getattr__(self, service):
        client = self.client(service.replace("_", "-"))
        setattr(self, service, client)
        return client

    def cluster(self, name="web", **keywords):
        return self.ecs.create_cluster(clusterName=name, **keywords)["cluster"]

    def task_definition(self, family="web", **keywords):
        answer = self.ecs.register_task_definition(
            family=family, containerDefinitions=[CONTAINER], **keywords
        )
        return answer["taskDefinition"]["taskDefinitionArn"]

    def service(self, name="web", cluster="web", **keywords):
        keywords.setdefault("desiredCount", 1)
        keywords.setdefault("taskDefinition", "web")
        answer = self.ecs.create_service(cluster=cluster, serviceName=name, **keywords)
        return answer["service"]

    def shown(self, name="web", cluster="web", **keywords):
        answer = self.ecs.describe_services(cluster=cluster, services=[name], **keywords)
        return answer["services"][0]

    def with_service(self, **keywords):
        self.cluster()
        self.task_definition()
        return self.service(**keywords)


def refused(code, call, **arguments):
    """Makes the call, which must be refused with this code."""
    try:
        answer = call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}"
        return error.response["Error"]["Message"]
    raise AssertionError(f"not refused with {code}: {answer}")


def pages(call, member, **arguments):
    """Every page of a call that pages with nextToken or NextToken."""
    found = []
    token_name = "nextToken"
    while True:
        answer = call(**arguments)
        found.append(answer[member])
        token_name = "NextToken" if "NextToken" in answer else token_name
        token = answer.get(token_name)
        if not token:
            return found
        arguments[token_name] = token


def same(found, expected):
    assert found == expected, f"\n   found {found}\nexpected {expected}"
