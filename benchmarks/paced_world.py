"""What dispatch needs, in memory but for the lanes and the provider, for ``benchmarks/pace.py``."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.channels.base import Parcel, Taken
from functions.channels.solapi import Credentials, SolapiChannel
from functions.dispatch.pace import Pace
from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import Batch, Source
from functions.domain.campaign import Gate
from functions.domain.channel import Purpose
from functions.domain.ids import BatchNumber
from functions.domain.pace import SECOND_US, Lane, LaneState, Rate, micros
from functions.domain.policy import LAW_ALONE
from functions.runtime.clock import utc_now
from functions.runtime.settings import forget_settings
from functions.storage.lanes import LaneStore
from infra.demo.story import SENDER_NUMBER
from infra.local.emulator import CREDENTIALS, REGION
from infra.local.session import LocalSystem
from tests.builders import SEOUL, a_batch, a_contact, a_sender, a_template
from tests.fakes.accounts import one_account
from tests.fakes.recents import FakeRecents, one_by_one
from tests.fakes.stores import FakeBatches, FakeContacts, FakeSenders, FakeTemplates

MAX_PEOPLE = 200


class CountedLanes:
    """The real store, and how often it was read and written."""

    def __init__(self) -> None:
        self._store, self._lock = LaneStore(), threading.Lock()
        self.reads = self.writes = 0
        self._slots: list[int] = []
        self.mine = threading.local()

    def look(self, lanes: Iterable[Lane]) -> dict[Lane, LaneState]:
        with self._lock:
            self.reads += 1
        return self._store.look(lanes)

    def change(self, lane: Lane, change: Callable[[LaneState], Any]) -> Any:  # noqa: ANN401
        taken: list[bool] = []

        def counted(state: LaneState) -> Any:  # noqa: ANN401
            changed = change(state)
            taken.append(changed is not None and changed[0].free_us > changed[1])
            with self._lock:
                self.reads += 1
                self.writes += changed is not None
            return changed

        answer = self._store.change(lane, counted)
        if taken[-1:] == [True]:
            self.mine.slot_us = answer
            with self._lock:
                self._slots.append(answer)
        return answer

    def places(self, size: int) -> Counter[float]:
        """When places were taken, in seconds, each for so many messages."""
        return Counter({slot / SECOND_US: size for slot in self._slots})

    def book(self, lane: Lane, cost_us: int, now_us: int) -> int:
        return self._store.book(lane, cost_us, now_us)


class TimedChannel:
    """The provider, and how long after its place each call began."""

    def __init__(self, inner: SolapiChannel, lanes: CountedLanes) -> None:
        self._inner, self._lanes = inner, lanes
        self.late_s: list[float] = []

    def send(self, parcel: Parcel, *, now: datetime) -> Taken:
        self.late_s.append((micros(utc_now()) - self._lanes.mine.slot_us) / SECOND_US)
        return self._inner.send(parcel, now=now)


@dataclass
class World:
    """Everything around the workers of one run."""

    rate: Rate
    provider: TimedChannel
    waits: list[float]
    lanes: CountedLanes
    batches: FakeBatches = field(default_factory=FakeBatches)

    @classmethod
    def at(cls, system: LocalSystem, *, rate: Rate, waits: list[float]) -> World:
        """Use the running system's store and provider."""
        os.environ.update(
            AWS_ENDPOINT_URL=system.stack.endpoint_url,
            AWS_DEFAULT_REGION=REGION,
            AWS_REGION=REGION,
            STAGE="local",
            TABLE_CAMPAIGNS=system.deployment.outputs["CampaignsTableName"],
            CLOCK_OFFSET_S=str(int(system.clock_offset.total_seconds())),
            LOG_LEVEL="ERROR",
            **{name.upper(): value for name, value in CREDENTIALS.items()},
        )
        forget_settings()
        carrier = system.carrier
        credentials = Credentials(api_key=carrier.api_key, api_secret=carrier.api_secret)
        lanes = CountedLanes()
        provider = TimedChannel(SolapiChannel(credentials, base_url=carrier.base_url), lanes)
        return cls(rate, provider, waits, lanes)

    def deps(self) -> DispatchDeps:
        """What dispatch needs."""
        return DispatchDeps(
            batches=self.batches,
            contacts=FakeContacts.of(*(a_contact(n) for n in range(1, MAX_PEOPLE + 1))),
            recents=FakeRecents(),
            templates=FakeTemplates.of(a_template(purpose=Purpose.TRANSACTIONAL)),
            senders=FakeSenders.of(a_sender(address=SENDER_NUMBER.replace("-", ""))),
            **one_account(self.provider),
            suppressed=lambda _: {},
            file_id=lambda *_: "",
            later=lambda *_: None,
            opted_out=lambda _: None,
            gate=lambda *_: Gate.OPEN,
            clock=utc_now,
            rate=lambda *_: self.rate,
            provider_of=lambda _: "solapi",
            pace=Pace(lanes=self.lanes, clock=utc_now, sleep=self._sleep),
            jitter=round,
            spread=one_by_one,
            policy=lambda: LAW_ALONE,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            lease_s=45,
        )

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        time.sleep(seconds)


def batches_of(count: int, size: int, *, source: str) -> list[Batch]:
    """Notices to the same people over and over."""
    now = utc_now()
    return [
        _batch(number, size, source, expires=now + timedelta(days=1)) for number in range(count)
    ]


def _batch(number: int, size: int, source: str, **values: Any) -> Batch:  # noqa: ANN401
    facts: dict[str, Any] = {"purpose": Purpose.TRANSACTIONAL, "created": utc_now()}
    facts |= {"source": Source(kind="campaign", source_id=source, part="000000")}
    return a_batch(BatchNumber(number + 1), size=size, **(facts | values))
