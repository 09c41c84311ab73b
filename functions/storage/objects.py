"""Objects in the data bucket: slices of people, outcomes, images, imports."""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from functions.runtime.aws import s3
from functions.runtime.settings import data_bucket

_CHUNK_BYTES = 1 << 20
_THERE_ALREADY = frozenset({"412", "PreconditionFailed"})
GZIP = 31
"""zlib's number for a gzip file; files of several put together are one file as well."""
_UPLOAD_LIFETIME_S = 3600
_DOWNLOAD_LIFETIME_S = 900


class ObjectStore:
    """Reads and writes the data bucket."""

    def put_json(self, key: str, value: Any) -> None:  # noqa: ANN401  # any JSON
        """Write a compressed JSON document."""
        body = zlib.compress(json.dumps(value, ensure_ascii=False).encode())
        s3().put_object(Bucket=data_bucket(), Key=key, Body=body)

    def put_json_once(self, key: str, value: Any) -> None:  # noqa: ANN401  # any JSON
        """Write a compressed JSON document unless there is one already."""
        body = zlib.compress(json.dumps(value, ensure_ascii=False).encode())
        try:
            s3().put_object(Bucket=data_bucket(), Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THERE_ALREADY:
                raise

    def get_json(self, key: str) -> Any:  # noqa: ANN401  # any JSON
        """Read a compressed JSON document."""
        answer = s3().get_object(Bucket=data_bucket(), Key=key)
        return json.loads(zlib.decompress(answer["Body"].read()))

    def delete(self, key: str) -> None:
        """Delete an object; repeating it is harmless."""
        s3().delete_object(Bucket=data_bucket(), Key=key)

    def find_json(self, key: str) -> Any | None:  # noqa: ANN401  # any JSON
        """Read a compressed JSON document; None when there is none."""
        client = s3()
        try:
            return self.get_json(key)
        except client.exceptions.NoSuchKey:
            return None

    def keys(self, prefix: str) -> Iterator[str]:
        """List the objects whose keys begin so."""
        pages = s3().get_paginator("list_objects_v2").paginate(Bucket=data_bucket(), Prefix=prefix)
        for page in pages:
            for found in page.get("Contents", ()):
                yield found["Key"]

    def put_bytes(self, key: str, body: bytes, *, content_type: str) -> None:
        """Write bytes as they are."""
        s3().put_object(Bucket=data_bucket(), Key=key, Body=body, ContentType=content_type)

    def get_bytes(self, key: str) -> bytes:
        """Read a small object whole."""
        return s3().get_object(Bucket=data_bucket(), Key=key)["Body"].read()

    def upload(self, key: str, path: Path) -> None:
        """Write an object from a file."""
        with path.open("rb") as file:
            s3().put_object(Bucket=data_bucket(), Key=key, Body=file)

    def download(self, key: str, path: Path) -> None:
        """Write an object into a file."""
        body = s3().get_object(Bucket=data_bucket(), Key=key)["Body"]
        with path.open("wb") as file:
            for chunk in body.iter_chunks(_CHUNK_BYTES):
                file.write(chunk)

    def unzipped(self, key: str) -> Iterator[bytes]:
        """Read a gzipped object in pieces, unzipped."""
        unpacker = zlib.decompressobj(wbits=GZIP)
        body = s3().get_object(Bucket=data_bucket(), Key=key)["Body"]
        for chunk in body.iter_chunks(_CHUNK_BYTES):
            yield unpacker.decompress(chunk)
        yield unpacker.flush()

    def upload_url(self, key: str) -> str:
        """A URL to which anybody who has it may PUT this object for an hour."""
        return s3().generate_presigned_url(
            "put_object",
            Params={"Bucket": data_bucket(), "Key": key},
            ExpiresIn=_UPLOAD_LIFETIME_S,
        )

    def download_url(self, key: str) -> str:
        """A URL from which anybody who has it may GET this object for 15 minutes."""
        return s3().generate_presigned_url(
            "get_object",
            Params={"Bucket": data_bucket(), "Key": key},
            ExpiresIn=_DOWNLOAD_LIFETIME_S,
        )
