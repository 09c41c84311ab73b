"""The look whether a refresh is due. Its steps are worked off in ``functions/workers``."""

from datetime import datetime

from chalice.app import Blueprint, Rate

from functions.audiences import refresh, wiring
from functions.runtime import observe
from functions.runtime.entry import on_tick

bp = Blueprint(__name__)


@bp.schedule(Rate(10, unit=Rate.MINUTES), name="audiences_daily")
@on_tick
def audiences_daily(*, now: datetime) -> None:
    """Start the refresh of the day, or wake up one that came to a stop."""
    started = refresh.start_due(deps=wiring.deps(), now=now)
    if started is not None:
        late = started.late(now)
        observe.info("audiences.refresh", run_id=started.run_id, status=started.status, late=late)
        observe.count({"RefreshLate": int(late)})
