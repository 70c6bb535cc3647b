"""moto's own server, with the corrections this project needs in front of it.

Prints `listening 127.0.0.1:PORT` once it accepts connections, and exits when
its standard input closes, so that no server outlives the test that started it.
"""

import os
import sys
import threading

# Read by moto when it is imported.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")

from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server  # noqa: E402

import corrections  # noqa: E402
from corrections.front import Front  # noqa: E402


class QuietRequestHandler(MotoRequestHandler):
    """Logs no requests: the tests have a recording of their own."""

    def log_request(self, *_arguments):
        pass


def exit_when_standard_input_closes():
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    corrections.apply()
    application = Front(DomainDispatcherApplication(create_backend_app))
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=QuietRequestHandler
    )
    threading.Thread(target=exit_when_standard_input_closes, daemon=True).start()
    print(f"listening 127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
