"""Lists can be filtered, paged and spelled in every way the SDKs spell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.carrier.direct import minutes, numbers, sms

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.direct import DirectClient

LIST = "/messages/v4/list"


@pytest.fixture
def three(direct: DirectClient, carrier: CarrierControl) -> list[dict[str, Any]]:
    """Send three different messages and list them, oldest first."""
    carrier.configure(report_delay_s=3600)
    carrier.add_sender("0311112222")
    direct.send(sms(to="01000000001", customFields={"ref": "m-1"}))
    direct.send(sms(to="01000000002", subject="제목"))
    direct.send(sms(to="01000000003", **{"from": "0311112222"}))
    newest_first = direct.get(LIST).json()["messageList"].values()
    return list(newest_first)[::-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(lambda m: {"messageId": m[0]["messageId"]}, [0], id="id"),
        pytest.param(lambda m: {"message_id": m[0]["messageId"]}, [0], id="snake case"),
        pytest.param(
            lambda m: {"messageIds": str([m[0]["messageId"], m[1]["messageId"]])},
            [1, 0],
            id="ids as Python writes them",
        ),
        pytest.param(
            lambda m: {"messageIds[0]": m[0]["messageId"], "messageIds[1]": m[2]["messageId"]},
            [2, 0],
            id="ids as Node writes them",
        ),
        pytest.param(lambda m: {"groupId": m[1]["groupId"]}, [1], id="group"),
        pytest.param(lambda _: {"to": "01000000003"}, [2], id="recipient"),
        pytest.param(lambda _: {"from": "0212345678"}, [1, 0], id="sender"),
        pytest.param(lambda _: {"type": "LMS"}, [1], id="type"),
        pytest.param(lambda _: {"statusCode": "4000"}, [], id="status"),
        pytest.param(
            lambda _: {"criteria": "to,type", "cond": "eq,eq", "value": "01000000001,SMS"},
            [0],
            id="criteria",
        ),
        pytest.param(lambda _: {"startDate": minutes(1).isoformat()}, [], id="later"),
        pytest.param(
            lambda _: {"start_date": minutes(-1).isoformat(), "endDate": minutes(1).isoformat()},
            [2, 1, 0],
            id="now",
        ),
        pytest.param(
            lambda _: {"dateType": "UPDATED", "endDate": minutes(-1).isoformat()}, [], id="updated"
        ),
    ],
)
def test_filters_messages(
    direct: DirectClient,
    three: list[dict[str, Any]],
    query: Callable[[list[dict[str, Any]]], dict[str, str]],
    expected: list[int],
) -> None:
    listed = direct.get(LIST, **query(three)).json()["messageList"]

    assert list(listed) == [three[index]["messageId"] for index in expected]


def test_shows_custom_fields_text_and_dates(three: list[dict[str, Any]]) -> None:
    first = three[0]

    assert first["customFields"] == {"ref": "m-1"}
    assert (first["text"], first["status"]) == ("hello", "SENDING")
    assert first["dateCreated"].endswith("Z")
    assert first["dateReported"] is None


def test_pages_through_messages_newest_first(direct: DirectClient) -> None:
    direct.send(*(sms(to=number) for number in numbers(25)))

    pages: list[dict[str, Any]] = []
    key: dict[str, str] = {}
    while not pages or pages[-1]["nextKey"]:
        pages.append(direct.get(LIST, limit="10", **key).json())
        key = {"startKey": pages[-1]["nextKey"] or ""}

    found = [one["to"] for page in pages for one in page["messageList"].values()]
    assert [len(page["messageList"]) for page in pages] == [10, 10, 5]
    assert found == numbers(25)[::-1]
    assert pages[1]["startKey"] == pages[0]["nextKey"]


def test_pages_through_groups(direct: DirectClient) -> None:
    made = [direct.send(sms())["groupInfo"]["groupId"] for _ in range(3)]

    first = direct.get("/messages/v4/groups", limit="2").json()
    second = direct.get("/messages/v4/groups", limit="2", start_key=first["nextKey"]).json()

    assert [*first["groupList"], *second["groupList"]] == made[::-1]
    assert second["nextKey"] is None


@pytest.mark.parametrize("limit", ["0", "501", "-1", "ten", "²", "9" * 5000])
def test_refuses_a_limit_outside_1_to_500(direct: DirectClient, limit: str) -> None:
    answer = direct.get(LIST, limit=limit)

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "ValidationError")


@pytest.mark.parametrize(
    "query", [{"startDate": "yesterday"}, {"criteria": "to", "cond": "ne", "value": "1"}]
)
def test_refuses_a_filter_it_cannot_apply(direct: DirectClient, query: dict[str, str]) -> None:
    assert direct.get(LIST, **query).status_code == 400


def test_finds_by_date_after_the_simulated_clock_was_set_back(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    direct.send(sms(to="01000000001"))
    carrier.configure(clock_offset_s=-600)
    direct.send(sms(to="01000000002"))
    between = minutes(-5).isoformat()

    before = direct.get(LIST, endDate=between).json()["messageList"]
    since = direct.get(LIST, startDate=between).json()["messageList"]

    assert [message["to"] for message in before.values()] == ["01000000002"]
    assert [message["to"] for message in since.values()] == ["01000000001"]


def test_knows_no_group_of_another_id(direct: DirectClient) -> None:
    answer = direct.get("/messages/v4/groups/G4Vunknown")

    assert (answer.status_code, answer.json()["errorCode"]) == (404, "ResourceNotFound")


def test_cannot_cancel_what_is_not_scheduled(direct: DirectClient) -> None:
    group_id = direct.send(sms())["groupInfo"]["groupId"]

    answer = direct.delete(f"/messages/v4/groups/{group_id}/schedule")

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "InvalidGroupStatus")
