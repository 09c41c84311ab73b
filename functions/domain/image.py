"""An image of an MMS, checked and resized."""

from dataclasses import dataclass, replace

from functions.domain.ids import ImageId


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """Where an image is. ``provider_file_id`` is None until it was first sent."""

    image_id: ImageId
    object_key: str
    width: int
    height: int
    size_bytes: int
    provider_file_id: str | None = None

    def stored_at(self, key: str) -> "StoredImage":
        """The same image, its bytes under this key."""
        return replace(self, object_key=key)
