"""Reading one message of a request into a draft, without judging its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from infra.local.carrier import codes, limits
from infra.local.carrier.records import Button, Draft, KakaoUse

if TYPE_CHECKING:
    from infra.local.carrier.jsonval import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A message that was not accepted."""

    code: str
    draft: Draft


class _BadFieldError(Exception):
    """A value of the wrong type; ends the reading of a message with 1011."""


def expand(raw: object) -> list[object]:
    """Turn a message whose ``to`` is a list into one message per recipient."""
    if isinstance(raw, Mapping) and isinstance(raw.get("to"), list):
        return [{**raw, "to": number} for number in raw["to"]]
    return [raw]


def read(raw: object) -> Draft | Refusal:
    """Read a message; a value of the wrong type is 1011, odd customFields are 1032."""
    if not isinstance(raw, Mapping):
        return Refusal(code=codes.BAD_FORMAT, draft=Draft(to="", sender="", type="", text=""))
    try:
        draft = _read(raw)
    except _BadFieldError:
        return Refusal(code=codes.BAD_FORMAT, draft=_salvage(raw))
    if not _are_custom_fields(raw.get("customFields")):
        return Refusal(code=codes.BAD_CUSTOM_FIELDS, draft=draft)
    return draft


def _read(raw: JsonObject) -> Draft:
    draft = Draft(
        to=_string(raw, "to"),
        sender=_string(raw, "from"),
        type="",
        text=_string(raw, "text"),
        country=_string(raw, "country") or "82",
        subject=_string(raw, "subject") or None,
        image_id=_string(raw, "imageId") or None,
        custom_fields=_custom_fields(raw.get("customFields")),
        kakao=_kakao(raw.get("kakaoOptions")),
        replacements=_objects(raw, "replacements"),
    )
    return _with_type(draft, raw)


def _salvage(raw: JsonObject) -> Draft:
    """Keep what can name the message in failedMessageList."""
    values = {key: raw.get(key) for key in ("to", "from", "type")}
    texts = {key: value if isinstance(value, str) else "" for key, value in values.items()}
    fields = _custom_fields(raw.get("customFields"))
    return Draft(
        to=texts["to"], sender=texts["from"], type=texts["type"], text="", custom_fields=fields
    )


def _with_type(draft: Draft, raw: JsonObject) -> Draft:
    given = _string(raw, "type").upper()
    detect = raw.get("autoTypeDetect", True) is not False
    # Without a type and without detection the type stays empty and the rules refuse it.
    kind = given or (_detect(draft, raw) if detect else "")
    return replace(draft, type=kind)


def _detect(draft: Draft, raw: JsonObject) -> str:
    if draft.kakao is not None:
        return _detect_kakao(draft, raw)
    if raw.get("rcsOptions") is not None:
        return "RCS_SMS"
    if draft.image_id is not None:
        return "MMS"
    size = len(draft.text.encode("cp949", errors="replace"))
    return "LMS" if draft.subject is not None or size > limits.SMS_BYTES else "SMS"


def _detect_kakao(draft: Draft, raw: JsonObject) -> str:
    options = raw["kakaoOptions"]
    if isinstance(options, Mapping) and options.get("bms") is not None:
        return "BMS_FREE"
    if draft.kakao is not None and draft.kakao.template_id:
        return "ATA"
    return "CTA"


def _kakao(value: object) -> KakaoUse | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _BadFieldError
    return KakaoUse(
        pf_id=_string(value, "pfId"),
        template_id=_string(value, "templateId"),
        disable_sms=value.get("disableSms") is True,
        variables=_variables(value.get("variables")),
        buttons=_buttons(value),
    )


def _variables(value: object) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise _BadFieldError
    return cast("Mapping[str, str]", value)


def _buttons(options: JsonObject) -> tuple[Button, ...] | None:
    if options.get("buttons") is None:
        return None
    return tuple(
        Button(
            name=_string(item, "buttonName"),
            kind=_string(item, "buttonType"),
            link=_string(item, "linkMo"),
        )
        for item in _objects(options, "buttons")
    )


def _objects(container: JsonObject, key: str) -> tuple[JsonObject, ...]:
    value = container.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise _BadFieldError
    return tuple(value)


def _string(container: JsonObject, key: str) -> str:
    value = container.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _BadFieldError
    return value


def _custom_fields(value: object) -> Mapping[str, str] | None:
    if not value or not _are_custom_fields(value):
        return None
    return cast("Mapping[str, str]", value)


def _are_custom_fields(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, Mapping) and all(
        _is_custom_field(name, item) for name, item in value.items()
    )


def _is_custom_field(name: str, value: object) -> bool:
    return (
        isinstance(value, str)
        and len(name) <= limits.CUSTOM_NAME_CHARS
        and len(value) <= limits.CUSTOM_VALUE_CHARS
        and is_utf8(name + value)
    )


def is_utf8(text: str) -> bool:
    """Tell whether the text holds no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
