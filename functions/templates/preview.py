"""Shows what somebody would get of a template, what it would cost, and what to mind."""

from dataclasses import dataclass, field

from functions.content.compose import Composer, Uncomposable
from functions.contracts.errors import InvalidInput
from functions.contracts.route import sender_mismatches
from functions.domain.channel import Channel
from functions.domain.link_mark import fill
from functions.domain.planning import Composed, Person
from functions.domain.preference_token import MESSAGE_LENGTH, fill as fill_token
from functions.domain.pricing import Money, unit_price
from functions.domain.text_size import Change, normalise, size_bytes, uncertain

_SAMPLE_CODE = "0" * 11
_SAMPLE_TOKEN = "0" * MESSAGE_LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A message as it would leave. ``size`` is bytes for SMS, characters for Alimtalk."""

    composed: Composed
    text: str = field(repr=False)
    size: int
    price: Money
    changes: tuple[Change, ...]
    uncertain: tuple[str, ...]


def preview(composer: Composer, person: Person) -> Preview:
    """Compose for one person. Raises InvalidInput with the reason as code."""
    mismatches = sender_mismatches(composer.sender, composer.template)
    if mismatches:
        raise InvalidInput.of(*mismatches)
    try:
        composed = composer.compose(person)
    except Uncomposable as error:
        message = "The text cannot be made of these."
        raise InvalidInput.field("/variables", str(error.reason), message) from error
    text = fill(composed.text, len(composer.template.links), code_of=lambda _: _SAMPLE_CODE)
    text = fill_token(text, token_of=lambda: _SAMPLE_TOKEN)
    carrier_text = composer.template.channel is Channel.SMS
    return Preview(
        composed=composed,
        text=text,
        size=size_bytes(text) if carrier_text else len(text),
        price=unit_price(composed.message_type),
        changes=normalise(composer.template.body).changes if carrier_text else (),
        uncertain=uncertain(text) if carrier_text else (),
    )
