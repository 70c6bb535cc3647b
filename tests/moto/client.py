"""boto3 as a service: one JSON request a line in, one JSON answer a line out.

A request is {"id", "endpoint", "account", "credentials", "service", "method", "arguments"}, of
which account and credentials (key, secret, token) may be null;
the answer is {"id", "answer"} or {"id", "error": {"code", "message", "status"}}.
Answers come as they are ready, so a slow call holds up no other.
"""

import base64
import datetime
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import botocore.config
from botocore.exceptions import BotoCoreError, ClientError

CONFIGURATION = botocore.config.Config(
    retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=120
)


class Clients:
    """Clients made once for each service, endpoint, account and caller."""

    def __init__(self):
        self.known = {}
        self.lock = threading.Lock()

    def get(self, service, endpoint, account, credentials):
        with self.lock:
            key = (service, endpoint, account, tuple(credentials or ("test", "test", None)))
            if key not in self.known:
                self.known[key] = self.make(*key)
            return self.known[key]

    def make(self, service, endpoint, account, credentials):
        session = boto3.Session(*credentials, region_name="us-east-1")
        client = session.client(service, endpoint_url=endpoint, config=CONFIGURATION)
        if account is not None:

            def name_the_account(request, **_):
                request.headers["x-moto-account-id"] = account

            client.meta.events.register("before-send", name_the_account)
        return client


def plain(value):
    """The JSON form of what boto3 answers and JSON lacks."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "read"):
        return base64.b64encode(value.read()).decode()
    return str(value)


def answer(clients, request):
    try:
        who = request.get("account"), request.get("credentials")
        client = clients.get(request["service"], request["endpoint"], *who)
        result = getattr(client, request["method"])(**request["arguments"])
        result.pop("ResponseMetadata", None)
        return {"answer": result}
    except ClientError as error:
        details = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        code, message = details.get("Code", ""), details.get("Message", "")
        return {"error": {"code": code, "message": message, "status": status}}
    except (BotoCoreError, AttributeError, TypeError) as error:
        return {"error": {"code": type(error).__name__, "message": str(error), "status": 0}}


def main():
    clients = Clients()
    output = threading.Lock()

    def serve(request):
        line = json.dumps({"id": request["id"]} | answer(clients, request), default=plain)
        with output:
            print(line, flush=True)

    with ThreadPoolExecutor(max_workers=16) as workers:
        for line in sys.stdin:
            workers.submit(serve, json.loads(line))


if __name__ == "__main__":
    main()
