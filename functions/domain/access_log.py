"""One look at personal data: who looked at whose, when and how.

Source: 개인정보의 안전성 확보조치 기준 art. 8: accesses are recorded, kept for at least a year (two
from 50,000 people on) and looked through every month.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT_FOR = timedelta(days=731)
"""Two years, the longer of the two times that the law asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One call that showed or changed personal data.

    ``subject`` is the keyed hash of the contact, "" where a list was read. ``ip`` is the caller's.
    """

    at: datetime
    request_id: str
    key_id: str
    route: str
    status: int
    subject: str
    ip: str = field(repr=False, default="")
