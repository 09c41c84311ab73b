"""What the click worker reports of its work."""

import json
from typing import Any

import pytest

from functions.domain.clicks import Visitor
from functions.domain.visitor import Sign
from functions.links import events
from functions.links.service import Tally
from functions.runtime import observe


@pytest.fixture(autouse=True)
def _metrics_have_a_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The template gives it to every function."""
    monkeypatch.setattr(observe.metrics.provider, "namespace", "Allim")


def metrics_in(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if '"_aws"' in line]


def test_counts_recorded_clicks_by_visitor(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    tally = Tally(
        by_visitor={Visitor.HUMAN: 2, Visitor.MACHINE: 1}, by_sign={Sign.PREVIEW: 1}, dropped=0
    )

    events._report(7, tally)

    counted = metrics_in(capsys.readouterr().out)
    assert [(each["visitor"], each["ClicksRecorded"]) for each in counted] == [
        ("human", [2.0]),
        ("machine", [1.0]),
    ]
    (line,) = caplog.records
    facts = vars(line)
    assert line.getMessage() == "links.hits.recorded"
    assert (facts["batch"], facts["human"], facts["machine"]) == (7, 2, 1)
    assert facts["signs"] == {"preview": 1}


def test_warns_of_hits_that_were_dropped(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    events._report(9, Tally(by_visitor={}, by_sign={}, dropped=3))

    (counted,) = metrics_in(capsys.readouterr().out)
    assert counted["ClicksDropped"] == [3.0]
    (line,) = caplog.records
    assert (line.levelname, line.getMessage()) == ("WARNING", "links.hits.dropped")
    assert (vars(line)["batch"], vars(line)["hits"]) == (9, 3)
