"""What authors should mind about a text, although it can be written."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from functions.domain.ad_words import AdWarningCode
from functions.domain.channel import Channel
from functions.domain.template import Template
from functions.domain.text_size import normalise, uncertain, unsendable


class CharacterWarning(StrEnum):
    """What becomes of a character in a text message; stable, shown to authors."""

    CHARACTER_REPLACED = "character_replaced"
    CHARACTER_REFUSED = "character_refused"
    CHARACTER_UNCERTAIN = "character_uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateWarning:
    """One thing to mind: a stable code, the words or characters it is about, a sentence."""

    code: CharacterWarning | AdWarningCode
    found: tuple[str, ...]
    message: str


_MESSAGE_BY_SUSPICION: Mapping[AdWarningCode, str] = {
    AdWarningCode.AD_WORDS: "This reads like an advertisement; approving it needs a reason.",
    AdWarningCode.APP_PROMOTION: "This pushes an app; approving it needs a reason.",
    AdWarningCode.BENEFIT_WITHOUT_GROUND: (
        "Say for what the points or coupons were granted; approving it needs a reason."
    ),
}


def warnings_of(template: Template) -> tuple[TemplateWarning, ...]:
    """List everything to mind about a version."""
    suspicions = tuple(
        TemplateWarning(code=each.code, found=each.found, message=_MESSAGE_BY_SUSPICION[each.code])
        for each in template.ad_warnings
    )
    if template.channel is not Channel.SMS:
        return suspicions
    return (*_about_characters(template.body), *suspicions)


def _about_characters(body: str) -> tuple[TemplateWarning, ...]:
    normalised = normalise(body)
    replaced = (
        TemplateWarning(
            code=CharacterWarning.CHARACTER_REPLACED,
            found=(each.original,),
            message=f"'{each.original}' is sent as '{each.replacement}'.",
        )
        for each in normalised.changes
    )
    refused = (
        TemplateWarning(
            code=CharacterWarning.CHARACTER_REFUSED,
            found=(each,),
            message=f"'{each}' cannot be sent by SMS.",
        )
        for each in unsendable(normalised.text)
    )
    unsure = (
        TemplateWarning(
            code=CharacterWarning.CHARACTER_UNCERTAIN,
            found=(each,),
            message=f"'{each}' may not show on every phone.",
        )
        for each in uncertain(normalised.text)
    )
    return (*replaced, *refused, *unsure)
