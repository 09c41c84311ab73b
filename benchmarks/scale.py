"""``python -m benchmarks.scale``: what AWS's quotas allow, computed into docs/scale.md.

Needs come from the counted units of ``cost_baseline.json`` and the assumptions of
``prices.toml``; limits are quotas as their sources have them. Nothing here was run on AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.prices import Prices, Step
from functions.campaigns.resolving import PART_SIZE
from functions.domain.ids import MAX_BATCH_SIZE
from infra.packaging.layout import REPOSITORY

PAGE = REPOSITORY / "docs" / "scale.md"
BEGIN, END = "<!-- computed by benchmarks/scale.py -->", "<!-- end -->"
DAYS = (10_000, 1_000_000, 100_000_000)
SEND_HOURS = 4
"""The day's messages leave within so many hours, evenly."""
CLICKED, CLICK_HOURS = 0.05, 2
REPORTS_A_CALLBACK = 100
DISPATCH_MB = 512
WATCH = 0.7
"""From this share of a limit on its knob should be turned; bold on the page."""
_BASELINE = REPOSITORY / "benchmarks" / "cost_baseline.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What is needed of something at a rate of messages, what there is, and how to get more."""

    name: str
    a_message: float
    allowed: float
    knob: str

    def use(self, messages_a_s: float) -> float:
        """The share of the limit that is used."""
        return messages_a_s * self.a_message / self.allowed

    def most(self) -> float:
        """The messages per second at which it is used up."""
        return self.allowed / self.a_message


def rate(messages_a_day: float) -> float:
    """Messages per second while the day's messages leave."""
    return messages_a_day / (SEND_HOURS * 3600)


def dispatch_s(prices: Prices) -> float:
    """How long a function takes for a full batch."""
    step = Step(
        function="DispatchSms",
        memory_mb=DISPATCH_MB,
        invocations=1,
        things=MAX_BATCH_SIZE,
        requests=MAX_BATCH_SIZE + 8,
        provider_calls=1,
    )
    gb_s = step.units(prices.lambda_, prices.log)["lambda_gb_s"]
    return gb_s * 1024 / DISPATCH_MB


def limits(prices: Prices, units: Mapping[str, float]) -> list[Limit]:
    """Every limit that messages come up against, as deployed and in a fresh account."""
    return [*_workers(prices), *_doors(), *_database(units)]


def _workers(prices: Prices) -> list[Limit]:
    busy_s = dispatch_s(prices) / MAX_BATCH_SIZE
    return [
        Limit(
            name="dispatch at once",
            a_message=busy_s,
            allowed=10,
            knob="`DispatchConcurrency`, as far as the provider lets you",
        ),
        Limit(
            name="Lambdas at once, account (dispatch alone)",
            a_message=busy_s,
            allowed=1_000,
            knob="quota *Concurrent executions*",
        ),
        Limit(
            name="SQS poller, default mode",
            a_message=busy_s,
            allowed=1_250,
            knob="provisioned pollers of the event source",
        ),
        Limit(
            name="SQS messages in flight",
            a_message=busy_s,
            allowed=120_000,
            knob="none needed before the others",
        ),
    ]


def _doors() -> list[Limit]:
    a_click = CLICKED * SEND_HOURS / CLICK_HOURS
    callbacks = 1 / REPORTS_A_CALLBACK
    return [
        Limit(
            name="API requests (receipts)",
            a_message=callbacks,
            allowed=200,
            knob="`ApiRateLimit`, `ApiBurstLimit`",
        ),
        Limit(
            name="API Gateway, account",
            a_message=callbacks + a_click,
            allowed=10_000,
            knob="quota *Throttle rate*",
        ),
        Limit(
            name="redirects",
            a_message=a_click,
            allowed=2_000,
            knob="`RedirectRateLimit`, `RedirectBurstLimit`",
        ),
    ]


def _database(units: Mapping[str, float]) -> list[Limit]:
    return [
        Limit(
            name="DynamoDB writes, new table",
            a_message=units["dynamodb_write"],
            allowed=4_000,
            knob="warm throughput, bought the day before; doubles by itself in 30 minutes",
        ),
        Limit(
            name="DynamoDB writes, table quota",
            a_message=units["dynamodb_write"],
            allowed=40_000,
            knob="quota *Table-level write throughput*",
        ),
        Limit(
            name="DynamoDB reads, table quota",
            a_message=units["dynamodb_read"],
            allowed=40_000,
            knob="quota *Table-level read throughput*",
        ),
        Limit(
            name="one row: numbers of batches",
            a_message=1 / PART_SIZE,
            allowed=1_000,
            knob="larger parts",
        ),
        Limit(
            name="one row: a campaign's template",
            a_message=2 / MAX_BATCH_SIZE,
            allowed=3_000,
            knob="keep it in the process",
        ),
    ]


def tables() -> str:
    """The page's computed part."""
    prices, baseline = Prices.read(), json.loads(_BASELINE.read_text("utf-8"))
    found = limits(prices, baseline["units"]["advertising"])
    return "\n".join([*_needs(prices, baseline), "", *_uses(found)])


def _needs(prices: Prices, baseline: Mapping[str, Any]) -> list[str]:
    units, usd = baseline["units"]["advertising"], baseline["full"]
    seconds = dispatch_s(prices)
    rows: list[tuple[str, list[float]]] = [
        ("messages/s while they leave", [rate(day) for day in DAYS]),
        ("dispatch functions at once", [rate(day) / MAX_BATCH_SIZE * seconds for day in DAYS]),
        ("provider calls/s", [rate(day) / MAX_BATCH_SIZE for day in DAYS]),
        ("DynamoDB writes/s", [rate(day) * units["dynamodb_write"] for day in DAYS]),
        ("DynamoDB reads/s", [rate(day) * units["dynamodb_read"] for day in DAYS]),
        ("SQS requests/s", [rate(day) * units["sqs_request"] for day in DAYS]),
        ("clicks/s afterwards", [day * CLICKED / (CLICK_HOURS * 3600) for day in DAYS]),
        ("dollars a day", [_usd_a_day(day, usd) for day in DAYS]),
    ]
    return [
        "| a day | " + " | ".join(f"{day:,}" for day in DAYS) + " |",
        "|---|---|---|---|",
        *(f"| {name} | " + " | ".join(map(_figure, values)) + " |" for name, values in rows),
    ]


def _usd_a_day(messages: float, usd: Mapping[str, float]) -> float:
    sent = usd["usd_per_million_advertising"] + CLICKED * usd["usd_per_million_clicks"]
    return messages / 1e6 * sent + usd["usd_idle_month"] / 30


def _uses(found: list[Limit]) -> list[str]:
    return [
        "| limit | allowed | " + " | ".join(f"{day:,}" for day in DAYS) + " | full at | knob |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {each.name} | {each.allowed:,.0f} | "
            + " | ".join(_share(each.use(rate(day))) for day in DAYS)
            + f" | {_figure(each.most())}/s | {each.knob} |"
            for each in sorted(found, key=Limit.most)
        ),
    ]


def _share(use: float) -> str:
    text = f"{use:.0%}" if use >= 0.01 else "<1%"
    return f"**{text}**" if use >= WATCH else text


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def page(text: str) -> str:
    """The page with its computed part made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
