"""Random people, rules and moments, and what the law and the company allow them, said naively.

The judge here knows nothing of the code it judges: it goes through raw events with plain loops.
It serves the property tests and the benchmark that counts breaches over many more cases.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from functions.domain.case import Case, Numbering, Terms
from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.consent import GENESIS, Basis, ConsentAction, ConsentKey, ConsentRecord, fold
from functions.domain.fatigue import Cap, Entry, Offer, Period, Recent, Reserve, Same, tag_hash
from functions.domain.ids import ContactId
from functions.domain.policy import ClassRules, Policy, WhenCapped, WhenClosed, Window
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import Mark, Scope

ZONES = tuple(
    ZoneInfo(name)
    for name in (
        "Asia/Seoul",
        "Asia/Tokyo",
        "America/New_York",
        "Europe/London",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/St_Johns",
    )
)
LUNAR = frozenset({date(2027, 2, 6), date(2027, 2, 7), date(2027, 2, 8), date(2027, 2, 9)})
"""설날 2027 with its substitute holiday."""
_EDGES = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2028-02-29T00:00:00",
        "2026-03-08T02:30:00",
        "2026-11-01T01:30:00",
        "2027-02-06T23:59:59",
        "2026-12-31T21:00:00",
        "2026-06-01T08:00:00",
        "2026-06-01T07:59:59",
        "2026-06-01T20:50:00",
    )
)
"""A leap day, clocks set forward and back, a lunar holiday, the borders of nights."""
_GOODS = ("books", "shoes")
_TAGS = ("news", "sale")
_OPT_OUTS = [each for each in SuppressionReason if each.value.startswith("opt_out")]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One random case: raw events, the case that the code makes of them, and a moment."""

    records: tuple[ConsentRecord, ...]
    case: Case
    now: datetime


def a_world(random: Random) -> World:
    """Make up a person, a message, rules and a moment."""
    zone = random.choice(ZONES)
    now = _moment(random, zone)
    records = _records(random, now)
    terms = _terms(random, now)
    case = Case(
        terms=terms,
        has_address=random.random() < 0.95,
        consents=fold(records),
        marks=tuple(_mark(random, now) for _ in range(random.choice((0, 0, 0, 1, 2)))),
        ad_label_correct=random.random() < 0.95,
        zones=(zone,) if random.random() < 0.8 else (zone, random.choice(ZONES)),
        numbering=random.choice(list(Numbering)),
        recent=Recent(entries=_entries(random, now), version=1),
        number=random.choice((None, 1)),
    )
    return World(records=records, case=case, now=now)


def _moment(random: Random, zone: ZoneInfo) -> datetime:
    if random.random() < 0.3:
        edge = random.choice(_EDGES) + timedelta(seconds=random.choice((-1, 0, 1)))
        return edge.replace(tzinfo=zone, fold=random.choice((0, 1))).astimezone(UTC)
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=random.randrange(2 * 366 * 86_400))


def _records(random: Random, now: datetime) -> tuple[ConsentRecord, ...]:
    made = []
    for seq in range(1, 1 + random.choice((0, 1, 2, 2, 3, 5))):
        basis = Basis.TRANSACTION if random.random() < 0.25 else Basis.EXPLICIT
        made.append(
            ConsentRecord(
                contact_id=ContactId("c1"),
                subject="",
                seq=seq,
                key=ConsentKey(
                    random.choice((Channel.SMS, Channel.SMS, Channel.KAKAO, Channel.EMAIL)),
                    random.choice(list(ConsentPurpose)),
                ),
                action=random.choice((ConsentAction.GRANT, ConsentAction.GRANT, *ConsentAction)),
                at=now - timedelta(seconds=random.randrange(400 * 86_400)),
                recorded=now,
                source="",
                actor="",
                text_version="",
                basis=basis,
                goods=random.choice(_GOODS) if basis is Basis.TRANSACTION else "",
                previous=GENESIS,
            )
        )
    return tuple(made)


def _terms(random: Random, now: datetime) -> Terms:
    channel = random.choice((Channel.SMS, Channel.SMS, Channel.KAKAO, Channel.EMAIL))
    tags = tuple(tag for tag in _TAGS if random.random() < 0.5)
    return Terms(
        purpose=random.choice((Purpose.ADVERTISING, Purpose.ADVERTISING, Purpose.TRANSACTIONAL)),
        channel=channel,
        sender_usable=random.random() < 0.95,
        offer=Offer(
            channel=channel,
            template=random.choice((1, 2)),
            source=random.choice((1, 2)),
            priority=random.choice((1, 5, 9)),
            tags=tags,
            tag_hashes=tuple(tag_hash(tag) for tag in tags),
        ),
        policy=_policy(random),
        expires=random.choice((None, now + timedelta(days=3))),
        brand=channel is Channel.KAKAO and random.random() < 0.8,
        goods=random.choice((None, *_GOODS)),
        when_capped=random.choice(list(WhenCapped)),
    )


