import io
import random
import struct
import zlib

import pytest
from PIL import Image

from functions.content.image import (
    MAX_SIDE_PX,
    MAX_SIZE_BYTES,
    MAX_UPLOAD_BYTES,
    InvalidImage,
    Jpeg,
    prepare,
)

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width: int, height: int) -> Image.Image:
    """What compresses worst."""
    pixels = random.Random(7).randbytes(width * height * 3)  # not for secrets
    return Image.frombytes("RGB", (width, height), pixels)


def opened(jpeg: Jpeg) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg.data))
    image.load()
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert image.size == (jpeg.width, jpeg.height)
    assert len(jpeg.data) <= MAX_SIZE_BYTES
    assert max(image.size) <= MAX_SIDE_PX
    return image


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_any_common_format_becomes_a_jpeg(kind: str) -> None:
    picture = opened(prepare(encoded(Image.new("RGB", (320, 240), RED), kind)))

    assert picture.size == (320, 240)
    assert near(picture.getpixel((160, 120)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_png_of_any_colour_depth_becomes_a_jpeg(mode: str) -> None:
    opened(prepare(encoded(Image.new(mode, (300, 300)), "PNG")))


@pytest.mark.parametrize("mode", ["L", "CMYK", "YCbCr"])
def test_jpeg_of_any_colour_space_becomes_one_of_ours(mode: str) -> None:
    opened(prepare(encoded(Image.new(mode, (300, 300)), "JPEG")))


def test_first_picture_of_an_animation_is_taken() -> None:
    first, second = Image.new("RGB", (300, 300), RED), Image.new("RGB", (300, 300), BLUE)
    animation = encoded(first, "GIF", save_all=True, append_images=[second], duration=100)

    assert near(opened(prepare(animation)).getpixel((150, 150)), RED)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1000, 1000), (1000, 1000)),
        ((2000, 1000), (1000, 500)),
        ((900, 3000), (300, 1000)),
        ((100, 100), (100, 100)),
        ((1, 1), (1, 1)),
        ((5000, 1), (1000, 1)),
    ],
)
def test_longest_side_becomes_a_thousand_pixels_at_most(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert opened(prepare(encoded(Image.new("RGB", size, RED), "PNG"))).size == expected


def test_picture_that_compresses_badly_is_made_small_enough() -> None:
    picture = opened(prepare(encoded(noise(1000, 1000), "PNG")))

    assert min(picture.size) >= 200


def test_transparency_is_laid_on_white() -> None:
    half = Image.new("RGBA", (300, 300), (*RED, 0))
    half.paste((*BLUE, 255), (0, 0, 150, 300))

    picture = opened(prepare(encoded(half, "PNG")))

    assert near(picture.getpixel((50, 150)), BLUE)
    assert near(picture.getpixel((250, 150)), WHITE)


def test_transparent_colour_of_a_palette_is_laid_on_white() -> None:
    picture = opened(prepare(encoded(Image.new("P", (300, 300)), "PNG", transparency=0)))

    assert near(picture.getpixel((150, 150)), WHITE)


def a_photo(orientation: int) -> bytes:
    """Red on the left, blue on the right as the camera saw it, with what it noted beside."""
    photo = Image.new("RGB", (400, 200), RED)
    photo.paste(BLUE, (200, 0, 400, 200))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKE] = "Some Camera"
    exif[GPS] = {1: "N", 2: (37.0, 34.0, 0.0)}
    return encoded(photo, "JPEG", exif=exif, quality=95)


@pytest.mark.parametrize(
    ("orientation", "size", "red_at", "blue_at"),
    [
        (1, (400, 200), (50, 100), (350, 100)),
        (3, (400, 200), (350, 100), (50, 100)),
        (6, (200, 400), (100, 50), (100, 350)),
        (8, (200, 400), (100, 350), (100, 50)),
    ],
)
def test_photo_is_turned_upright(
    orientation: int, size: tuple[int, int], red_at: tuple[int, int], blue_at: tuple[int, int]
) -> None:
    picture = opened(prepare(a_photo(orientation)))

    assert picture.size == size
    assert near(picture.getpixel(red_at), RED)
    assert near(picture.getpixel(blue_at), BLUE)


def test_where_and_with_what_a_photo_was_taken_is_dropped() -> None:
    photo = a_photo(6)
    assert b"Some Camera" in photo

    jpeg = prepare(photo)

    assert b"Some Camera" not in jpeg.data
    assert dict(opened(jpeg).getexif()) == {}


def test_comments_are_dropped() -> None:
    commented = encoded(Image.new("RGB", (300, 300)), "JPEG", comment=b"made by somebody")
    assert b"made by somebody" in commented

    assert b"made by somebody" not in prepare(commented).data


def a_png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that would unpack to a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "size", [(8_000, 8_000), (10_000, 10_000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)]
)
def test_bomb_is_refused_before_it_unpacks(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidImage) as refused:
        prepare(a_png_that_claims(*size))

    assert refused.value.code == "too_large"


def test_upload_over_the_limit_is_not_even_opened() -> None:
    with pytest.raises(InvalidImage) as refused:
        prepare(bytes(MAX_UPLOAD_BYTES + 1))

    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not an image",
        b"%PDF-1.7 and so on",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script></html>",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"BM",
        bytes(1000),
    ],
)
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidImage) as refused:
        prepare(data)

    assert refused.value.code == "not_an_image"


@pytest.mark.parametrize("kind", ["TIFF", "ICO", "PPM", "PCX"])
def test_formats_that_nobody_needs_are_refused(kind: str) -> None:
    with pytest.raises(InvalidImage) as refused:
        prepare(encoded(Image.new("RGB", (64, 64)), kind))

    assert refused.value.code == "not_an_image"


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.98])
def test_truncated_image_is_refused(kind: str, kept: float) -> None:
    whole = encoded(noise(200, 200), kind)

    with pytest.raises(InvalidImage) as refused:
        prepare(whole[: int(len(whole) * kept)])

    assert refused.value.code == "not_an_image"


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_image_is_an_image_or_it_is_refused(kind: str) -> None:
    whole, rng = encoded(noise(60, 60), kind), random.Random(11)  # not for secrets
    outcomes = set()
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(rng.randint(1, 12)):
            damaged[rng.randrange(rng.choice([60, len(whole)]))] = rng.randrange(256)
        try:
            opened(prepare(bytes(damaged)))
            outcomes.add("image")
        except InvalidImage as refused:
            outcomes.add(refused.code)

    assert "not_an_image" in outcomes
    assert outcomes <= {"image", "not_an_image", "too_large"}
