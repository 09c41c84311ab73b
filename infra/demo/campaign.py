"""The campaign of the story: two texts are tried, the better one goes to everybody else.

Some of those who click buy something, which the shop reports. A minute after their message those
are reminded who did not click; elsewhere that would be hours or days.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from functions.domain.visitor import SOON_FOR_PERSON_S
from infra.demo.people import NOBODY, buyers, open_links
from infra.progress import console, step

if TYPE_CHECKING:
    from infra.demo.api import Api
    from infra.local.session import LocalSystem

Json = dict[str, Any]
PLAIN_BODY = (
    "{{ contact.name }}님, 봄맞이 할인이 시작되었습니다.\n"
    "둘러보기 {{ 'https://shop.example/spring?utm_source=allim&utm_medium=sms' | track }}"
)
COUPON_BODY = (
    "{{ contact.name }}님께만 드리는 봄맞이 15% 할인!\n"
    "쿠폰번호: {{ contact['쿠폰코드'] | default('SPRING-15') }}\n"
    "쿠폰 쓰러 가기 {{ 'https://shop.example/spring?utm_source=allim&utm_medium=sms' | track }}"
)
REMINDER_BODY = (
    "{{ contact.name }}님, 봄맞이 할인이 오늘 끝납니다.\n"
    "둘러보기 {{ 'https://shop.example/last-call?utm_source=allim' | track }}"
)
AD_BODIES = {"plain": PLAIN_BODY, "coupon": COUPON_BODY, "reminder": REMINDER_BODY}
COUPON_WORD, REMINDER_WORD = "쿠폰번호", "오늘 끝납니다"
_PILOT_PERCENT = 30
_SHORTEST_WINDOW_S, _LOOK_S = 25, 5
_WINDOW_BY_IMPORT = 1.25
"""A slow machine, on which the import takes longer, gets a longer window."""
_PRICES = (19_000, 24_000, 39_000, 58_000)
_POLL_S = 0.3
_PATIENCE_S = 120


class CampaignRun:
    """Sends it, and does what its recipients do."""

    def __init__(self, system: LocalSystem, api: Api, *, import_s: float) -> None:
        self._window_s = max(_SHORTEST_WINDOW_S, round(import_s * _WINDOW_BY_IMPORT))
        self._system, self._carrier, self._api = system, system.carrier, api
        self._id, self._sent_at = "", 0.0
        self.visits = NOBODY

    @property
    def campaign_id(self) -> str:
        """Its id, once it is launched."""
        return self._id

    @property
    def held(self) -> bool:
        """Whether it waits for the morning."""
        return bool(self._report()["held"])

    def launch(self, sender_id: str, templates: dict[str, Json]) -> None:
        """Send the pilot of both texts."""
        plain, coupon, reminder = (templates[name] for name in ("plain", "coupon", "reminder"))
        body = {
            "name": "봄맞이 할인",
            **_text(plain),
            "sender_id": sender_id,
            "recipients": {"everyone": True},
            "goal": {"event": "purchase"},
            "experiment": {
                "variants": [{"name": "plain"}, {"name": "coupon", **_text(coupon)}],
                "pilot_percent": _PILOT_PERCENT,
                "window_seconds": self._window_s,
                "look_seconds": _LOOK_S,
                "min_sample": 50,
                "deadline_seconds": 600,
            },
            "follow_ups": [
                {"if": "not_clicked", "after_minutes": 1, "sender_id": sender_id} | _text(reminder)
            ],
        }
        self._id = self._api.post("/v1/campaigns", body)["campaign_id"]
        self._api.post(f"/v1/campaigns/{self._id}/launch")
        self._with_bar("Pilot of two texts", _pilot_done)
        self._sent_at = time.monotonic()

    def pilot_clicks(self) -> None:
        """Let people of the pilot open links, most of them that with the coupon."""
        with step("Pilot opens links") as current:
            self._open(current)

    def winner(self) -> None:
        """Wait for what comes of the pilot, and until everybody else has what won."""
        with step("Pilot is decided") as current:
            current.note = _verdict(
                wait(self._decided, patience_s=_PATIENCE_S + 2 * self._window_s)
            )
        self._with_bar("To everybody else", _all_done)
        self._sent_at = time.monotonic()

    def reminder(self) -> None:
        """Wait until those of the pilot have it who did not click."""
        with step("Reminder to who did not click") as current:
            found = wait(self._reminded)
            current.note = (
                f"{found['sent']} sent, of {found['matched']} who did not; "
                f"{found['not_looked_at']} are looked at later"
            )

    def clicks(self) -> None:
        """Let the others open links, and scanners too."""
        with step("People and scanners open links") as current:
            self._reported()
            self._open(current)

    def purchases(self) -> None:
        """Report what some of those who clicked bought."""
        with step("Purchases, reported as events") as current:
            bought = self._purchases()
            self._api.post("/v1/events", {"events": bought})
            value = sum(each["value"]["minor"] for each in bought)
            wait(lambda: self._report()["conversions"] == len(bought))
            current.note = f"{len(bought)}, {value:,} won"

    def _purchases(self) -> list[Json]:
        """An event of each person who bought, found by the message that the phone got."""
        at = self._system.simulated_now().isoformat()
        messages = buyers(self._ads(), self.visits)
        with ThreadPoolExecutor(4) as pool:
            paths = (f"/v1/messages/{message_id}" for message_id in messages)
            people = [found["contact_id"] for found in pool.map(self._api.get, paths)]
        return [
            {
                "event_id": f"order-{number}",
                "contact_id": contact_id,
                "name": "purchase",
                "time": at,
                "value": {"minor": _PRICES[number % len(_PRICES)], "currency": "KRW"},
            }
            for number, contact_id in enumerate(people)
        ]

    def _ads(self) -> list[Json]:
        found = self._carrier.ledger()
        return [each for each in found if each["type"] != "ATA" and not is_reminder(each)]

    def _open(self, current: Any) -> None:  # noqa: ANN401  # a step of the progress
        # Whoever is quicker than that may be a machine.
        time.sleep(max(0.0, self._sent_at + SOON_FOR_PERSON_S - time.monotonic()))
        fresh = open_links(self._ads(), before=self.visits, liked=COUPON_WORD)
        self.visits += fresh
        wait(self._clicks_counted)
        current.note = f"{fresh.people} people, {fresh.machines} machines"

    def _clicks_counted(self) -> bool:
        report, visits = self._report(), self.visits
        seen = (report["human_clicks"], report["machine_clicks"])
        return seen == (visits.people, visits.machines)

    def _reported(self) -> Json:
        found: Json = wait(
            lambda: report if (report := self._report())["sent"] == report["delivered"] else None
        )
        return found

    def _decided(self) -> Json | None:
        record = self._api.get(f"/v1/campaigns/{self._id}/experiment")
        return record if record["decision"] is not None else None

    def _reminded(self) -> Json | None:
        (found,) = self._report()["follow_ups"]
        return found if found["matched"] and not found["waiting"] else None

    def _report(self) -> Json:
        return self._api.get(f"/v1/campaigns/{self._id}/report")

    def _with_bar(self, name: str, done: Callable[[Json], bool]) -> None:
        with Progress(
            TextColumn(f"  {name}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
        ) as progress:
            bar = progress.add_task("campaign", total=None, note="")

            def advance() -> bool:
                report = self._report()
                open_ = report["pending"] + report["unknown"]
                progress.update(
                    bar,
                    total=report["recipients"] or None,
                    completed=report["recipients"] - open_,
                    note=_note(report),
                )
                return bool(report["recipients_final"] and done(report))

            wait(advance)


def is_reminder(message: Json) -> bool:
    """Whether a phone got this as the follow-up."""
    return REMINDER_WORD in message["text"]


def wait(ready: Callable[[], Any], *, patience_s: float = _PATIENCE_S) -> Any:  # noqa: ANN401
    """Ask again until the answer is true, and give it back. Raises TimeoutError."""
    deadline = time.monotonic() + patience_s
    while not (result := ready()):
        if time.monotonic() > deadline:
            msg = f"nothing happened for {patience_s:.0f} s: see build/local/*.log"
            raise TimeoutError(msg)
        time.sleep(_POLL_S)
    return result


def _text(template: Json) -> Json:
    return {"template_id": template["template_id"], "template_version": template["version"]}


def _note(report: Json) -> str:
    return f"{report['sent']} sent, {report['refused']} refused, {report['held']} held"


def _pilot_done(report: Json) -> bool:
    """Whether everything of the pilot has left; the others are pending, and no messages yet."""
    return bool(report["by_variant"]) and not _open_messages(report["by_variant"])


def _all_done(report: Json) -> bool:
    return not report["pending"] + report["unknown"]


def _open_messages(variants: Iterable[Json]) -> int:
    return sum(each["pending"] + each["unknown"] for each in variants)


def _verdict(record: Json) -> str:
    decision, look = record["decision"], record["looks"][-1]
    rates = ", ".join(f"{each['name']} {100 * each['rate']:.1f}%" for each in record["variants"])
    if decision["winner"] is None:
        return f"{rates}: none is better for certain ({decision['rule']})"
    return f"{rates}: {decision['winner']} won (p {look['p_value']:.1g})"
