"""At which account a batch leaves: the first whose breaker lets it.

Each account of a channel is a lane with a breaker of its own, so that one that fails neither slows
the others nor is called again and again. A batch goes where the preferred account is well, else
to the next at which its sender (and template) are registered; it goes back by itself, because the
preferred one is tried first as soon as its breaker lets somebody try.

An account without balance is one that is not well: its messages go to the next, or wait, and who
tries asks for the balance instead of the list.

Who tries asks the account for its list first, which harms nothing. So an account that is down
altogether leaves no batch in doubt but those that met the failures which opened its breaker.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.channels.base import Channel, ChannelError, NoBalance, RetryLater
from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import BatchMeta
from functions.domain.breaker import Breaker, Passage
from functions.domain.ids import AccountName
from functions.domain.route import Route

LONGEST_QUESTION = timedelta(seconds=15)
"""Who asks an account whether it is well knows after so long; see ``runtime/web.py``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An account that one batch may call now.

    ``sender`` and ``template_id`` are what it knows them by. ``probe`` tells the batch that tries
    whether the account is well again (0: it is well).
    """

    account: AccountName
    lane: str
    sender: str
    template_id: str | None
    probe: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a call did to its lane's breaker, for the log and the metrics."""

    opened: int = 0
    healed: int = 0
    unpaid: int = 0


def free_at(meta: BatchMeta, route: Route, *, deps: DispatchDeps, now: datetime) -> datetime:
    """When some account may be called: now, or when to look again."""
    moments = [
        now if breaker.passage(now=now) is not Passage.WAIT else breaker.look_again(now=now)
        for breaker in (deps.breakers.look(each.lane, now=now) for each in _ways(meta, route, deps))
    ]
    return min(moments)


def find_way(meta: BatchMeta, route: Route, *, deps: DispatchDeps, now: datetime) -> Way | None:
    """Take the first account that may be called; None when none may."""
    for way in _ways(meta, route, deps):
        breaker = deps.breakers.look(way.lane, now=now)
        match breaker.passage(now=now):
            case Passage.FREE:
                return way
            case Passage.PROBE:
                trying = _trying(way, meta, deps=deps, now=now)
                if trying is not None:
                    return trying
            case Passage.WAIT:
                continue
    return None


def adapter(way: Way, meta: BatchMeta, *, deps: DispatchDeps) -> Channel:
    """What calls the account. Raises RetryLater where it is not set up."""
    return deps.channel(meta.channel, way.account)


def give_back(way: Way | None, *, deps: DispatchDeps, now: datetime) -> None:
    """Let another try: nothing of this batch leaves after all."""
    if way is not None and way.probe:
        probe = way.probe
        deps.breakers.change(way.lane, lambda breaker: breaker.unprobed(probe=probe), now=now)


def succeeded(way: Way, *, deps: DispatchDeps, now: datetime) -> Turn:
    """Note that the account took or refused a parcel, as one that is well does."""
    if not way.probe and not deps.breakers.look(way.lane, now=now).failures:
        return Turn()
    changed = deps.breakers.change(
        way.lane, lambda breaker: breaker.succeeded(probe=way.probe), now=now
    )
    return Turn(healed=int(bool(way.probe) and changed is not None))


def failed(way: Way, error: ChannelError, *, deps: DispatchDeps, now: datetime) -> Turn:
    """Note that the account could not take a parcel, or did not say."""
    asked_s = error.after_s if isinstance(error, RetryLater) else None
    unpaid = isinstance(error, NoBalance)

    def fail(breaker: Breaker) -> Breaker:
        return breaker.failed(
            now=now, probe=way.probe, asked_s=asked_s, unpaid=unpaid, jitter=deps.jitter
        )

    changed = deps.breakers.change(way.lane, fail, now=now)
    opened = changed is not None and not changed.closed
    return Turn(opened=int(opened), unpaid=int(opened and unpaid))


def _ways(meta: BatchMeta, route: Route, deps: DispatchDeps) -> Iterator[Way]:
    for account in deps.accounts(meta.channel):
        sender = route.sender.address_at(account)
        if sender is not None and route.template.usable_at(account):
            yield Way(
                account=account,
                lane=f"{meta.channel}#{account}",
                sender=sender,
                template_id=route.template.provider_id_at(account),
            )


def _trying(way: Way, meta: BatchMeta, *, deps: DispatchDeps, now: datetime) -> Way | None:
    """Be the one that tries; None when another is, or the account cannot even be asked."""
    probing = deps.breakers.change(
        way.lane, lambda breaker: breaker.probed(now=now, lease_s=deps.lease_s), now=now
    )
    if probing is None:
        well = deps.breakers.look(way.lane, now=now).closed
        return way if well else None
    way = replace(way, probe=probing.probe_until)
    try:
        _ask(adapter(way, meta, deps=deps), meta, unpaid=probing.unpaid, now=now)
    except ChannelError as error:
        failed(way, error, deps=deps, now=now)
        return None
    return way


def _ask(account: Channel, meta: BatchMeta, *, unpaid: bool, now: datetime) -> None:
    """Ask an account what harms nothing. Raises ChannelError when it is not well."""
    if unpaid and not account.funded(meta.unit_price, now=now):
        msg = "the balance does not reach"
        raise NoBalance(msg)
    if not unpaid and account.can_be_asked:
        account.find({}, since=now, now=now)
