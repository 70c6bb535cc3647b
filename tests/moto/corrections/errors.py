"""Errors in the shape of the protocol the caller speaks."""

import json
from xml.sax.saxutils import escape


def unknown_operation(environ, body, reason):
    """moto answers an operation it lacks with HTTP 500 and a page of HTML,
    which every SDK takes for an outage and retries. AWS answers an operation it
    does not know with a client error: `UnknownOperationException` in JSON,
    `InvalidAction` in XML."""
    return answer(
        environ, body, "400 BAD REQUEST", "UnknownOperationException", "InvalidAction", reason
    )


def internal_failure(environ, body, reason):
    """moto answers its own mistakes with a page of HTML, too. In AWS an
    internal failure is HTTP 500 with an error of the service's protocol."""
    return answer(
        environ,
        body,
        "500 INTERNAL SERVER ERROR",
        "InternalFailure",
        "InternalFailure",
        repr(reason),
    )


def answer(environ, body, status, json_code, xml_code, reason):
    message = str(reason)
    if environ.get("HTTP_X_AMZ_TARGET"):
        content = json.dumps({"__type": json_code, "message": message})
        return status, [("Content-Type", "application/x-amz-json-1.1")], content.encode()
    if signed_for(environ) == "ec2":
        content = (
            f"<Response><Errors><Error><Code>{xml_code}</Code>"
            f"<Message>{escape(message)}</Message></Error></Errors>"
            "<RequestID>00000000-0000-0000-0000-000000000000</RequestID></Response>"
        )
    else:
        content = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{xml_code}</Code>"
            f"<Message>{escape(message)}</Message></Error>"
            "<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
        )
    return status, [("Content-Type", "text/xml")], content.encode()


def signed_for(environ):
    """The service named in the credential scope of the signature."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2]
    parts = scope.partition(",")[0].split("/")
    return parts[3] if len(parts) > 3 else ""
