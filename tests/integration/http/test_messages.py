"""Messages through the API, followed to the phone and back by the real workers."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.contracts.queues import Queue
from functions.domain.ids import MessageNumber
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import SEOUL, Clock, later
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_contact,
    a_customer,
    a_kakao_sender,
    a_sender,
    a_template,
    an_ad,
    an_alimtalk,
    an_image,
    consent,
    e164,
    phone,
    send,
)


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def notice(api: Api) -> str:
    return a_template(api, body="{{ order }} 주문을 보냈습니다.")


@pytest.fixture(scope="module")
def ad(api: Api) -> str:
    return an_ad(api)


def test_an_accepted_message_says_what_it_will_be(api: Api, notice: str, sender: str) -> None:
    made = send(api, notice, sender, {"phone": phone(1)}, variables={"order": "A-1"})

    (message,) = made["messages"]
    assert message == {
        "message_id": message["message_id"],
        "contact_id": None,
        "phone": e164(1),
        "status": "pending",
        "reason": None,
        "type": "sms",
    }
    shown = _shown(api, message)
    assert shown["text"] == "A-1 주문을 보냈습니다."
    assert shown["source"] == {"kind": "request", "id": made["request_id"]}
    assert shown["price"] == {"minor": 18, "currency": "KRW"}
    assert (shown["channel"], shown["purpose"]) == ("sms", "transactional")
    assert (shown["sender_id"], shown["template_id"]) == (sender, notice)
    assert (shown["template_version"], shown["subject"]) == (1, None)
    assert (shown["not_before"], shown["sent"], shown["reported"]) == (None, None, None)


def test_a_message_to_an_unknown_number_arrives_and_is_reported(
    api: Api, notice: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    (message,) = send(api, notice, sender, {"phone": phone(2)}, variables={"order": "A-2"})[
        "messages"
    ]

    pump.run()
    sent = _shown(api, message)
    pump.take_reports(message)

    assert sent["status"] in ("sent", "delivered")
    (arrived,) = carrier.ledger(to=phone(2).replace("-", ""))
    assert (arrived["type"], arrived["text"]) == ("SMS", "A-2 주문을 보냈습니다.")
    shown = _shown(api, message)
    assert (shown["status"], shown["reason"]) == ("delivered", None)
    assert shown["created"] <= shown["sent"] <= shown["reported"]


def test_many_messages_have_their_own_variables(
    api: Api, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    template = a_template(api, body="{{ contact.name }} {{ shop }} {{ order }}")
    a_contact(api, "many-1", 11, attributes={"name": "김하늘"})
    a_contact(api, "many-2", 12, attributes={"name": "박바다"})

    made = send(
        api,
        template,
        sender,
        {"contact_id": "many-1", "variables": {"order": "A-1"}},
        {"contact_id": "many-2", "variables": {"order": "A-2", "shop": "부산점"}},
        variables={"shop": "서울점"},
    )
    pump.run()

    assert [each["contact_id"] for each in made["messages"]] == ["many-1", "many-2"]
    assert {_shown(api, each)["text"] for each in made["messages"]} == {
        "김하늘 서울점 A-1",
        "박바다 부산점 A-2",
    }
    assert carrier.ledger(to="01000000012")[0]["text"] == "박바다 부산점 A-2"


def test_more_than_200_recipients_travel_in_batches(
    api: Api, account: Account, notice: str, sender: str
) -> None:
    people = [{"phone": phone(number)} for number in range(1_000, 1_450)]

    made = send(api, notice, sender, *people, variables={"order": "A-3"})

    assert len({each["message_id"] for each in made["messages"]}) == 450
    batches = {each["message_id"].split("-")[1] for each in made["messages"]}
    assert len(batches) == 3
    _empty(account)


def test_a_long_text_goes_as_lms_and_an_image_as_mms(
    api: Api, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    long = a_template(api, body="가" * 46)
    picture = a_template(api, body="보세요", subject="새 상품", image_id=an_image(api))

    (lms,) = send(api, long, sender, {"phone": phone(21)})["messages"]
    (mms,) = send(api, picture, sender, {"phone": phone(22)})["messages"]
    pump.run()

    assert (lms["type"], mms["type"]) == ("lms", "mms")
    assert carrier.ledger(to="01000000021")[0]["type"] == "LMS"
    (arrived,) = carrier.ledger(to="01000000022")
    assert (arrived["type"], arrived["subject"]) == ("MMS", "새 상품")
    assert arrived["imageId"]


def test_an_alimtalk_arrives_as_kakao_approved_it(
    api: Api, pump: Pump, carrier: CarrierControl
) -> None:
    a_contact(api, "kakao-1", 31)
    variables = {"order": "A-4"}

    made = send(
        api, an_alimtalk(api), a_kakao_sender(api), {"contact_id": "kakao-1"}, variables=variables
    )
    pump.run()

    assert made["messages"][0]["type"] == "alimtalk"
    (arrived,) = carrier.ledger(to="01000000031")
    assert (arrived["type"], arrived["text"]) == ("ATA", "김하늘님, 주문 A-4을 보냈습니다.")


def test_an_advertisement_leaves_with_its_label(
    api: Api, ad: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    a_customer(api, "agreed", 41)

    send(api, ad, sender, {"contact_id": "agreed"})
    pump.run()

    (arrived,) = carrier.ledger(to="01000000041")
    assert arrived["text"] == "(광고)알림상점\n김하늘님 봄 할인\n무료수신거부 0800123456"


def test_who_may_not_be_written_to_gets_a_refused_message_with_its_reason(
    api: Api, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    template = an_ad(api, body="봄 할인")
    a_contact(api, "silent", 51)
    a_customer(api, "withdrawn", 52)
    consent(api, "withdrawn", "withdraw")
    a_customer(api, "suppressed", 53)
    _suppress(api, 53)
    a_customer(api, "phoneless", None)
    a_customer(api, "abroad", None, phone="+1 202-555-0123")
    a_customer(api, "fine", 54)
    ids = ["silent", "withdrawn", "suppressed", "phoneless", "abroad", "fine"]

    made = send(
        api, template, sender, *({"contact_id": each} for each in ids), {"phone": phone(55)}
    )
    pump.run()

    found = {each["contact_id"]: (each["status"], each["reason"]) for each in made["messages"]}
    assert found == {
        "silent": ("refused", "no_consent"),
        "withdrawn": ("refused", "no_consent"),
        "suppressed": ("refused", "suppressed"),
        "phoneless": ("refused", "no_address"),
        "abroad": ("refused", "no_address"),
        "fine": ("pending", None),
        None: ("refused", "no_consent"),
    }
    for message in made["messages"]:
        if message["status"] == "refused":
            assert _shown(api, message)["reason"] == message["reason"]
            assert _shown(api, message)["sent"] is None
    assert [each["to"] for each in carrier.ledger()[-1:]] == ["01000000054"]
    assert not [each for each in carrier.ledger() if each["to"] in ("01000000051", "01000000055")]


@pytest.mark.parametrize(
    ("reason", "status"),
    [("opt_out_page", "pending"), ("complaint", "refused"), ("manual", "refused")],
)
def test_refusing_advertisements_does_not_stop_an_order_notice(
    api: Api, account: Account, notice: str, sender: str, reason: str, status: str
) -> None:
    number = {"opt_out_page": 61, "complaint": 62, "manual": 63}[reason]
    _suppress(api, number, reason=reason)

    made = send(api, notice, sender, {"phone": phone(number)}, variables={"order": "A-5"})

    assert made["messages"][0]["status"] == status
    _empty(account)


def test_an_unapproved_sender_has_each_message_refused(api: Api, notice: str) -> None:
    pending = a_sender(api, status="pending")

    made = send(api, notice, pending, {"phone": phone(64)}, variables={"order": "A-6"})

    (message,) = made["messages"]
    assert (message["status"], message["reason"]) == ("refused", "sender_not_approved")


def test_consent_withdrawn_after_planning_keeps_the_message_back(
    api: Api, ad: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    a_customer(api, "regretful", 71)
    (message,) = send(api, ad, sender, {"contact_id": "regretful"})["messages"]

    consent(api, "regretful", "withdraw")
    pump.run()

    assert _shown(api, message)["status"] == "refused"
    assert _shown(api, message)["reason"] == "no_consent"
    assert carrier.ledger(to="01000000071", status="any") == []


def test_a_scheduled_message_waits_for_its_moment(
    api: Api, notice: str, sender: str, pump: Pump, carrier: CarrierControl, clock: Clock
) -> None:
    at = (clock.now() + timedelta(hours=2)).replace(microsecond=0)
    (message,) = send(
        api,
        notice,
        sender,
        {"phone": phone(81)},
        variables={"order": "A-7"},
        send_at=at.isoformat(),
    )["messages"]
    pump.run()
    pump.tick()
    waiting = _shown(api, message)

    with later(clock, carrier, timedelta(hours=2)):
        pump.tick()
        left = _shown(api, message)

    assert (waiting["status"], waiting["reason"]) == ("held", "scheduled")
    assert datetime.fromisoformat(waiting["not_before"]) == at
    assert left["status"] in ("sent", "delivered")
    assert len(carrier.ledger(to="01000000081")) == 1


def test_a_moment_that_has_passed_means_at_once(
    api: Api, account: Account, notice: str, sender: str, clock: Clock
) -> None:
    past = (clock.now() - timedelta(days=1)).isoformat()

    made = send(api, notice, sender, {"phone": phone(82)}, variables={"order": "A"}, send_at=past)

    assert made["messages"][0]["status"] == "pending"
    _empty(account)


def test_an_advertisement_is_held_until_the_night_is_over(
    api: Api, ad: str, sender: str, pump: Pump, carrier: CarrierControl, clock: Clock
) -> None:
    a_customer(api, "sleeper", 91)
    today = clock.now().astimezone(SEOUL).replace(minute=0, second=0, microsecond=0)
    morning = today.replace(hour=8) + timedelta(days=1)

    with later(clock, carrier, morning - timedelta(minutes=30) - clock.now()):
        (message,) = send(api, ad, sender, {"contact_id": "sleeper"})["messages"]
        pump.run()
        pump.tick()
        held = _shown(api, message)
    with later(clock, carrier, morning + timedelta(minutes=1) - clock.now()):
        pump.tick()
        left = _shown(api, message)

    assert (held["status"], held["reason"]) == ("held", "night")
    assert datetime.fromisoformat(held["not_before"]) == morning.astimezone(UTC)
    assert left["status"] in ("sent", "delivered")
    assert len(carrier.ledger(to="01000000091")) == 1


def test_messages_of_a_contact_are_listed_newest_first(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    a_contact(api, "listed", 101)
    made = []
    for order in ("A", "B", "C"):
        to = {"contact_id": "listed", "variables": {"order": order}}
        made += send(api, notice, sender, to)["messages"]
        pump.run()

    first = api.get("/v1/messages?contact_id=listed&limit=2").body
    second = api.get(f"/v1/messages?contact_id=listed&limit=2&cursor={first['next_cursor']}").body

    listed = [each["message_id"] for each in first["items"] + second["items"]]
    assert listed == [each["message_id"] for each in reversed(made)]
    assert second["next_cursor"] is None
    assert api.get("/v1/messages?contact_id=nobody").body == {"items": [], "next_cursor": None}


def test_a_list_goes_on_over_the_months_in_which_messages_left(
    api: Api, account: Account, notice: str, sender: str, pump: Pump
) -> None:
    a_contact(api, "monthly", 102)
    made = []
    for order in ("A", "B", "C", "D"):
        to = {"contact_id": "monthly", "variables": {"order": order}}
        made += [each["message_id"] for each in send(api, notice, sender, to)["messages"]]
    _empty(account)
    # The first was scheduled, and left after the others.
    _left(account, "monthly", month="202610", messages=[made[1], made[2]])
    _left(account, "monthly", month="202611", messages=[made[0], made[3]])

    listed, path = [], "/v1/messages?contact_id=monthly&limit=1"
    cursor = ""
    while cursor is not None:
        page = api.get(path + (f"&cursor={cursor}" if cursor else "")).body
        listed += [each["message_id"] for each in page["items"]]
        cursor = page["next_cursor"]

    assert listed == [made[3], made[0], made[2], made[1]]


def test_a_message_that_waits_can_be_cancelled_again_and_again(
    api: Api, notice: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    (message,) = send(api, notice, sender, {"phone": phone(111)}, variables={"order": "A"})[
        "messages"
    ]
    path = f"/v1/messages/{message['message_id']}/cancel"

    once, twice = api.post(path, {}), api.post(path, {})
    pump.run()

    assert (once.status, once.body["status"]) == (200, "cancelled")
    assert once.body == twice.body
    assert _shown(api, message)["status"] == "cancelled"
    assert carrier.ledger(to="01000000111", status="any") == []


def test_cancelling_one_message_leaves_its_neighbours(
    api: Api, notice: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    one, other = send(
        api, notice, sender, {"phone": phone(112)}, {"phone": phone(113)}, variables={"order": "A"}
    )["messages"]

    api.post(f"/v1/messages/{one['message_id']}/cancel", {})
    pump.run()

    assert carrier.ledger(to="01000000112", status="any") == []
    assert len(carrier.ledger(to="01000000113")) == 1
    assert _shown(api, other)["status"] in ("sent", "delivered")


def test_a_message_that_left_cannot_be_cancelled(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    (message,) = send(api, notice, sender, {"phone": phone(114)}, variables={"order": "A"})[
        "messages"
    ]
    pump.run()
    before = _shown(api, message)

    answer = api.post(f"/v1/messages/{message['message_id']}/cancel", {})

    assert_problem(answer, 409, "not_cancellable")
    assert _shown(api, message)["status"] == before["status"]


def test_a_refused_message_cannot_be_cancelled(api: Api, ad: str, sender: str) -> None:
    a_contact(api, "unasked", 115)
    (message,) = send(api, ad, sender, {"contact_id": "unasked"})["messages"]

    answer = api.post(f"/v1/messages/{message['message_id']}/cancel", {})

    assert_problem(answer, 409, "not_cancellable")


@pytest.mark.parametrize(
    "message_id", ["m-ffff-00", "m-1-c8", "m-01-00", "m-1-0", "1", "M-1-00", "m-1-00%20", "%00"]
)
def test_a_message_that_is_not_there_is_not_found(api: Api, message_id: str) -> None:
    assert_problem(api.get(f"/v1/messages/{message_id}"), 404, "not_found")
    assert_problem(api.post(f"/v1/messages/{message_id}/cancel", {}), 404, "not_found")


def _shown(api: Api, message: Json) -> Json:
    answer = api.get(f"/v1/messages/{message['message_id']}")
    assert answer.status == 200, answer.text
    shown: Json = answer.body
    return shown


def _suppress(api: Api, number: int, *, reason: str = "manual") -> None:
    body = {"phone": phone(number), "reason": reason, "source": "hotline"}
    assert api.post("/v1/suppressions", body).status == 201


def _empty(account: Account) -> None:
    for queue in Queue:
        account.take_bodies(queue)


def _left(account: Account, contact_id: str, *, month: str, messages: list[str]) -> None:
    """Write the history as dispatch does when messages leave in this month."""
    sent = [MessageNumber.parse(each) for each in messages]
    account.dynamodb.put_item(
        TableName=account.environment()["TABLE_CONTACTS"],
        Item={
            "contact_id": {"S": contact_id},
            "kind": {"S": f"SENT#{month}"},
            "sent": {"NS": [str(each.packed) for each in sent if each is not None]},
        },
    )
