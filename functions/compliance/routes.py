"""HTTP calls about the compliance record: its days, its files, and the key that signed it."""

import calendar
import re
from datetime import date

from chalice.app import Blueprint

from functions.compliance import wiring
from functions.contracts.errors import InvalidInput
from functions.contracts.scope import Scope
from functions.domain.compliance import DayRecord
from functions.domain.record_chain import ALGORITHM
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.signing import public_key

bp = Blueprint(__name__)
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@bp.route("/v1/compliance/records", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_records(call: Call[None]) -> Reply:
    """List the days of ``?month=`` with the files of each; put together they are one record."""
    first, last = _month(call.query.get("month", ""))
    found = wiring.records().of_days(first, last)
    return Reply(body={"month": f"{first:%Y-%m}", "items": [_view(each) for each in found]})


def _month(text: str) -> tuple[date, date]:
    read = _MONTH.fullmatch(text)
    if read is None:
        message = "Say which month, such as 2026-11."
        raise InvalidInput.field("/query/month", "invalid_format", message)
    year, month = int(read[1]), int(read[2])
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _view(record: DayRecord) -> Json:
    sealed = record.sealed
    return {
        "day": record.day.isoformat(),
        "messages": record.messages,
        "sealed": None if sealed is None else sealed.isoformat(),
        "digest": record.link.digest,
        # Without its seal a day proves nothing.
        "files": [] if sealed is None else [wiring.records().download_url(f) for f in record.files],
    }


@bp.route("/v1/compliance/key", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_record_key(call: Call[None]) -> Reply:  # noqa: ARG001  # views take a call
    """Give the public key with which anybody can verify a record, without us."""
    key = public_key()
    return Reply(body={"key_id": key.key_id, "algorithm": ALGORITHM, "public_key": key.pem})
