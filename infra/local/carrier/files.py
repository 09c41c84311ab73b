"""Storage of uploaded files, refused where the real storage refuses them."""

from __future__ import annotations

import base64
import binascii
import io
from typing import TYPE_CHECKING, Final

from PIL import Image, UnidentifiedImageError

from infra.local.carrier import ids, limits
from infra.local.carrier.errors import invalid
from infra.local.carrier.jsonval import text_in
from infra.local.carrier.records import StoredFile

if TYPE_CHECKING:
    from infra.local.carrier.jsonval import JsonObject
    from infra.local.carrier.state import State

_KINDS: Final = frozenset(
    {"MMS", "KAKAO", "RCS", "FAX", "DOCUMENT", "BMS", "BMS_WIDE", "BMS_WIDE_MAIN_ITEM_LIST"}
    | {"BMS_WIDE_SUB_ITEM_LIST", "BMS_CAROUSEL_FEED_LIST", "BMS_CAROUSEL_COMMERCE_LIST"}
)


def store(body: JsonObject, *, state: State) -> StoredFile:
    """Keep an uploaded file.

    Raises:
        ApiError: 400 when it is not base64, too large for its type, or an MMS picture that is
            not a whole JPEG.

    """
    kind = text_in(body, "type", default="DOCUMENT")
    if kind not in _KINDS:
        message = "알 수 없는 파일 타입입니다."
        raise invalid(message)
    content = _decode(text_in(body, "file"))
    if len(content) > limits.FILE_BYTES.get(kind, limits.FILE_BYTES_OTHERWISE):
        message = f"{kind} 파일이 허용된 크기를 넘었습니다."
        raise invalid(message)
    file = _describe(body, kind=kind, content=content, state=state)
    state.registry.files[file.file_id] = file
    return file


def _describe(body: JsonObject, *, kind: str, content: bytes, state: State) -> StoredFile:
    now = state.clock.now()
    size = _jpeg_size(content) if kind == "MMS" else None
    file_id = ids.file_id(now)
    return StoredFile(
        file_id=file_id,
        kind=kind,
        name=text_in(body, "name", default=f"{file_id}.jpg"),
        content=content,
        created=now.timestamp(),
        width=size[0] if size else None,
        height=size[1] if size else None,
        link=text_in(body, "link") if body.get("link") else None,
    )


def _decode(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        message = "file은 base64로 인코딩된 내용이어야 합니다."
        raise invalid(message)
    return content


def _jpeg_size(content: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            image.load()
            return image.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        message = "MMS 이미지는 온전한 JPEG 파일이어야 합니다."
        raise invalid(message) from None
