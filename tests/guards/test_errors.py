"""docs/errors.md lists every code that the API can answer with, and no other."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from functions.contracts import errors
from functions.contracts.errors import AppError
from functions.contracts.pinpoint_dimensions import Lack
from functions.domain.ad_words import AdWarningCode
from functions.domain.campaign_control import Immovable
from functions.domain.contact_file import FileFault, RowFault
from functions.domain.contact_merge import ConsentWarning
from functions.domain.contact_row import LEADING_ZERO_RESTORED, UNNAMED_COLUMN
from functions.domain.pinpoint_endpoint import EndpointWarning
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.segment_reference import ReferenceFault
from functions.domain.sender_number import SenderNumberFault
from functions.domain.template_warning import CharacterWarning
from functions.domain.web_address import TargetFault
from functions.domain.webhook import UrlFault
from functions.imports.texts import ROW_TEXTS
from functions.runtime.http import STATUS_BY_ERROR
from functions.runtime.input_errors import CODE_BY_KIND, WRONG_TYPE
from tests.guards.source import ROOT, called, nodes, text, tree
from tests.integration.template import TEMPLATE

_STATUS_BY_CLASS = {kind.__name__: int(status) for kind, status in STATUS_BY_ERROR.items()}
_FIELD_MAKERS = {"field": 1, "FieldError": 1, "_invalid": 1}
"""What makes a field's error, and where its code stands among the arguments."""
_REFUSES_A_TEXT = {"unrenderable", "unsendable_text", "too_long", "ad_label"}
"""Reasons of the composer, which a caller who gave the text gets as codes."""
_OF_GATEWAY = {"refused_by_gateway"}


def test_lists_every_problem_with_its_status() -> None:
    expected = {
        **_problems_of_classes(),
        **_problems_raised(),
        **dict.fromkeys(map(str, Immovable), 409),
        **dict.fromkeys(_OF_GATEWAY, 400),
    }

    assert {code: int(row[1]) for code, row in _table("Problems").items()} == expected


def test_lists_every_code_of_a_field() -> None:
    expected = {
        *CODE_BY_KIND.values(),
        WRONG_TYPE,
        *map(str, SenderNumberFault),
        *map(str, TargetFault),
        *map(str, UrlFault),
        *(f"audience_{fault}" for fault in ReferenceFault),
        *_REFUSES_A_TEXT,
        *_literal_field_codes(),
        *_codes_of_bad_values(),
    }

    assert set(_table("Bad fields")) == expected


@pytest.mark.parametrize(
    ("reasons", "status"),
    [(HoldReason, "held"), (RefusalReason, "refused"), (FailureReason, "failed")],
)
def test_lists_every_reason_of_a_message(
    reasons: type[HoldReason | RefusalReason | FailureReason], status: str
) -> None:
    listed = {code for code, row in _table("Reasons of messages").items() if row[1] == status}

    assert listed == set(map(str, reasons))


def test_lists_every_warning_of_a_template() -> None:
    rows = _table("Warnings of templates")

    assert {code for code, row in rows.items() if row[1] == "text"} == set(
        map(str, CharacterWarning)
    )
    assert {code for code, row in rows.items() if row[1] == "reason"} == set(
        map(str, AdWarningCode)
    )


def test_lists_everything_that_a_segment_can_lack() -> None:
    assert set(_table("Parts of segments")) == set(map(str, Lack))


def test_lists_every_fault_of_a_file() -> None:
    rows = _table("Files that are imported")
    listed = {kind: {code for code, row in rows.items() if row[1] == kind} for kind in _KINDS}

    assert listed == {
        "file": set(map(str, FileFault)),
        "row": set(map(str, RowFault)) | set(map(str, ROW_TEXTS)),
        "warning": {
            *map(str, ConsentWarning),
            *map(str, EndpointWarning),
            UNNAMED_COLUMN,
            LEADING_ZERO_RESTORED,
        },
    }


