"""From groups and audiences of a request to the contacts that are in them."""

from collections.abc import Iterator, Sequence

from functions.contracts.errors import FieldError, InvalidInput
from functions.domain.ids import ContactId
from functions.sending.ports import Addressee, Many, SendingDeps, TooManyPeople

MAX_PEOPLE = 1_000
"""So many may one request address; a campaign is for more."""


def expanded(addressees: Sequence[Addressee | Many], deps: SendingDeps) -> tuple[Addressee, ...]:
    """Put the contacts of each group and audience in its place, everyone once.

    Who is named by id comes with their own variables. Raises InvalidInput naming each group or
    audience that is not there, was not answered yet, or makes them too many.
    """
    if not any(isinstance(each, Many) for each in addressees):
        return tuple(each for each in addressees if isinstance(each, Addressee))
    named = {each.contact_id for each in addressees if isinstance(each, Addressee)}
    found: dict[ContactId, Addressee] = {}
    errors = list(_found(addressees, found, deps))
    if errors:
        raise InvalidInput.of(*errors)
    own = tuple(each for each in addressees if isinstance(each, Addressee))
    return own + tuple(each for contact_id, each in found.items() if contact_id not in named)


def _found(
    addressees: Sequence[Addressee | Many], found: dict[ContactId, Addressee], deps: SendingDeps
) -> Iterator[FieldError]:
    for place, each in enumerate(addressees):
        if not isinstance(each, Many):
            continue
        try:
            members = deps.members(each, MAX_PEOPLE)
        except TooManyPeople:
            yield _too_many(place)
            continue
        if members is None:
            message = "There is no such audience, or it was not answered yet."
            yield FieldError(f"/to/{place}/audience", "audience_not_ready", message)
            continue
        for contact_id in members:
            brought = Addressee(
                contact_id=contact_id, phone=None, variables=each.variables, named=False
            )
            found.setdefault(contact_id, brought)
        if len(found) + len(addressees) > MAX_PEOPLE:
            yield _too_many(place)


def _too_many(place: int) -> FieldError:
    message = f"These are more than {MAX_PEOPLE:,} people: make a campaign."
    return FieldError(f"/to/{place}", "too_many", message)
