"""Campaigns are checked by the hour and on demand: what was lost is found, and mended."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner

from functions.contracts.campaign_jobs import CheckJob
from functions.contracts.queues import Queue, SendJob
from functions.domain.ids import CampaignId
from functions.storage.batches import BatchItem
from functions.storage.campaigns import CampaignStore
from functions.storage.open_campaigns import OpenCampaignStore
from functions.storage.timers import TimerItem
from infra.cli import reconcile as command
from infra.cli.__main__ import main
from infra.cli.checks import Checks
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_campaign,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    send,
)
from tests.integration.template import REGION


@pytest.fixture(scope="module", autouse=True)
def people(api: Api) -> None:
    """Three people who agreed to advertisements."""
    for number in (1, 2, 3):
        a_customer(api, f"c{number}", number)


@pytest.fixture(autouse=True)
def nothing_is_left_over(account: Account) -> Iterator[None]:
    yield
    for queue in Queue:
        account.take_bodies(queue)
    for campaign_id in OpenCampaignStore().all():
        OpenCampaignStore().forget(campaign_id)
    TimerItem("CURSOR", "CURSOR").delete()


@pytest.fixture(scope="module")
def ad(api: Api) -> tuple[str, str]:
    return an_ad(api), a_sender(api)


@pytest.fixture
def campaign(api: Api, ad: tuple[str, str]) -> str:
    """A campaign that was launched."""
    made = a_campaign(api, *ad)
    assert api.post(f"/v1/campaigns/{made}/launch", {}).status == 202
    return made


def report(api: Api, campaign_id: str) -> Json:
    found: Json = api.get(f"/v1/campaigns/{campaign_id}/report").body
    return found


def lose(account: Account, queue: Queue) -> int:
    """Empty a queue, as by hand or by its retention."""
    return len(account.take_bodies(queue))


@pytest.fixture
def pass_hours(
    pump: Pump, clock: Clock, carrier: CarrierControl
) -> Iterator[Callable[[int], None]]:
    """Let hours go by, with a tick in each; noon comes back afterwards."""

    def go_by(hours: int) -> None:
        for _ in range(hours):
            clock.move_by(timedelta(hours=1))
            carrier.configure(clock_offset_s=clock.offset_s)
            pump.tick()

    yield go_by
    clock.set_to_noon()
    carrier.configure(clock_offset_s=clock.offset_s)


@pytest.mark.parametrize(
    ("steps", "queue"),
    [(0, Queue.PLAN), (1, Queue.PLAN), (2, Queue.DISPATCH_SMS)],
    ids=["resolve", "plan", "send"],
)
def test_a_job_that_was_lost_is_found_by_the_hourly_check_and_the_campaign_finishes(
    api: Api, account: Account, campaign: str, pass_hours, steps: int, queue: Queue
) -> None:
    for _ in range(steps):
        api.deliver("plan", *account.take_bodies(Queue.PLAN))
    assert lose(account, queue) == 1

    pass_hours(1)
    assert report(api, campaign)["status"] == "running"
    pass_hours(2)

    found = report(api, campaign)
    assert (found["status"], found["sent"], found["adds_up"]) == ("finished", 3, True)
    pass_hours(1)
    assert list(OpenCampaignStore().all()) == []


def test_a_request_whose_job_was_lost_is_found_by_the_hourly_look_and_sent_once(
    api: Api, account: Account, carrier: CarrierControl, pass_hours
) -> None:
    template, sender = a_template(api), a_sender(api)
    pass_hours(1)
    message = send(api, template, sender, {"contact_id": "c1"})["messages"][0]["message_id"]
    assert lose(account, Queue.DISPATCH_SMS) == 1

    pass_hours(1)
    assert api.get(f"/v1/messages/{message}").body["status"] == "pending"
    pass_hours(2)

    assert api.get(f"/v1/messages/{message}").body["status"] == "sent"
    assert len(carrier.ledger(ref=message, status="any")) == 1


@pytest.fixture
def allim(account: Account, pump: Pump, monkeypatch: pytest.MonkeyPatch):
    """The operators' command; the queues are worked off while it waits."""

    waiting = Checks.check

    def check(self: Checks, campaign_id: str, **given):
        return waiting(self, campaign_id, **given, sleep=lambda _: pump.run())

    monkeypatch.setattr(command.Checks, "check", check)

    def run(*words: str):
        runner = CliRunner(env={"COLUMNS": "200"})
        return runner.invoke(
            main, ["reconcile", *words, "--stage", "test", "--region", REGION, "--wait", "3"]
        )

    return run