def _policy(random: Random) -> Policy:
    rules = ClassRules(when_closed=random.choice(list(WhenClosed)))
    return Policy(
        windows=tuple(_window(random) for _ in range(random.choice((0, 0, 1, 2)))),
        slots=tuple(time(random.randrange(24), 30) for _ in range(random.choice((1, 2)))),
        rules_by_class=dict.fromkeys(Purpose, rules),
        caps=tuple(_cap(random) for _ in range(random.choice((0, 0, 1, 3)))),
        holidays=LUNAR,
    )


def _window(random: Random) -> Window:
    return Window(
        name="w",
        starts=time(random.randrange(24), random.choice((0, 30))),
        ends=time(random.randrange(24), random.choice((0, 30))),
        weekdays=frozenset(random.sample(range(7), random.choice((0, 1, 5)))),
        on_holidays=random.random() < 0.3,
        classes=frozenset(random.sample(list(Purpose), random.choice((0, 1)))),
        channels=frozenset(random.sample(list(Channel), random.choice((0, 0, 2)))),
    )


def _cap(random: Random) -> Cap:
    return Cap(
        name="c",
        most=random.choice((0, 1, 2, 3)),
        period=random.choice(list(Period)),
        length=random.choice((1, 2)),
        channel=random.choice((None, Channel.SMS)),
        tag=random.choice((None, None, *_TAGS)),
        same=random.choice(list(Same)),
        reserves=random.choice(((), (Reserve(priority=6, places=1),))),
    )


def _entries(random: Random, now: datetime) -> tuple[Entry, ...]:
    made = [
        Entry(
            number=random.choice((1, 2, 3, 4, 5, 6)),
            at=int(now.timestamp()) - random.choice((0, 1, 3_600, random.randrange(20 * 86_400))),
            channel=random.choice((Channel.SMS, Channel.KAKAO)),
            template=random.choice((1, 2)),
            source=random.choice((1, 2)),
            tags=tuple(tag_hash(tag) for tag in _TAGS if random.random() < 0.5),
        )
        for _ in range(random.choice((0, 0, 1, 2, 4)))
    ]
    return tuple(sorted(made, key=lambda entry: entry.at))


def _mark(random: Random, now: datetime) -> Mark:
    return Mark(
        reason=random.choice(list(SuppressionReason)),
        scope=Scope(
            random.choice((None, Channel.SMS, Channel.EMAIL)),
            random.choice((None, Purpose.ADVERTISING)),
        ),
        since=now - timedelta(seconds=random.randrange(400 * 86_400)),
        until=random.choice((None, None, now, now + timedelta(seconds=1))),
    )


def forbidden(world: World, at: datetime) -> str | None:
    """Why the message may not be delivered at this moment; None where it may."""
    terms = world.case.terms
    if not world.case.has_address:
        return "no address"
    if not terms.sender_usable:
        return "sender"
    if any(_keeps_back(mark, world, at) for mark in world.case.marks):
        return "suppressed"
    if _in_own_hours(world, at):
        return "own hours"
    if terms.purpose is not Purpose.ADVERTISING:
        return None
    return _forbidden_advertisement(world, at)


def _forbidden_advertisement(world: World, at: datetime) -> str | None:
    terms = world.case.terms
    if terms.channel is Channel.KAKAO and not terms.brand:
        return "advertisement by Alimtalk"
    if not world.case.ad_label_correct:
        return "label"
    if not _agreed(world, ConsentPurpose.ADVERTISING, at):
        return "no consent"
    if _in_legal_night(world, at):
        return "night"
    return "capped" if any(_is_full(cap, world, at) for cap in terms.policy.caps) else None


def _said(world: World, purpose: ConsentPurpose) -> list[ConsentRecord]:
    key = ConsentKey(world.case.terms.channel, purpose)
    return [record for record in world.records if record.key == key]


