"""Images of MMS: where the bytes are, and under which id a provider knows them."""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from functions.domain.ids import AccountName, ImageId
from functions.domain.image import StoredImage
from functions.storage.base import Item


class ImageItem(Item):
    """One image."""

    class Meta:
        """Short name of the table."""

        table = "images"

    image_id = UnicodeAttribute(hash_key=True)
    object_key = UnicodeAttribute(null=True)
    width = NumberAttribute(null=True)
    height = NumberAttribute(null=True)
    size_bytes = NumberAttribute(null=True)
    provider_file_ids = JSONAttribute(null=True)


class ImageStore:
    """Reads and writes images."""

    def add(self, image: StoredImage) -> None:
        """Write a new image."""
        ImageItem(
            image.image_id,
            object_key=image.object_key,
            width=image.width,
            height=image.height,
            size_bytes=image.size_bytes,
        ).save(condition=ImageItem.image_id.does_not_exist())

    def get(self, image_id: ImageId) -> StoredImage | None:
        """Read one image, consistently."""
        try:
            item = ImageItem.get(image_id, consistent_read=True)
        except ImageItem.DoesNotExist:
            return None
        return StoredImage(
            image_id=ImageId(item.image_id),
            object_key=item.object_key or "",
            width=int(item.width or 0),
            height=int(item.height or 0),
            size_bytes=int(item.size_bytes or 0),
            provider_file_ids=item.provider_file_ids or {},
        )

    def remember_upload(
        self, image: StoredImage, account: AccountName, *, provider_file_id: str
    ) -> None:
        """Note the id that an account gave the image, so that it is uploaded once.

        Where two workers do so at once, one is forgotten: the image is uploaded once more.
        """
        ids = {**image.provider_file_ids, account: provider_file_id}
        ImageItem(image.image_id).update(actions=[ImageItem.provider_file_ids.set(ids)])
