"""``make run`` and ``make demo``: the main job on this machine, on the packaged artefact."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
from rich.table import Table

from infra.demo.api import Api, ApiError, Json
from infra.demo.story import Figures, Story
from infra.deploy import Refusal as DeployRefusal
from infra.local.emulator import StartError
from infra.local.ports import PortTakenError
from infra.local.session import CarrierStartError, LocalSystem, Settings, local_system
from infra.package import Refusal as PackageRefusal, package
from infra.packaging.layout import REPOSITORY, Layout
from infra.progress import console

_PLAIN_FIGURES = (
    *("recipients", "sent", "held", "failed", "unknown", "pending", "cancelled"),
    *("delivered", "human_clicks", "machine_clicks"),
)
_OUTCOMES = ("sent", "held", "refused", "failed", "unknown", "pending", "cancelled")
_DEMO_JSON = REPOSITORY / "build" / "demo.json"
_REPORT_HTML = REPOSITORY / "build" / "report.html"
Refusals = (
    *DeployRefusal,
    *PackageRefusal,
    PortTakenError,
    StartError,
    CarrierStartError,
    ApiError,
    TimeoutError,
)


@click.command()
@click.option("--stay/--once", default=True, help="Stay up until Ctrl-C, or end after the report.")
@click.option("--hour", type=click.IntRange(0, 23), default=14, help="Simulated hour in Seoul.")
@click.option("--real-time", is_flag=True, help="Do not move the clock.")
@click.option("--aws-port", type=int, default=4566, envvar="AWS_PORT")
@click.option("--carrier-port", type=int, default=4700, envvar="CARRIER_PORT")
@click.option("--persist", is_flag=True, help="Keep the state for the next run.")
def main(  # one option each
    *,
    stay: bool,
    hour: int,
    real_time: bool,
    aws_port: int,
    carrier_port: int,
    persist: bool,
) -> None:
    """Package, deploy, send a campaign, and show what became of it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = Settings(
        aws_port=aws_port,
        carrier_port=carrier_port,
        hour=None if real_time else hour,
        persist=persist,
    )
    try:
        run(settings, stay=stay)
    except KeyboardInterrupt:
        console.print("Stopped.")
    except Refusals as refusal:
        console.print("[red]It did not work:[/red]")
        console.print(str(refusal), markup=False, soft_wrap=True)
        sys.exit(1)


def run(settings: Settings, *, stay: bool) -> None:
    """Run the demonstration. Raises one of ``Refusals``."""
    figures, began = Figures(), time.perf_counter()
    figures.timed("package", lambda: package(Layout()))
    started = time.perf_counter()
    with local_system(settings, built=True) as system:
        figures.seconds["start_and_deploy"] = round(time.perf_counter() - started, 2)
        console.print(f"  Simulated time: {system.simulated_now():%Y-%m-%d %H:%M} in Seoul")
        api = Api(system.deployment.api_url, token=system.api_key)
        Story(system, api, figures).tell()
        figures.seconds["total"] = round(time.perf_counter() - began, 2)
        show(figures)
        write(figures, _DEMO_JSON)
        keep_page(figures.report_page, api, stay=stay)
        if stay:
            show_urls(system)
            _wait_for_the_user()


def show(figures: Figures) -> None:
    """Print the report."""
    report = figures.report
    table = Table(title="Campaign report", show_header=False)
    table.add_row("recipients", str(report["recipients"]))
    for name in _OUTCOMES:
        table.add_row(f"  {name}", str(report[name]))
        for reason, count in sorted(report.get(f"{name}_by_reason", {}).items()):
            table.add_row(f"    {reason}", str(count))
    table.add_row("delivered", str(report["delivered"]))
    table.add_row("human clicks", str(report["human_clicks"]))
    table.add_row("machine clicks", str(report["machine_clicks"]))
    table.add_row("unclear clicks", str(report["unknown_clicks"]))
    table.add_row("cost", f"{report['cost']['minor']:,} won")
    for name, value in _came_of_it(figures):
        table.add_row(name, value)
    console.print(table)
    terms = " + ".join(f"{report[name]} {name}" for name in _OUTCOMES)
    verdict = "it adds up" if report["adds_up"] else "IT DOES NOT ADD UP"
    console.print(f"{report['recipients']} recipients = {terms}: {verdict}", soft_wrap=True)
    times = ", ".join(f"{name} {seconds:g} s" for name, seconds in figures.seconds.items())
    console.print(f"Time: {times}", soft_wrap=True)


def _came_of_it(figures: Figures) -> Iterator[tuple[str, str]]:
    """What the variants, the follow-up and the purchases came to."""
    report, record = figures.report, figures.record
    for each in record["variants"]:
        won = " won" if (record["decision"] or {}).get("winner") == each["name"] else ""
        yield f"text {each['name']}{won}", _rate(each)
    for each in report["follow_ups"]:
        yield f"follow-up {each['if']}", f"{each['sent']} sent, {each['not_looked_at']} to look at"
    yield "purchases", f"{report['conversions']}, {report['value']['minor']:,} won"
    family = report["family"]
    yield "cost with follow-up", f"{family['cost']['minor']:,} won"


def _rate(variant: Json) -> str:
    if not variant["sent"]:
        return "nothing is counted yet"
    low, high = (100 * variant["interval"][end] for end in ("low", "high"))
    return f"{100 * variant['rate']:.1f}% ({low:.1f}–{high:.1f})"


def write(figures: Figures, path: Path) -> None:
    """Write the figures for programs."""
    report = figures.report
    document = {name: report[name] for name in _PLAIN_FIGURES}
    document |= {
        "refused": report["refused_by_reason"],
        "failed_by_reason": report["failed_by_reason"],
        "cost_krw": report["cost"]["minor"],
        "adds_up": report["adds_up"],
        "import": figures.import_counts,
        "experiment": {name: figures.record[name] for name in ("status", "variants", "decision")},
        "follow_ups": report["follow_ups"],
        "conversions": report["conversions"],
        "value_krw": report["value"]["minor"],
        "family_cost_krw": report["family"]["cost"]["minor"],
        "seconds": figures.seconds,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


def keep_page(url: str, api: Api, *, stay: bool) -> None:
    """Keep the report page, which ends with the stack, and say where it is."""
    _REPORT_HTML.write_bytes(api.download(url))
    where = url if stay else str(_REPORT_HTML.relative_to(REPOSITORY))
    console.print(f"Report page: {where}", soft_wrap=True, markup=False)


def show_urls(system: LocalSystem) -> None:
    """Print where everything is."""
    console.print("\n[bold]Running.[/bold] Ctrl-C stops everything.")
    urls = {
        "API": system.deployment.api_url,
        "OpenAPI": system.deployment.api_url + "/v1/openapi.json",
        "Phones": system.carrier.base_url,
        "API key": system.api_key,
    }
    for name, url in urls.items():
        console.print(f"  {name:8} {url}", markup=False, soft_wrap=True)


def _wait_for_the_user() -> None:
    with suppress(AttributeError):
        signal.pause()


if __name__ == "__main__":
    main()
