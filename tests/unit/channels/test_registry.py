from collections.abc import Iterator

import pytest

from functions.channels import registry
from functions.channels.base import RetryLater
from functions.channels.inbound import InboundCallbacks
from functions.channels.nhn import NhnCallbacks
from functions.channels.providers import provider_of
from functions.channels.solapi import SolapiCallbacks, SolapiChannel
from functions.channels.solapi_denials import SolapiDenials
from functions.domain.channel import SENDABLE, Channel
from functions.domain.ids import MAIN_ACCOUNT, AccountName
from functions.domain.reason import SuppressionReason
from tests.builders import NOON

SECOND, THIRD = AccountName("second"), AccountName("third")


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    secret = {"api_key": "NCSKEY", "api_secret": "hidden"}
    secret |= {"second_api_key": "NCSOTHER", "second_api_secret": "hidden"}
    monkeypatch.setattr(registry, "secret_json", lambda _: secret)
    monkeypatch.setattr(registry, "solapi_base_url", lambda: "https://api.example.com")
    monkeypatch.setattr(registry, "solapi_accounts", lambda: (SECOND, MAIN_ACCOUNT, THIRD))
    registry.channel.cache_clear()
    registry._solapi.cache_clear()
    yield
    registry.channel.cache_clear()
    registry._solapi.cache_clear()


@pytest.mark.parametrize("name", SENDABLE)
def test_every_channel_that_is_sent_on_has_a_provider(name: Channel) -> None:
    assert isinstance(registry.channel(name, MAIN_ACCOUNT), SolapiChannel)


@pytest.mark.parametrize("name", sorted(set(Channel) - set(SENDABLE)))
def test_no_other_channel_has_one(name: Channel) -> None:
    with pytest.raises(LookupError):
        registry.channel(name, MAIN_ACCOUNT)
    assert registry.accounts(name) == ()


@pytest.mark.parametrize("account", [MAIN_ACCOUNT, SECOND])
def test_channels_of_one_account_share_its_adapter(account: AccountName) -> None:
    sms, kakao = (registry.channel(name, account) for name in (Channel.SMS, Channel.KAKAO))

    assert sms is kakao


def test_each_account_has_an_adapter_of_its_own() -> None:
    main, second = (registry.channel(Channel.SMS, each) for each in (MAIN_ACCOUNT, SECOND))

    assert main is not second


def test_account_that_is_not_set_up_makes_messages_wait() -> None:
    with pytest.raises(RetryLater):
        registry.channel(Channel.SMS, THIRD)


@pytest.mark.parametrize("name", SENDABLE)
def test_accounts_are_told_in_the_order_in_which_they_are_preferred(name: Channel) -> None:
    assert registry.accounts(name) == (SECOND, MAIN_ACCOUNT, THIRD)


def test_every_provider_that_calls_back_is_read_by_one_reader() -> None:
    reporting = {each: registry.callback_reader(each) for each in registry.PROVIDERS}
    hearing = {each: registry.hearing_reader(each) for each in registry.PROVIDERS}

    assert isinstance(reporting.pop("solapi"), SolapiCallbacks)
    assert isinstance(hearing.pop("nhn"), NhnCallbacks)
    assert isinstance(hearing.pop("inbound"), InboundCallbacks)
    assert set(reporting) == set(registry.HEARING)
    assert {*reporting.values(), *hearing.values()} == {None}


def test_nobody_else_can() -> None:
    assert registry.callback_reader("nobody") is None
    assert registry.hearing_reader("nobody") is None


def test_who_called_the_080_number_is_asked_of_each_account() -> None:
    sources = registry.opt_out_sources()

    assert set(sources) == {"solapi", "solapi:second", "solapi:third"}
    assert {type(each) for each in sources.values()} == {SolapiDenials}


def test_list_of_an_account_that_is_not_set_up_is_asked_for_later() -> None:
    with pytest.raises(RetryLater):
        registry.opt_out_sources()["solapi:third"].opt_outs(since=None, cursor=None, now=NOON)


@pytest.mark.parametrize("name", Channel)
def test_refusal_of_a_provider_says_how_somebody_opted_out(name: Channel) -> None:
    call, carrier = SuppressionReason.OPT_OUT_CALL, SuppressionReason.OPT_OUT_CARRIER

    assert registry.refused_by(name) is (call if name in SENDABLE else carrier)


@pytest.mark.parametrize("name", SENDABLE)
def test_the_limit_of_an_account_is_for_all_channels_that_go_through_it(name: Channel) -> None:
    assert provider_of(name) == registry.SOLAPI
