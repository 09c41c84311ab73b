"""Recipients through the API: sources combined, pinned at the launch, counted and explained."""

from collections.abc import Iterable

import pytest

from functions.domain.ids import AudienceId, ContactId
from functions.storage.audience_members import MemberStore
from functions.storage.audiences import AudienceStore
from infra.local.carrier.client import CarrierControl
from tests.builders import an_audience
from tests.integration.api import Api
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_campaign,
    a_contact,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    phone,
)

RUN, LATER_RUN = "20261126T001000-r1.000001.1", "20261127T001000-r2.000001.1"
REGULARS, LAPSED, NEW = "aud_regulars", "aud_lapsed", "aud_new"


def refreshed(audience_id: str, run_id: str, members: Iterable[str]) -> None:
    """Put a refresh of an audience in use."""
    ids = [ContactId(each) for each in members]
    MemberStore().save(AudienceId(audience_id), run_id, 0, ids)
    audience = an_audience(audience_id, run_id=run_id)
    AudienceStore().add(audience)


@pytest.fixture(scope="module", autouse=True)
def town(api: Api) -> None:
    a_customer(api, "r-1", 1, groups=["vip"])
    a_customer(api, "r-2", 2)
    a_customer(api, "r-3", 3, groups=["staff"])
    a_contact(api, "r-4", 4)
    refreshed(REGULARS, RUN, ["r-1", "r-2", "r-3", "r-gone"])
    refreshed(LAPSED, RUN, ["r-2"])
    AudienceStore().add(an_audience(NEW, run_id=None))


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def notice(api: Api) -> str:
    return a_template(api, body="정기 점검 안내")


def _ran(api: Api, pump: Pump, campaign_id: str) -> Json:
    launched = api.post(f"/v1/campaigns/{campaign_id}/launch", {})
    assert launched.status == 202, launched.text
    pump.run()
    report: Json = api.get(f"/v1/campaigns/{campaign_id}/report").body
    assert report["adds_up"]
    return report


