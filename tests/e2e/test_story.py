"""The demonstration's story, and what it must not leave behind."""

import csv
import re

import httpx
import pytest
from click.testing import CliRunner

from infra.cli.__main__ import main
from infra.demo.campaign import COUPON_WORD, is_reminder
from infra.demo.story import SAMPLE, Figures, Story
from tests.e2e.shop import Shop

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def told(system) -> Figures:
    shop, figures = Shop(system), Figures()
    shop.carrier.reset()
    shop.register_at_the_carrier()
    Story(system, shop.api, figures).tell()
    shop.close()
    return figures


def test_everyone_is_accounted_for(told: Figures) -> None:
    report = told.report
    counted = (
        report["sent"]
        + report["held"]
        + report["refused"]
        + report["failed"]
        + report["unknown"]
        + report["pending"]
        + report["cancelled"]
    )

    assert report["recipients"] == counted > 0
    assert report["status"] == "finished"
    assert report["delivered"] == report["sent"] > 500
    assert report["refused_by_reason"]["no_consent"] > 100


def test_people_and_machines_are_told_apart(told: Figures) -> None:
    assert told.report["human_clicks"] == told.visits.people > 0
    assert told.report["machine_clicks"] == told.visits.machines > 0
    assert told.visits.targets == {
        "https://shop.example/spring?utm_source=allim&utm_medium=sms",
    }


@pytest.fixture(scope="module")
def ads(told: Figures, system) -> list[dict]:
    """Every advertisement that the carrier accepted."""
    return [item for item in system.carrier.ledger(status="any") if item["type"] != "ATA"]


def test_nobody_got_the_advertisement_twice(told: Figures, ads: list[dict]) -> None:
    phones = [item["to"] for item in ads if not is_reminder(item)]

    assert len(phones) == len(set(phones)) == told.report["sent"] + told.report["failed"] > 500


def test_the_pilots_winner_went_to_everybody_else(told: Figures, ads: list[dict]) -> None:
    report, record = told.report, told.record
    by_variant = {each["variant"]: each for each in report["by_variant"]}
    texts = [COUPON_WORD in item["text"] for item in ads if not is_reminder(item)]

    # On a machine that is too busy for the pilot's window nobody wins, and says so.
    decision, certain = record["decision"], record["looks"][-1]["p_value"] <= 0.05
    assert (decision["rule"] == "significant") is certain
    assert decision["winner"] == ("coupon" if certain else None)
    assert decision["chosen"] == ("coupon" if certain else "plain")
    counted = {each["name"]: each["hits"] for each in record["variants"]}
    assert all(hits <= by_variant[name]["human_clicks"] for name, hits in counted.items())
    assert sum(texts) == by_variant["coupon"]["sent"] + by_variant["coupon"]["failed"]
    assert len(texts) - sum(texts) == by_variant["plain"]["sent"] + by_variant["plain"]["failed"]
    assert by_variant[decision["chosen"]]["messages"] > 500


def test_who_did_not_click_in_the_pilot_was_reminded_once(told: Figures, ads: list[dict]) -> None:
    (reminder,) = told.report["follow_ups"]
    phones = [item["to"] for item in ads if is_reminder(item)]

    assert len(phones) == len(set(phones)) >= reminder["sent"] > 100
    assert not told.visits.by_people & set(phones)
    came = ("dropped", "sent", "failed", "waiting", "cancelled")
    assert reminder["matched"] == sum(reminder[name] for name in came)
    # The others got the winner later, and are looked at a minute after that.
    seen = reminder["looked_at"] + reminder["not_looked_at"]
    assert seen == told.report["sent"] + told.report["failed"]


def test_purchases_are_put_down_to_the_campaign(told: Figures) -> None:
    report = told.report

    assert 0 < report["conversions"] == report["converted"] <= report["human_clicks"]
    assert report["value"]["minor"] >= 19_000 * report["conversions"]
    assert report["family"]["conversions"] == report["conversions"]
    assert report["family"]["cost"]["minor"] > report["cost"]["minor"]


def test_every_advertisement_has_the_legal_form(ads: list[dict]) -> None:
    assert ads
    assert all(item["text"].startswith("(광고)알림상점\n") for item in ads)
    assert all(item["text"].endswith("\n무료수신거부 0800001234") for item in ads)


def test_logs_hold_no_personal_data(told: Figures, system) -> None:
    # Ids of requests and queue messages are random, and may look like a number by chance.
    log = _UUID.sub("", "\n".join(system.stack.log_lines()))
    with SAMPLE.open(encoding="cp949", newline="") as file:
        rows = list(csv.DictReader(file))

    assert told.report["recipients"] > 0
    assert "dispatch.batch" in log
    assert "campaign.planned" in log
    assert [row["이름"] for row in rows if row["이름"] and row["이름"] in log] == []
    assert [row["이메일"] for row in rows if row["이메일"] and row["이메일"] in log] == []
    assert re.findall(r"(?:\+?82-?|0)10[-. ]?[01]\d{3}[-. ]?\d{4}", log) == []


def test_nothing_ended_in_a_dead_letter_queue(told: Figures, shop: Shop) -> None:
    assert told.report["recipients"] > 0
    assert {name: count for name, count in shop.dead_letters().items() if count} == {}


def test_openapi_document_is_served(system) -> None:
    document = httpx.get(f"{system.deployment.api_url}/v1/openapi.json", trust_env=False).json()

    assert document["openapi"] == "3.1.0"
    assert "/v1/campaigns/{campaign_id}/launch" in document["paths"]


@pytest.mark.parametrize(("language", "words"), [("ko", "링크"), ("en-US", "link")])
def test_forged_link_shows_a_page_in_the_readers_language(system, language, words) -> None:
    answer = httpx.get(
        f"{system.deployment.redirect_url}/00000000000",
        headers={"Accept-Language": language},
        trust_env=False,
    )

    assert answer.status_code == 404
    assert words in answer.text


def test_phones_page_shows_what_was_received(told: Figures, system) -> None:
    page = httpx.get(system.carrier.base_url, trust_env=False)

    assert told.report["recipients"] > 0
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]


def test_the_report_page_shows_the_same_figures_to_whoever_has_the_link(told: Figures) -> None:
    page = httpx.get(told.report_page, params={"lang": "en"}, trust_env=False)

    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert f"<strong>{told.report['delivered']:,}</strong>" in page.text
    assert ("coupon won." in page.text) is (told.record["decision"]["winner"] == "coupon")
    assert "Opened no link" in page.text
    assert "https:&#x2f;&#x2f;shop.example&#x2f;spring?…" in page.text
    assert httpx.get(told.report_page[:-1] + "x", trust_env=False).status_code == 404


def test_counted_anew_from_the_rows_the_report_says_the_same(told: Figures, system) -> None:
    place = ["--stage", "local", "--endpoint", system.stack.endpoint_url]
    where = ["--api", system.deployment.api_url, "--api-key", system.api_key]

    done = CliRunner().invoke(main, ["report", told.report["campaign_id"], *where, *place])

    assert done.exit_code == 0, done.output
    assert "The API says the same" in done.output
    links = told.report["by_link"]
    assert sum(link["people"] for link in links) == told.report["human_clicks"]
    assert sum(hour["sent"] for hour in told.report["by_hour"]) == told.report["sent"]
