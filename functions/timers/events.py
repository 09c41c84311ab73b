"""The minute tick."""

from datetime import datetime

from chalice.app import Blueprint, Rate

from functions.runtime import observe
from functions.runtime.entry import on_tick
from functions.timers import service, wiring

bp = Blueprint(__name__)


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="tick")
@on_tick
def tick(*, now: datetime) -> None:
    """Move jobs that are due into their queues."""
    moved = service.tick(deps=wiring.deps(), now=now)
    if moved:
        observe.info("timers.moved", **{str(queue): count for queue, count in moved.items()})
