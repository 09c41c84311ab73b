"""The operator's commands for dead letters, against queues on moto."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from functions.contracts.codec import to_body
from functions.contracts.queues import CallbackReceived, PlanJob, Queue
from functions.runtime.aws import session
from infra.cli.__main__ import main
from tests.integration.template import REGION

PLAN = to_body(PlanJob(campaign_id="cmp_1", part="000000"))
OTHER = to_body(PlanJob(campaign_id="cmp_2", part="000007"))
CALLBACK = to_body(CallbackReceived(provider="solapi", body='[{"to": "01012345678"}]'))


@pytest.fixture
def dead(account):
    """Puts bodies among the dead letters of a queue; gives their ids."""

    def put(queue, *bodies):
        url = account.sqs.get_queue_url(QueueName=f"allim-test-{queue}-dlq")["QueueUrl"]
        return [
            account.sqs.send_message(QueueUrl=url, MessageBody=each)["MessageId"] for each in bodies
        ]

    return put


def allim(*words):
    runner = CliRunner(env={"COLUMNS": "200"})
    return runner.invoke(main, ["dlq", *words, "--stage", "test", "--region", REGION])


def still_dead(account, queue):
    url = account.sqs.get_queue_url(QueueName=f"allim-test-{queue}-dlq")["QueueUrl"]
    found = account.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return {each["Body"] for each in found.get("Messages", [])}


def test_lists_every_queue_and_ends_with_three_when_something_is_dead(dead):
    dead("plan", PLAN, OTHER)

    listed = allim("list")

    rows = [line.split() for line in listed.output.splitlines()]
    assert listed.exit_code == 3
    assert any("plan" in row and "2" in row for row in rows)
    assert {str(queue) for queue in Queue} <= {word for row in rows for word in row}


def test_ends_with_zero_when_nothing_is_dead():
    assert allim("list").exit_code == 0


def test_shows_kind_ids_and_attempts_and_leaves_the_letter_where_it_is(account, dead):
    (message_id,) = dead("plan", PLAN)

    shown = allim("show", "plan")

    assert f"{message_id} campaign.plan campaign_id=cmp_1 part=000000" in shown.output
    assert "1 attempts" in shown.output
    assert "the log says nothing of it" in shown.output
    assert still_dead(account, "plan") == {PLAN}


def test_shows_the_error_that_the_functions_log_names(account, dead):
    (message_id,) = dead("plan", PLAN)
    lines = [
        {"message": "queue.record.failed", "sqs_message_id": "another", "error": "KeyError"},
        {
            "message": "queue.record.failed",
            "sqs_message_id": message_id,
            "error": "ClientError",
            "aws": "AccessDeniedException",
            "stack": ["entry.py:1 consume", "campaigns.py:99 get"],
        },
        {"message": "queue.record", "sqs_message_id": message_id, "outcome": "failed"},
    ]
    log("/aws/lambda/allim-test-plan", lines)

    shown = allim("show", "plan")

    assert "ClientError (AccessDeniedException) at campaigns.py:99 get" in shown.output


def test_shows_nothing_that_came_from_outside(dead):
    dead("receipts", CALLBACK, "01012345678 is no JSON")

    shown = allim("show", "receipts")

    assert "receipts.callback provider=solapi" in shown.output
    assert "unreadable characters=22" in shown.output
    assert "01012345678" not in shown.output


def test_moves_all_back_into_their_queue(account, dead):
    dead("plan", PLAN, OTHER)

    moved = allim("redrive", "plan", "--all")

    assert moved.output == "2 moved back to plan\n"
    assert set(account.take_bodies(Queue.PLAN)) == {PLAN, OTHER}
    assert still_dead(account, "plan") == set()


def test_moves_more_back_than_one_request_gives(account, dead):
    dead("plan", *[PLAN] * 25)

    assert allim("redrive", "plan", "--all").output == "25 moved back to plan\n"
    assert len(account.take_bodies(Queue.PLAN)) == 25


def test_moves_only_the_named_one_back(account, dead):
    one, _ = dead("plan", PLAN, OTHER)

    moved = allim("redrive", "plan", "--id", one)

    assert moved.exit_code == 0
    assert account.take_bodies(Queue.PLAN) == [PLAN]
    assert still_dead(account, "plan") == {OTHER}


def test_drops_the_named_one_and_no_other(account, dead):
    one, _ = dead("plan", PLAN, OTHER)

    assert allim("drop", "plan", "--id", one).output == "1 dropped from plan\n"

    assert still_dead(account, "plan") == {OTHER}
    assert account.take_bodies(Queue.PLAN) == []


def test_says_which_id_is_not_there_and_keeps_the_rest(account, dead):
    dead("plan", PLAN)

    dropped = allim("drop", "plan", "--id", "nobody")

    assert dropped.exit_code == 1
    assert "not among the dead letters of plan: nobody" in dropped.output
    assert still_dead(account, "plan") == {PLAN}


@pytest.mark.parametrize("command", ["redrive", "drop"])
@pytest.mark.parametrize("which", [(), ("--all", "--id", "x")], ids=["neither", "both"])
def test_touches_nothing_unless_told_which(account, dead, command, which):
    dead("plan", PLAN)

    answer = allim(command, "plan", *which)

    assert answer.exit_code == 2
    assert still_dead(account, "plan") == {PLAN}


def test_names_the_queue_that_a_stage_does_not_have():
    answer = CliRunner().invoke(main, ["dlq", "list", "--stage", "nowhere", "--region", REGION])

    assert answer.exit_code == 1
    assert "there is no queue allim-nowhere-plan" in answer.output


def log(group, lines):
    client = session().create_client("logs", region_name=REGION)
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="one")
    now = int(datetime.now(tz=UTC).timestamp() * 1000)
    client.put_log_events(
        logGroupName=group,
        logStreamName="one",
        logEvents=[{"timestamp": now + i, "message": json.dumps(x)} for i, x in enumerate(lines)],
    )
