from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from functions.dispatch.recheck import Recheck, Verdicts
from functions.domain.batch import Recipient
from functions.domain.case import PersonFacts
from functions.domain.channel import Purpose
from functions.domain.contact import Contact, Phone
from functions.domain.ids import BatchNumber, ContactId
from functions.domain.message import Send
from functions.domain.reason import HoldReason, RefusalReason, SuppressionReason
from functions.domain.suppression import Mark
from tests.builders import (
    MORNING,
    NIGHT,
    NOON,
    a_contact,
    a_mark,
    a_phone,
    a_recipient,
    a_route,
    a_sender,
    a_template,
)

STRANGER = Recipient(contact_id=None, phone=a_phone(5), text="안내")
NOTICE = a_route(template=a_template(purpose=Purpose.TRANSACTIONAL))


def facts_of(*contacts: Contact) -> dict[ContactId, PersonFacts]:
    return {each.contact_id: PersonFacts.of(each) for each in contacts}


def verdicts(
    *recipients: Recipient,
    suppressed: Mapping[Phone, tuple[Mark, ...]] | None = None,
    **options: Any,
) -> Verdicts:
    facts: dict[str, Any] = {
        "batch": BatchNumber(7),
        "people": facts_of(a_contact(1), a_contact(2)),
        "suppressed": suppressed or {},
        "route": a_route(),
        "expires": NOON + timedelta(days=3),
        "now": NOON,
        "last_moment": NOON,
    }
    return Recheck(**(facts | options)).verdicts(dict(enumerate(recipients)))


def refusal(recipient: Recipient, **options: Any) -> int:
    found = verdicts(recipient, **options)
    assert found.refused == (0,)
    return found.sends[0]


def test_each_message_is_decided_for_itself() -> None:
    found = verdicts(a_recipient(1), a_recipient(9), a_recipient(2))

    assert found.sendable == (0, 2)
    assert found.refused == (1,)
    assert found.sends == {
        0: Send.SENDING,
        1: Send.refused(RefusalReason.CONTACT_ERASED),
        2: Send.SENDING,
    }


def test_message_that_would_reach_the_carrier_in_the_night_is_held() -> None:
    nine = NIGHT - timedelta(minutes=90)
    just_before = nine - timedelta(seconds=20)

    found = verdicts(
        a_recipient(1), now=just_before, last_moment=just_before + timedelta(seconds=40)
    )

    assert found.held == (0,)
    assert found.sends == {0: Send.held(HoldReason.NIGHT)}
    assert found.until == (MORNING,)


def test_notice_to_a_number_of_nobody_may_leave() -> None:
    assert verdicts(STRANGER, route=NOTICE).sendable == (0,)


def test_notice_to_a_suppressed_number_of_nobody_may_not() -> None:
    suppressed = {a_phone(5): (a_mark(SuppressionReason.COMPLAINT),)}

    refused = refusal(STRANGER, route=NOTICE, suppressed=suppressed)

    assert refused == Send.refused(RefusalReason.SUPPRESSED)


def test_message_without_a_number_may_not_leave() -> None:
    nowhere = Recipient(contact_id=None, phone=None, text="안내")

    assert refusal(nowhere, route=NOTICE) == Send.refused(RefusalReason.NO_ADDRESS)


@pytest.mark.parametrize("number", [None, "02-000-0000"])
def test_advertisement_whose_sender_lost_its_free_number_may_not_leave(number: str | None) -> None:
    route = a_route(sender=a_sender(opt_out_number=number))

    assert refusal(a_recipient(1), route=route) == Send.refused(RefusalReason.AD_LABEL)


def test_advertisement_that_names_another_free_number_may_not_leave() -> None:
    route = a_route(sender=a_sender(opt_out_number="080-999-9999"))

    assert refusal(a_recipient(1), route=route) == Send.refused(RefusalReason.AD_LABEL)
