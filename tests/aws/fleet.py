"""An instance that has joined a cluster, which all checks of tasks share."""

import base64
from concurrent.futures import Future, ThreadPoolExecutor

from botocore.exceptions import ClientError

from account import Account, Endpoint, until
from things import cluster, group, profile, security_group, template

# Seconds in which an instance of the twin boots; a server without agents is waited for in vain.
PATIENCE = 20.0


class Fleet:
    """Begins to boot at once; `cluster()` waits for it."""

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        self._account = Account(endpoint, name)
        self._worker = ThreadPoolExecutor(1)
        self._built: Future[str] = self._worker.submit(self._build)

    def cluster(self) -> str:
        """The name of the cluster, in which one instance is ACTIVE."""
        return self._built.result()

    def account(self) -> Account:
        """The account to sweep when all is over."""
        self._worker.shutdown()
        return self._account

    def _build(self) -> str:
        aws = self._account
        name = cluster(aws)
        boot(aws, name)
        return name


def boot(aws: Account, name: str, **of_group: int) -> str:
    """An Auto Scaling group whose instance joins the cluster: the instance's ARN there."""
    user_data = f"#!/bin/bash\necho ECS_CLUSTER={name} >> /etc/ecs/ecs.config\n"
    made = template(
        aws,
        InstanceType="t2.small",
        IamInstanceProfile={"Name": profile(aws)},
        UserData=base64.b64encode(user_data.encode()).decode(),
        SecurityGroupIds=[security_group(aws)],
    )
    of_group = {"MinSize": 1, "MaxSize": 1} | of_group
    which = {"LaunchTemplateId": made, "Version": "$Latest"}
    until(lambda: _grouped(aws, LaunchTemplate=which, **of_group), PATIENCE)

    def joined() -> list[str]:
        answer = aws.ecs.list_container_instances(cluster=name, status="ACTIVE")
        return answer["containerInstanceArns"]

    return until(joined, PATIENCE)[0]


def _grouped(aws: Account, **arguments: object) -> bool:
    """Whether the group is made. A profile is known to Auto Scaling only some seconds after IAM."""
    try:
        group(aws, **arguments)
    except ClientError as error:
        if "iamInstanceProfile" not in error.response["Error"]["Message"]:
            raise
        return False
    return True
