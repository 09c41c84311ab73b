"""Keys from the master secret. They must never change: links that were sent carry them."""

from functions.runtime import derive


def test_a_key_is_the_hmac_of_its_purpose() -> None:
    key = derive.key("master-1", purpose="tracking")

    assert key.hex() == ("f6bd77a1aa01344ba28f34bbb81f3f118856ff0a21684ba00472705644a83227")


def test_a_token_is_short_and_fit_for_a_path() -> None:
    assert derive.token("master-1", purpose="solapi") == "WElMjPwvdzjGVz3TJ9pUxvZ2"


def test_every_purpose_has_a_key_of_its_own() -> None:
    purposes = ["tracking", "cursor", "address", "token/solapi"]

    assert len({derive.key("master-1", purpose=purpose) for purpose in purposes}) == 4
