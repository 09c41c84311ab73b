"""A campaign counted anew from its rows says what the API says, and notices when it does not."""

from functools import partial

import pytest

from functions.domain.message import Send
from functions.domain.reason import RefusalReason
from functions.storage.batches import BatchStore
from infra.cli.recount import Figures, RecountError, Rows, differences, figures_of
from infra.deploying.account import Account as Place
from tests import reported
from tests.integration.api import Api
from tests.integration.reported_rows import write_campaign
from tests.integration.template import REGION


@pytest.fixture
def rows(account: object) -> Rows:
    return Rows(Place(region=REGION), "test")


@pytest.fixture
def campaign_id(account: object) -> str:
    return write_campaign()


def said(api: Api, campaign_id: str) -> Figures:
    return figures_of(api.get(f"/v1/campaigns/{campaign_id}/report").body)


def test_both_ways_of_counting_agree(api: Api, rows: Rows, campaign_id: str) -> None:
    found = rows.count(campaign_id)

    assert differences(found, said(api, campaign_id)) == {}
    assert found["recipients"] == 9_644
    assert found["human_clicks"] > found["conversions"] > 100
    assert found["by_channel.kakao.delivered"] > 1_000
    assert found["opted_out"] == 8
    assert len([name for name in found if name.startswith("by_link.")]) == 3


def test_a_row_that_changed_between_is_a_difference(api: Api, rows: Rows, campaign_id: str) -> None:
    before = said(api, campaign_id)
    (first, *_) = reported.parts()[0].batches
    refused = {ordinal: Send.refused(RefusalReason.CAPPED) for ordinal in range(reported.SIZE)}
    BatchStore().change_state(first, partial(_with, refused))

    wrong = differences(rows.count(campaign_id), before)

    assert "recipients" not in wrong
    assert wrong == differences(said(api, campaign_id), before)


def _with(sends: dict[int, int], state):
    return state.with_sends(sends)


def test_a_campaign_that_is_not_there_is_named(rows: Rows) -> None:
    with pytest.raises(RecountError, match="cmp_none"):
        rows.count("cmp_none")
