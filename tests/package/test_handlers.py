"""Each handler, in an interpreter that has the package and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from infra.checks import handlers
from infra.checks.handlers import Start, Unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from tests.package.conftest import Built

EVENT_FUNCTIONS = (
    "Clicks",
    "DispatchKakao",
    "DispatchSms",
    "Imports",
    "Notices",
    "NoticesDaily",
    "OptOutPoll",
    "Optouts",
    "Plan",
    "Receipts",
    "Redirect",
    "Requests",
    "Tick",
)


def _start(name: str, built: Built) -> Start:
    return handlers.start(handlers.handlers_of(built.template)[name], built.unpacked)


@pytest.mark.parametrize("name", ["APIHandler", *EVENT_FUNCTIONS])
def test_starts_from_the_package_alone(name: str, built: Built) -> None:
    assert _start(name, built).error == ""


@pytest.mark.parametrize("name", EVENT_FUNCTIONS)
def test_an_event_function_runs_without_the_application(name: str, built: Built) -> None:
    assert "app" not in _start(name, built).modules


@pytest.mark.parametrize("name", EVENT_FUNCTIONS)
def test_an_event_function_loads_no_models_of_http(name: str, built: Built) -> None:
    assert "pydantic" not in _start(name, built).modules


@pytest.mark.parametrize(
    "heavy", ["botocore", "boto3", "pydantic", "pynamodb", "aws_lambda_powertools", "PIL"]
)
def test_the_redirect_does_not_load(heavy: str, built: Built) -> None:
    assert heavy not in _start("Redirect", built).modules


def test_an_unreadable_message_fails_alone_without_the_application(built: Built) -> None:
    # Chalice's middleware would be gone here (aws/chalice#1566); our own decorator is not.
    event = {"Records": [{"messageId": "m-1", "body": "not json", "attributes": {}}]}

    answer = _invoke(handlers.handlers_of(built.template)["Receipts"], event, built.unpacked)

    assert answer == {"answer": {"batchItemFailures": [{"itemIdentifier": "m-1"}]}, "app": False}


_INVOKE = """
import importlib, json, sys
sys.path[:0] = sys.argv[3:]
module, _, name = sys.argv[1].rpartition(".")
handler = getattr(importlib.import_module(module), name)
answer = handler(json.loads(sys.argv[2]), None)
print(json.dumps({"answer": answer, "app": "app" in sys.modules}))
"""


def _invoke(handler: str, event: object, unpacked: Unpacked) -> object:
    command = [sys.executable, "-I", "-S", "-c", _INVOKE, handler, json.dumps(event)]
    command += [str(unpacked.code), str(unpacked.layer)]
    done = subprocess.run(
        command, env=handlers.ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_notices_a_handler_that_does_not_start(tmp_path: Path) -> None:
    unpacked = Unpacked(code=tmp_path, layer=tmp_path)
    (tmp_path / "broken.py").write_text("import no_such_thing\n", "utf-8")

    began = handlers.start("broken.handler", unpacked)

    assert began.error == "ModuleNotFoundError: No module named 'no_such_thing'"


def test_notices_a_handler_that_is_not_a_function(tmp_path: Path) -> None:
    unpacked = Unpacked(code=tmp_path, layer=tmp_path)
    (tmp_path / "odd.py").write_text("handler = 1\n", "utf-8")

    assert handlers.start("odd.handler", unpacked).error == "it cannot be called"
