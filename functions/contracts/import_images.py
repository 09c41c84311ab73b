"""What an import found and wrote, in the form in which the bucket keeps it."""

from typing import Any

from functions.domain.contact import Contact, Email, Phone
from functions.domain.ids import ContactId
from functions.domain.import_undo import Image, ImageChunk


def chunk_to_json(chunk: ImageChunk) -> dict[str, Any]:
    """Write a chunk as JSON can hold it."""
    return {"start": chunk.start, "images": [_image_to_json(image) for image in chunk.images]}


def chunk_from_json(stored: dict[str, Any]) -> ImageChunk:
    """Read a chunk back."""
    images = tuple(_image_from_json(*each) for each in stored["images"])
    return ImageChunk(start=int(stored["start"]), images=images)


def _image_to_json(image: Image) -> list[Any]:
    before = None if image.before is None else _contact_to_json(image.before)
    return [image.contact_id, image.version, before, _contact_to_json(image.after)]


def _image_from_json(
    contact_id: str, version: int, before: list[Any] | None, after: list[Any]
) -> Image:
    known = ContactId(contact_id)
    return Image(
        contact_id=known,
        version=version,
        before=None if before is None else _contact_from_json(known, *before),
        after=_contact_from_json(known, *after),
    )


def _contact_to_json(contact: Contact) -> list[Any]:
    return [
        None if contact.phone is None else contact.phone.e164,
        None if contact.email is None else contact.email.address,
        dict(contact.attributes),
        sorted(contact.groups),
    ]


def _contact_from_json(
    contact_id: ContactId,
    phone: str | None,
    email: str | None,
    attributes: dict[str, Any],
    groups: list[str],
) -> Contact:
    return Contact(
        contact_id=contact_id,
        phone=None if phone is None else Phone(phone),
        email=None if email is None else Email(email),
        attributes=attributes,
        groups=frozenset(groups),
    )
