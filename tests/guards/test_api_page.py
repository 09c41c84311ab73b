"""docs/api.md is what infra/docs.py makes of the API as it stands."""

import re

import pytest

from infra import docs

_HOW = "run `.venv/bin/python -m infra.docs`"


def test_the_reference_is_up_to_date() -> None:
    assert docs.PAGE.read_text("utf-8") == docs.page(docs.document()), _HOW


def test_every_link_of_the_reference_leads_somewhere() -> None:
    page = docs.PAGE.read_text("utf-8")
    anchors = set(re.findall(r'<a id="([^"]+)">', page))

    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors


def test_every_call_stands_in_the_reference_once() -> None:
    page = docs.PAGE.read_text("utf-8")
    names = [
        operation["operationId"].replace("_", "-")
        for item in docs.document()["paths"].values()
        for operation in item.values()
    ]

    assert [page.count(f'<a id="{name}">') for name in names] == [1] * len(names)


def test_a_kind_of_call_without_a_title_is_noticed() -> None:
    call = {"tags": ["pigeons"], "operationId": "post_pigeon", "summary": "", "parameters": []}
    document = {"paths": {"/v1/pigeons": {"post": call}}, "components": {"schemas": {}}}

    with pytest.raises(ValueError, match="no title for pigeons"):
        docs.page(document)
