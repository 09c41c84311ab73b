"""The price of our own requests: counted from a small run, held to the committed baseline."""

import json
import re
from collections import Counter
from datetime import date

import pytest

from benchmarks import cost, idle
from benchmarks.capacity import Meter, attach
from benchmarks.prices import Prices, Step
from benchmarks.tables import table_of
from functions.contracts.queues import LinkHit, Queue
from functions.runtime import queues
from functions.runtime.aws import session
from functions.storage.batches import BatchItem

PRICES = Prices.read()
BASELINE = json.loads(cost.BASELINE.read_text("utf-8"))


@pytest.fixture(scope="module")
def small():
    return cost.figures(cost.measure(recipients=cost.SMALL), PRICES)


def test_costs_no_more_than_the_committed_baseline(small):
    assert cost.rises(small, BASELINE["small"]) == {}


def test_has_a_baseline_for_every_total(small):
    totals = {name for name in small if name.startswith("usd_")}

    assert totals == BASELINE["small"].keys() == BASELINE["full"].keys()


def test_notes_a_rise_above_two_percent_only():
    before = {"usd_idle_month": 1.00, "usd_per_million_clicks": 5.00}

    rose = cost.rises({"usd_idle_month": 1.02, "usd_per_million_clicks": 5.11}, before)

    assert rose == {"usd_per_million_clicks": 0.022}


def test_counts_one_write_more_for_each_advertisement_when_the_code_makes_one(small):
    units = Counter(dynamodb_write=1.0)
    dearer = sum(PRICES.bill(units).values()) * 1_000_000

    now = small | {"usd_per_million_advertising": small["usd_per_million_advertising"] + dearer}

    assert "usd_per_million_advertising" in cost.rises(now, BASELINE["small"])


def test_every_price_says_where_and_when_it_was_found():
    assert PRICES.usd
    for name, line in PRICES.usd.items():
        assert line["price"] > 0, name
        assert line["source"], name
        assert isinstance(line["date"], date), name


def test_refuses_a_unit_without_a_price():
    with pytest.raises(KeyError):
        PRICES.bill({"moon_rocks": 1})


def test_stretches_cpu_time_to_the_share_of_a_core():
    said = {
        "mb_of_a_core": 1000,
        "invocation_ms": 0,
        "aws_request_ms": 10,
        "provider_call_ms": 0,
        "cpu_ms": {"F": 2},
        "at_once": {"F": 4},
    }
    log = {"platform_bytes": 100, "line_bytes": 200, "lines": 2}
    step = Step(function="F", memory_mb=500, invocations=10, things=100, requests=40)

    units = step.units(said, log)

    assert units["lambda_gb_s"] == pytest.approx((100 * 2 * 2 + 40 / 4 * 10) / 1000 * 500 / 1024)
    assert units["log_gb"] == pytest.approx(10 * 500 / 1e9)
    assert units["lambda_request"] == 10


def test_counts_a_request_to_a_queue_by_started_64_kb(account):
    meter = Meter()
    attach(meter, session(), lambda _table, _key: {})
    hit = LinkHit(
        batch=1, ordinal=0, link=0, at=0, method="GET", user_agent="x" * 10_000, network=""
    )

    queues.send([hit] * 10, to=Queue.CLICKS)

    assert meter.sqs == 2


def test_counts_an_entry_of_an_index_as_a_write_of_its_own(account):
    meter = Meter()
    look = account.dynamodb.get_item
    attach(
        meter,
        session(),
        lambda table, key: look(TableName=table, Key=key, ConsistentRead=True).get("Item", {}),
    )

    BatchItem(7, "EVIDENCE#1", people=b"x", day="2026-11-26").save()
    BatchItem(7, "META", meta={}).save()

    assert meter.wru == 3


def test_knows_the_keys_of_the_tables_from_the_template():
    assert table_of("allim-test-batches").keys == ("batch", "kind")


def test_counts_every_schedule_of_the_application():
    from app import app

    scheduled = {
        "".join(word.capitalize() for word in source.name.split("_")): str(
            source.schedule_expression.to_string()
        )
        for source in app.event_sources
        if hasattr(source, "schedule_expression")
    }

    assert {name: _an_hour(rate) for name, rate in scheduled.items()} == idle.RUNS_AN_HOUR


def _an_hour(rate: str) -> float:
    number, unit = re.fullmatch(r"rate\((\d+) (minute|hour)s?\)", rate).groups()
    return (60 if unit == "minute" else 1) / int(number)


def test_counts_the_polls_of_every_queue_that_wakes_a_function():
    assert len(idle.consumed()) == len(Queue)


def test_takes_the_free_tier_off_once():
    left = PRICES.beyond_free({"alarm_month": 35, "dashboard_month": 1, "kms_key_month": 1})

    assert left == {"alarm_month": 25, "dashboard_month": 0, "kms_key_month": 1}
