"""A company's policy as JSON: how the API shows it, and how it is stored."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from functions.contracts.rate_document import rate_from_json, rate_to_json
from functions.domain.channel import Channel, Purpose
from functions.domain.fatigue import Cap, Period, Reserve, Same
from functions.domain.holdout import GlobalGroup, percent_of, share_of
from functions.domain.policy import ClassRules, Policy, WhenClosed, WhenUnknown, Window

Json = dict[str, Any]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def policy_to_json(policy: Policy) -> Json:
    """Write a policy, but for its holidays, which are looked up when it is read."""
    return {
        "version": policy.version,
        "windows": [_from_window(window) for window in policy.windows],
        "slots": [_clock(slot) for slot in policy.slots],
        "classes": {
            str(purpose): {
                "when_closed": str(rules.when_closed),
                "expires_after_hours": int(rules.expires_after / timedelta(hours=1)),
            }
            for purpose in Purpose
            for rules in (policy.rules(purpose),)
        },
        "caps": [_from_cap(cap) for cap in policy.caps],
        "ambiguous_transactional": str(policy.ambiguous_transactional),
        "approval_above": policy.approval_above,
        "test_before_launch": policy.test_before_launch,
        "seeds": list(policy.seeds),
        "rate": rate_to_json(policy.rate),
        "rate_by_provider": {
            provider: rate_to_json(rate) for provider, rate in policy.rate_by_provider.items()
        },
        "holdout": _from_group(policy),
    }


def policy_from_json(document: Mapping[str, Any]) -> Policy:
    """Read a policy back, without holidays."""
    return Policy(
        version=document["version"],
        windows=tuple(_to_window(window) for window in document["windows"]),
        slots=tuple(time.fromisoformat(slot) for slot in document["slots"]),
        rules_by_class={
            Purpose(purpose): ClassRules(
                when_closed=WhenClosed(rules["when_closed"]),
                expires_after=timedelta(hours=rules["expires_after_hours"]),
            )
            for purpose, rules in document["classes"].items()
        },
        caps=tuple(_to_cap(cap) for cap in document["caps"]),
        # Policies of before say nothing of it.
        ambiguous_transactional=WhenUnknown(
            document.get("ambiguous_transactional", WhenUnknown.UNKNOWN)
        ),
        # Not in versions from before there was a safe launch.
        approval_above=document.get("approval_above"),
        test_before_launch=document.get("test_before_launch", False),
        seeds=tuple(document.get("seeds", ())),
        # Policies of before have no limits.
        rate=rate_from_json(document.get("rate")),
        rate_by_provider={
            provider: rate
            for provider, each in document.get("rate_by_provider", {}).items()
            if (rate := rate_from_json(each)) is not None
        },
        # Nor do those hold anybody out.
        holdout=_to_group(document.get("holdout")),
    )


def _from_group(policy: Policy) -> Json | None:
    group = policy.holdout
    return None if group is None else {"name": group.name, "percent": percent_of(group.share)}


def _to_group(document: Mapping[str, Any] | None) -> GlobalGroup | None:
    if document is None:
        return None
    return GlobalGroup(name=document["name"], share=share_of(document["percent"]))


def _clock(wall: time) -> str:
    return wall.strftime("%H:%M")


def _from_window(window: Window) -> Json:
    return {
        "name": window.name,
        "starts": _clock(window.starts),
        "ends": _clock(window.ends),
        "weekdays": [DAYS[day] for day in sorted(window.weekdays)],
        "on_holidays": window.on_holidays,
        "classes": sorted(window.classes),
        "channels": sorted(window.channels),
    }


def _to_window(document: Mapping[str, Any]) -> Window:
    return Window(
        name=document["name"],
        starts=time.fromisoformat(document["starts"]),
        ends=time.fromisoformat(document["ends"]),
        weekdays=frozenset(DAYS.index(day) for day in document["weekdays"]),
        on_holidays=document["on_holidays"],
        classes=frozenset(Purpose(each) for each in document["classes"]),
        channels=frozenset(Channel(each) for each in document["channels"]),
    )


def _from_cap(cap: Cap) -> Json:
    return {
        "name": cap.name,
        "most": cap.most,
        "period": str(cap.period),
        "length": cap.length,
        "channel": cap.channel,
        "tag": cap.tag,
        "same": str(cap.same),
        "reserves": [{"priority": each.priority, "places": each.places} for each in cap.reserves],
    }


def _to_cap(document: Mapping[str, Any]) -> Cap:
    channel = document["channel"]
    return Cap(
        name=document["name"],
        most=document["most"],
        period=Period(document["period"]),
        length=document["length"],
        channel=None if channel is None else Channel(channel),
        tag=document["tag"],
        same=Same(document["same"]),
        reserves=tuple(
            Reserve(priority=each["priority"], places=each["places"])
            for each in document["reserves"]
        ),
    )
