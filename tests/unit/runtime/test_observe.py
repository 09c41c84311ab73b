import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.runtime import observe

SECRET = "010-0000-0001"


def a_line(caplog: pytest.LogCaptureFixture, log: Callable[[], None]) -> dict[str, Any]:
    log()
    (line,) = caplog.records
    return vars(line) | {"event": line.getMessage()}


def raising(error: Exception) -> Callable[[], None]:
    def log() -> None:
        try:
            raise error  # noqa: TRY301  # it must come from within
        except Exception:  # noqa: BLE001  # whatever the test brings
            observe.fault("contacts.save.failed", contact="c1")

    return log


def test_fact_is_logged_under_its_name(caplog: pytest.LogCaptureFixture) -> None:
    line = a_line(caplog, lambda: observe.info("dispatch.batch", batch=7, sent=3))

    assert (line["event"], line["levelname"]) == ("dispatch.batch", "INFO")
    assert (line["batch"], line["sent"]) == (7, 3)


def test_degraded_state_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    line = a_line(caplog, lambda: observe.warn("provider.slow", ms=900))

    assert (line["event"], line["levelname"], line["ms"]) == ("provider.slow", "WARNING", 900)


def test_fault_names_its_kind_and_places(caplog: pytest.LogCaptureFixture) -> None:
    line = a_line(caplog, raising(ValueError(SECRET)))

    assert (line["event"], line["levelname"]) == ("contacts.save.failed", "ERROR")
    assert (line["error"], line["contact"], line["aws"]) == ("ValueError", "c1", None)
    (place,) = line["stack"]
    assert "test_observe.py" in place
    assert place.endswith(" log")


class Personal(Exception):
    """Whose text and representation quote a value."""

    def __str__(self) -> str:
        return SECRET

    __repr__ = __str__


@pytest.mark.parametrize(
    "error",
    [
        ValueError(SECRET),
        KeyError(SECRET),
        Personal(SECRET),
        UnicodeEncodeError("ascii", SECRET, 0, 1, SECRET),
        ExceptionGroup(SECRET, [ValueError(SECRET)]),
    ],
)
def test_text_of_an_error_is_never_logged(
    error: Exception, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    error.__cause__ = ValueError(SECRET)
    error.add_note(SECRET)

    line = a_line(caplog, raising(error))

    assert SECRET not in str(line)
    printed = capsys.readouterr()
    assert SECRET not in printed.out + printed.err


def test_line_of_code_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    def log() -> None:
        try:
            int("010-0000-0001")
        except ValueError:
            observe.fault("x")

    assert SECRET not in str(a_line(caplog, log))


def test_fault_outside_of_an_except_is_logged_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = a_line(caplog, lambda: observe.fault("x"))

    assert (line["error"], line["stack"]) == ("NoneType", [])


def test_code_of_an_aws_refusal_is_logged_and_its_message_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refusal = {"Error": {"Code": "AccessDeniedException", "Message": SECRET}}

    line = a_line(caplog, raising(ClientError(refusal, "PutItem")))  # type: ignore[arg-type]

    assert line["aws"] == "AccessDeniedException"
    assert SECRET not in str(line)


def test_deep_stack_is_cut_to_its_end(caplog: pytest.LogCaptureFixture) -> None:
    def deep(levels: int) -> None:
        if levels == 0:
            raise ValueError
        deep(levels - 1)

    def log() -> None:
        try:
            deep(50)
        except ValueError:
            observe.fault("x")

    assert len(a_line(caplog, log)["stack"]) == 8


def test_counts_are_emitted_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    observe.count({"MessagesSent": 3, "MessagesFailed": 1}, channel="sms")

    (line,) = capsys.readouterr().out.splitlines()
    emitted = json.loads(line)
    assert (emitted["MessagesSent"], emitted["MessagesFailed"]) == ([3.0], [1.0])
    assert emitted["channel"] == "sms"
    assert emitted["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Allim"


def test_counts_of_nothing_are_not_emitted(capsys: pytest.CaptureFixture[str]) -> None:
    observe.count({"MessagesSent": 0})

    assert capsys.readouterr().out == ""


def test_dimensions_of_one_line_do_not_leak_into_the_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    observe.count({"MessagesSent": 1}, channel="sms")
    observe.count({"MessagesSent": 1})

    assert "channel" not in json.loads(capsys.readouterr().out.splitlines()[1])
