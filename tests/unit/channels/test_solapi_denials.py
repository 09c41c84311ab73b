from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from functions.channels.base import OptOutEvent
from functions.channels.solapi_denials import SolapiDenials, read_denials
from functions.domain.contact import Phone
from functions.domain.reason import SuppressionReason
from tests.builders import NOON

DENIAL = {
    "handleKey": "hk-1",
    "type": "DENIAL",
    "senderNumber": "0200001234",
    "recipientNumber": "01000000001",
    "dateCreated": "2026-11-20T02:00:00.000Z",
    "dateUpdated": "2026-11-20T02:00:00.000Z",
}


@dataclass
class Lists:
    answer: dict[str, Any]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def get(self, path: str, query: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
        self.asked.append((path, dict(query)))
        return self.answer


def test_refusals_tell_who_called_and_when() -> None:
    page = read_denials({"blackList": [DENIAL], "nextKey": None}, NOON)

    assert page.cursor is None
    assert page.events == (
        OptOutEvent(
            key="hk-1",
            phone=Phone("+821000000001"),
            reason=SuppressionReason.OPT_OUT_CALL,
            at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
        ),
    )


def test_list_may_be_an_object_as_solapis_other_lists_are() -> None:
    page = read_denials({"blackList": {"hk-1": DENIAL}, "nextKey": "hk-2"}, NOON)

    assert (len(page.events), page.cursor) == (1, "hk-2")


def test_what_names_nobody_whom_we_can_write_to_is_skipped() -> None:
    strange = [1, {}, DENIAL | {"recipientNumber": "0212345678"}]

    assert read_denials({"blackList": strange}, NOON).events == ()
    assert read_denials({}, NOON).events == ()


def test_refusal_without_a_key_is_known_by_what_it_says() -> None:
    nameless = {name: value for name, value in DENIAL.items() if name != "handleKey"}
    other = nameless | {"recipientNumber": "01000000002"}

    keys = [each.key for each in read_denials({"blackList": [nameless, other]}, NOON).events]
    again = [each.key for each in read_denials({"blackList": [nameless]}, NOON).events]

    assert len(set(keys)) == 2
    assert again == keys[:1]
    assert "00000001" not in "".join(keys)


def test_first_page_of_everything_and_of_what_is_new_are_asked_for() -> None:
    lists = Lists({"blackList": []})
    source = SolapiDenials(lists)

    source.opt_outs(since=None, cursor=None, now=NOON)
    source.opt_outs(since=NOON, cursor="hk-2", now=NOON)

    assert lists.asked == [
        ("/iam/v1/black", {"type": "DENIAL", "limit": "500"}),
        (
            "/iam/v1/black",
            {
                "type": "DENIAL",
                "limit": "500",
                "dateCreated[gte]": NOON.isoformat(),
                "startKey": "hk-2",
            },
        ),
    ]
