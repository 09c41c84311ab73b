"""The people of a request that travels through a queue: their ids, and each one's variables."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.contracts.codec import ContractError
from functions.domain.contact import AttributeValue
from functions.domain.ids import MAX_BATCH_SIZE, ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One person to write to, known by id, with the values of the text's gaps."""

    contact_id: ContactId
    variables: Mapping[str, AttributeValue]


def to_text(people: Iterable[Asked]) -> str:
    """Write at most 200 people, as compact JSON."""
    rows = [[each.contact_id, dict(each.variables)] for each in people]
    if not 1 <= len(rows) <= MAX_BATCH_SIZE:
        msg = f"a request takes 1 to {MAX_BATCH_SIZE} people, not {len(rows)}"
        raise ValueError(msg)
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> tuple[Asked, ...]:
    """Read them back. Raises ContractError for what nobody wrote."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = "the people are not JSON"
        raise ContractError(msg) from error
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_BATCH_SIZE:
        msg = "the people are no list of 1 to 200"
        raise ContractError(msg)
    return tuple(map(_read, rows))


def _read(row: object) -> Asked:
    match row:
        case [str(contact_id), {**variables}] if all(map(_is_value, variables.values())):
            known = {str(name): value for name, value in variables.items()}
            return Asked(contact_id=ContactId(contact_id), variables=known)  # type: ignore[arg-type]  # checked above
        case _:
            msg = "a person is not an id with variables"
            raise ContractError(msg)


def _is_value(value: object) -> bool:
    return isinstance(value, str | int | float)
