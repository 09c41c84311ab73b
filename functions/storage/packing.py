"""What is large in rows: JSON that is written once, compressed; of a batch, its messages."""

import zlib
from collections.abc import Iterable
from typing import Any

from functions.domain.batch import Recipient
from functions.domain.contact import Phone
from functions.domain.ids import ContactId
from functions.runtime import quick_json


def pack_people(recipients: Iterable[Recipient]) -> bytes:
    """Write the messages of a batch."""
    rows = [
        [
            each.contact_id,
            each.phone and each.phone.e164,
            each.text,
            each.subject,
            dict(each.variables),
            each.recent_version,
        ]
        for each in recipients
    ]
    return pack(rows)


def pack(document: Any) -> bytes:  # noqa: ANN401  # any JSON
    """Write JSON, compressed."""
    return zlib.compress(quick_json.write(document))


def unpack(packed: bytes | None) -> Any:  # noqa: ANN401  # any JSON
    """Read it back."""
    return quick_json.read(zlib.decompress(packed or b""))


def unpack_people(packed: bytes | None) -> tuple[Recipient, ...]:
    """Read them back."""
    return tuple(
        Recipient(
            contact_id=None if contact_id is None else ContactId(contact_id),
            phone=None if phone is None else Phone(phone),
            text=text,
            subject=subject,
            variables=variables,
            recent_version=recent_version,
        )
        for contact_id, phone, text, subject, variables, recent_version in unpack(packed)
    )
