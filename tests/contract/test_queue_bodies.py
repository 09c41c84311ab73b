"""Queue bodies as they were first written: what is in a queue during a release stays readable.

A file in ``golden`` is never changed. A breaking change gets a new version, and a new file.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from functions.contracts.campaign_jobs import (
    CheckJob,
    ExperimentJob,
    FollowJob,
    HeldJob,
    RampJob,
    SweepJob,
    WatchJob,
)
from functions.contracts.codec import ContractError, from_body, to_body
from functions.contracts.export_jobs import (
    ExportDueJob,
    ExportForgetJob,
    ExportLookJob,
    ExportScanJob,
    ExportTidyJob,
    ExportWriteJob,
)
from functions.contracts.goal_jobs import AttributeJob, PageEventJob
from functions.contracts.queues import (
    JOB_TYPES,
    AddressRefused,
    AnswerAudienceJob,
    BuildShardJob,
    CallbackReceived,
    CountOpeningsJob,
    EraseJob,
    EventsReported,
    EventsWaiting,
    ForgetPersonJob,
    ImportJob,
    Job,
    JudgeClicksJob,
    LaunchJob,
    LinkHit,
    LinkOpened,
    LiveJob,
    MessagesRequested,
    NoticesDue,
    OptOutReceived,
    PlanJob,
    RecordJob,
    RefreshJob,
    RequestCheckJob,
    ResolveJob,
    ScanPeopleJob,
    SendJob,
    SimulateJob,
)
from functions.contracts.webhook_jobs import ReplayJob, TellJob

GOLDEN = Path(__file__).parent / "golden"
_JOB_BY_FILE: dict[str, Job] = {
    "campaign.resolve.v1": ResolveJob(campaign_id="cmp_7m2c0000000000aa", part=3, cursor="c2000"),
    "campaign.plan.v1": PlanJob(campaign_id="cmp_7m2c0000000000aa", part="000003"),
    "campaign.launch.v1": LaunchJob(campaign_id="cmp_7m2c0000000000aa", version=3),
    "requests.check.v1": RequestCheckJob(patience_s=3600),
    "campaign.sweep.v1": SweepJob(patience_s=1800),
    "campaign.check.v1": CheckJob(
        campaign_id="cmp_7m2c0000000000aa", chunk=2, patience_s=600, asked=1795324043
    ),
    "held.change.v1": HeldJob(
        action="release", messages='[[7,"5"],[4294967295,""]]', reason="scheduled"
    ),
    "campaign.ramp.v1": RampJob(campaign_id="cmp_7m2c0000000000aa", step=1),
    "campaign.follow.v1": FollowJob(
        campaign_id="cmp_7m2c0000000000aa", part="000003", step="y", batch=4294967295
    ),
    "campaign.watch.v1": WatchJob(campaign_id="cmp_7m2c0000000000aa", turn=300_007, sent=1_960),
    "campaign.experiment.v1": ExperimentJob(
        campaign_id="cmp_7m2c0000000000aa", look=3, chain=1_795_324_043_000
    ),
    "dispatch.send.v1": SendJob(batch=4294967295, attempt=2),
    "receipts.callback.v1": CallbackReceived(
        provider="solapi",
        body='[{"data":{"customFields":{"ref":"m-1-00"},"statusCode":"4000","text":"안녕"}}]',
    ),
    "links.hit.v1": LinkHit(
        batch=7,
        ordinal=199,
        link=7,
        at=1795324043,
        method="GET",
        user_agent="Mozilla/5.0 (Linux; Android 16)",
        network="203.0.113.0",
        purpose="prefetch",
    ),
    "links.opened.v1": LinkOpened(
        slug="summer-sale",
        request="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        at=1795324043,
        method="GET",
        user_agent="Mozilla/5.0 (Linux; Android 16)",
        network="203.0.113.0/24",
        purpose="prefetch",
    ),
    "links.count.v1": CountOpeningsJob(slug="summer-sale", start=1795323900),
    "activity.page.v1": PageEventJob(
        batch=4294967295,
        ordinal=199,
        event="구매",
        key=281474976710655,
        at=1795324043,
        minor=15_000,
    ),
    "webhooks.tell.v1": TellJob(
        webhook_id="whk_7m2c0000000000aa", batch=41, attempt=2, since=1795143600, due=1795143640
    ),
    "webhooks.replay.v1": ReplayJob(
        webhook_id="whk_7m2c0000000000aa", replay_id="rpl_7m2c0000000000aa", step=3
    ),
    "activity.attribute.v1": AttributeJob(campaign_id="cmp_7m2c0000000000aa", part="000003"),
    "links.judge.v1": JudgeClicksJob(campaign_id="cmp_7m2c0000000000aa", part="000003"),
    "imports.run.v1": ImportJob(import_id="imp_7m2c0000000000aa"),
    "campaign.simulate.v1": SimulateJob(
        campaign_id="cmp_7m2c0000000000aa",
        simulation_id="sim_7m2c0000000000aa",
        at=1795324043,
        part=3,
        cursor='{"contact_id": "S:c1"}',
    ),
    "notices.due.v1": NoticesDue(state="due", day="2026-12-10", shard=3, cursor="{}", attempt=1),
    "requests.messages.v1": MessagesRequested(
        request_id="ntc_7m2c0000000000aa",
        template_id="tpl_7m2c0000000000aa",
        template_version=2,
        sender_id="snd_7m2c0000000000aa",
        to='[["c1",{"sender_name":"알림상점"}]]',
    ),
    "privacy.erase.v1": EraseJob(erasure_id="era_7m2c0000000000aa"),
    "compliance.record.v1": RecordJob(day="2026-11-26"),
    "audiences.refresh.v1": RefreshJob(since=1795324043),
    "audiences.scan.v1": ScanPeopleJob(
        run_id="20261126T001000-r_7m2c0000000000aa", segment=3, chunk=2
    ),
    "audiences.build.v1": BuildShardJob(run_id="20261126T001000-r_7m2c0000000000aa", shard=1),
    "audiences.answer.v1": AnswerAudienceJob(audience_id="aud_7m2c0000000000aa"),
    "audiences.forget.v1": ForgetPersonJob(contact_id="c1"),
    "activity.reported.v1": EventsReported(
        received=1795324043,
        people='[["c1",[[281474976710655,"구매",1795324000,15000,{"category":"신발"}]]]]',
    ),
    "activity.waiting.v1": EventsWaiting(contact_id="c1"),
    "live.look.v1": LiveJob(contact_ids='["c1","c2"]'),
    "exports.due.v1": ExportDueJob(export="all-events", version=3, day="2026-11-26"),
    "exports.scan.v1": ExportScanJob(export="all-events", run_id="20261126-daily", slice=-1),
    "exports.write.v1": ExportWriteJob(
        export="all-events", run_id="20261126-daily", day="2026-11-25", part=2
    ),
    "exports.look.v1": ExportLookJob(export="all-events", run_id="20261126-daily"),
    "exports.forget.v1": ExportForgetJob(
        contact_ids='["c1"]', messages="[[7,199],[8,-1]]", asked=1795324043
    ),
    "exports.tidy.v1": ExportTidyJob(export="all-events", day="2026-11-25"),
    "optouts.message.v1": OptOutReceived(batch=4294967295, ordinal=199, at=1795324043),
    "optouts.address.v1": AddressRefused(
        address="0123456789abcdef0123456789abcdef",
        reason="opt_out_call",
        at=1795324043,
        source="080:solapi",
    ),
}
_FILES = sorted(_JOB_BY_FILE)


def _golden(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    return found


def test_each_kind_and_version_has_its_file() -> None:
    kinds = {f"{kind.KIND}.v{kind.VERSION}" for kind in JOB_TYPES}

    assert kinds <= set(_FILES)
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(_FILES)


@pytest.mark.parametrize("name", _FILES)
def test_a_body_of_then_is_read_today(name: str) -> None:
    assert from_body(json.dumps(_golden(name))) == _JOB_BY_FILE[name]


@pytest.mark.parametrize("name", _FILES)
def test_a_body_of_today_could_be_read_then(name: str) -> None:
    written = json.loads(to_body(_JOB_BY_FILE[name]))

    # A field may be added, because readers ignore what they do not know; none may go or change.
    assert _golden(name)["data"].items() <= written["data"].items()
    assert (written["kind"], written["v"]) == (_golden(name)["kind"], _golden(name)["v"])


@pytest.mark.parametrize("name", _FILES)
def test_fields_of_a_later_release_are_ignored(name: str) -> None:
    body = _golden(name)
    body["data"] |= {"added_later": {"any": ["thing"]}, "": None}
    body |= {"trace": "1-2-3"}

    assert from_body(json.dumps(body)) == _JOB_BY_FILE[name]


@pytest.mark.parametrize("name", _FILES)
def test_a_field_that_is_needed_and_missing_is_an_error(name: str) -> None:
    job_type = type(_JOB_BY_FILE[name])
    needed = [each.name for each in dataclasses.fields(job_type) if _is_needed(each)]

    for field in needed:
        body = _golden(name)
        del body["data"][field]
        with pytest.raises(ContractError):
            from_body(json.dumps(body))
    assert needed


def _is_needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING


_WRONG = st.one_of(
    st.booleans(),
    st.floats(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
"""Values of types that no field of any job has."""


@given(st.sampled_from(_FILES), st.data())
def test_a_field_of_the_wrong_type_is_an_error(name: str, data: st.DataObject) -> None:
    body = _golden(name)
    field = data.draw(st.sampled_from(sorted(body["data"])))
    body["data"][field] = data.draw(_WRONG)

    with pytest.raises(ContractError):
        from_body(json.dumps(body))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
_ENVELOPES = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from([kind.KIND for kind in JOB_TYPES]) | _JSON,
        "v": st.integers(0, 3) | _JSON,
        "data": _JSON,
    },
)


@given(st.text() | (_JSON | _ENVELOPES).map(json.dumps))
def test_a_body_that_nobody_wrote_is_an_error_and_nothing_else(body: str) -> None:
    with pytest.raises(ContractError):
        from_body(body)


def test_a_body_nested_too_deep_is_an_error_like_any_other() -> None:
    with pytest.raises(ContractError):
        from_body("[" * 100_000)
