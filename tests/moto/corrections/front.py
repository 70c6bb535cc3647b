"""The WSGI application that stands in front of moto's own."""

import io
import re
import sys
import threading
import traceback

from botocore.model import OperationNotFoundError

from . import errors
from .cbor import CborCall


class Front:
    """Hands calls to moto one at a time and answers for it where it cannot.

    moto's models are plain dictionaries without locks: two calls at once can
    lose writes, or fail because a dictionary changed while it was read. AWS's
    calls are atomic, and Python gains nothing from running two at once.
    """

    def __init__(self, application):
        self.application = application
        self.one_at_a_time = threading.Lock()

    def __call__(self, environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        status, headers, answer = self.call(environ, body)
        kept = [
            (name, value)
            for name, value in headers
            if name.lower() not in ("content-length", "server", "date")
        ]
        start_response(status, kept + [("Content-Length", str(len(answer)))])
        return [answer]

    def call(self, environ, body):
        cbor = CborCall.of(environ, body)
        if cbor is not None:
            status, headers, answer = self.run(environ | cbor.environ, cbor.body)
            return cbor.answer(status, headers, answer)
        return self.run(environ, body)

    def run(self, environ, body):
        """Runs moto's application, turning what it raises into an answer."""
        environ = dict(environ)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        begun = []

        def start_response(status, headers, exc_info=None):
            begun[:] = [status, headers]
            return lambda _: None

        try:
            with self.one_at_a_time:
                parts = self.application(environ, start_response)
                try:
                    answer = b"".join(parts)
                finally:
                    getattr(parts, "close", lambda: None)()
        except (NotImplementedError, OperationNotFoundError) as error:
            return errors.unknown_operation(environ, body, error)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            return errors.internal_failure(environ, body, error)
        status, headers = begun
        if re.match(rb"\s*<!doctype html", answer, re.IGNORECASE):
            return errors.internal_failure(environ, body, status)
        return status, headers, answer