_KINDS = ("file", "row", "warning")


def test_api_gateway_answers_with_codes_of_ours() -> None:
    codes = set(re.findall(r'"code":"([a-z_]+)"', TEMPLATE.read_text("utf-8")))

    assert codes
    assert codes <= set(_table("Problems"))


@cache
def _table(title: str) -> dict[str, list[str]]:
    """The rows of the table below a heading, by the code in the first column."""
    page = (ROOT / "docs" / "errors.md").read_text("utf-8")
    section = page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    assert all(len(row) == len(rows[0]) for row in rows)
    found = {row[0].strip("`"): row for row in rows}
    assert len(found) == len(rows), "a code stands there twice"
    return found


def _problems_of_classes() -> dict[str, int]:
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    return {
        kind.code: _STATUS_BY_CLASS.get(kind.__name__, 500)
        for kind in kinds
        if issubclass(kind, AppError)
    }


def _problems_raised() -> dict[str, int]:
    """Codes given to an error where it is raised."""
    return {
        code: _STATUS_BY_CLASS[called(node)]
        for _, node in nodes()
        if isinstance(node, ast.Call) and called(node) in _STATUS_BY_CLASS
        for keyword in node.keywords
        if keyword.arg == "code" and (code := text(keyword.value))
    }


def _literal_field_codes() -> Iterator[str]:
    for _, node in nodes():
        if not isinstance(node, ast.Call) or called(node) not in _FIELD_MAKERS:
            continue
        given = node.args[1:2] + [each.value for each in node.keywords if each.arg == "code"]
        yield from (code for each in given if (code := text(each)))


def _codes_of_bad_values() -> Iterator[str]:
    """Codes of our own errors about values: Pydantic's, phones', images', templates'."""
    for path, node in nodes():
        if called(node) in ("InvalidPhone", "InvalidImage") and isinstance(node, ast.Call):
            found = [text(each) or "" for each in ast.walk(node.args[0])]
            yield from (code for code in found if code.islower())
        if path.match("contracts/http_*.py") or path.name == "template_text.py":
            yield from _assigned_code(node)


def _assigned_code(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))):
            yield code
        case ast.Assign(
            targets=[ast.Tuple(elts=[ast.Name(id="code"), *_])],
            value=ast.Tuple(elts=[ast.Constant(value=str(code)), *_]),
        ):
            yield code


def test_no_code_is_raised_that_this_file_cannot_see() -> None:
    # A code in a variable would escape the page: only these modules may pass one on.
    passing_on = {
        str(path.relative_to(ROOT))
        for path, node in nodes()
        if isinstance(node, ast.Call) and called(node) in {*_STATUS_BY_CLASS, *_FIELD_MAKERS}
        for code in node.args[1:2] + [each.value for each in node.keywords if each.arg == "code"]
        if text(code) is None
    }

    assert passing_on <= {
        "functions/audiences/moving.py",  # Lack
        "functions/audiences/service.py",  # ReferenceFault
        "functions/campaigns/moving.py",  # Immovable
        "functions/campaigns/direct.py",  # InvalidPhone
        "functions/contacts/parsing.py",  # InvalidPhone
        "functions/contracts/destination_errors.py",  # TargetFault
        "functions/contracts/errors.py",
        "functions/held/routes.py",  # what is wrong with a cursor
        "functions/notices/settings.py",  # what the route lacks
        "functions/runtime/input_errors.py",
        "functions/senders/service.py",  # SenderNumberFault
        "functions/sending/routes.py",  # InvalidPhone
        "functions/sending/service.py",  # the composer's reasons
        "functions/templates/preview.py",  # the composer's reasons
        "functions/templates/routes.py",  # InvalidImage
        "functions/templates/service.py",  # TemplateFault
        "functions/webhooks/service.py",  # UrlFault
    }


def test_the_source_has_been_found() -> None:
    assert len(tree(ROOT / "functions" / "contracts" / "errors.py").body) > 5
