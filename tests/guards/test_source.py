"""What no reader should have to check: habits that hold in every file."""

import ast
import re
from collections.abc import Sequence

import pytest

from tests.guards.source import FUNCTIONS, ROOT, modules, nodes, place, tracked_files, tree

# Mobile numbers that could be somebody's: all of 010 but 010-0 and 010-1, which are not assigned.
_REAL_NUMBER = re.compile(
    r"(?<![0-9a-zA-Z])(?:\+?82[-. ]?\(?0?\)?|0)10[-. ]?[2-9][0-9]{3}[-. ]?[0-9]{4}(?![0-9a-zA-Z])"
)
_PUBLIC = (ast.FunctionDef, ast.ClassDef)


def test_functions_have_no_assert_statements() -> None:
    # They vanish under -O, and a check that may vanish is none.
    found = [place(path, node) for path, node in nodes() if isinstance(node, ast.Assert)]

    assert found == []


def test_every_public_decision_says_what_it_does() -> None:
    found = [
        place(path, node)
        for path in modules("domain/*.py")
        for node in _public(tree(path))
        if not ast.get_docstring(node)
    ]

    assert found == []


def _public(module: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    top = _named([node for node in module.body if isinstance(node, _PUBLIC)])
    inner = [each for node in top if isinstance(node, ast.ClassDef) for each in node.body]
    return top + _named([each for each in inner if isinstance(each, ast.FunctionDef)])


def _named(found: Sequence[ast.FunctionDef | ast.ClassDef]) -> list[ast.FunctionDef | ast.ClassDef]:
    return [node for node in found if not node.name.startswith("_")]


def test_no_module_is_longer_than_400_lines() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in modules()
        if len(path.read_text("utf-8").splitlines()) > 400
    ]

    assert found == []


def test_init_modules_are_empty() -> None:
    assert [path for path in FUNCTIONS.rglob("__init__.py") if path.read_text("utf-8")] == []


def test_sample_numbers_belong_to_nobody() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        for number, line in enumerate(_lines(path.read_bytes()), start=1)
        if _REAL_NUMBER.search(line)
    ]

    assert found == []


def _lines(content: bytes) -> list[str]:
    """The lines of a text, in either of the encodings that are used here; none of other files."""
    for encoding in ("utf-8", "cp949"):
        try:
            return [] if b"\0" in content else content.decode(encoding).splitlines()
        except UnicodeDecodeError:
            continue
    return []


@pytest.mark.parametrize(
    "spelling",
    ["010-{}000-0000", "010{}0000000", "+82 10-{}000-0000", "+8210{}0000000", "010.{}000.0000"],
)
@pytest.mark.parametrize("digit", "23456789")
def test_the_pattern_knows_numbers_that_could_be_somebodys(spelling: str, digit: str) -> None:
    # Put together here, so that this file passes its own test.
    assert _REAL_NUMBER.search(f"call {spelling.format(digit)}!")


@pytest.mark.parametrize(
    "number", ["010-0000-0000", "01012345678", "+821000000001", "a01090000000"]
)
def test_the_pattern_lets_samples_pass(number: str) -> None:
    assert not _REAL_NUMBER.search(f"call {number}!")
