"""What a check is given: AWS's clients, a name of its own, and a broom."""

import threading
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

REGION = "us-east-1"
# What a check sends wrong is for the server to see, not for the client.
CONFIGURATION = Config(
    parameter_validation=False,
    retries={"total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=32,
)
IN_USE = {
    "ClusterContainsContainerInstancesException",
    "ClusterContainsServicesException",
    "ClusterContainsTasksException",
    "DeleteConflict",
    "DependencyViolation",
    "ResourceInUse",
    "ResourceInUseException",
    "ScalingActivityInProgress",
    "UpdateInProgressException",
}


class Endpoint:
    """A server, with one client for each service that all checks share."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name=REGION)
        self._clients: dict[str, BaseClient] = {}
        self._lock = threading.Lock()
        self.fleet: Callable[[], str] = lambda: ""

    def client(self, service: str) -> BaseClient:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._session.client(
                    service, endpoint_url=self.url, config=CONFIGURATION
                )
            return self._clients[service]


class Account:
    """The account as one check sees it."""

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        self.endpoint = endpoint
        self.name = name
        self._sweepings: list[tuple[Callable[..., Any], dict[str, Any]]] = []

    autoscaling = property(lambda self: self.endpoint.client("autoscaling"))
    cloudwatch = property(lambda self: self.endpoint.client("cloudwatch"))
    ec2 = property(lambda self: self.endpoint.client("ec2"))
    ecr = property(lambda self: self.endpoint.client("ecr"))
    ecs = property(lambda self: self.endpoint.client("ecs"))
    elb = property(lambda self: self.endpoint.client("elbv2"))
    iam = property(lambda self: self.endpoint.client("iam"))
    logs = property(lambda self: self.endpoint.client("logs"))
    scaling = property(lambda self: self.endpoint.client("application-autoscaling"))
    ssm = property(lambda self: self.endpoint.client("ssm"))
    sts = property(lambda self: self.endpoint.client("sts"))
    tagging = property(lambda self: self.endpoint.client("resourcegroupstaggingapi"))

    @property
    def number(self) -> str:
        return self.sts.get_caller_identity()["Account"]

    def fleet(self) -> str:
        """The cluster with the instance that checks of tasks share."""
        return self.endpoint.fleet()

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{REGION}:{self.number}:{resource}"

    def later(self, call: Callable[..., Any], **arguments: Any) -> None:
        """Makes the call when the check is over, the last one first."""
        self._sweepings.append((call, arguments))

    def sweep(self) -> bool:
        """Makes those calls, and keeps those for another time that come too early."""
        kept = []
        for call, arguments in reversed(self._sweepings):
            try:
                call(**arguments)
            except ClientError as error:
                if error.response["Error"]["Code"] in IN_USE:
                    kept.append((call, arguments))
            except BotoCoreError:
                pass
        self._sweepings = kept[::-1]
        return not kept


def alone(check: Callable[[Account], None]) -> Callable[[Account], None]:
    """Of a check that must not run beside others, as it looks at all that is in the account."""
    check.alone = True  # type: ignore[attr-defined]
    return check


def refused(
    code: str | tuple[str, ...],
    call: Callable[..., Any],
    *,
    http: int = 400,
    words: str = "",
    **arguments: Any,
) -> dict[str, Any]:
    """Makes the call, which must be refused with this code, HTTP status and words."""
    try:
        answer = call(**arguments)
    except ClientError as error:
        found = error.response["Error"]
        codes = (code,) if isinstance(code, str) else code
        said = f"{found['Code']} {found.get('Message')!r}"
        assert found["Code"] in codes, f"{said} instead of {' or '.join(codes)}"
        answered = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert answered == http, f"{said} with HTTP status {answered} instead of {http}"
        assert words.lower() in found.get("Message", "").lower(), f"{said} without {words!r}"
        return error.response
    if isinstance(answer, dict):
        answer.pop("ResponseMetadata", None)
    raise AssertionError(f"not refused with {code}: {brief(answer)}")


class Patience:
    """How many seconds a check waits for what AWS does by itself."""

    seconds = 40.0


def until(what: Callable[[], Any], patience: float = 0) -> Any:
    """Asks until the answer is true, and returns it; for at most `patience` seconds."""
    patience = min(patience or Patience.seconds, Patience.seconds)
    end = time.monotonic() + patience
    while not (answer := what()):
        assert time.monotonic() < end, f"still {brief(answer)} after {patience} s"
        time.sleep(0.1)
    return answer


def pages(
    call: Callable[..., dict[str, Any]],
    member: str,
    *,
    token: str = "nextToken",
    sent: str = "",
    **arguments: Any,
) -> list[list[Any]]:
    """Every page of a listing; `token` is how the answer calls it, `sent` how the request does."""
    found = []
    while True:
        answer = call(**arguments)
        found.append(answer[member])
        assert len(found) < 100, "the pages do not end"
        if not answer.get(token):
            return found
        arguments[sent or token] = answer[token]


def same(found: Any, expected: Any) -> None:
    assert found == expected, f"found {brief(found)} instead of {brief(expected)}"


def has(found: dict[str, Any], **expected: Any) -> None:
    """Each member is there with this value; others may be there as well."""
    shown = {name: found.get(name) for name in expected}
    assert shown == expected, f"found {brief(shown)} instead of {brief(expected)}"


def brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:600]}…"
