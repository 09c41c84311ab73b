"""One account and one noon for all tests of a module; tests keep apart by the ids they choose."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from moto import mock_aws

from infra.local.carrier.client import CarrierControl
from infra.local.carrier.testing import running_carrier
from tests.contract.carrier.receiver import Receiver, running_receiver
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.conftest import _CREDENTIALS, _forget_everything
from tests.integration.http.clock import Clock
from tests.integration.http.pump import Pump
from tests.integration.http.shop import KAKAO_CHANNEL, KAKAO_TEMPLATE, KAKAO_TEXT, SENDER, a_token
from tests.integration.template import PARAMETERS

_NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """The variables of the functions, put back after the module."""
    with pytest.MonkeyPatch.context() as patched:
        yield patched


@pytest.fixture(scope="module", autouse=True)
def account(environment: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account with what template.yaml declares, shared by the module's tests."""
    environment.delenv("AWS_PROFILE", raising=False)
    environment.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in _CREDENTIALS.items():
        environment.setenv(name, value)
    with mock_aws():
        made = Account()
        made.make_everything()
        # No test may reach the provider, and only the local stage has a clock that can be set.
        given = made.environment() | {"SOLAPI_BASE_URL": _NOWHERE, "STAGE": "local"}
        for name, value in given.items():
            environment.setenv(name, value)
        _forget_everything()
        yield made
        _forget_everything()


@pytest.fixture(scope="module", autouse=True)
def clock(account: Account, environment: pytest.MonkeyPatch) -> Clock:
    """The code's clock: today's noon in Seoul, whatever the hour of the test."""
    made = Clock(environment)
    made.set_to_noon()
    return made


@pytest.fixture(scope="module")
def make_api(account: Account) -> Callable[..., Api]:
    """Make a caller whose key has these scopes."""
    from chalice.test import Client

    from app import app

    @cache
    def make(*scopes: str) -> Api:
        return Api(client=Client(app), token=a_token(*scopes))

    return make


@pytest.fixture(scope="module")
def api(make_api: Callable[..., Api]) -> Api:
    """A caller that may do everything."""
    return make_api("admin")


@pytest.fixture(scope="session")
def shared_carrier() -> Iterator[CarrierControl]:
    """One carrier simulator for all modules."""
    key, secret = PARAMETERS["SolapiApiKey"], PARAMETERS["SolapiApiSecret"]
    with running_carrier(api_key=key, api_secret=secret) as control:
        yield control


@pytest.fixture(scope="module")
def carrier(
    shared_carrier: CarrierControl,
    clock: Clock,
    environment: pytest.MonkeyPatch,
) -> CarrierControl:
    """The carrier that the workers call; it knows the sender and an Alimtalk template."""
    shared_carrier.reset()
    shared_carrier.configure(report_delay_s=0, clock_offset_s=clock.offset_s)
    shared_carrier.add_sender(SENDER)
    shared_carrier.add_template(KAKAO_TEMPLATE, pf_id=KAKAO_CHANNEL, content=KAKAO_TEXT)
    environment.setenv("SOLAPI_BASE_URL", shared_carrier.base_url)
    _forget_everything()
    return shared_carrier


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Where the carrier reports to; the pump hands it on to the API."""
    with running_receiver() as running:
        yield running


@pytest.fixture(scope="module")
def pump(api: Api, account: Account, carrier: CarrierControl, receiver: Receiver) -> Pump:
    """Runs the workers on what is in the queues."""
    carrier.configure(webhook_url=receiver.url)
    return Pump(api=api, account=account, carrier=carrier, receiver=receiver)
