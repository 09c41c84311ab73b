"""The specification's published examples; ``tests/contract/receiver.py`` verifies by its words."""

import base64

from functions.domain.webhook_signature import headers_of, secret_text

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""With the message below, the example of the specification's reference libraries and of Svix,
whose scheme it took over: https://docs.svix.com/receiving/verifying-payloads/how-manual."""
KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


def test_the_published_example() -> None:
    headers = headers_of(
        b'{"test": 2432232314}',
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=1614265330,
        keys=[KEY],
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_secret_is_written_as_published() -> None:
    assert secret_text(KEY) == SECRET


def test_each_secret_signs() -> None:
    one = headers_of(b"{}", message_id="m", at=1, keys=[KEY])["webhook-signature"]
    other = headers_of(b"{}", message_id="m", at=1, keys=[KEY[::-1]])["webhook-signature"]
    both = headers_of(b"{}", message_id="m", at=1, keys=[KEY, KEY[::-1]])["webhook-signature"]

    assert both == f"{one} {other}"


def test_what_is_no_text_is_signed_as_it_is() -> None:
    text = headers_of("한글".encode(), message_id="m", at=1, keys=[KEY])

    assert text["webhook-signature"].startswith("v1,")
