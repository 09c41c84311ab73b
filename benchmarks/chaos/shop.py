"""The company whose campaigns are sent: its people, its rows in memory, and our own code on them.

Everything between the Lambda handlers and the network is the product's; below it are the fakes
of tests/fakes, which pass the real stores' contract tests.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

from benchmarks.chaos.boundary import Boundaries
from functions.campaigns import wiring as campaign_wiring
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.resolving import ResolvingDeps, slice_of
from functions.channels import solapi
from functions.channels.registry import callback_reader
from functions.channels.solapi import Credentials, SolapiChannel
from functions.content.compose import Composer
from functions.contracts.page import Page, Position
from functions.contracts.queues import Queue
from functions.dispatch import wiring as dispatch_wiring
from functions.dispatch.ports import DispatchDeps
from functions.domain import pace as domain_pace
from functions.domain.campaign import Campaign
from functions.domain.channel import Purpose
from functions.domain.contact import Contact, Phone
from functions.domain.evidence import Evidence
from functions.domain.fatigue import Recent
from functions.domain.id_hashes import IdHashes
from functions.domain.ids import MAIN_ACCOUNT, BatchNumber, CampaignId, ContactId, TemplateId
from functions.domain.policy import LAW_ALONE
from functions.receipts import wiring as receipt_wiring
from functions.receipts.service import ReceiptDeps
from functions.runtime import entry, observe, queues, web
from functions.storage import later
from functions.storage.gates import CampaignGates
from functions.storage.link_domains import LinkDomainStore
from functions.timers import wiring as timer_wiring
from functions.timers.domains import DomainDeps
from functions.timers.service import TimerDeps
from functions.timers.watching import Depth, WatchDeps
from tests.builders import (
    SEOUL,
    SMS_ADS,
    a_campaign,
    a_consent,
    a_contact,
    a_mark,
    a_phone,
    a_sender,
    a_template,
)
from tests.fakes.accounts import FakeBreakers
from tests.fakes.audiences import FakeAudiences
from tests.fakes.campaigns import FakeCampaigns, FakePeople
from tests.fakes.histories import FakeHistories
from tests.fakes.pace import FakeLanes, unlimited
from tests.fakes.recents import FakeRecents, one_by_one
from tests.fakes.safety import safety_ports
from tests.fakes.stores import FakeBatches, FakeContacts, FakeSenders, FakeTemplates
from tests.fakes.timers import FakeTimers

DepsT = TypeVar("DepsT", DispatchDeps, CampaignDeps)
LEASE_S = 65
_MARK = re.compile(r"행사 (C\d+)")
_NO_CONSENT, _SUPPRESSED, _NO_PHONE, _SHARED_PHONE = 50, 61, 83, 71
_CONSENTS = {SMS_ADS: a_consent()}
_REFUSED = {SMS_ADS: a_consent(granted=False)}
_ATTRIBUTES = {"name": "김하늘"}


class LeanBatches(FakeBatches):
    """Batches whose evidence is counted, not kept: a million of them take gigabytes."""

    def save_evidence(self, number: BatchNumber, evidence: Evidence) -> None:
        """Forget it."""


@dataclass(slots=True, kw_only=True)
class Stores:
    """All rows there are."""

    batches: LeanBatches = field(default_factory=LeanBatches)
    contacts: FakeContacts = field(default_factory=FakeContacts)
    recents: FakeRecents = field(default_factory=FakeRecents)
    campaigns: FakeCampaigns = field(default_factory=FakeCampaigns)
    people: FakePeople = field(default_factory=FakePeople)
    histories: FakeHistories = field(default_factory=FakeHistories)
    timers: FakeTimers = field(default_factory=FakeTimers)
    breakers: FakeBreakers = field(default_factory=FakeBreakers)
    templates: FakeTemplates = field(
        default_factory=lambda: FakeTemplates.of(
            *(_template(purpose) for purpose in (Purpose.ADVERTISING, Purpose.TRANSACTIONAL))
        )
    )
    senders: FakeSenders = field(default_factory=lambda: FakeSenders.of(a_sender()))


def _template(purpose: Purpose) -> Any:  # noqa: ANN401  # the builder's
    body = "{{ contact.name }}님 행사 {{ event }}"
    return a_template(template_id=TemplateId(f"tpl_{purpose}"), purpose=purpose, body=body)


def campaign(number: int, *, purpose: Purpose, at: datetime, **values: object) -> Campaign:
    """A draft to everyone, whose text says which one it is."""
    return a_campaign(
        campaign_id=CampaignId(f"C{number}"),
        template_id=TemplateId(f"tpl_{purpose}"),
        variables={"event": f"C{number}"},
        created=at,
        **values,
    )


def mark(text: str) -> str:
    """Which campaign a text is of, by its own words."""
    found = _MARK.search(text)
    return found[1] if found else "?"


def people(count: int) -> Iterator[Contact]:
    """Customers; some of them may not be written to, each for a reason of their own."""
    for number in range(1, count + 1):
        values: dict[str, object] = {"attributes": _ATTRIBUTES, "consents": _CONSENTS}
        if number % _NO_CONSENT == 0:
            values["consents"] = _REFUSED
        if number % _NO_PHONE == 0:
            values |= {"phone": None, "phone_hash": None}
        elif number % _SHARED_PHONE == 0:
            values["phone"] = a_phone(number - 1)
        if number % _SUPPRESSED == 0:
            contact = a_contact(number)
            values["suppressions"] = {contact.phone_hash: (a_mark(),)}
        yield a_contact(number, **values)


@dataclass(slots=True)
class Directory:
    """Who there is, in one order."""

    contacts: FakeContacts
    recents: FakeRecents
    _ids: list[ContactId] = field(default_factory=list)

    def slice(
        self, *, size: int, position: Position | None, groups: Sequence[str] = ()
    ) -> Page[tuple[Contact, Recent]]:
        """Read some people from a position on."""
        del groups
        self._ids = self._ids or list(self.contacts.contacts)
        start = 0 if position is None else int(position["at"])
        ids = self._ids[start : start + size]
        rows = self.recents.of(ids)
        items = tuple((self.contacts.contacts[each], rows[each]) for each in ids)
        end = start + len(ids)
        return Page(items=items, after={"at": str(end)} if end < len(self._ids) else None)

    def get_many(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Contact]:
        """Read people by id."""
        return self.contacts.get_many(contact_ids)

    def owners_of(self, phones: Iterable[Phone]) -> Mapping[Phone, ContactId]:
        """Whose numbers these are."""
        return self.contacts.owners_of(phones)


@dataclass(slots=True, kw_only=True)
class Shop:
    """Makes what our features need, each port behind a boundary."""

    stores: Stores
    boundaries: Boundaries
    clock: Callable[[], datetime]
    batch_size: int
    part_size: int
    ports: dict[str, Any] = field(default_factory=dict)
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.ports = {
            name: self.boundaries.port(name, getattr(self.stores, name))
            for name in Stores.__dataclass_fields__
        }

    def make_deps(self) -> dict[str, Any]:
        """What one process of each feature has."""
        return {
            "dispatch": self._dispatch(),
            "campaigns": self._campaigns(),
            "receipts": ReceiptDeps(
                batches=self.ports["batches"],
                reader=callback_reader,
                opted_out=receipt_wiring._opted_out,  # noqa: SLF001  # the product's own
                followed=lambda *_: None,
            ),
            "timers": TimerDeps(
                timers=self.ports["timers"],
                send=timer_wiring._send,  # noqa: SLF001  # the product's own
                clock=self.clock,
            ),
            "domains": DomainDeps(domains=(), store=LinkDomainStore(), answers=bool),
            "watch": WatchDeps(depth_of=_empty, dead_in=_empty),
        }

    def _dispatch(self) -> DispatchDeps:
        random = self.boundaries.fate.random
        provider = SolapiChannel(
            Credentials(api_key="key", api_secret="secret"), base_url="https://carrier.example"
        )
        names = ("batches", "contacts", "recents", "templates", "senders", "breakers")
        gates = CampaignGates(self.ports["campaigns"].get)
        return _made(
            DispatchDeps,
            **{name: self.ports[name] for name in names},
            accounts=lambda _: (MAIN_ACCOUNT,),
            channel=lambda *_: provider,
            suppressed=lambda _: {},
            file_id=lambda *_: "",
            later=later.send_batch_at,
            opted_out=dispatch_wiring._opted_out,  # noqa: SLF001  # the product's own
            gate=gates,
            **unlimited(),
            clock=self.clock,
            jitter=lambda seconds: round(random.uniform(seconds / 2, seconds)),
            spread=one_by_one,
            policy=lambda: LAW_ALONE,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            lease_s=LEASE_S,
        )

    def _campaigns(self) -> CampaignDeps:
        names = ("campaigns", "people", "batches", "histories", "templates", "senders")
        return _made(
            CampaignDeps,
            **{name: self.ports[name] for name in names},
            audiences=FakeAudiences(),
            slice_of=lambda found, cursor: slice_of(found, cursor, deps=self._resolving()),
            excluded_by=lambda *_: None,
            composer=_composer,
            code_of=lambda *_: "code",
            token_of=lambda *_: "token",
            start=later.start_batch,
            lanes=FakeLanes(),
            provider_of=lambda _: "solapi",
            safety=safety_ports(self.stores.campaigns),
            enqueue=campaign_wiring._enqueue,  # noqa: SLF001  # the product's own
            enqueue_at=campaign_wiring._enqueue_at,  # noqa: SLF001  # the product's own
            fresh=lambda prefix: f"{prefix}{next(self._names)}",
            policy=lambda: LAW_ALONE,
            next_run=lambda *_: None,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
        )

    def _resolving(self) -> ResolvingDeps:
        directory = Directory(self.stores.contacts, self.stores.recents)
        return ResolvingDeps(
            directory=self.boundaries.port("directory", directory),
            recents=self.stores.recents.of,
            suppressed=lambda _: {},
            lists=self.ports["people"],
            shard=lambda *_: (),
            hashes=lambda *_: IdHashes.of(()),
            fresh=lambda prefix: f"{prefix}{next(self._names)}",
            size=self.part_size,
        )


class _Absent:
    """A port that no run needed yet: whoever uses it is told to give it to the harness."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_: object, **__: object) -> Any:  # noqa: ANN401
        raise NotImplementedError(self._name)

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401
        msg = f"{self._name}.{method}"
        raise NotImplementedError(msg)


