import dataclasses
import json

import pytest
from hypothesis import given, strategies as st

from functions.contracts.codec import ContractError, from_body, to_body
from functions.contracts.queues import (
    JOB_TYPES,
    CallbackReceived,
    Job,
    LinkHit,
    MessagesRequested,
    PlanJob,
    ResolveJob,
    SendJob,
)


def jobs_of(kind: type[Job]) -> st.SearchStrategy[Job]:
    return st.builds(kind, **{each.name: ... for each in dataclasses.fields(kind)})


@given(st.one_of(*map(jobs_of, JOB_TYPES)))
def test_what_is_written_is_read_back(job: Job) -> None:
    body = to_body(job)

    assert body.isascii()
    assert from_body(body) == job


def test_kinds_and_versions_are_unique() -> None:
    assert len({(kind.KIND, kind.VERSION) for kind in JOB_TYPES}) == len(JOB_TYPES)


def test_form_of_a_body_is_stable() -> None:
    assert to_body(SendJob(batch=7, attempt=1)) == (
        '{"kind":"dispatch.send","v":1,"data":{"batch":7,"attempt":1,"again":false,"turn":0}}'
    )


def a_body(data: object, *, kind: object = "dispatch.send", version: object = 1) -> str:
    return json.dumps({"kind": kind, "v": version, "data": data})


def test_field_with_a_default_may_be_left_out() -> None:
    assert from_body(a_body({"batch": 7})) == SendJob(batch=7, attempt=0)


def test_fields_of_a_later_release_are_ignored() -> None:
    envelope = {"kind": "dispatch.send", "v": 1, "data": {"batch": 7, "new": [1]}, "at": "now"}

    assert from_body(json.dumps(envelope)) == SendJob(batch=7)


@pytest.mark.parametrize("cursor", [None, "after-1"])
def test_field_may_be_of_any_of_its_types(cursor: str | None) -> None:
    body = a_body({"campaign_id": "c", "part": 0, "cursor": cursor}, kind="campaign.resolve")

    assert from_body(body) == ResolveJob(campaign_id="c", part=0, cursor=cursor)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[]",
        '"text"',
        "null",
        "{}",
        a_body({"batch": 7}, kind="nobody.knows"),
        a_body({"batch": 7}, kind=None),
        a_body({"batch": 7}, version=2),
        a_body({"batch": 7}, version="1"),
        a_body({"batch": 7}, version=None),
        a_body(None),
        a_body([7]),
        a_body("text"),
        a_body({}),
        a_body({"attempt": 1}),
        a_body({"batch": "7"}),
        a_body({"batch": None}),
        a_body({"batch": 7.0}),
        a_body({"batch": True}),
        a_body({"campaign_id": "c", "part": 0, "cursor": 5}, kind="campaign.resolve"),
    ],
)
def test_body_that_nobody_wrote_is_a_contract_error(body: str) -> None:
    with pytest.raises(ContractError):
        from_body(body)


@pytest.mark.parametrize("kind", [{}, [], {"a": 1}])
def test_kind_that_is_no_text_is_a_contract_error(kind: object) -> None:
    with pytest.raises(ContractError):
        from_body(a_body({"batch": 7}, kind=kind))


def test_error_does_not_repeat_what_the_body_holds() -> None:
    body = a_body({"provider": "solapi", "body": 1_000_000_001}, kind="receipts.callback")

    with pytest.raises(ContractError) as raised:
        from_body(body)

    assert "1000000001" not in str(raised.value)


def test_jobs_carry_ids_and_never_names_or_texts() -> None:
    """The callback and the request are the exceptions that their own docstrings explain."""
    others = [kind for kind in JOB_TYPES if kind is not MessagesRequested]
    told = {each.name for kind in others for each in dataclasses.fields(kind)}
    own = {each.name for each in dataclasses.fields(CallbackReceived)}

    assert not {"phone", "to", "name", "text", "email"} & told
    assert own == {"provider", "body"}
    assert {kind for kind in JOB_TYPES if "body" in kind.__annotations__} == {CallbackReceived}
    assert PlanJob in JOB_TYPES
    assert LinkHit in JOB_TYPES
