"""Settings: what a Lambda's code reads, its part of the template gives, and nothing else."""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from functions.contracts.queues import Queue
from tests.guards.source import FUNCTIONS, ROOT, called, dotted, modules, text, tree
from tests.integration.template import load

_READERS = {"setting", "secret_json", "_secret"}
_OF_LAMBDA = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
}
"""Lambda gives these itself, and the emulator the last."""
_OF_LIBRARIES = {"LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"}
"""Powertools reads these."""
_SWITCHES = {"AWS_CALLS"}
"""Where they are not given, what they switch is off."""
_OF_EVERYBODY = {"STAGE", "TENANT_ZONE", "CLOCK_OFFSET_S"}
"""All functions get these, so that the same code believes the same time everywhere."""
_ENTRIES_BY_FUNCTION = {
    "APIHandler": ["functions.access.wiring", *(dotted(each) for each in modules("*/*routes.py"))],
    "Redirect": ["functions.redirect.events"],
    "Plan": ["functions.campaigns.events"],
    "DispatchSms": ["functions.dispatch.events"],
    "DispatchKakao": ["functions.dispatch.events"],
    "Receipts": ["functions.receipts.events"],
    "Clicks": ["functions.links.events"],
    "Imports": ["functions.imports.events"],
    "Optouts": ["functions.optouts.events"],
    "OptOutPoll": ["functions.optouts.events"],
    "Privacy": ["functions.privacy.events"],
    "Events": ["functions.activity.events"],
    "Tick": ["functions.timers.events"],
    "NoticesDaily": ["functions.notices.events"],
    "Notices": ["functions.notices.events"],
    "Requests": ["functions.sending.events"],
    "ComplianceDaily": ["functions.compliance.events"],
    "Compliance": ["functions.compliance.events"],
    "AudiencesDaily": ["functions.audiences.events"],
    "Audiences": ["functions.workers.events"],
    "PeopleChanged": ["functions.live.events"],
    "Live": ["functions.live.events"],
    "Webhooks": ["functions.webhooks.events"],
}
_LAMBDAS = sorted(_ENTRIES_BY_FUNCTION)
_LOOKED_AT_BY_TICK = {f"QUEUE_{queue.name}_URL" for queue in Queue}
"""The tick looks at all queues, and timers name theirs themselves."""
_NEVER_READ_BY: Mapping[str, set[str]] = {
    # It reads callbacks of the provider, but calls none; the token of the path is the API's.
    "Receipts": {
        "SOLAPI_ACCOUNTS",
        "SOLAPI_BASE_URL",
        "SECRET_SOLAPI_ARN",
        "SECRET_MASTER_ARN",
    },
    # It reads the due list of notices, but does not work it off.
    "APIHandler": {
        "SOLAPI_BASE_URL",
        "SECRET_SOLAPI_ARN",
        "QUEUE_NOTICES_URL",
        "QUEUE_REQUESTS_URL",
        "QUEUE_COMPLIANCE_URL",
        "QUEUE_LIVE_URL",
    },
    # The API makes standalone links, and tells their addresses.
    "Clicks": {"LINK_BASE_URL", "LINK_DOMAINS", "LINK_HOSTS"},
    # They read people, and know nobody by an address; of one person alone the API tells.
    "Audiences": {
        "TABLE_ADDRESSES",
        "TABLE_SUPPRESSIONS",
        "TABLE_HISTORIES",
        "SECRET_MASTER_ARN",
    },
    "AudiencesDaily": {
        "TABLE_ADDRESSES",
        "TABLE_HISTORIES",
        "TABLE_SUPPRESSIONS",
        "SECRET_MASTER_ARN",
        "QUEUE_LIVE_URL",
    },
    # The one says who changed, the other looks at them.
    "PeopleChanged": {
        "TABLE_ADDRESSES",
        "TABLE_CONTACTS",
        "TABLE_SUPPRESSIONS",
        "SECRET_MASTER_ARN",
    },
    "Live": {"TABLE_ADDRESSES", "TABLE_SUPPRESSIONS", "SECRET_MASTER_ARN", "QUEUE_LIVE_URL"},
    # It says which day's turn it is.
    "ComplianceDaily": {"TABLE_BATCHES", "BUCKET_DATA", "SECRET_MASTER_ARN", "KEY_RECORD_ARN"},
    # One module starts both: one writes opt-outs down, the other only asks the provider.
    "Optouts": {
        "SOLAPI_ACCOUNTS",
        "SOLAPI_BASE_URL",
        "SECRET_SOLAPI_ARN",
        "TABLE_TIMERS",
        "QUEUE_OPTOUTS_URL",
    },
    "OptOutPoll": {
        "TABLE_ADDRESSES",
        "TABLE_BATCHES",
        "TABLE_CONSENTS",
        "TABLE_CONTACTS",
        "TABLE_HISTORIES",
        "TABLE_NOTICES",
        "TABLE_REQUESTS",
        "TABLE_SUPPRESSIONS",
        "TABLE_WEBHOOKS",
        "QUEUE_PLAN_URL",
        "QUEUE_WEBHOOKS_URL",
        "WEBHOOKS",
    },
    # It knows people by their ids, and what to keep of events was decided when they came.
    "Events": {
        "TABLE_ADDRESSES",
        "TABLE_POLICIES",
        "TABLE_SUPPRESSIONS",
    },
    # It puts off its own jobs only, and is called only where there are webhooks.
    "Webhooks": {"QUEUE_DISPATCH_SMS_URL", "QUEUE_DISPATCH_KAKAO_URL", "WEBHOOKS"},
    # What it has for that queue comes by timers.
    "Plan": {"QUEUE_EVENTS_URL"},
    # It asks whether an address is suppressed, never whose it is.
    "DispatchSms": {"TABLE_ADDRESSES"},
    # Requests come through the API, which frees addresses and writes the access log.
    "Privacy": {"TABLE_ADDRESSES", "TABLE_SUPPRESSIONS", "TABLE_AUDIT"},
    "DispatchKakao": {"TABLE_ADDRESSES"},
    # It says which parts of the due list have somebody in them.
    "NoticesDaily": {
        "TABLE_ADDRESSES",
        "TABLE_BATCHES",
        "TABLE_CONSENTS",
        "TABLE_CONTACTS",
        "TABLE_REQUESTS",
        "TABLE_SENDERS",
        "TABLE_SUPPRESSIONS",
        "TABLE_TEMPLATES",
        "QUEUE_REQUESTS_URL",
        "SECRET_MASTER_ARN",
    },
    # Both know people by their ids, never by an address.
    "Notices": {"TABLE_ADDRESSES", "TABLE_SUPPRESSIONS"},
    # Features ask for people by id, not for groups or audiences.
    "Requests": {
        "TABLE_ADDRESSES",
        "TABLE_SUPPRESSIONS",
        "TABLE_AUDIENCES",
        "TABLE_HISTORIES",
        "BUCKET_DATA",
        # Nor for what follows.
        "TABLE_CAMPAIGNS",
        "QUEUE_PLAN_URL",
    },
}
"""What a shared module reads in calls that this function does not make."""


