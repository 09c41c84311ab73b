"""The objects of an import: the upload, what was seen in it, and the list of rejected rows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.contracts.import_images import chunk_from_json, chunk_to_json
from functions.domain.contact_file import ContactImport, FileFault, FileProblem, Upload
from functions.domain.ids import ImportId
from functions.domain.import_undo import ImageChunk
from functions.runtime.aws import s3
from functions.runtime.settings import data_bucket
from functions.storage.objects import ObjectStore

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_RANGE_BYTES = 4 << 20
_PART_BYTES = 8 << 20
"""Parts of a multipart upload must have 5 MiB or more, except the last."""
_CSV = "text/csv; charset=utf-8"
# S3 says 403 of an object that is not there to who may not list the bucket, as we may not.
_MISSING = frozenset({"404", "NoSuchKey", "NotFound", "403", "AccessDenied"})
_CHANGED = frozenset({"412", "PreconditionFailed"})


class ImportFiles:
    """Reads and writes below ``imports/<id>/`` of the data bucket."""

    def upload_url(self, import_id: ImportId) -> str:
        """A URL to which anybody who has it may PUT the file for an hour."""
        return ObjectStore().upload_url(_key(import_id, "upload.csv"))

    def find(self, import_id: ImportId) -> Upload | None:
        """Look for the upload."""
        try:
            answer = s3().head_object(Bucket=data_bucket(), Key=_key(import_id, "upload.csv"))
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        return Upload(size_bytes=answer["ContentLength"], etag=answer["ETag"])

    def chunks(self, contact_import: ContactImport, *, start: int = 0) -> Iterator[bytes]:
        """Read the upload from a byte on, in ranges: no connection stays open between them.

        Raises FileProblem ``file_changed`` when it was uploaded again since the start.
        """
        for first in range(start, contact_import.size_bytes, _RANGE_BYTES):
            last = min(first + _RANGE_BYTES, contact_import.size_bytes) - 1
            try:
                answer = s3().get_object(
                    Bucket=data_bucket(),
                    Key=_key(contact_import.import_id, "upload.csv"),
                    Range=f"bytes={first}-{last}",
                    IfMatch=contact_import.etag,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in _CHANGED | _MISSING:
                    raise FileProblem(FileFault.FILE_CHANGED) from error
                raise
            yield answer["Body"].read()

    def save_seen(self, contact_import: ContactImport, seen: bytes) -> None:
        """Keep what was seen up to the import's position."""
        _save_keys(contact_import, "seen", seen)

    def load_seen(self, contact_import: ContactImport) -> bytes:
        """Read what was seen up to ``remembered``; nothing at the beginning."""
        return _load_keys(contact_import, "seen")

    def save_freed(self, contact_import: ContactImport, freed: bytes) -> None:
        """Keep which numbers a dry run would have left free up to the import's position."""
        _save_keys(contact_import, "freed", freed)

    def load_freed(self, contact_import: ContactImport) -> bytes:
        """Read which numbers were left free up to ``remembered``; none at the beginning."""
        return _load_keys(contact_import, "freed")

    def put_error_part(self, contact_import: ContactImport, number: int, part: bytes) -> None:
        """Write a piece of the list of rejected rows; writing it again replaces it."""
        ObjectStore().put_bytes(_part_key(contact_import, number), part, content_type=_CSV)

    def join_errors(self, contact_import: ContactImport, *, head: bytes) -> None:
        """Put the list together from its pieces, holding one part of the upload at a time."""
        numbers = range(contact_import.error_parts)
        pieces = (ObjectStore().get_bytes(_part_key(contact_import, n)) for n in numbers)
        _put_joined(_run_key(contact_import, "errors.csv"), head, pieces)

    def keep_images(self, contact_import: ContactImport, last_row: int, chunk: ImageChunk) -> None:
        """Keep what a chunk up to this row finds and writes.

        The first word about it stays: who does the chunk again would find what was written.
        """
        key = _images_key(contact_import, last_row)
        ObjectStore().put_json_once(key, chunk_to_json(chunk))

    def load_images(self, contact_import: ContactImport) -> ImageChunk:
        """Read what the chunk up to the import's position found and wrote."""
        key = _images_key(contact_import, contact_import.position.row)
        return chunk_from_json(ObjectStore().get_json(key))

    def errors_url(self, contact_import: ContactImport) -> str:
        """A URL from which anybody who has it may read the list for 15 minutes."""
        return ObjectStore().download_url(_run_key(contact_import, "errors.csv"))


def _key(import_id: ImportId, name: str) -> str:
    return f"imports/{import_id}/{name}"


def _run_key(contact_import: ContactImport, name: str) -> str:
    """What a dry run writes stands apart from what the import itself does."""
    return _key(contact_import.import_id, f"dry/{name}" if contact_import.is_dry else name)


def _part_key(contact_import: ContactImport, number: int) -> str:
    return _run_key(contact_import, f"errors/{number:06d}.csv")


def _images_key(contact_import: ContactImport, last_row: int) -> str:
    return _key(contact_import.import_id, f"images/{last_row}")


def _save_keys(contact_import: ContactImport, kind: str, keys: bytes) -> None:
    key = _run_key(contact_import, f"{kind}/{contact_import.position.row}")
    ObjectStore().put_bytes(key, keys, content_type="application/octet-stream")


def _load_keys(contact_import: ContactImport, kind: str) -> bytes:
    row = contact_import.remembered.row
    return ObjectStore().get_bytes(_run_key(contact_import, f"{kind}/{row}")) if row else b""


def _put_joined(key: str, head: bytes, pieces: Iterator[bytes]) -> None:
    buffer = bytearray(head)
    for piece in pieces:
        buffer += piece
        if len(buffer) >= _PART_BYTES:
            _put_in_parts(key, bytes(buffer), pieces)
            return
    ObjectStore().put_bytes(key, bytes(buffer), content_type=_CSV)


def _put_in_parts(key: str, first: bytes, pieces: Iterator[bytes]) -> None:
    # Left unfinished by a worker that dies, it is swept away by the bucket's own rule.
    bucket = data_bucket()
    started = s3().create_multipart_upload(Bucket=bucket, Key=key, ContentType=_CSV)
    upload_id = started["UploadId"]
    parts: list[CompletedPartTypeDef] = []
    for number, body in enumerate(_of_part_size(first, pieces), start=1):
        answer = s3().upload_part(
            Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
        )
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3().complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
    )


def _of_part_size(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    buffer = bytearray(first)
    for piece in pieces:
        if len(buffer) >= _PART_BYTES:
            yield bytes(buffer)
            buffer.clear()
        buffer += piece
    yield bytes(buffer)
