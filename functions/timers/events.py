"""The minute tick."""

from datetime import datetime

from chalice.app import Blueprint, Rate

from functions.runtime import observe
from functions.runtime.entry import on_tick
from functions.timers import domains, service, wiring

bp = Blueprint(__name__)


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="tick")
@on_tick
def tick(*, now: datetime) -> None:
    """Move jobs that are due into their queues, then look at the domains of links."""
    moved = service.tick(deps=wiring.deps(), now=now)
    if moved:
        observe.info("timers.moved", **{str(queue): count for queue, count in moved.items()})
    _report(domains.check(deps=wiring.domain_deps(), now=now))


def _report(found: domains.Found | None) -> None:
    if found is None:
        return
    for domain in found.failed:
        observe.warn("links.domain.failed", domain=domain)
    for domain in found.healed:
        observe.info("links.domain.healed", domain=domain)
    down = [each for each in found.health.values() if not each.usable]
    observe.count({"LinkDomainsDown": len(down)})
