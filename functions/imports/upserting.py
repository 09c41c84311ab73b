"""Writes the good rows of a chunk: profiles first, then what the people agreed to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from functions.contracts.errors import Conflict, Unavailable
from functions.domain.consent import ConsentAction, ConsentRecord
from functions.domain.contact import Contact, Email, Phone
from functions.domain.contact_file import ContactImport, RowFault
from functions.domain.contact_merge import (
    ConsentDecision,
    decide_consents,
    merged,
    same_profile,
)
from functions.domain.contact_row import ContactRow, RowProblem, Statement
from functions.domain.ids import ContactId
from functions.domain.import_undo import Image, import_source
from functions.domain.opt_out import OptOut
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import EVERYTHING
from functions.domain.writing import ConsentChange, Profile
from functions.imports.service import ImportDeps

_MAX_TRIES = 8
_TEXT_VERSION = "import"


class Upsert(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """A row's outcome; ``granted`` and ``withdrawn`` count rows of evidence."""

    row: int
    upsert: Upsert
    problems: tuple[RowProblem, ...] = ()
    warnings: tuple[str, ...] = ()
    granted: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserter:
    """Writes rows of one import. ``keep`` is given, before that, what may have to be undone."""

    contact_import: ContactImport
    phone_column: str
    deps: ImportDeps
    now: datetime
    keep: Callable[[tuple[Image, ...]], None]

    def upsert_all(self, rows: Sequence[ContactRow]) -> tuple[RowOutcome, ...]:
        """Write the rows that have no problem; the outcomes are in the rows' order.

        Of several rows about one person each is written after the one before. Raises Unavailable
        when somebody keeps changing the same person.
        """
        self._suppress(rows, Phone)
        outcomes = [each for part in _rounds(rows) for each in self._upsert_round(part)]
        # An e-mail address is shown on the profile, which is there only now.
        self._suppress(rows, Email)
        return tuple(sorted(outcomes, key=lambda each: each.row))

    def _suppress(self, rows: Sequence[ContactRow], kind: type[Phone | Email]) -> None:
        """Whatever is wrong with a row: who refused is not written to."""
        refusals = [row for row in rows if isinstance(row.refused, kind)]
        for _ in self.deps.spread(self._suppress_one, refusals):
            pass  # a spread does its work while it is read

    def _suppress_one(self, row: ContactRow) -> None:
        if row.refused is None:
            return
        opt_out = OptOut(
            reason=SuppressionReason.OPT_OUT_CARRIER,
            scope=EVERYTHING,
            at=row.refused_at or self.now,
            source=f"pinpoint:{self.contact_import.import_id}",
            actor=self.contact_import.import_id,
        )
        self.deps.opt_outs.suppress(row.refused, opt_out, holder=row.contact_id, now=self.now)

    def _upsert_round(self, rows: Sequence[ContactRow]) -> tuple[RowOutcome, ...]:
        good = {row.contact_id: row for row in rows if row.contact_id and not row.problems}
        known = self.deps.contacts.get_profiles(good)
        self.keep(tuple(_images(good, known)))

        def write(contact_id: ContactId) -> RowOutcome:
            return self._upsert(contact_id, good[contact_id], known.get(contact_id))

        written = dict(zip(good, self.deps.spread(write, good), strict=True))
        while refused := [each for each in written if written[each].upsert is Upsert.REJECTED]:
            # A number may have moved from one row's person to another's: now it is free.
            again = {contact_id: write(contact_id) for contact_id in refused}
            written |= again
            if all(outcome.upsert is Upsert.REJECTED for outcome in again.values()):
                break
        outcome_by_row = {outcome.row: outcome for outcome in written.values()}
        return tuple(outcome_by_row.get(row.row) or _rejected(row) for row in rows)

    def _upsert(self, contact_id: ContactId, row: ContactRow, known: Profile | None) -> RowOutcome:
        try:
            upsert, contact = self._save(contact_id, row, known)
        except Conflict as conflict:
            if conflict.code != RowFault.ADDRESS_TAKEN:
                raise
            taken = RowProblem(column=self.phone_column, code=RowFault.ADDRESS_TAKEN)
            return _rejected(replace(row, problems=(taken,)))
        decision = self._decision(row, contact)
        records = self._append(contact_id, row) if decision.steps else ()
        return RowOutcome(
            row=row.row,
            upsert=upsert,
            warnings=row.warnings + decision.warnings,
            granted=_number_of(ConsentAction.IMPORT, records),
            withdrawn=_number_of(ConsentAction.WITHDRAW, records),
        )

    def _save(
        self, contact_id: ContactId, row: ContactRow, known: Profile | None
    ) -> tuple[Upsert, Contact]:
        for _ in range(_MAX_TRIES):
            stored = None if known is None else known.contact
            contact = merged(row, contact_id=contact_id, known=stored)
            if stored is not None and same_profile(contact, stored):
                return Upsert.UNCHANGED, contact
            if self.deps.contacts.save(contact, replacing=known):
                return (Upsert.UPDATED if known else Upsert.CREATED), contact
            known = self.deps.contacts.get(contact_id)
        msg = "A contact is being changed by others all the time."
        raise Unavailable(msg)

    def _decision(self, row: ContactRow, contact: Contact) -> ConsentDecision:
        imported = self.contact_import.started or self.contact_import.created
        return decide_consents(row.statement, in_force=contact.consents, imported=imported)

    def _append(self, contact_id: ContactId, row: ContactRow) -> tuple[ConsentRecord, ...]:
        import_id = self.contact_import.import_id

        def decide(contact: Contact) -> Sequence[ConsentChange]:
            return [
                ConsentChange(
                    key=step.key,
                    action=step.action,
                    at=step.at,
                    source=import_source(import_id),
                    actor=import_id,
                    text_version=_TEXT_VERSION,
                )
                for step in self._decision(row, contact).steps
            ]

        return self.deps.consents.append_decided(contact_id, decide, now=self.now)


def _rounds(rows: Sequence[ContactRow]) -> Iterator[Sequence[ContactRow]]:
    """The rows in their order, cut where somebody comes again."""
    part: list[ContactRow] = []
    people: set[ContactId] = set()
    for row in rows:
        if row.contact_id in people:
            yield part
            part, people = [], set()
        part.append(row)
        if row.contact_id is not None and not row.problems:
            people.add(row.contact_id)
    yield part


def _images(
    rows: Mapping[ContactId, ContactRow], known: Mapping[ContactId, Profile]
) -> Iterator[Image]:
    for contact_id, row in rows.items():
        profile = known.get(contact_id)
        before = None if profile is None else profile.contact
        after = merged(row, contact_id=contact_id, known=before)
        if before is None or not same_profile(after, before) or row.statement != Statement():
            version = 0 if profile is None else profile.version
            yield Image(contact_id=contact_id, before=before, version=version, after=after)


def _rejected(row: ContactRow) -> RowOutcome:
    return RowOutcome(row=row.row, upsert=Upsert.REJECTED, problems=row.problems)


def _number_of(action: ConsentAction, records: Sequence[ConsentRecord]) -> int:
    return sum(record.action is action for record in records)
