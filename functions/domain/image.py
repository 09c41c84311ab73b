"""An image of an MMS, checked and resized."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from functions.domain.ids import AccountName, ImageId


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """Where an image is, and its ids at the accounts of providers that it was sent at."""

    image_id: ImageId
    object_key: str
    width: int
    height: int
    size_bytes: int
    provider_file_ids: Mapping[AccountName, str] = field(default_factory=dict)

    def stored_at(self, key: str) -> "StoredImage":
        """The same image, its bytes under this key."""
        return replace(self, object_key=key)
