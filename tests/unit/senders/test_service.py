from typing import Any

import pytest

from functions.contracts.errors import InvalidInput, NotFound
from functions.domain.channel import Channel
from functions.domain.ids import SenderId
from functions.domain.sender import SenderStatus
from functions.senders.service import SenderDeps, find, register, review
from tests.builders import a_sender
from tests.fakes.stores import FakeSenders

SND_1 = SenderId("snd_1")


def deps(senders: FakeSenders | None = None) -> SenderDeps:
    return SenderDeps(senders=senders or FakeSenders())


def test_sender_is_registered_to_be_approved_with_its_number_in_digits() -> None:
    world = deps()

    registered = register(a_sender(address="02-0000-1234"), deps=world)

    assert registered == find(SND_1, deps=world)
    assert registered.address == "0200001234"
    assert registered.status is SenderStatus.PENDING


def test_nobody_can_register_an_approved_sender() -> None:
    registered = register(a_sender(status=SenderStatus.APPROVED), deps=deps())

    assert registered.status is SenderStatus.PENDING
    assert not registered.approved


def test_kakao_channel_is_registered_as_it_is() -> None:
    sender = a_sender(channel=Channel.KAKAO, address="KA01PF_abc-123", opt_out_number=None)

    assert register(sender, deps=deps()).address == "KA01PF_abc-123"


def test_sender_of_notices_needs_no_free_number() -> None:
    assert register(a_sender(opt_out_number=None), deps=deps()).opt_out_number is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"address": "010-0000-0001"}, [("/address", "non_existent_range")]),
        ({"address": "114"}, [("/address", "special_number")]),
        ({"address": "전화"}, [("/address", "malformed")]),
        ({"address": "02-123"}, [("/address", "too_short")]),
        ({"address": ""}, [("/address", "malformed")]),
        ({"channel": Channel.KAKAO, "address": "@shop"}, [("/address", "invalid_format")]),
        ({"channel": Channel.KAKAO, "address": "ab"}, [("/address", "invalid_format")]),
        ({"opt_out_number": "02-000-0000"}, [("/opt_out_number", "invalid_format")]),
        ({"opt_out_number": ""}, [("/opt_out_number", "invalid_format")]),
        ({"display_name": "상점 🌸"}, [("/display_name", "unsendable_text")]),
        ({"display_name": "두\u2028줄"}, [("/display_name", "unsendable_text")]),
        ({"display_name": " "}, [("/display_name", "unsendable_text")]),
        (
            {"address": "114", "display_name": "🌸", "opt_out_number": "1"},
            [
                ("/address", "special_number"),
                ("/display_name", "unsendable_text"),
                ("/opt_out_number", "invalid_format"),
            ],
        ),
    ],
)
def test_bad_sender_is_refused_with_every_field(
    values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    senders = FakeSenders()

    with pytest.raises(InvalidInput) as refused:
        register(a_sender(**values), deps=deps(senders))

    assert [(error.pointer, error.code) for error in refused.value.errors] == expected
    assert senders.senders == {}


def test_name_of_a_kakao_channel_may_show_anything() -> None:
    sender = a_sender(channel=Channel.KAKAO, address="KA01PF", display_name="상점 🌸")

    assert register(sender, deps=deps()).display_name == "상점 🌸"


def test_name_with_a_replaceable_sign_is_accepted() -> None:
    assert register(a_sender(display_name="알림–상점"), deps=deps()).display_name == "알림–상점"


@pytest.mark.parametrize("status", list(SenderStatus))
def test_review_decides_and_may_decide_anew(status: SenderStatus) -> None:
    world = deps(FakeSenders.of(a_sender(status=SenderStatus.APPROVED)))

    assert review(SND_1, status=status, deps=world).status is status
    assert find(SND_1, deps=world).status is status


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        find(SND_1, deps=deps())
    with pytest.raises(NotFound):
        review(SND_1, status=SenderStatus.APPROVED, deps=deps())
