from collections.abc import Iterator

import pytest

from functions.channels import registry
from functions.channels.solapi import SolapiCallbacks, SolapiChannel
from functions.domain.channel import SENDABLE, Channel


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


@pytest.mark.parametrize("provider", registry.PROVIDERS)
def test_every_provider_can_call_back(provider: str) -> None:
    assert isinstance(registry.callback_reader(provider), SolapiCallbacks)


def test_nobody_else_can() -> None:
    assert registry.callback_reader("nobody") is None
