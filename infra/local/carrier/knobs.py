"""The behaviour that a test or a demonstration can change while the simulator runs."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from infra.local.carrier.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.local.carrier.jsonval import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """Settings of ``POST /_sim/config``; times in seconds unless the name says otherwise.

    ``carrier_delay_s`` passes before 3000, then ``report_delay_s`` plus up to
    ``report_jitter_s`` before the outcome. ``failure_share`` of the recipients, chosen by a hash
    of ``seed`` and number, end with one of ``failure_codes``. ``forced_codes`` maps the end of a
    number to the code its messages get: 1xxx refuses at registration, 3000 never reports.
    ``latency_ms`` passes before a request is looked at, ``answer_delay_ms`` after it was carried
    out, so that reports can overtake the answer. ``ref_field`` names the custom field by which
    the ledger finds a caller's own message id.
    """

    carrier_delay_s: float = 0.0
    report_delay_s: float = 0.5
    report_jitter_s: float = 0.0
    failure_share: float = 0.0
    failure_codes: tuple[str, ...] = ("3032", "3042", "3043", "3047", "3104", "3107")
    forced_codes: Mapping[str, str] = field(default_factory=dict)
    seed: str = "carrier"
    latency_ms: float = 0.0
    answer_delay_ms: float = 0.0
    webhook_url: str | None = None
    inbound_url: str | None = None
    webhook_backoff_s: float = 1.0
    webhook_concurrency: int = 4
    duplicate_reports: float = 0.0
    reorder_reports: bool = False
    clock_offset_s: float = 0.0
    ref_field: str = "ref"


def changed(knobs: Knobs, patch: JsonObject) -> Knobs:
    """Apply a partial update.

    Raises:
        ApiError: 400 naming every field that is unknown or has a bad value.

    """
    values: dict[str, object] = {}
    problems: list[str] = []
    for name, value in patch.items():
        try:
            values[name] = _READERS[name](value)
        except KeyError:
            problems.append(f"{name}: unknown")
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise invalid("; ".join(problems))
    return replace(knobs, **values)  # type: ignore[arg-type]  # each reader returns its field's type


def as_json(knobs: Knobs) -> dict[str, object]:
    """Show the settings as ``GET /_sim/config`` does."""
    return {item.name: getattr(knobs, item.name) for item in fields(knobs)}


def loopback_url(value: object) -> str | None:
    """Accept no address or an address on this machine.

    Raises:
        ValueError: for anything else, because nothing simulated may leave the machine.

    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and _is_loopback(value):
        return value
    message = "must be an http address on this machine"
    raise ValueError(message)


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http":
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _between(low: float, high: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:  # type: ignore[operator]  # checked just before
            message = f"must be a number from {low:g} to {high:g}"
            raise ValueError(message)
        return float(value)  # type: ignore[arg-type]  # checked just before

    return read


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        return int(_between(low, high)(value))

    return read


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        message = "must be true or false"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for every bad value
    return value


def _string(value: object) -> str:
    if not isinstance(value, str) or not value:
        message = "must be a non-empty string"
        raise ValueError(message)
    return value


def _code(value: object) -> str:
    code = _string(value)
    if len(code) != 4 or not code.isdecimal():  # noqa: PLR2004 - codes are four digits
        message = "codes are four digits"
        raise ValueError(message)
    return code


def _code_list(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        message = "must be a list of codes"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for every bad value
    return tuple(_code(item) for item in value)


def _code_by_suffix(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        message = "must map the end of a number to a code"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for every bad value
    return {_string(suffix): _code(code) for suffix, code in value.items()}


_HOUR_S: Final = 3_600.0
_YEAR_S: Final = 366 * 24 * _HOUR_S

_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    "carrier_delay_s": _between(0, _HOUR_S),
    "report_delay_s": _between(0, _HOUR_S),
    "report_jitter_s": _between(0, _HOUR_S),
    "failure_share": _between(0, 1),
    "failure_codes": _code_list,
    "forced_codes": _code_by_suffix,
    "seed": _string,
    "latency_ms": _between(0, 60_000),
    "answer_delay_ms": _between(0, 60_000),
    "webhook_url": loopback_url,
    "inbound_url": loopback_url,
    "webhook_backoff_s": _between(0, _HOUR_S),
    "webhook_concurrency": _whole(1, 32),
    "duplicate_reports": _between(0, 1),
    "reorder_reports": _boolean,
    "clock_offset_s": _between(-_YEAR_S, _YEAR_S),
    "ref_field": _string,
}
