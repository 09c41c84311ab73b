"""The minute tick."""

from datetime import datetime

from chalice.app import Blueprint, Rate

from functions.runtime import observe
from functions.runtime.entry import on_tick
from functions.timers import domains, service, watching, wiring

bp = Blueprint(__name__)


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="tick")
@on_tick
def tick(*, now: datetime) -> None:
    """Move jobs that are due into their queues, then look at domains of links and at queues."""
    moved = service.tick(deps=wiring.deps(), now=now)
    if moved:
        observe.info("timers.moved", **{str(queue): count for queue, count in moved.items()})
    _report(domains.check(deps=wiring.domain_deps(), now=now))
    watched = watching.look(deps=wiring.watch_deps(), now=now)
    if watched is not None:
        _tell(watched)


def _report(found: domains.Found | None) -> None:
    if found is None:
        return
    for domain in found.failed:
        observe.warn("links.domain.failed", domain=domain)
    for domain in found.healed:
        observe.info("links.domain.healed", domain=domain)
    down = [each for each in found.health.values() if not each.usable]
    observe.count({"LinkDomainsDown": len(down)})


def _tell(watched: watching.Watched) -> None:
    if watched.dead:
        observe.warn("queues.dead", **{str(queue): count for queue, count in watched.dead.items()})
    if watched.stalled:
        observe.warn("queues.stalled", queues=[str(queue) for queue in watched.stalled])
    observe.count(
        {"DeadLetters": sum(watched.dead.values()), "QueuesStalled": len(watched.stalled)}
    )
