"""What the packaged template says of functions and queues, and that the checks notice faults."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from infra.check_package import TEMPLATE_CHECKS
from infra.checks import functions, handlers, queues, shape
from infra.packaging import template

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.check_package import TemplateCheck
    from tests.package.conftest import Built

    Fault = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize("check", TEMPLATE_CHECKS, ids=lambda check: check.__name__)
def test_finds_nothing_wrong_with(check: TemplateCheck, built: Built) -> None:
    assert list(check(built.template)) == []


def test_cfn_lint_has_nothing_to_say(built: Built) -> None:
    assert list(handlers.lint(built.layout.template)) == []


def test_cloudformation_can_read_it(built: Built) -> None:
    text = built.layout.template.read_text("utf-8")

    assert list(shape.fits_cloudformation(text)) == []


@pytest.mark.parametrize(
    ("name", "module", "memory_mb", "timeout_s"),
    [
        ("APIHandler", "app", 512, 29),
        ("Redirect", "functions.redirect.events", 256, 5),
        ("Plan", "functions.campaigns.events", 1024, 120),
        ("DispatchSms", "functions.dispatch.events", 512, 30),
        ("DispatchKakao", "functions.dispatch.events", 512, 30),
        ("Receipts", "functions.receipts.events", 256, 60),
        ("Clicks", "functions.links.events", 256, 30),
        ("Imports", "functions.imports.events", 1024, 300),
        ("Optouts", "functions.optouts.events", 1024, 30),
        ("OptOutPoll", "functions.optouts.events", 256, 60),
        ("Tick", "functions.timers.events", 256, 60),
        ("NoticesDaily", "functions.notices.events", 256, 300),
        ("Notices", "functions.notices.events", 512, 120),
        ("Requests", "functions.sending.events", 512, 60),
        ("Privacy", "functions.privacy.events", 512, 300),
        ("ComplianceDaily", "functions.compliance.events", 256, 30),
        ("Compliance", "functions.compliance.events", 1024, 300),
        ("AudiencesDaily", "functions.audiences.events", 256, 60),
        ("Audiences", "functions.workers.events", 1769, 600),
        ("Live", "functions.live.events", 512, 60),
        ("Webhooks", "functions.webhooks.events", 512, 60),
        ("PeopleChanged", "functions.live.events", 256, 30),
    ],
)
def test_gives_each_function_its_limits(
    built: Built, name: str, module: str, memory_mb: int, timeout_s: int
) -> None:
    properties = built.template["Resources"][name]["Properties"]

    assert properties["Handler"].rpartition(".")[0] == module
    assert properties["MemorySize"] == memory_mb
    assert properties["Timeout"] == timeout_s


def test_has_no_function_that_this_file_does_not_know(built: Built) -> None:
    assert sorted(handlers.handlers_of(built.template)) == [
        "APIHandler",
        "Audiences",
        "AudiencesDaily",
        "Clicks",
        "Compliance",
        "ComplianceDaily",
        "DispatchKakao",
        "DispatchSms",
        "Events",
        "Imports",
        "Live",
        "Notices",
        "NoticesDaily",
        "OptOutPoll",
        "Optouts",
        "PeopleChanged",
        "Plan",
        "Privacy",
        "Receipts",
        "Redirect",
        "Requests",
        "Tick",
        "Webhooks",
    ]


@pytest.mark.parametrize(
    ("queue", "consumer", "batch_size"),
    [
        ("PlanQueue", "Plan", 1),
        ("DispatchSmsQueue", "DispatchSms", 1),
        ("DispatchKakaoQueue", "DispatchKakao", 1),
        ("ReceiptsQueue", "Receipts", 5),
        ("ClicksQueue", "Clicks", 10),
        ("ImportsQueue", "Imports", 1),
        ("NoticesQueue", "Notices", 1),
        ("PrivacyQueue", "Privacy", 1),
        ("ComplianceQueue", "Compliance", 1),
        ("AudiencesQueue", "Audiences", 1),
        ("RequestsQueue", "Requests", 1),
        ("OptoutsQueue", "Optouts", 5),
        ("WebhooksQueue", "Webhooks", 1),
    ],
)
def test_wakes_one_function_per_queue(
    built: Built, queue: str, consumer: str, batch_size: int
) -> None:
    events = built.template["Resources"][consumer]["Properties"]["Events"]

    (source,) = [event["Properties"] for event in events.values() if event["Type"] == "SQS"]
    assert template.points_to(source["Queue"]) == queue
    assert source["BatchSize"] == batch_size


def test_the_api_sends_images_as_they_are(built: Built) -> None:
    definition = built.template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]

    assert "image/png" in definition["x-amazon-apigateway-binary-media-types"]


def test_shifts_the_clock_on_the_local_stage_only(built: Built) -> None:
    for name in handlers.handlers_of(built.template):
        variables = built.template["Resources"][name]["Properties"]["Environment"]["Variables"]

        assert variables["CLOCK_OFFSET_S"] == {
            "Fn::If": ["IsLocal", {"Ref": "ClockOffsetSeconds"}, "0"]
        }


def test_rotates_nothing_into_the_template_that_is_secret(built: Built) -> None:
    parameters = built.template["Parameters"]

    assert parameters["SolapiApiKey"]["NoEcho"] is True
    assert parameters["SolapiApiSecret"]["NoEcho"] is True
    assert "Default" not in parameters["SolapiApiKey"]
    assert "Default" not in parameters["SolapiApiSecret"]


def _properties(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda broken: broken["Resources"][name]["Properties"]


def _statement(broken: dict[str, Any], role: str, position: int) -> dict[str, Any]:
    policies = broken["Resources"][role]["Properties"]["Policies"]
    statement: dict[str, Any] = policies[0]["PolicyDocument"]["Statement"][position]
    return statement


@pytest.mark.parametrize(
    ("check", "fault", "finding"),
    [
        (
            shape.resources_have_a_type,
            lambda t: t["Resources"].update(Plann={"Properties": {}}),
            "Plann has no Type",
        ),
        (
            shape.intrinsics_have_one_key,
            lambda t: _properties("Plan")(t)["LoggingConfig"]["LogGroup"].update({"Fn::Sub": "x"}),
            "mixes Fn::Sub, Ref",
        ),
        (
            shape.tables_are_safe,
            lambda t: t["Resources"]["KeysTable"].pop("DeletionPolicy"),
            "KeysTable lacks DeletionPolicy Retain",
        ),
        (
            functions.functions_have_limits,
            lambda t: _properties("Tick")(t).update(MemorySize=128),
            "Tick has no memory size",
        ),
        (
            functions.functions_have_a_log,
            lambda t: _properties("TickLogs")(t).pop("RetentionInDays"),
            "TickLogs keeps logs for ever",
        ),
        (
            functions.functions_have_a_log,
            lambda t: _properties("Tick")(t).pop("LoggingConfig"),
            "Tick has no log group",
        ),
        (
            functions.functions_use_the_layer,
            lambda t: t["Globals"]["Function"].pop("Layers"),
            "Globals attaches no layer",
        ),
        (
            functions.functions_are_watched,
            lambda t: t["Resources"].pop("FunctionThrottlesAlarm"),
            "Clicks has no alarm on Throttles",
        ),
        (
            functions.functions_are_watched,
            lambda t: _properties("FunctionErrorsAlarm")(t).update(
                Dimensions=[{"Name": "FunctionName", "Value": {"Ref": "Plan"}}]
            ),
            "Clicks has no alarm on Errors",
        ),
        (
            functions.functions_are_watched,
            lambda t: _properties("FunctionErrorsAlarm")(t).pop("AlarmActions"),
            "Clicks has no alarm on Errors",
        ),
        (
            functions.functions_have_own_role,
            lambda t: _properties("Tick")(t).update(Role={"Fn::GetAtt": ["PlanRole", "Arn"]}),
            "Tick shares PlanRole with Plan",
        ),
        (
            functions.policies_are_narrow,
            lambda t: _statement(t, "TickRole", 1).update(Action="dynamodb:*"),
            "allows the action dynamodb:*",
        ),
        (
            functions.policies_are_narrow,
            lambda t: _statement(t, "TickRole", 1).update(Resource="*"),
            "allows * as resource",
        ),
        (
            functions.policies_match_the_environment,
            lambda t: _properties("Tick")(t)["Environment"]["Variables"].pop("TABLE_TIMERS"),
            "Tick may use TimersTable but is not told it",
        ),
        (
            functions.policies_match_the_environment,
            lambda t: _properties("Tick")(t)["Environment"]["Variables"].update(
                TABLE_KEYS={"Ref": "KeysTable"}
            ),
            "Tick knows KeysTable but may not use it",
        ),
        (
            queues.queues_dead_letter,
            lambda t: _properties("PlanQueue")(t).pop("RedrivePolicy"),
            "PlanQueue has no dead-letter queue",
        ),
        (
            queues.queues_dead_letter,
            lambda t: _properties("PlanDeadLetters")(t).update(MessageRetentionPeriod=345600),
            "forgets as soon as PlanQueue does",
        ),
        (
            queues.queues_are_encrypted,
            lambda t: _properties("PlanDeadLetters")(t).pop("SqsManagedSseEnabled"),
            "PlanDeadLetters is not encrypted",
        ),
        (
            queues.queues_are_watched,
            lambda t: t["Resources"].pop("DeadLettersAlarm"),
            "no alarm on DeadLetters",
        ),
        (
            queues.queues_are_watched,
            lambda t: _properties("WorkLateAlarm")(t).update(AlarmActions=[]),
            "no alarm on WorkLate",
        ),
        (
            queues.queues_are_watched,
            lambda t: _statement(t, "TickRole", -1)["Resource"].pop(0),
            "nothing watches PlanQueue",
        ),
        (
            queues.queues_are_watched,
            lambda t: _statement(t, "TickRole", -1)["Resource"].pop(),
            "nothing watches the dead letters of",
        ),
        (
            functions.policies_match_the_environment,
            lambda t: _properties("Tick")(t)["Environment"]["Variables"].pop("QUEUE_LIVE_URL"),
            "Tick may use LiveQueue but is not told it",
        ),
        (
            queues.queues_are_consumed,
            lambda t: _properties("Plan")(t).update(Timeout=121),
            "726 s needed",
        ),
        (
            queues.queues_are_consumed,
            lambda t: _properties("Plan")(t).pop("Events"),
            "nothing consumes PlanQueue",
        ),
        (
            queues.sources_are_queues_of_ours,
            lambda t: _properties("Plan")(t)["Events"]["PlanSqsEventSource"]["Properties"].update(
                Queue="placeholder"
            ),
            "Plan takes its work from 'placeholder'",
        ),
        (
            queues.sources_report_partly,
            lambda t: _properties("Plan")(t)["Events"]["PlanSqsEventSource"]["Properties"].pop(
                "FunctionResponseTypes"
            ),
            "Plan does not report single failures",
        ),
    ],
)
def test_notices(check: TemplateCheck, fault: Fault, finding: str, built: Built) -> None:
    broken = copy.deepcopy(built.template)
    fault(broken)

    found = list(check(broken))

    assert any(finding in each for each in found), found


def test_notices_yaml_aliases() -> None:
    found = list(shape.fits_cloudformation("a: &id001\n  b: 1\nc: *id001\n"))

    assert found == ["the template has YAML aliases, such as ': &id001'"]
