from functions.domain.ids import ImageId
from functions.domain.image import StoredImage


def test_image_knows_where_its_bytes_are() -> None:
    image = StoredImage(
        image_id=ImageId("img_1"), object_key="", width=10, height=20, size_bytes=300
    )

    stored = image.stored_at("images/img_1.jpg")

    assert stored.object_key == "images/img_1.jpg"
    assert (stored.image_id, stored.width, stored.height) == ("img_1", 10, 20)
    assert stored.provider_file_ids == {}
