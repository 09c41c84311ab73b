from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from functions.runtime.settings import data_bucket
from functions.storage.objects import ObjectStore
from tests.integration.account import Account


def test_bytes_are_read_as_they_were_written(account: Account) -> None:
    ObjectStore().put_bytes("images/img_1.jpg", b"\xff\xd8jpeg", content_type="image/jpeg")

    assert ObjectStore().get_bytes("images/img_1.jpg") == b"\xff\xd8jpeg"
    head = account.s3.head_object(Bucket=data_bucket(), Key="images/img_1.jpg")
    assert head["ContentType"] == "image/jpeg"


@pytest.mark.parametrize("value", [None, [], {"이름": ["김하늘", 1, 0.5, None, True, "🌸"]}])
def test_documents_are_read_as_they_were_written(value: object) -> None:
    ObjectStore().put_json("parts/x", value)

    assert ObjectStore().get_json("parts/x") == value


def test_what_is_not_there_fails_loudly() -> None:
    with pytest.raises(ClientError):
        ObjectStore().get_bytes("nowhere")


@pytest.mark.parametrize(
    ("url", "expires"),
    [
        (lambda: ObjectStore().upload_url("imports/imp_1/upload.csv"), "3600"),
        (lambda: ObjectStore().download_url("imports/imp_1/errors.csv"), "900"),
    ],
)
def test_urls_are_signed_for_a_while(url: object, expires: str) -> None:
    parts = urlsplit(url())  # type: ignore[operator]

    query = parse_qs(parts.query)
    assert query["X-Amz-Expires"] == [expires]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert "/imports/imp_1/" in parts.path
