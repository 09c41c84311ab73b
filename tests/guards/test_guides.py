"""Links between documents lead somewhere, and docs/README.md lists every guide."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.source import ROOT

_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
_ELSEWHERE = re.compile(r"^[a-z]+:")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def _targets(page: Path) -> Iterator[Path]:
    for target in _LINK.findall(page.read_text("utf-8")):
        if not _ELSEWHERE.match(target):
            yield (page.parent / target).resolve()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in _targets(page) if not target.exists()] == []


def test_every_guide_is_listed() -> None:
    index = ROOT / "docs" / "README.md"
    guides = {page.resolve() for page in ROOT.glob("docs/*.md")} - {index.resolve()}

    assert guides - set(_targets(index)) == set()