def test_sources_are_combined_and_whoever_is_skipped_is_counted(
    api: Api, notice: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    recipients = {
        "include": [
            {"audience": REGULARS},
            {"direct_text": f"{phone(1)}\n{phone(77)}; r-4\tnobody"},
        ],
        "exclude": [{"group": "staff"}, {"audience": LAPSED}],
    }
    campaign_id = a_campaign(api, notice, sender, recipients=recipients)
    before = len(carrier.ledger())

    report = _ran(api, pump, campaign_id)

    assert (report["recipients"], report["sent"]) == (4, 3)
    assert report["refused_by_reason"] == {"unknown_contact": 1}
    assert report["skipped_by_reason"] == {"already_included": 1, "excluded": 2, "gone": 1}
    arrived = sorted(each["to"] for each in carrier.ledger()[before:])
    assert arrived == ["01000000001", "01000000004", "01000000077"]


def test_whoever_is_excluded_is_told_by_what(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    recipients = {"include": [{"everyone": True}], "exclude": [{"audience": LAPSED}]}
    campaign_id = a_campaign(api, notice, sender, recipients=recipients)
    _ran(api, pump, campaign_id)

    told = api.get(f"/v1/campaigns/{campaign_id}/why?contact_id=r-2").body

    assert (told["status"], told["reason"], told["part"]) == ("skipped", "excluded", None)
    assert told["excluded_by"] == {
        "kind": "audience",
        "group": None,
        "audience": LAPSED,
        "run_id": RUN,
    }


def test_a_refresh_after_the_launch_changes_nothing(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    refreshed("aud_pinned", RUN, ["r-1"])
    campaign_id = a_campaign(api, notice, sender, recipients={"audience": "aud_pinned"})
    launched = api.post(f"/v1/campaigns/{campaign_id}/launch", {}).body
    refreshed("aud_pinned", LATER_RUN, ["r-2", "r-3"])

    pump.run()

    assert launched["recipients"]["include"][0]["run_id"] == RUN
    assert api.get(f"/v1/campaigns/{campaign_id}/report").body["sent"] == 1
    assert api.get(f"/v1/campaigns/{campaign_id}/why?contact_id=r-1").body["status"] == "sent"


def test_a_simulation_skips_whom_the_launch_skips(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    recipients = {"audience": REGULARS, "exclude": [{"direct": [phone(1)]}]}
    campaign_id = a_campaign(api, notice, sender, recipients=recipients)
    started = api.post(f"/v1/campaigns/{campaign_id}/simulate", {}).body
    pump.run()
    where = f"/v1/campaigns/{campaign_id}/simulations/{started['simulation_id']}"

    forecast = api.get(where).body
    report = _ran(api, pump, campaign_id)

    assert forecast["skipped_by_reason"] == report["skipped_by_reason"]
    assert forecast["recipients"] == report["recipients"] == 2


def test_advertisements_to_numbers_that_nobody_has_are_refused(
    api: Api, sender: str, pump: Pump
) -> None:
    recipients = {"direct": [phone(1), phone(88)]}
    campaign_id = a_campaign(api, an_ad(api), sender, recipients=recipients)

    report = _ran(api, pump, campaign_id)

    assert (report["recipients"], report["sent"]) == (2, 1)
    assert report["refused_by_reason"] == {"no_consent": 1}


@pytest.mark.parametrize("call", ["launch", "simulate"])
def test_an_audience_without_a_refresh_is_not_ready(
    api: Api, notice: str, sender: str, call: str
) -> None:
    recipients = {"include": [{"group": "vip"}], "exclude": [{"audience": NEW}]}
    campaign_id = a_campaign(api, notice, sender, recipients=recipients)

    answer = api.post(f"/v1/campaigns/{campaign_id}/{call}", {})

    field = ("/recipients/exclude/0/audience", "audience_not_ready")
    assert_problem(answer, 409, "audience_not_ready", field)
    assert api.get(f"/v1/campaigns/{campaign_id}").body["status"] == "draft"


@pytest.mark.parametrize(
    ("recipients", "fields"),
    [
        ({"include": []}, [("/recipients/include", "too_few")]),
        ({"include": [{}]}, [("/recipients/include/0", "one_of")]),
        ({"everyone": True, "include": [{"group": "vip"}]}, [("/recipients", "one_of")]),
        ({"exclude": [{"group": "vip"}]}, [("/recipients", "one_of")]),
        ({"include": [{"everyone": True}] * 21}, [("/recipients/include", "too_many")]),
        ({"audience": "aud_none"}, [("/recipients/audience", "not_found")]),
        (
            {
                "include": [{"audience": "aud_none"}, {"direct_text": "r-1, 02-123-4567; ??"}],
                "exclude": [{"direct": ["r-1", "+1 202-555-0123"]}, {"audience": "aud_none"}],
            },
            [
                ("/recipients/include/0/audience", "not_found"),
                ("/recipients/include/1/direct_text/1", "landline"),
                ("/recipients/include/1/direct_text/2", "invalid_format"),
                ("/recipients/exclude/0/direct/1", "foreign_number"),
                ("/recipients/exclude/1/audience", "not_found"),
            ],
        ),
        ({"direct_text": " ,;\n "}, [("/recipients/direct_text", "too_few")]),
        (
            {"include": [{"everyone": True, "include": []}]},
            [("/recipients/include/0/include", "unknown_field")],
        ),
    ],
)
def test_bad_recipients_are_named_all_at_once(
    api: Api, notice: str, sender: str, recipients: Json, fields: list[tuple[str, str]]
) -> None:
    body = {
        "name": "안내",
        "template_id": notice,
        "template_version": 1,
        "sender_id": sender,
        "recipients": recipients,
    }

    answer = api.post("/v1/campaigns", body)

    assert_problem(answer, 422, "invalid_input", *fields, sent=str(recipients))
