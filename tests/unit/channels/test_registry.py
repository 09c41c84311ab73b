from collections.abc import Iterator

import pytest

from functions.channels import registry
from functions.channels.inbound import InboundCallbacks
from functions.channels.nhn import NhnCallbacks
from functions.channels.solapi import SolapiCallbacks, SolapiChannel
from functions.channels.solapi_denials import SolapiDenials
from functions.domain.channel import SENDABLE, Channel
from functions.domain.reason import SuppressionReason


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    secret = {"api_key": "NCSKEY", "api_secret": "hidden"}
    monkeypatch.setattr(registry, "secret_json", lambda _: secret)
    monkeypatch.setattr(registry, "solapi_base_url", lambda: "https://api.example.com")
    registry.channel.cache_clear()
    registry._solapi.cache_clear()
    yield
    registry.channel.cache_clear()
    registry._solapi.cache_clear()


@pytest.mark.parametrize("name", SENDABLE)
def test_every_channel_that_is_sent_on_has_a_provider(name: Channel) -> None:
    assert isinstance(registry.channel(name), SolapiChannel)


@pytest.mark.parametrize("name", sorted(set(Channel) - set(SENDABLE)))
def test_no_other_channel_has_one(name: Channel) -> None:
    with pytest.raises(LookupError):
        registry.channel(name)


def test_channels_of_one_provider_share_its_adapter() -> None:
    assert registry.channel(Channel.SMS) is registry.channel(Channel.KAKAO)


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


def test_who_called_the_080_number_is_asked_of_solapi() -> None:
    assert isinstance(registry.opt_out_source(), SolapiDenials)


@pytest.mark.parametrize("name", Channel)
def test_refusal_of_a_provider_says_how_somebody_opted_out(name: Channel) -> None:
    call, carrier = SuppressionReason.OPT_OUT_CALL, SuppressionReason.OPT_OUT_CARRIER

    assert registry.refused_by(name) is (call if name in SENDABLE else carrier)
