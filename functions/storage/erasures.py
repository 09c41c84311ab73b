"""Erasures under way and done: the certificates."""

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.update import Action

from functions.contracts.page import Page, Position
from functions.domain.contact import Email, Phone
from functions.domain.erasure import Erasure, ErasureStatus, Traces
from functions.domain.ids import ContactId
from functions.storage.base import Item, position_of, start_key


class ErasureItem(Item):
    """One erasure."""

    class Meta:
        """Short name of the table."""

        table = "erasures"

    erasure_id = UnicodeAttribute(hash_key=True)
    subject = UnicodeAttribute(null=True)
    requested = UTCDateTimeAttribute(null=True)
    actor = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)
    completed = UTCDateTimeAttribute(null=True)
    erased = JSONAttribute(null=True)
    traces = JSONAttribute(null=True)


class ErasureStore:
    """Reads and writes erasures."""

    def add(self, erasure: Erasure) -> None:
        """Write a new erasure."""
        traces = erasure.traces
        ErasureItem(
            erasure.erasure_id,
            subject=erasure.subject,
            requested=erasure.requested,
            actor=erasure.actor,
            status=str(erasure.status),
            erased=dict(erasure.erased),
            traces=None if traces is None else _from_traces(traces),
        ).save(condition=ErasureItem.erasure_id.does_not_exist())

    def get(self, erasure_id: str) -> Erasure | None:
        """Read one, consistently."""
        try:
            return _to_erasure(ErasureItem.get(erasure_id, consistent_read=True))
        except ErasureItem.DoesNotExist:
            return None

    def note_sweep(self, erasure: Erasure) -> None:
        """Keep how far it has come; once it is done nothing is left that names the person."""
        actions: list[Action] = [
            ErasureItem.status.set(str(erasure.status)),
            ErasureItem.erased.set(dict(erasure.erased)),
        ]
        if erasure.completed is not None:
            actions += [ErasureItem.completed.set(erasure.completed), ErasureItem.traces.remove()]
        ErasureItem(erasure.erasure_id).update(actions=actions)

    def page(self, *, limit: int, position: Position | None) -> Page[Erasure]:
        """List erasures in the table's order."""
        scan = ErasureItem.scan(
            page_size=limit, limit=limit, last_evaluated_key=start_key(position)
        )
        found = tuple(_to_erasure(item) for item in scan)
        return Page(items=found, after=position_of(scan.last_evaluated_key))


def _from_traces(traces: Traces) -> list[str | None]:
    phone = None if traces.phone is None else traces.phone.e164
    return [traces.contact_id, phone, None if traces.email is None else traces.email.address]


def _to_erasure(item: ErasureItem) -> Erasure:
    return Erasure(
        erasure_id=item.erasure_id,
        subject=item.subject or "",
        requested=item.requested,
        actor=item.actor or "",
        status=ErasureStatus(item.status or ""),
        completed=item.completed,
        erased=item.erased or {},
        traces=None if item.traces is None else _to_traces(*item.traces),
    )


def _to_traces(contact_id: str, phone: str | None, email: str | None) -> Traces:
    return Traces(
        contact_id=ContactId(contact_id),
        phone=None if phone is None else Phone(phone),
        email=None if email is None else Email(email),
    )
