"""Images of MMS, checked and made small enough for every carrier by Pillow."""

import io
import warnings
from dataclasses import dataclass, field

from PIL import Image, ImageOps

MAX_UPLOAD_BYTES = 3_500_000
"""As base64 it must fit into the largest body that the API takes."""
MAX_SIDE_PX = 1000
"""NHN Cloud SMS: at most 1000 by 1000."""
MAX_SIZE_BYTES = 200_000
"""SOLAPI storage: 200 KB for MMS, the smallest limit of the providers we know."""
_MAX_PIXELS = 25_000_000
"""Unpacked with transparency these take 200 MB, a part of what the API's Lambda has."""
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
_SHRINKABLE = ("L", "RGB", "CMYK", "YCbCr")
"""Modes without transparency or palette, whose pixels can be averaged as they are."""
_QUALITIES = (90, 80, 70, 60, 45, 30)


class InvalidImage(ValueError):
    """Bytes that are no image we can send; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Jpeg:
    """An image that every carrier takes."""

    data: bytes = field(repr=False)
    width: int
    height: int


def prepare(data: bytes) -> Jpeg:
    """Turn an uploaded image into a JPEG of at most 1000 pixels a side and 200 KB.

    Metadata (where and with what it was taken) is dropped. Raises InvalidImage: ``not_an_image``,
    ``too_large``.
    """
    if len(data) > MAX_UPLOAD_BYTES:
        raise InvalidImage("too_large")
    picture = _open(data)
    while (jpeg := _small_enough(picture)) is None:
        picture = picture.resize((max(picture.width * 3 // 4, 1), max(picture.height * 3 // 4, 1)))
    return Jpeg(data=jpeg, width=picture.width, height=picture.height)


def _small_enough(picture: Image.Image) -> bytes | None:
    """The best of our qualities that fits, if one does."""
    encoded = (_encode(picture, quality) for quality in _QUALITIES)
    return next((jpeg for jpeg in encoded if len(jpeg) <= MAX_SIZE_BYTES), None)


def _open(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow's own limit is looser than ours, which is checked next.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
        with image:
            return _unpacked(image)
    except InvalidImage:
        raise
    except Image.DecompressionBombError as error:
        raise InvalidImage("too_large") from error
    except Exception as error:  # its decoders raise whatever they happen to meet in bad bytes
        raise InvalidImage("not_an_image") from error


def _unpacked(image: Image.Image) -> Image.Image:
    if image.width * image.height > _MAX_PIXELS:
        raise InvalidImage("too_large")
    # A JPEG is unpacked at a fraction of its size, which takes a fraction of the memory.
    image.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))
    if image.mode not in _SHRINKABLE:
        image = image.convert("RGBA")
    image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
    return _flat(ImageOps.exif_transpose(image))


def _flat(image: Image.Image) -> Image.Image:
    """Lay transparency on white; JPEG has none."""
    opaque = Image.new("RGB", image.size, "white")
    rgba = image.convert("RGBA")
    opaque.paste(rgba, mask=rgba.getchannel("A"))
    return opaque


def _encode(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()
