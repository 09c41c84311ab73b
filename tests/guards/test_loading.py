"""What each worker loads when it starts: neither the application nor what only the API needs."""

import json
import subprocess
import sys
from functools import cache

import pytest

from tests.guards.source import ROOT, dotted, modules

_WORKERS = [dotted(path) for path in modules("*/events.py")]
_OF_THE_API = ("app", "pydantic", "PIL", "functions.runtime.http", "functions.access")
_PROBE = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""
_ENVIRONMENT = {"AWS_DEFAULT_REGION": "ap-northeast-2", "POWERTOOLS_SERVICE_NAME": "probe"}
_MOST_MODULES_OF_THE_REDIRECT = 200


@cache
def _loaded_by(worker: str) -> frozenset[str]:
    command = [sys.executable, "-B", "-c", _PROBE, worker]
    done = subprocess.run(command, cwd=ROOT, env=_ENVIRONMENT, capture_output=True, check=True)
    return frozenset(json.loads(done.stdout))


@pytest.mark.parametrize("worker", _WORKERS)
def test_a_worker_loads_nothing_of_the_api(worker: str) -> None:
    assert _loaded_by(worker).isdisjoint(_OF_THE_API)


@pytest.mark.parametrize("worker", _WORKERS)
def test_a_worker_loads_no_routes(worker: str) -> None:
    assert [each for each in _loaded_by(worker) if each.endswith("routes")] == []


@pytest.mark.parametrize(
    "heavy", ["botocore", "boto3", "pynamodb", "aws_lambda_powertools", "minijinja", "phonenumbers"]
)
def test_the_redirect_does_not_load(heavy: str) -> None:
    assert heavy not in _loaded_by("functions.redirect.events")


def test_the_redirect_stays_small() -> None:
    assert len(_loaded_by("functions.redirect.events")) < _MOST_MODULES_OF_THE_REDIRECT


@pytest.mark.parametrize(
    ("worker", "library"),
    [
        ("functions.dispatch.events", "minijinja"),
        ("functions.dispatch.events", "phonenumbers"),
        ("functions.receipts.events", "minijinja"),
        ("functions.receipts.events", "phonenumbers"),
        ("functions.links.events", "phonenumbers"),
        ("functions.timers.events", "phonenumbers"),
    ],
)
def test_a_worker_does_not_load_what_it_never_uses(worker: str, library: str) -> None:
    assert library not in _loaded_by(worker)
