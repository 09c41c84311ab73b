"""One endpoint of Amazon Pinpoint, read as a row about a person.

Source of the form: https://docs.aws.amazon.com/pinpoint/latest/developerguide/
audience-data-export.html (one JSON object a line, or CSV with dotted headers). An endpoint that has
not opted out has thereby agreed to nothing (정보통신망법 art. 50(1)): no consent comes from here.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial

from functions.domain import contact_cell
from functions.domain.contact import MAX_ATTRIBUTES, AttributeValue, Email, Phone
from functions.domain.contact_cell import BadCell, PhoneReader
from functions.domain.contact_file import Column, Field, FileFault, FileProblem, RowFault
from functions.domain.contact_row import ContactRow, RowProblem
from functions.domain.ids import ContactId
from functions.domain.pinpoint_names import Kept, attribute_name, device_name, location_name

_ID, _USER_ID = "Id", "User.UserId"
_PHONE_CHANNELS = ("SMS", "VOICE")
_DEVICE_WORDS = "AppVersion Locale Make Model ModelVersion Platform PlatformVersion Timezone"
_DEVICE_FIELDS = frozenset(_DEVICE_WORDS.split())
_PLACE_TEXTS = frozenset(("City", "Country", "PostalCode", "Region"))
_PLACE_NUMBERS = frozenset(("Latitude", "Longitude"))
_KEPT_BY_PLACE = {
    "Attributes.": Kept.ATTRIBUTE,
    "User.UserAttributes.": Kept.USER_ATTRIBUTE,
    "Metrics.": Kept.METRIC,
}
_NOT_IN_COLUMNS = re.compile(r"[^A-Za-z0-9가-힣]+")


class EndpointWarning(StrEnum):
    """What of an endpoint was not taken over."""

    CHANNEL_NOT_KEPT = "channel_not_kept"
    INACTIVE_ADDRESS = "inactive_address"
    VALUES_LEFT_OUT = "values_left_out"
    NUMBER_EXPECTED = "number_expected"


def endpoint_columns(headers: Sequence[str]) -> tuple[Column, ...]:
    """Give each header a name that is safe anywhere.

    Raises FileProblem ``missing_columns`` where no column can tell whose an endpoint is.
    """
    if not {_ID, _USER_ID} & set(headers):
        raise FileProblem(FileFault.MISSING_COLUMNS, [_ID])
    return tuple(
        Column(field=Field.ATTRIBUTE, name=_NOT_IN_COLUMNS.sub("_", header)) for header in headers
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReader:
    """Reads endpoints whose values stand under these headers. No moment lies after ``now``."""

    headers: tuple[str, ...]
    read_phone: PhoneReader
    now: datetime

    def read(self, cells: Sequence[str], *, row: int) -> ContactRow:
        """Read the cells, one for each header. Never raises: what is wrong is in the answer."""
        draft = _Draft(dict(zip(self.headers, cells, strict=True)), self)
        draft.take()
        return draft.finish(row)


class _Draft:
    """An endpoint while it is read."""

    def __init__(self, values: Mapping[str, str], reader: EndpointReader) -> None:
        self.values = values
        self.reader = reader
        self.contact_id: ContactId | None = None
        self.address: Phone | Email | None = None
        self.attributes: dict[str, AttributeValue] = {}
        self.problems: list[RowProblem] = []
        self.warnings: dict[str, None] = {}

    def take(self) -> None:
        self._try(_USER_ID if self._said(_USER_ID) else _ID, self._take_id)
        self._try("Address", self._take_address)
        for header, cell in self.values.items():
            name, is_number = _kept(header)
            if name and cell.strip():
                self._try(header, partial(self._keep, name, header, is_number=is_number))

    def _said(self, header: str) -> str:
        return self.values.get(header, "").strip()

    def _try(self, header: str, take: Callable[[], None]) -> None:
        try:
            take()
        except BadCell as bad:
            column = _NOT_IN_COLUMNS.sub("_", header)
            self.problems.append(RowProblem(column=column, code=bad.code))

    def _take_id(self) -> None:
        text = self._said(_USER_ID) or self._said(_ID)
        if not text:
            raise BadCell(RowFault.MISSING_ID)
        self.contact_id = contact_cell.contact_id(self._usable(text))

    def _take_address(self) -> None:
        channel, address = self._said("ChannelType").upper(), self._said("Address")
        if not address:
            return
        if channel in _PHONE_CHANNELS:
            # Only then is it told whether we could write there: a refusal holds for any number.
            found = self.reader.read_phone(address)
            self.address = found if isinstance(found, Phone) else None
            contact_cell.phone(address, self.reader.read_phone)
        elif channel == "EMAIL":
            self.address = contact_cell.email(self._usable(address))
        else:
            self.warnings[EndpointWarning.CHANNEL_NOT_KEPT] = None

    def _keep(self, name: str, header: str, *, is_number: bool) -> None:
        if len(self.attributes) >= MAX_ATTRIBUTES:
            self.warnings[EndpointWarning.VALUES_LEFT_OUT] = None
            return
        text = self._usable(self._first_of(self.values[header]))
        if not text:
            return
        if not is_number:
            self.attributes[name] = text
        elif (number := _number(text)) is not None:
            self.attributes[name] = number
        else:
            self.warnings[EndpointWarning.NUMBER_EXPECTED] = None

    def _first_of(self, cell: str) -> str:
        """A list of values gives its first: an attribute has one."""
        listed = _listed(cell)
        if listed is None:
            return cell
        if len(listed) > 1:
            self.warnings[EndpointWarning.VALUES_LEFT_OUT] = None
        return listed[0] if listed else ""

    def _usable(self, cell: str) -> str:
        return contact_cell.usable(cell, self.reader.read_phone)

    def finish(self, row: int) -> ContactRow:
        refused = self.address if self._said("OptOut").upper() == "ALL" else None
        taken = self.address
        if taken is not None and self._said("EndpointStatus").upper() == "INACTIVE":
            self.warnings[EndpointWarning.INACTIVE_ADDRESS] = None
            taken = None
        return ContactRow(
            row=row,
            contact_id=self.contact_id,
            phone=taken if isinstance(taken, Phone) else None,
            email=taken if isinstance(taken, Email) else None,
            attributes=self.attributes,
            refused=refused,
            refused_at=self._changed() if refused else None,
            problems=tuple(self.problems),
            warnings=tuple(map(str, self.warnings)),
        )

    def _changed(self) -> datetime:
        """When the endpoint was last written: the refusal is not younger."""
        try:
            moment = datetime.fromisoformat(self._said("EffectiveDate"))
        except ValueError:
            return self.reader.now
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(zoned, self.reader.now)


def _kept(header: str) -> tuple[str, bool]:
    """Under which name a value is kept (empty: not at all), and whether it is a number."""
    for place, kept in _KEPT_BY_PLACE.items():
        if header.startswith(place):
            return attribute_name(kept, header.removeprefix(place)), kept is Kept.METRIC
    place, _, field = header.partition(".")
    if place == "Demographic" and field in _DEVICE_FIELDS:
        return device_name(field), False
    if place == "Location" and field in _PLACE_TEXTS | _PLACE_NUMBERS:
        return location_name(field), field in _PLACE_NUMBERS
    return "", False


def _listed(cell: str) -> list[str] | None:
    if not cell.startswith("["):
        return None
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return [each if isinstance(each, str) else json.dumps(each) for each in found]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
