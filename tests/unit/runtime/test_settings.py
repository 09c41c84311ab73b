from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from functions.contracts.queues import Queue
from functions.runtime import settings
from functions.runtime.settings import AwsCredentials, MissingSetting

Environment = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    settings.forget_settings()
    yield
    settings.forget_settings()


@pytest.fixture
def environment(monkeypatch: Environment) -> Environment:
    """An environment without our settings."""
    for name in (
        "STAGE",
        "CLOCK_OFFSET_S",
        "TENANT_ZONE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_SESSION_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_setting_is_read_once(environment: Environment) -> None:
    environment.setenv("BUCKET_DATA", "one")
    assert settings.data_bucket() == "one"

    environment.setenv("BUCKET_DATA", "other")

    assert settings.data_bucket() == "one"


@pytest.mark.parametrize("value", [None, ""])
def test_setting_that_is_missing_is_named(environment: Environment, value: str | None) -> None:
    environment.delenv("BUCKET_DATA", raising=False)
    if value is not None:
        environment.setenv("BUCKET_DATA", value)

    with pytest.raises(MissingSetting, match="BUCKET_DATA"):
        settings.data_bucket()


def test_tables_and_queues_are_found_by_their_short_names(environment: Environment) -> None:
    environment.setenv("TABLE_CONTACTS", "allim-test-contacts")
    environment.setenv("QUEUE_DISPATCH_SMS_URL", "https://sqs.example.com/sms")

    assert settings.table_name("contacts") == "allim-test-contacts"
    assert settings.queue_url(Queue.DISPATCH_SMS) == "https://sqs.example.com/sms"


def test_stage_is_read(environment: Environment) -> None:
    environment.setenv("STAGE", "prod")

    assert settings.stage() == "prod"


@pytest.mark.parametrize(
    ("stage", "offset", "expected"),
    [
        ("local", "-3600", -3600),
        ("local", "", 0),
        ("local", None, 0),
        ("prod", "3600", 0),
        ("locale", "3600", 0),
        (None, "3600", 0),
    ],
)
def test_only_the_local_stage_can_move_the_clock(
    environment: Environment, stage: str | None, offset: str | None, expected: int
) -> None:
    for name, value in (("STAGE", stage), ("CLOCK_OFFSET_S", offset)):
        if value is not None:
            environment.setenv(name, value)

    assert settings.clock_offset_s() == expected


@pytest.mark.parametrize(
    ("value", "zone"), [(None, "Asia/Seoul"), ("", "Asia/Seoul"), ("Asia/Tokyo", "Asia/Tokyo")]
)
def test_company_is_in_seoul_unless_it_says_otherwise(
    environment: Environment, value: str | None, zone: str
) -> None:
    if value is not None:
        environment.setenv("TENANT_ZONE", value)

    assert settings.tenant_zone() == ZoneInfo(zone)


def test_bases_of_urls_have_no_slash_at_their_end(environment: Environment) -> None:
    environment.setenv("LINK_BASE_URL", "https://go.example.com/")
    environment.setenv("SOLAPI_BASE_URL", "https://api.example.com/")

    assert settings.link_base_url() == "https://go.example.com"
    assert settings.solapi_base_url() == "https://api.example.com"


def test_accounts_are_read_in_their_order(environment: Environment) -> None:
    environment.setenv("SOLAPI_ACCOUNTS", "second, main")

    assert settings.solapi_accounts() == ("second", "main")


@pytest.mark.parametrize(("given", "token"), [(None, ""), ("temporary", "temporary")])
def test_credentials_come_from_the_environment_and_are_not_shown(
    environment: Environment, given: str | None, token: str
) -> None:
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    if given is not None:
        environment.setenv("AWS_SESSION_TOKEN", given)

    found = settings.aws_credentials()

    assert found == AwsCredentials(key_id="AKIAEXAMPLE", secret="hidden", token=token)
    assert "hidden" not in repr(found)
    assert "temporary" not in repr(found)


def test_region_is_lambdas_own_before_the_default(environment: Environment) -> None:
    environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert settings.aws_region() == "eu-central-1"

    environment.setenv("AWS_REGION", "ap-northeast-2")

    assert settings.aws_region() == "ap-northeast-2"


def test_service_is_called_at_its_own_address_or_at_the_emulators(
    environment: Environment,
) -> None:
    environment.setenv("AWS_REGION", "ap-northeast-2")
    assert settings.aws_endpoint("sqs") == "https://sqs.ap-northeast-2.amazonaws.com"

    environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/")

    assert settings.aws_endpoint("sqs") == "http://127.0.0.1:4566"


def test_lease_is_a_number_of_seconds(environment: Environment) -> None:
    environment.setenv("DISPATCH_LEASE_S", "40")

    assert settings.dispatch_lease_s() == 40
