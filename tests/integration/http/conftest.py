"""One account and one noon for all tests of a module; tests keep apart by the ids they choose."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from infra.local.carrier.client import CarrierControl
from infra.local.carrier.testing import running_carrier
from tests.contract.carrier.receiver import Receiver, running_receiver
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.conftest import _forget_everything
from tests.integration.http.clock import Clock
from tests.integration.http.emulation import Emulation, emulated
from tests.integration.http.pump import Pump
from tests.integration.http.shop import KAKAO_CHANNEL, KAKAO_TEMPLATE, KAKAO_TEXT, SENDER, a_token
from tests.integration.template import PARAMETERS


@pytest.fixture(scope="module")
def emulation() -> Iterator[Emulation]:
    """An account with what template.yaml declares, shared by the module's tests."""
    with emulated() as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def account(emulation: Emulation) -> Account:
    """The account."""
    return emulation.account


@pytest.fixture(scope="module", autouse=True)
def clock(emulation: Emulation) -> Clock:
    """The code's clock: today's noon in Seoul, whatever the hour of the test."""
    made = Clock(emulation.environment)
    made.set_to_noon()
    return made


@pytest.fixture(scope="module")
def make_api(account: Account) -> Callable[..., Api]:
    """Make a caller whose key has these scopes."""
    from chalice.test import Client

    from app import app
    from tests.integration.http.described import DescribedApi

    @cache
    def make(*scopes: str) -> Api:
        return DescribedApi(client=Client(app), token=a_token(*scopes))

    return make


@pytest.fixture(scope="module")
def api(make_api: Callable[..., Api]) -> Api:
    """A caller that may do everything."""
    return make_api("admin")


@pytest.fixture(scope="session")
def shared_carrier() -> Iterator[CarrierControl]:
    """One carrier simulator for all modules."""
    key, secret = PARAMETERS["SolapiApiKey"], PARAMETERS["SolapiApiSecret"]
    second = {PARAMETERS["SolapiSecondApiKey"]: PARAMETERS["SolapiSecondApiSecret"]}
    with running_carrier(api_key=key, api_secret=secret, more_accounts=second) as control:
        yield control


@pytest.fixture(scope="module")
def carrier(
    shared_carrier: CarrierControl,
    clock: Clock,
    emulation: Emulation,
) -> CarrierControl:
    """The carrier that the workers call; it knows the sender and an Alimtalk template."""
    shared_carrier.reset()
    shared_carrier.configure(report_delay_s=0, clock_offset_s=clock.offset_s)
    shared_carrier.add_sender(SENDER)
    shared_carrier.add_template(KAKAO_TEMPLATE, pf_id=KAKAO_CHANNEL, content=KAKAO_TEXT)
    emulation.environment.setenv("SOLAPI_BASE_URL", shared_carrier.base_url)
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
