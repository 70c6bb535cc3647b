"""Checks every correction with boto3: `python checks http://127.0.0.1:PORT`.

Each check is a function whose name says what holds; it has an account of its own.
"""

import sys
import traceback

import containers
import foundations
import networks
import protocols
import scaling
import services
from account import Account

AREAS = [containers, services, scaling, networks, foundations, protocols]


def main(endpoint):
    number, failed = 0, []
    for area in AREAS:
        for name, check in list(vars(area).items()):
            if getattr(check, "__module__", "") == area.__name__ and not name.startswith("_"):
                number += 1
                try:
                    check(Account(endpoint, f"2{number:011}"))
                except Exception:
                    failed.append(name)
                    print(f"--- {area.__name__}.{name}\n{traceback.format_exc()}")
    print(f"{number} checks, {len(failed)} failed: {', '.join(failed)}")
    sys.exit(1 if failed else 0)


main(sys.argv[1])