def test_this_file_knows_every_function() -> None:
    with_settings = {
        name
        for name, resource in load()["Resources"].items()
        if "Environment" in resource.get("Properties", {})
    }

    assert with_settings == set(_ENTRIES_BY_FUNCTION)


@pytest.mark.parametrize("function", _LAMBDAS)
def test_a_function_is_given_what_its_code_reads(function: str) -> None:
    missing = _read_by(function) - _given(function) - _OF_LAMBDA

    assert missing == _NEVER_READ_BY.get(function, set())


@pytest.mark.parametrize("function", _LAMBDAS)
def test_a_function_is_given_nothing_that_its_code_does_not_read(function: str) -> None:
    unread = _given(function) - _read_by(function) - _OF_LIBRARIES - _OF_EVERYBODY - _SWITCHES

    looked_at = _LOOKED_AT_BY_TICK - _read_by(function) if function == "Tick" else set()
    assert unread == looked_at


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in FUNCTIONS.rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }

    assert readers == {"functions/runtime/settings.py"}


def _given(function: str) -> set[str]:
    return set(load()["Resources"][function]["Properties"]["Environment"]["Variables"])


def _read_by(function: str) -> set[str]:
    """Every setting that a module which the function loads, now or later, may read."""
    loaded = _reachable(tuple(_ENTRIES_BY_FUNCTION[function]))
    return {name for module in loaded for name in _names_read_in(module)}


@cache
def _reachable(entries: tuple[str, ...]) -> frozenset[str]:
    """Modules that importing the entries leads to, imports within functions included."""
    found, open_ = set[str](), list(entries)
    while open_:
        module = open_.pop()
        if module not in found:
            found.add(module)
            open_ += _imported_by(module)
    return frozenset(found)


def _imported_by(module: str) -> list[str]:
    found = []
    for node in ast.walk(tree(_path(module))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("functions"):
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [each for each in found if _path(each).is_file()]


def _path(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


@cache
def _names_read_in(module: str) -> frozenset[str]:
    if module in _ACCESSOR_MODULES:
        return frozenset()
    found = [_name_read(node, module) for node in ast.walk(tree(_path(module)))]
    return frozenset(name for name in found if name)


def _name_read(node: ast.AST, module: str) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _NAME_BY_ACCESSOR:
            return _NAME_BY_ACCESSOR[name]
        case ast.Call(args=[argument, *_]) if called(node) in _READERS:
            return text(argument)
        case ast.Call(args=[argument, *_]) if called(node) == "table_name" and text(argument):
            return f"TABLE_{text(argument)}".upper()
        case ast.Assign(targets=[ast.Name(id="table")], value=value) if text(value):
            return f"TABLE_{text(value)}".upper()
        case ast.Attribute(value=ast.Name(id="Queue"), attr=name) if name in Queue.__members__:
            return f"QUEUE_{name}_URL"
    return None


def _accessors() -> dict[str, str]:
    """Functions without arguments for a name that read one setting each."""
    return {
        function.name: name
        for module in _ACCESSOR_MODULES
        for function in tree(_path(module)).body
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if called(node) in _READERS and (name := text(node.args[0]))  # type: ignore[attr-defined]  # a call
    }


_ACCESSOR_MODULES = ("functions.runtime.settings", "functions.runtime.aws")
_NAME_BY_ACCESSOR = _accessors()