def _agreed(world: World, purpose: ConsentPurpose, at: datetime, *, by_word: bool = False) -> bool:
    """Go back from the newest row: a no ends it, an explicit yes or a fitting trade allows it."""
    goods = world.case.terms.goods
    trades = False
    for record in reversed(_said(world, purpose)):
        if record.action is ConsentAction.WITHDRAW:
            # A trade after a refusal does not allow anything.
            return False
        if record.action is ConsentAction.CONFIRM:
            continue
        if record.basis is Basis.EXPLICIT:
            return True
        trades = trades or (record.goods == goods and at < _half_a_year_after(record.at))
    return trades and not by_word


def _half_a_year_after(moment: datetime) -> datetime:
    month = moment.month + 6
    year, month = (moment.year + 1, month - 12) if month > 12 else (moment.year, month)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month)


def _keeps_back(mark: Mark, world: World, at: datetime) -> bool:
    terms = world.case.terms
    if mark.until is not None and at >= mark.until:
        return False
    if mark.scope.channel not in (None, terms.channel):
        return False
    if mark.scope.purpose not in (None, terms.purpose):
        return False
    if mark.reason not in _OPT_OUTS or terms.purpose is not Purpose.ADVERTISING:
        return True
    return not _agreed_by_word_since(world, mark.since)


def _agreed_by_word_since(world: World, moment: datetime) -> bool:
    for record in reversed(_said(world, ConsentPurpose.ADVERTISING)):
        if record.action is ConsentAction.WITHDRAW:
            return False
        if record.basis is Basis.EXPLICIT and record.action is ConsentAction.GRANT:
            return record.at > moment
        if record.basis is Basis.EXPLICIT and record.action is ConsentAction.IMPORT:
            return False
    return False


def _in_legal_night(world: World, at: datetime) -> bool:
    terms = world.case.terms
    waived = _agreed(world, ConsentPurpose.NIGHT_ADVERTISING, at, by_word=True)
    if terms.channel is Channel.EMAIL:
        legal = False
    else:
        legal = world.case.numbering is Numbering.NORTH_AMERICA or not waived
    clocks = [at.astimezone(zone).time() for zone in world.case.zones]
    night = legal and any(clock.hour >= 21 or clock.hour < 8 for clock in clocks)
    late = any(clock >= time(20, 50) or clock < time(8) for clock in clocks)
    return night or (terms.brand and late)


def _in_own_hours(world: World, at: datetime) -> bool:
    terms = world.case.terms
    return any(
        _in_window(window, at.astimezone(zone).replace(tzinfo=None))
        for window in terms.policy.windows
        if not window.classes or terms.purpose in window.classes
        if not window.channels or terms.channel in window.channels
        for zone in world.case.zones
    )


def _in_window(window: Window, wall: datetime) -> bool:
    def begins(day: date) -> bool:
        return day.weekday() in window.weekdays or (window.on_holidays and day in LUNAR)

    today, yesterday = begins(wall.date()), begins(wall.date() - timedelta(days=1))
    if window.starts < window.ends:
        return today and window.starts <= wall.time() < window.ends
    return (today and wall.time() >= window.starts) or (yesterday and wall.time() < window.ends)


def _is_full(cap: Cap, world: World, at: datetime) -> bool:
    offer, zone = world.case.terms.offer, world.case.zones[0]
    if cap.channel not in (None, offer.channel) or (cap.tag and cap.tag not in offer.tags):
        return False
    kept = sum(each.places for each in cap.reserves if offer.priority < each.priority)
    entries = () if world.case.recent is None else world.case.recent.entries
    counted = [
        entry
        for entry in entries
        if entry.number != world.case.number
        and cap.channel in (None, entry.channel)
        and (cap.tag is None or tag_hash(cap.tag) in entry.tags)
        and (cap.same is not Same.TEMPLATE or entry.template == offer.template)
        and (cap.same is not Same.SOURCE or entry.source == offer.source)
        and _counts(cap, datetime.fromtimestamp(entry.at, tz=UTC), at, zone)
    ]
    return len(counted) >= max(cap.most - kept, 0)


def _counts(cap: Cap, entry: datetime, at: datetime, zone: ZoneInfo) -> bool:
    if cap.period is Period.ROLLING_HOURS:
        return at < entry + timedelta(hours=cap.length)
    then, today = entry.astimezone(zone).date(), at.astimezone(zone).date()
    if cap.period is Period.CALENDAR_DAYS:
        return (today - then).days < cap.length
    weeks = (_monday(today) - _monday(then)).days // 7
    return weeks < cap.length


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
