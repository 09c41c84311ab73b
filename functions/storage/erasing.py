"""Erases one person from every store; each sweep can be repeated and tells what it changed.

What stays: suppressions (keyed hashes of addresses), the evidence of consent under the keyed hash
of the person (정보통신망법 art. 50(1), burden of proof), and states and counts without a person.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from functions.domain.campaign import Campaign, Part
from functions.domain.coupon import holder_of_contact
from functions.domain.erasure import ERASED, Traces
from functions.domain.ids import ContactId
from functions.storage.audience_members import MemberStore
from functions.storage.batches import BatchStore
from functions.storage.campaigns import CampaignStore
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.coupons import CouponStore
from functions.storage.goal_logs import GoalLogStore
from functions.storage.histories import HistoryStore
from functions.storage.merging import former_ids
from functions.storage.notices import NoticeStore
from functions.storage.objects import ObjectStore
from functions.storage.outcomes import OutcomeStore
from functions.storage.requests import RequestStore

_CAMPAIGNS_A_PAGE = 100


def every_id(contact_id: ContactId) -> tuple[ContactId, ...]:
    """Who was merged into the person, whose rows bear the former id; and the person, last."""
    return (*former_ids(contact_id), contact_id)


def messages(traces: Traces) -> int:
    """Erase number, texts and id from every message that the person's history names."""
    numbers = {number.batch for _, number in HistoryStore().of(traces.contact_id)}
    ids = every_id(traces.contact_id)
    return sum(BatchStore().erase_recipient(number, each) for number in numbers for each in ids)


def campaign_messages(traces: Traces) -> int:
    """Erase the person from messages of campaigns that wait or never left."""
    numbers = {number for _, part in _parts_with(traces.contact_id) for number in part.batches}
    return sum(BatchStore().erase_recipient(number, traces.contact_id) for number in numbers)


def messages_of(traces: Traces) -> list[tuple[int, int]]:
    """Batch and ordinal of each message to the person; -1 where it is only known to be there."""
    own = [(number.batch, number.ordinal) for _, number in HistoryStore().of(traces.contact_id)]
    parts = (part for each in every_id(traces.contact_id) for _, part in _parts_with(each))
    never_left = {number for part in parts for number in part.batches}
    return [*own, *((number, -1) for number in sorted(never_left))]


def campaign_files(traces: Traces) -> int:
    """Erase the person from the files of campaigns: slices, outcomes, and lists given directly."""
    keys: dict[str, None] = {}
    for campaign in _campaigns():
        keys |= dict.fromkeys(campaign.recipients.direct_keys)
        keys |= dict.fromkeys(ObjectStore().keys(f"parts/{campaign.campaign_id}/taken_"))
    for campaign, part in _parts_with(traces.contact_id):
        keys |= dict.fromkeys(ObjectStore().keys(f"parts/{campaign.campaign_id}/{part.part}"))
        outcomes = f"campaigns/{campaign.campaign_id}/outcomes/{part.part}"
        keys |= dict.fromkeys(ObjectStore().keys(outcomes))
    return sum(_erase_from_file(key, traces) for key in keys)


def audience_members(traces: Traces) -> int:
    """Take the person out of the members of audiences."""
    return MemberStore().erase(traces.contact_id)


def requests(traces: Traces) -> int:
    """Delete answers kept for repeated requests that name the person."""
    return RequestStore().erase((traces.contact_id, *traces.texts))


def evidence(traces: Traces) -> int:
    """Move the evidence of consent under the keyed hash of the person, without addresses."""
    return ConsentStore().pseudonymise(traces.contact_id)


def notices(traces: Traces) -> int:
    """Delete the notices that were due or sent to the person."""
    return NoticeStore().erase(traces.contact_id)


def coupons(traces: Traces) -> int:
    """Forget whose the person's codes of coupons were; that they were given and used stays."""
    return CouponStore().erase(holder_of_contact(traces.contact_id))


def goal_events(traces: Traces) -> int:
    """Let nothing at the batches lead back to what the person did; figures stay.

    The events themselves go with the history.
    """
    return OutcomeStore().forget(GoalLogStore().of(traces.contact_id))


def history(traces: Traces) -> int:
    """Delete which messages went to the person. Comes last: the others look there."""
    contact_id = traces.contact_id
    return HistoryStore().erase(contact_id) + ContactStore().erase_history(contact_id)


def _campaigns() -> Iterator[Campaign]:
    position, store = None, CampaignStore()
    while True:
        page = store.page(limit=_CAMPAIGNS_A_PAGE, position=position)
        yield from page.items
        if page.after is None:
            return
        position = page.after


def _parts_with(contact_id: ContactId) -> Iterator[tuple[Campaign, Part]]:
    """Parts of all campaigns that may have the person among their recipients."""
    for campaign in _campaigns():
        for part in CampaignStore().parts(campaign.campaign_id):
            if _may_have(part, contact_id):
                yield campaign, part


def _may_have(part: Part, contact_id: ContactId) -> bool:
    return not part.planned or part.members.may_have(contact_id)


def _erase_from_file(key: str, traces: Traces) -> int:
    store = ObjectStore()
    known = store.find_json(key)
    if known is None:
        return 0
    left = _without(known, {traces.contact_id, f"id:{traces.contact_id}", *_numbers(traces)})
    if left == known:
        return 0
    store.put_json(key, left)
    return 1


def _numbers(traces: Traces) -> Iterable[str]:
    return (text for each in traces.texts for text in (each, f"tel:{each}"))


def _without(value: Any, texts: set[str]) -> Any:  # noqa: ANN401  # any JSON
    """The document without the person: what is about them is emptied, the rest stays in place."""
    match value:
        case str():
            return ERASED if value in texts else value
        case list():
            return _list_without(value, texts)
        case dict():
            if isinstance(contact := value.get("contact"), dict) and contact.get("id") in texts:
                return {
                    name: [] if isinstance(each, list) else None for name, each in value.items()
                }
            return {name: _without(each, texts) for name, each in value.items()}
        case _:
            return value


def _list_without(values: list[Any], texts: set[str]) -> list[Any]:
    left = [_without(each, texts) for each in values]
    if values and isinstance(values[0], str) and values[0] in texts:
        # A row about the person: its reasons stay, what they were drawn from goes.
        return [each if isinstance(each, str) else None for each in left]
    return left