def test_says_that_a_finished_campaign_adds_up(api: Api, campaign: str, pump: Pump, allim) -> None:
    pump.run()

    answer = allim(campaign)

    assert answer.output == ("3 recipients = 3 sent\nfinished\n")
    assert answer.exit_code == 0
    assert list(OpenCampaignStore().all()) == []


def test_puts_a_lost_job_on_its_way_at_once_when_asked(
    api: Api, account: Account, campaign: str, pump: Pump, allim
) -> None:
    for _ in range(2):
        api.deliver("plan", *account.take_bodies(Queue.PLAN))
    assert lose(account, Queue.DISPATCH_SMS) == 1

    patient = allim(campaign)
    assert patient.output == "3 recipients = 3 pending\nlaunched, not finished\n"
    at_once = allim(campaign, "--after", "0")

    assert "put on its way again: 1 × dispatch.send\n" in at_once.output
    pump.run()
    assert report(api, campaign)["status"] == "finished"


def test_names_a_row_that_is_gone_and_ends_with_three(
    api: Api, campaign: str, pump: Pump, allim
) -> None:
    pump.run()
    (part,) = CampaignStore().parts(CampaignId(campaign))
    BatchItem(part.batches[0], "STATE").delete()

    answer = allim(campaign)

    assert answer.exit_code == 3
    assert f"batch_missing: part 000000, batch {part.batches[0]} has 0 where 3 belong" in (
        answer.output
    )
    assert "3 recipients ≠ 0" in answer.output
    found = report(api, campaign)
    assert (found["status"], found["adds_up"]) == ("running", False)


def test_the_alarm_is_told_of_a_row_that_is_gone(
    api: Api, account: Account, campaign: str, pump: Pump, capsys, caplog
) -> None:
    pump.run()
    (part,) = CampaignStore().parts(CampaignId(campaign))
    BatchItem(part.batches[0], "STATE").delete()
    capsys.readouterr()

    pump.tick()

    assert '"RowsAmiss":[1.0]' in capsys.readouterr().out
    (told,) = [each for each in caplog.records if each.getMessage() == "campaign.checked"]
    assert told.faults == [f"batch_missing 000000 {part.batches[0]}"]
    assert account.take_jobs(Queue.PLAN) == []


def test_says_when_there_is_no_such_campaign_or_stage(allim) -> None:
    answer = allim("cmp_none")
    assert (answer.exit_code, answer.output) == (1, "there is no campaign cmp_none here\n")

    nowhere = CliRunner().invoke(main, ["reconcile", "c", "--stage", "nowhere", "--region", REGION])
    assert nowhere.exit_code == 1
    assert "the table allim-nowhere-campaigns cannot be read" in nowhere.output


def test_says_when_nobody_works_the_queue_off(campaign: str, account: Account, monkeypatch) -> None:
    place = ["--stage", "test", "--region", REGION, "--wait", "1"]
    monkeypatch.setattr("infra.cli.checks._POLL_S", 0.01)

    answer = CliRunner().invoke(main, ["reconcile", campaign, *place])

    assert answer.exit_code == 1
    assert "is the queue plan worked off?" in answer.output
    jobs = account.take_jobs(Queue.PLAN)
    assert [job.campaign_id for job in jobs if isinstance(job, CheckJob)] == [campaign]


def test_a_batch_started_twice_by_a_check_is_sent_once(
    api: Api, account: Account, campaign: str, pump: Pump, carrier: CarrierControl, allim
) -> None:
    before = len(carrier.ledger(status="any"))
    for _ in range(2):
        api.deliver("plan", *account.take_bodies(Queue.PLAN))
    (body,) = account.take_bodies(Queue.DISPATCH_SMS)

    allim(campaign, "--after", "0")
    assert api.deliver("dispatch_sms", body) == []
    pump.run()

    assert len(carrier.ledger(status="any")) == before + 3
    assert SendJob.KIND == "dispatch.send"
