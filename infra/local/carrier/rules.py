"""The checks a message passes before it is accepted, each ending in a status code of 1.9."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from infra.local.carrier import codes, drafts, kakao, limits, outcomes
from infra.local.carrier.drafts import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.carrier.knobs import Knobs
    from infra.local.carrier.records import Draft
    from infra.local.carrier.registry import Registry

_TEXT_TYPES: Final = frozenset({"SMS", "LMS", "MMS"})
_CARRIED_TYPES: Final = _TEXT_TYPES | {"ATA"}
# Types that SOLAPI knows and this simulator has no route for. Friendtalk (CTA, CTI) ended on
# 2025-12-31.
_OTHER_TYPES: Final = frozenset(
    {"CTA", "CTI", "NSA", "FAX", "VOICE", "RCS_SMS", "RCS_LMS", "RCS_MMS", "RCS_TPL", "RCS_ITPL"}
    | {"RCS_LTPL", "BMS_TEXT", "BMS_IMAGE", "BMS_WIDE", "BMS_WIDE_ITEM_LIST", "BMS_CAROUSEL_FEED"}
    | {"BMS_PREMIUM_VIDEO", "BMS_COMMERCE", "BMS_CAROUSEL_COMMERCE", "BMS_FREE"}
)
_DOMESTIC: Final = re.compile(r"0\d{8,11}")
_FOREIGN: Final = re.compile(r"\d{5,15}")
_SENDER: Final = re.compile(r"\d{4,15}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BODY_BYTES: Final = {
    "SMS": limits.SMS_BYTES,
    "LMS": limits.LMS_BYTES,
    "MMS": limits.LMS_BYTES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What the rules look things up in."""

    registry: Registry
    knobs: Knobs
    api_key: str = ""


def judge(raw: object, *, book: Book) -> Draft | Refusal:
    """Read and check one message with a single recipient."""
    draft = drafts.read(raw)
    if isinstance(draft, Refusal):
        return draft
    draft = _with_template_text(draft, book)
    for check in _CHECKS:
        code = check(draft, book)
        if code is not None:
            return Refusal(code=code, draft=draft)
    return draft


def _with_template_text(draft: Draft, book: Book) -> Draft:
    """Build the text of an Alimtalk from its variables when none was written out."""
    if draft.type != "ATA" or draft.kakao is None or draft.text:
        return draft
    template = book.registry.templates.get(draft.kakao.template_id)
    if template is None:
        return draft
    # A slot without a value stays in the text and is refused by the template check.
    text = kakao.fill(template.content, draft.kakao.variables)
    return replace(draft, text=template.content if text is None else text)


def _check_type(draft: Draft, _book: Book) -> str | None:
    if draft.type in _OTHER_TYPES:
        return codes.NO_ROUTE
    if draft.type not in _CARRIED_TYPES or (draft.country != "82" and draft.type != "SMS"):
        return codes.BAD_TYPE
    if draft.kakao is not None and draft.type != "ATA":
        return codes.KAKAO_ON_TEXT
    return None


def _check_required(draft: Draft, _book: Book) -> str | None:
    if not draft.to:
        return codes.MISSING_VALUE
    is_text = draft.type in _TEXT_TYPES
    if is_text and not (draft.sender and draft.text):
        return codes.MISSING_VALUE
    if not is_text and draft.kakao is None:
        return codes.MISSING_VALUE
    return None


def _check_numbers(draft: Draft, _book: Book) -> str | None:
    recipient = _DOMESTIC if draft.country == "82" else _FOREIGN
    numbers_fit = recipient.fullmatch(draft.to) and (
        not draft.sender or _SENDER.fullmatch(draft.sender)
    )
    ascii_only = (draft.to + draft.sender + draft.country).isascii()
    return None if numbers_fit and ascii_only and draft.country.isdecimal() else codes.BAD_FORMAT


def _check_subject(draft: Draft, _book: Book) -> str | None:
    if draft.subject is None or draft.type == "ATA":
        return None
    if draft.type == "SMS":
        return codes.SUBJECT_ON_SMS
    if _bytes(draft.subject) > limits.SUBJECT_BYTES:
        return codes.SUBJECT_TOO_LONG
    return None


def _check_channel(draft: Draft, book: Book) -> str | None:
    if draft.kakao is None:
        return None
    if draft.kakao.pf_id not in book.registry.channels:
        return codes.BAD_CHANNEL
    template = book.registry.templates.get(draft.kakao.template_id)
    if template is None or template.pf_id != draft.kakao.pf_id:
        return codes.BAD_TEMPLATE
    if kakao.has_slot(draft.text) or not kakao.matches(template.content, draft.text):
        return codes.TEMPLATE_MISMATCH
    return kakao.check_buttons(draft.kakao.buttons, template.buttons)


def _check_characters(draft: Draft, _book: Book) -> str | None:
    written = draft.text + (draft.subject or "")
    if not drafts.is_utf8(written):
        return codes.NOT_UTF8
    if _CONTROL.search(written):
        return codes.NOT_PRINTABLE
    if draft.type in _TEXT_TYPES and not _is_cp949(written):
        return codes.NOT_EUC_KR
    return None


def _check_length(draft: Draft, _book: Book) -> str | None:
    if draft.type == "ATA":
        return codes.TOO_LONG if len(draft.text) > limits.ALIMTALK_CHARS else None
    return codes.TOO_LONG if _bytes(draft.text) > _BODY_BYTES[draft.type] else None


def _check_image(draft: Draft, book: Book) -> str | None:
    if draft.type != "MMS":
        # SOLAPI documents no code for an image on another type; dropping it silently would hide
        # a mistake, so the type is called wrong.
        return None if draft.image_id is None else codes.BAD_TYPE
    if draft.image_id is None:
        return codes.IMAGE_MISSING
    file = book.registry.files.get(draft.image_id)
    return None if file is not None and file.kind == "MMS" else codes.NO_SUCH_IMAGE


def _check_sender(draft: Draft, book: Book) -> str | None:
    known = book.registry.knows_sender(draft.sender, api_key=book.api_key)
    if draft.sender and not known:
        return codes.SENDER_NOT_REGISTERED
    return None


def _check_denial(draft: Draft, book: Book) -> str | None:
    if draft.type == "ATA":
        return None
    denied = book.registry.denies(recipient=draft.to, sender=draft.sender)
    return codes.DENIED_BY_080 if denied else None


def _check_forced(draft: Draft, book: Book) -> str | None:
    forced = outcomes.forced_code(draft, knobs=book.knobs)
    return forced if forced is not None and codes.is_refusal(forced) else None


def _bytes(text: str) -> int:
    # cp949, not euc_kr: Python's euc_kr writes 8,822 of the 11,172 syllables as eight bytes.
    return len(text.encode("cp949", errors="replace"))


def _is_cp949(text: str) -> bool:
    try:
        text.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True


_CHECKS: Final[tuple[Callable[[Draft, Book], str | None], ...]] = (
    _check_type,
    _check_required,
    _check_numbers,
    _check_subject,
    _check_channel,
    _check_characters,
    _check_length,
    _check_image,
    _check_sender,
    _check_denial,
    _check_forced,
)
