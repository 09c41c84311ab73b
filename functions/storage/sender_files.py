"""The files that prove a right to a number: written once, below ``senders/`` of the bucket."""

from botocore.exceptions import ClientError

from functions.runtime.aws import s3
from functions.runtime.settings import data_bucket
from functions.storage.objects import ObjectStore

_UPLOAD_LIFETIME_S = 3600
_ONCE = "*"
# S3 says 403 of an object that is not there to who may not list the bucket, as we may not.
_MISSING = frozenset({"404", "NoSuchKey", "NotFound", "403", "AccessDenied"})


class SenderFiles:
    """Reads and writes proofs."""

    def upload_url(self, key: str) -> str:
        """A URL to which anybody who has it may PUT the file within an hour, once.

        The condition is signed with it, so that what a reviewer saw cannot be exchanged.
        """
        return s3().generate_presigned_url(
            "put_object",
            Params={"Bucket": data_bucket(), "Key": key, "IfNoneMatch": _ONCE},
            ExpiresIn=_UPLOAD_LIFETIME_S,
        )

    @property
    def upload_headers(self) -> dict[str, str]:
        """What the PUT must be sent with."""
        return {"If-None-Match": _ONCE}

    def size(self, key: str) -> int | None:
        """Bytes of an uploaded file; None when there is none."""
        try:
            return s3().head_object(Bucket=data_bucket(), Key=key)["ContentLength"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise

    def download_url(self, key: str) -> str:
        """A URL from which anybody who has it may read the file for 15 minutes."""
        return ObjectStore().download_url(key)