def _made(kind: type[DepsT], **ports: Any) -> DepsT:  # noqa: ANN401
    """Dependencies with these ports; those that are new since stay absent until they are used."""
    missing = {each.name for each in fields(kind) if _is_required(each)} - set(ports)
    return kind(**ports, **{name: _Absent(name) for name in missing})


def _is_required(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _empty(_: Queue) -> Depth:
    """The fault run looks at the dead letters itself."""
    return Depth(waiting=0, in_flight=0)


def _composer(template: Any, sender: Any, shared: Mapping[str, Any]) -> Composer:  # noqa: ANN401
    return Composer(template=template, sender=sender, link_base="https://l.example", shared=shared)


@contextmanager
def installed(world: Any) -> Iterator[list[str]]:  # noqa: ANN401  # see run.World
    """Put a simulated world below our code; gives the names of errors nobody injected."""
    faults: list[str] = []

    def deps_of(feature: str) -> Callable[[], Any]:
        return lambda: world.clockwork.current.environment.deps[feature]

    replaced = [
        (entry, "utc_now", world.cloud.now),
        (dispatch_wiring, "deps", deps_of("dispatch")),
        (campaign_wiring, "deps", deps_of("campaigns")),
        (receipt_wiring, "deps", deps_of("receipts")),
        (timer_wiring, "deps", deps_of("timers")),
        (timer_wiring, "domain_deps", deps_of("domains")),
        (timer_wiring, "watch_deps", deps_of("watch")),
        (queues, "sqs", lambda: world.cloud),
        (queues, "queue_url", str),
        (later, "TimerStore", lambda: world.shop.ports["timers"]),
        (web, "request", world.carrier.request),
        (solapi, "spread", one_by_one),
        (domain_pace, "MAX_BATCH_SIZE", world.shop.batch_size),
        (observe, "info", lambda *_, **__: None),
        (observe, "warn", lambda *_, **__: None),
        (observe, "count", lambda *_, **__: None),
        (observe, "fault", lambda *_, **__: faults.append(_error_name())),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in replaced]
    for module, name, value in replaced:
        setattr(module, name, value)
    try:
        yield faults
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def _error_name() -> str:
    import sys  # noqa: PLC0415

    error = sys.exc_info()[1]
    return f"{type(error).__name__}: {error}"
