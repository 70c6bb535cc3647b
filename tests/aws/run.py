"""Runs the checks, several at once, and says what came of each."""

import argparse
import importlib
import inspect
import secrets
import sys
import time
import tomllib
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from account import Account, Endpoint, Patience
from fleet import Fleet

# File, and the service as it is called in the name of a check. Those that wait longest come first,
# but for tasks, whose instance boots meanwhile.
AREAS = {
    "ec2_instances": "ec2",
    "autoscaling": "autoscaling",
    "autoscaling_life": "autoscaling",
    "ecs_capacity": "ecs",
    "ecs_services": "ecs",
    "ecs_updates": "ecs",
    "ecs_clusters": "ecs",
    "ecs_definitions": "ecs",
    "scaling": "scaling",
    "cloudwatch": "cloudwatch",
    "elb": "elb",
    "ec2_groups": "ec2",
    "ec2_templates": "ec2",
    "ec2_network": "ec2",
    "ecr": "ecr",
    "ecr_images": "ecr",
    "iam": "iam",
    "iam_policies": "iam",
    "sts": "sts",
    "logs": "logs",
    "ssm": "ssm",
    "tagging": "tagging",
    "ecs_tasks": "ecs",
}
AT_ONCE = 8


@dataclass
class Check:
    """A function of one of the files; its name is the sentence that it proves."""

    sentence: str
    function: Callable[[Account], None]


@dataclass
class Outcome:
    """What came of a check; of none, where there is only something to sweep."""

    check: Check | None
    failure: str
    seconds: float
    account: Account


def checks(only: str) -> list[Check]:
    found: dict[str, Check] = {}
    for file, service in AREAS.items():
        module = importlib.import_module(file)
        for name, function in vars(module).items():
            ours = inspect.isfunction(function) and function.__module__ == file
            if ours and not name.startswith("_"):
                sentence = f"{service} {name.replace('_', ' ')}"
                assert sentence not in found, f"two checks are called {sentence!r}"
                found[sentence] = Check(sentence, function)
    return [check for check in found.values() if only in check.sentence]


def run_all(chosen: list[Check], endpoint: Endpoint) -> Iterator[Outcome]:
    """Those that must be alone come last, one after the other."""
    run_of = secrets.token_hex(3)
    beside = [it for it in chosen if not hasattr(it.function, "alone")]
    lonely = [it for it in chosen if hasattr(it.function, "alone")]
    fleet = Fleet(endpoint, f"fleet-{run_of}")
    endpoint.fleet = fleet.cluster
    with ThreadPoolExecutor(AT_ONCE) as workers:
        running = [
            workers.submit(run, check, endpoint, f"check{number:03}-{run_of}")
            for number, check in enumerate(beside)
        ]
        for outcome in running:
            yield outcome.result()
    for number, check in enumerate(lonely, len(beside)):
        yield run(check, endpoint, f"check{number:03}-{run_of}")
    yield Outcome(None, "", 0, fleet.account())


def run(check: Check, endpoint: Endpoint, name: str) -> Outcome:
    account, began, failure = Account(endpoint, name), time.monotonic(), ""
    try:
        check.function(account)
    except AssertionError as error:
        line = traceback.extract_tb(error.__traceback__)
        at = next(it for it in reversed(line) if not it.filename.endswith("account.py"))
        failure = f"{Path(at.filename).name}:{at.lineno}: {error or at.line}"
    except ClientError as error:
        line = traceback.extract_tb(error.__traceback__)
        at = next(it for it in reversed(line) if Path(it.filename).parent == Path(__file__).parent)
        failure = f"{Path(at.filename).name}:{at.lineno}: {error}"
    except Exception:  # noqa: BLE001 (whatever it is, it is this check's failure and no other's)
        failure = traceback.format_exc()
    account.sweep()
    return Outcome(check, failure, time.monotonic() - began, account)


def clean(accounts: list[Account]) -> None:
    """Sweeps again what was still in use, for a few seconds."""
    end = time.monotonic() + 8
    while (accounts := [it for it in accounts if not it.sweep()]) and time.monotonic() < end:
        time.sleep(0.25)


def recorded(file: Path) -> dict[str, str]:
    """Why each check is known to differ. The file has the checks under each reason."""
    found: dict[str, str] = {}
    for reason, sentences in tomllib.loads(file.read_text()).items():
        for sentence in sentences:
            assert sentence not in found, f"{sentence!r} is recorded twice"
            found[sentence] = reason
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="aws", description="Checks an AWS by its documentation.")
    parser.add_argument("endpoint", metavar="ENDPOINT", help="such as http://127.0.0.1:4566")
    parser.add_argument("--differences", metavar="FILE", type=Path, help="what is known to differ")
    parser.add_argument("--only", metavar="WORDS", default="", help="checks whose name has these")
    parser.add_argument("--patience", metavar="SECONDS", type=float, default=Patience.seconds)
    parser.add_argument("--times", action="store_true", help="say how long each check took")
    options = parser.parse_args()
    Patience.seconds = options.patience

    differences = recorded(options.differences) if options.differences else {}
    chosen = checks(options.only)
    unknown = [] if options.only else sorted(differences.keys() - {it.sentence for it in chosen})

    began, failed, differ, gone = time.monotonic(), 0, 0, 0
    accounts: list[Account] = []
    for outcome in run_all(chosen, Endpoint(options.endpoint)):
        accounts.append(outcome.account)
        if outcome.check is None:
            continue
        sentence = outcome.check.sentence
        took = f" ({outcome.seconds:.1f} s)" if options.times else ""
        if sentence in differences and outcome.failure:
            differ += 1
            print(f"differs {sentence}{took}: {differences[sentence]}")
        elif sentence in differences:
            gone += 1
            print(f"DIFFERS NO MORE {sentence}{took}")
        elif outcome.failure:
            failed += 1
            print(f"FAILED {sentence}{took}\n    {outcome.failure}")
        else:
            print(f"ok {sentence}{took}")
    clean(accounts)
    for sentence in unknown:
        print(f"NO SUCH CHECK {sentence}")
    print(
        f"{len(chosen)} checks in {time.monotonic() - began:.0f} s: {failed} failed, "
        f"{differ} differ as recorded, {gone} recorded that differ no more"
    )
    return 1 if failed or gone or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
