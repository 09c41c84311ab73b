"""Endpoints that Amazon Pinpoint exported become people, and never a consent."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from functions.contracts.errors import Conflict
from functions.domain.contact import Contact, Email, Phone
from functions.domain.contact_file import FileFault, ImportKind, ImportStatus
from functions.domain.ids import ContactId
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import EVERYTHING
from functions.imports import reading
from functions.imports.reading import read_file
from functions.imports.service import dry_run, undo
from tests.unit.imports.fakes import IMPORT, STARTED, World, ticking

Json = dict[str, Any]


def read(content: bytes | str, *contacts: Contact) -> World:
    world = World.of(content, *contacts, kind=ImportKind.PINPOINT)
    read_file(IMPORT, deps=world.deps, clock=ticking(), until=STARTED + timedelta(minutes=1))
    return world


def lines(*endpoints: Json) -> str:
    return "\n".join(json.dumps(each) for each in endpoints)


def an_endpoint(**values: object) -> Json:
    return {
        "Id": "ep1",
        "ChannelType": "SMS",
        "Address": "+821000000001",
        "OptOut": "NONE",
        "EndpointStatus": "ACTIVE",
        "EffectiveDate": "2026-05-01T00:00:00.000Z",
    } | values


def test_an_endpoint_becomes_a_person() -> None:
    world = read(
        lines(
            an_endpoint(
                User={"UserId": "u1", "UserAttributes": {"Name": ["김하나"]}},
                Attributes={"city": ["서울"], "user_kind": ["x"]},
                Metrics={"visits": 3.0},
                Demographic={"Make": "Samsung", "AppVersion": "1.2", "Locale": "ko_KR"},
                Location={"Country": "KR", "Latitude": 37.5, "Longitude": -122.4},
                ApplicationId="app",
            )
        )
    )

    contact = world.people.contact("u1")
    assert contact.phone == Phone("+821000000001")
    assert contact.attributes == {
        "user_Name": "김하나",
        "city": "서울",
        "endpoint_user_kind": "x",
        "metric_visits": 3.0,
        "device_make": "Samsung",
        "device_app_version": "1.2",
        "device_locale": "ko_KR",
        "location_country": "KR",
        "location_latitude": 37.5,
        "location_longitude": -122.4,
    }
    assert world.stored.counts.created == 1
    assert world.stored.counts.warnings == {}


def test_endpoints_of_one_user_become_one_person() -> None:
    user = {"UserId": "u1"}
    world = read(
        lines(
            an_endpoint(User=user, Attributes={"city": ["서울"]}),
            an_endpoint(User=user, ChannelType="EMAIL", Address="a@example.com"),
            an_endpoint(User=user, ChannelType="GCM", Address="token", Attributes={"app": ["1"]}),
        )
    )

    contact = world.people.contact("u1")
    assert (contact.phone, contact.email) == (Phone("+821000000001"), Email("a@example.com"))
    assert contact.attributes == {"city": "서울", "app": "1"}
    assert world.stored.counts.rows == 3
    assert world.stored.counts.rejected == 0
    assert world.stored.counts.warnings == {"channel_not_kept": 1}


def test_without_a_user_the_endpoint_is_the_person() -> None:
    world = read(lines(an_endpoint()))

    assert world.people.contact("ep1").phone == Phone("+821000000001")


@pytest.mark.parametrize(
    ("channel", "address", "suppressed"),
    [
        ("SMS", "+821000000001", Phone("+821000000001")),
        ("VOICE", "+821000000001", Phone("+821000000001")),
        ("EMAIL", "a@example.com", Email("a@example.com")),
        ("SMS", "+12025550123", Phone("+12025550123")),
    ],
)
def test_an_opt_out_suppresses_the_address(
    channel: str, address: str, suppressed: Phone | Email
) -> None:
    world = read(lines(an_endpoint(ChannelType=channel, Address=address, OptOut="ALL")))

    assert list(world.opt_outs.suppressed) == [suppressed]
    opt_out = world.opt_outs.suppressed[suppressed]
    assert (opt_out.reason, opt_out.scope) == (SuppressionReason.OPT_OUT_CARRIER, EVERYTHING)
    assert opt_out.source == "pinpoint:imp_1"
    assert opt_out.at == datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("wrong", [{"Id": "not an id"}, {"EndpointStatus": "INACTIVE"}])
def test_an_opt_out_holds_whatever_else_is_wrong(wrong: Json) -> None:
    world = read(lines(an_endpoint(OptOut="ALL", **wrong)))

    assert list(world.opt_outs.suppressed) == [Phone("+821000000001")]


@pytest.mark.parametrize("date", ["", "soon", "2999-01-01T00:00:00Z"])
def test_an_opt_out_without_a_date_counts_from_the_import(date: str) -> None:
    world = read(lines(an_endpoint(OptOut="ALL", EffectiveDate=date)))

    (opt_out,) = world.opt_outs.suppressed.values()
    assert opt_out.at == STARTED


def test_an_inactive_address_is_not_taken() -> None:
    world = read(lines(an_endpoint(EndpointStatus="INACTIVE", Attributes={"city": ["서울"]})))

    contact = world.people.contact("ep1")
    assert contact.phone is None
    assert contact.attributes == {"city": "서울"}
    assert world.stored.counts.warnings == {"inactive_address": 1}


def test_of_several_values_the_first_is_kept() -> None:
    world = read(lines(an_endpoint(Attributes={"likes": ["a", "b"]}, Metrics={"x": "many"})))

    assert world.people.contact("ep1").attributes == {"likes": "a"}
    assert world.stored.counts.warnings == {"number_expected": 1, "values_left_out": 1}


def test_reads_csv_and_gzip() -> None:
    csv = (
        "Id,ChannelType,Address,OptOut,User.UserId,Attributes.city,Metrics.visits\n"
        'ep1,SMS,+821000000001,ALL,u1,"[""서울""]",2\n'
        "ep2,EMAIL,b@example.com,NONE,,부산,\n"
    )
    world = read(gzip.compress(csv.encode()))

    assert world.people.contact("u1").attributes == {"city": "서울", "metric_visits": 2.0}
    assert world.people.contact("ep2").attributes == {"city": "부산"}
    assert list(world.opt_outs.suppressed) == [Phone("+821000000001")]


def test_says_why_an_endpoint_is_rejected() -> None:
    world = read(lines(an_endpoint(Id="a@b.c"), an_endpoint(Id="ep2", Address="021234567")))

    assert [line.split(",")[:3] for line in world.error_lines[1:]] == [
        ["1", "Id", "invalid_id"],
        ["2", "Address", "landline"],
    ]


def test_a_file_without_ids_is_refused() -> None:
    world = read(lines({"Address": "+821000000001"}))

    assert world.stored.status is ImportStatus.REFUSED
    assert world.stored.fault is FileFault.MISSING_COLUMNS


def test_a_worker_that_reads_the_rows_again_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 1)
    user = {"UserId": "u1"}
    content = lines(
        an_endpoint(User=user, Attributes={"city": ["서울"]}),
        an_endpoint(User=user, ChannelType="EMAIL", Address="a@example.com", OptOut="ALL"),
    )
    once = read(content)

    again = read(content, once.people.contact("u1"))

    assert again.people.contact("u1") == once.people.contact("u1")
    assert again.opt_outs.suppressed == once.opt_outs.suppressed


_endpoints = st.fixed_dictionaries(
    {
        "Id": st.sampled_from(["ep1", "ep2", "", "?"]),
        "ChannelType": st.sampled_from(["SMS", "EMAIL", "GCM", "VOICE", "CUSTOM", ""]),
        "Address": st.sampled_from(["+821000000001", "a@example.com", "token", ""]),
        "OptOut": st.sampled_from(["NONE", "ALL", "", "none"]),
        "EndpointStatus": st.sampled_from(["ACTIVE", "INACTIVE", ""]),
        "Attributes": st.dictionaries(
            st.sampled_from(["동의", "smsconsent", "문자수신동의", "group", "city"]),
            st.lists(st.sampled_from(["Y", "true", "예", "서울"]), max_size=2),
        ),
        "User": st.fixed_dictionaries({"UserId": st.sampled_from(["u1", "u2", ""])}),
    }
)


@settings(max_examples=150)
@given(st.lists(_endpoints, min_size=1, max_size=6))
def test_nobody_ever_gets_a_consent_or_loses_a_refusal(endpoints: list[Json]) -> None:
    world = read(lines(*endpoints))

    assert world.stored.status is ImportStatus.DONE
    assert world.people.changes == []
    assert all(not each.contact.consents for each in world.people.profiles.values())
    refused = {
        each["Address"]
        for each in endpoints
        if each["OptOut"] == "ALL"
        and (each["ChannelType"], each["Address"])
        in {("SMS", "+821000000001"), ("VOICE", "+821000000001"), ("EMAIL", "a@example.com")}
    }
    assert {
        each.e164 if isinstance(each, Phone) else each.address for each in world.opt_outs.suppressed
    } == refused


def test_the_person_known_before_keeps_what_is_not_said() -> None:
    known = Contact(
        contact_id=ContactId("u1"), phone=Phone("+821000000009"), attributes={"name": "김하나"}
    )
    world = read(lines(an_endpoint(User={"UserId": "u1"}, ChannelType="GCM", Address="t")), known)

    contact = world.people.contact("u1")
    assert (contact.phone, contact.attributes) == (Phone("+821000000009"), {"name": "김하나"})


def test_endpoints_cannot_be_tried_out_or_taken_back() -> None:
    world = World.of("", kind=ImportKind.PINPOINT)

    for call in (dry_run, undo):
        with pytest.raises(Conflict) as refused:
            call(IMPORT, deps=world.deps, now=STARTED)
        assert refused.value.code == "contacts_only"
