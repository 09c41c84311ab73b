import pytest

from functions.channels.registry import accounts, channel
from functions.domain.channel import SENDABLE, Channel
from functions.domain.ids import BatchNumber
from functions.domain.tracking_code import Coder
from functions.runtime import aws
from functions.runtime.aws import derived_key, derived_token, secret_json
from functions.runtime.tracking import code_of


def test_clients_are_made_once_from_one_session() -> None:
    assert aws.sqs() is aws.sqs()
    assert aws.dynamodb() is aws.dynamodb()
    assert aws.s3() is aws.s3()
    assert aws.session() is aws.session()


def test_clients_are_made_anew_when_they_were_forgotten() -> None:
    before = aws.sqs()

    aws.forget_clients()

    assert aws.sqs() is not before


def test_keys_of_different_purposes_are_unrelated() -> None:
    assert len(derived_key("cursor")) == 32
    assert derived_key("cursor") == derived_key("cursor")
    assert derived_key("cursor") != derived_key("address")
    assert derived_token("webhook/a") != derived_token("webhook/b")


def test_secret_of_the_provider_is_read() -> None:
    assert secret_json("SECRET_SOLAPI_ARN") == {
        "api_key": "NCSTESTKEY",
        "api_secret": "testsecret",
        "second_api_key": "NCSTESTSECOND",
        "second_api_secret": "secondsecret",
    }


@pytest.mark.parametrize("name", SENDABLE)
def test_every_channel_finds_its_credentials(name: Channel) -> None:
    assert accounts(name) == ("main", "second")
    for account in accounts(name):
        assert channel(name, account) is channel(name, account)


def test_tracking_codes_are_made_with_the_deployments_own_key() -> None:
    code = code_of(BatchNumber(7), 3, 1)

    found = Coder(derived_key("tracking")).decode(code)
    assert found is not None
    assert (found.batch, found.ordinal, found.link) == (7, 3, 1)
    assert Coder(derived_key("another")).decode(code) is None
