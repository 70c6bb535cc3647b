"""CloudWatch's protocol, Smithy RPC v2 CBOR, on top of its older AWS JSON."""

import datetime
import json
import re

import botocore.session
import cbor2

PATH = re.compile(r"^/service/(?P<service>[^/]+)/operation/(?P<operation>[^/]+)$")


class CborCall:
    """One call that came as CBOR, handed to moto as AWS JSON.

    moto answers Smithy RPC v2 CBOR with 404. AWS's CloudWatch speaks it, and
    newer SDKs speak nothing else to CloudWatch.
    """

    def __init__(self, environ, body, service, operation):
        self.operation = operation
        self.environ = {
            "PATH_INFO": "/",
            "RAW_URI": "/",
            "REQUEST_URI": "/",
            "CONTENT_TYPE": "application/x-amz-json-1.0",
            "HTTP_X_AMZ_TARGET": f"{service}.{operation}",
        }
        if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
            import gzip

            body = gzip.decompress(body)
            self.environ["HTTP_CONTENT_ENCODING"] = ""
        request = cbor2.loads(body) if body else {}
        self.body = json.dumps(request, default=epoch_seconds).encode()

    @classmethod
    def of(cls, environ, body):
        """The CBOR call in this request, if it is one."""
        match = PATH.match(environ.get("PATH_INFO", ""))
        return cls(environ, body, **match.groupdict()) if match else None

    def answer(self, status, _headers, body):
        """Turns moto's JSON answer into the typed CBOR that the model asks for."""
        content = json.loads(body or b"{}")
        if status.startswith("2"):
            content = typed(output_shape(self.operation), content)
        headers = [
            ("Content-Type", "application/cbor"),
            ("smithy-protocol", "rpc-v2-cbor"),
        ]
        return status, headers, cbor2.dumps(content)


def epoch_seconds(value):
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(f"{value!r} has no JSON form")


def output_shape(operation):
    if not hasattr(output_shape, "model"):
        session = botocore.session.get_session()
        output_shape.model = session.get_service_model("cloudwatch")
    return output_shape.model.operation_model(operation).output_shape


def typed(shape, value):
    """Gives numbers and times the CBOR types that their shapes have: a strict
    decoder takes neither an integer for a double nor a number for a time."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        return {
            name: typed(shape.members[name], member)
            for name, member in value.items()
            if name in shape.members and member is not None
        }
    if shape.type_name == "list":
        return [typed(shape.member, member) for member in value]
    if shape.type_name == "map":
        return {key: typed(shape.value, member) for key, member in value.items()}
    if shape.type_name in ("float", "double"):
        return float(value)
    if shape.type_name == "timestamp":
        if isinstance(value, str):
            value = datetime.datetime.fromisoformat(value).timestamp()
        return cbor2.CBORTag(1, float(value))
    return value
