"""Images through the API: checked, and turned into what every carrier takes."""

import base64
import io

import pytest
from PIL import Image

from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.problems import assert_problem, everything_in
from tests.integration.http.shop import a_template


def _image(kind: str, *size: int, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, "orange" if mode == "RGB" else 0).save(buffer, kind)
    return buffer.getvalue()


def _post(api: Api, data: bytes) -> Answer:
    return api.post("/v1/images", {"data": base64.b64encode(data).decode()})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_an_image_is_made_a_small_jpeg(api: Api, account: Account, kind: str) -> None:
    made = _post(api, _image(kind, 1200, 800))

    assert (made.status, made.body["width"], made.body["height"]) == (201, 1000, 667)
    assert made.body["size_bytes"] <= 200_000
    stored = account.s3.get_object(
        Bucket=account.environment()["BUCKET_DATA"], Key=f"images/{made.body['image_id']}.jpg"
    )["Body"].read()
    assert len(stored) == made.body["size_bytes"]
    assert Image.open(io.BytesIO(stored)).format == "JPEG"


def test_an_image_can_be_put_into_a_template(api: Api) -> None:
    image_id = _post(api, _image("PNG", 10, 10)).body["image_id"]

    template_id = a_template(api, image_id=image_id)

    (version,) = api.get(f"/v1/templates/{template_id}").body["versions"]
    assert version["image_id"] == image_id


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param("!!!!", "not_base64", id="no base64"),
        pytest.param("그림", "not_base64", id="not even ASCII"),
        pytest.param("YWJj\n", "not_base64", id="a line break in it"),
        pytest.param("", "too_short", id="nothing"),
        pytest.param(base64.b64encode(b"a picture").decode(), "not_an_image", id="a text"),
        pytest.param(
            base64.b64encode(_image("PNG", 50, 50)[:60]).decode(), "not_an_image", id="cut off"
        ),
        pytest.param(
            base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode(),
            "not_an_image",
            id="a drawing",
        ),
        pytest.param(
            base64.b64encode(_image("TIFF", 10, 10)).decode(), "not_an_image", id="another format"
        ),
    ],
)
def test_refuses_what_is_no_image(api: Api, account: Account, data: str, code: str) -> None:
    before = everything_in(account)

    answer = api.post("/v1/images", {"data": data})

    assert_problem(answer, 422, "invalid_input", ("/data", code))
    assert everything_in(account) == before


def test_refuses_an_image_of_too_many_bytes(api: Api, account: Account) -> None:
    before = everything_in(account)

    answer = _post(api, _image("PNG", 10, 10) + bytes(3_500_001))

    assert_problem(answer, 413, "image_too_large")
    assert everything_in(account) == before


@pytest.mark.parametrize("side", [7_100, 10_000, 14_000])
def test_refuses_an_image_of_too_many_pixels(api: Api, account: Account, side: int) -> None:
    before = everything_in(account)

    # One bit a pixel: a few kilobytes that would unpack to hundreds of megabytes.
    answer = _post(api, _image("PNG", side, side, mode="1"))

    assert_problem(answer, 413, "image_too_large")
    assert everything_in(account) == before
