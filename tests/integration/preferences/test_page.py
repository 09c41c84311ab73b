"""The preference page on the real routes and stores: who gets in, what changes, what does not."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.preference_token import LinkToken, MessageToken, TokenCoder, first_midnight
from functions.runtime.preferences import coder
from functions.storage.consents import ConsentStore
from functions.storage.suppressions import SuppressionStore, address_hash
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.shop import (
    a_customer,
    a_sender,
    a_template,
    an_ad,
    consent,
    e164,
    phone,
    send,
)

FORM = "application/x-www-form-urlencoded"
NOW = datetime.now(tz=UTC)


def page(api: Api, token: str, query: str = "", **headers: str) -> Answer:
    return api.call("GET", f"/p/{token}{query}", Authorization="", **headers)


def post(api: Api, token: str, content_type: str = FORM, **fields: str) -> Answer:
    body = urlencode({name.replace("_", "-"): value for name, value in fields.items()})
    return api.call(
        "POST", f"/p/{token}", body.encode(), Authorization="", Content_Type=content_type
    )


def a_link(api: Api, contact_id: str, sender_id: str) -> str:
    made = api.post(f"/v1/contacts/{contact_id}/preference-link", {"sender_id": sender_id})
    assert made.status == 201, made.text
    base, _, token = made.body["url"].rpartition("/p/")
    assert base == "https://api.example.com"
    assert contact_id not in made.body["url"]
    assert datetime.fromisoformat(made.body["expires"]) > NOW + timedelta(days=29)
    return str(token)


def a_message_token(api: Api, *to: dict[str, Any]) -> str:
    """Send a notice with the page's address in it, as the shop does; the token in its text."""
    body = "주문을 보냈습니다. 수신거부 {{ preferences_url }}"
    sent = send(api, a_template(api, body=body), a_sender(api), *to)
    message = api.get(f"/v1/messages/{sent['messages'][0]['message_id']}").body
    _, _, token = message["text"].rpartition("https://api.example.com/p/")
    return str(token)


def everything(account: Account) -> str:
    """All rows of all tables but those of the limits on requests."""
    names = sorted(account.dynamodb.list_tables()["TableNames"])
    rows = {name: account.dynamodb.scan(TableName=name)["Items"] for name in names}
    return json.dumps(rows, sort_keys=True, default=str)


def history(api: Api, contact_id: str) -> Any:
    return api.get(f"/v1/contacts/{contact_id}/consents").body


def in_force(api: Api, contact_id: str) -> dict[str, bool]:
    return {key: each["granted"] for key, each in history(api, contact_id)["in_force"].items()}


def test_a_link_shows_the_contact_what_they_agreed_to(api: Api) -> None:
    a_customer(api, "c1", 1)
    token = a_link(api, "c1", a_sender(api))

    shown = page(api, token)

    assert shown.status == 200
    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "알림상점" in shown.text
    assert 'name="refuse" value="sms"' in shown.text
    for personal in ("c1", e164(1), phone(1), "김하늘"):
        assert personal not in shown.text


def test_the_page_speaks_the_language_that_is_asked_for(api: Api) -> None:
    a_customer(api, "c1", 1, locale="en")
    token = a_link(api, "c1", a_sender(api))

    assert '<html lang="en">' in page(api, token).text
    assert '<html lang="ko">' in page(api, token, "?lang=ko").text
    assert '<html lang="en">' in page(api, "x", Accept_Language="en-US,en;q=0.9").text


def test_a_message_carries_its_own_token_and_refusing_by_it_reaches_the_ledger(api: Api) -> None:
    a_customer(api, "c1", 1)
    token = a_message_token(api, {"contact_id": "c1"})

    done = post(api, token, refuse="all")

    assert done.status == 200
    record = history(api, "c1")["items"][-1]
    assert (record["action"], record["source"]) == ("withdraw", "page")
    assert record["text_version"] == "preferences-1-ko"
    stored = ConsentStore().history("c1")[-1]  # type: ignore[arg-type]
    assert len(stored.text_hash) == 64
    assert stored.ip == "127.0.0.1"
    assert f"{stored.seq}-{stored.digest[:8]}" in done.text
    (mark,) = SuppressionStore().get(address_hash(e164(1)))
    assert (str(mark.mark.reason), str(mark.mark.scope)) == ("opt_out_page", "advertising")


def test_an_advertisement_no_longer_leaves_after_the_page_refused_it(api: Api) -> None:
    a_customer(api, "c1", 1)
    post(api, a_link(api, "c1", a_sender(api)), refuse="sms")

    sent = send(api, an_ad(api), a_sender(api), {"contact_id": "c1"})

    assert sent["messages"][0]["status"] == "refused"
    assert "거부함" in page(api, a_link(api, "c1", a_sender(api))).text


def test_one_item_is_refused_and_the_others_stay(api: Api) -> None:
    a_customer(api, "c1", 1)
    consent(api, "c1", "grant", purpose="night_advertising")
    consent(api, "c1", "grant", channel="kakao")
    token = a_link(api, "c1", a_sender(api))

    post(api, token, refuse="sms:night_advertising")
    assert in_force(api, "c1") == {
        "sms:advertising": True,
        "sms:night_advertising": False,
        "kakao:advertising": True,
    }
    post(api, token, refuse="sms")
    assert in_force(api, "c1")["kakao:advertising"]
    assert not in_force(api, "c1")["sms:advertising"]
    post(api, token, refuse="all")
    assert not any(in_force(api, "c1").values())


def test_looking_changes_nothing(api: Api, account: Account) -> None:
    a_customer(api, "c1", 1)
    token = a_message_token(api, {"contact_id": "c1"})
    before = everything(account)

    for query in ("", "?lang=en", "?refuse=all", "?List-Unsubscribe=One-Click"):
        assert page(api, token, query).status == 200
        head = api.call("HEAD", f"/p/{token}{query}", Authorization="")
        assert (head.status, head.text) == (200, "")
        assert head.headers["Content-Type"] == "text/html; charset=utf-8"

    assert everything(account) == before


def test_refusing_twice_is_harmless(api: Api, account: Account) -> None:
    a_customer(api, "c1", 1)
    token = a_link(api, "c1", a_sender(api))
    post(api, token, refuse="all")
    rows = len(history(api, "c1")["items"])

    again = post(api, token, refuse="all")

    assert again.status == 200
    assert len(history(api, "c1")["items"]) == rows
    assert history(api, "c1")["chain_intact"]


def test_one_click_of_a_mail_program_refuses_the_channel(api: Api) -> None:
    a_customer(api, "c1", 1)
    consent(api, "c1", "grant", channel="email")
    token = a_message_token(api, {"contact_id": "c1"})

    done = post(api, token, List_Unsubscribe="One-Click")

    assert done.status == 200
    assert done.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Set-Cookie" not in done.headers
    assert in_force(api, "c1") == {"sms:advertising": False, "email:advertising": True}
    (mark,) = SuppressionStore().get(address_hash(e164(1)))
    assert str(mark.mark.reason) == "opt_out_one_click"


def test_a_number_of_nobody_can_refuse(api: Api) -> None:
    token = a_message_token(api, {"phone": phone(77)})

    shown, done = page(api, token), post(api, token, refuse="all")

    assert shown.status == 200
    assert e164(77) not in shown.text
    assert done.status == 200
    (mark,) = SuppressionStore().get(address_hash(e164(77)))
    assert str(mark.mark.scope) == "advertising"
    assert mark.address_hash[:8] in done.text
    assert "<button" not in page(api, token).text


def forged(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


@pytest.mark.parametrize(
    "hostile",
    [
        "x",
        "0" * 21,
        "z" * 25,
        "..%2F..%2Fv1",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "a'%20OR%201=1",
        "%00",
        "%EA%B0%80" * 7,
        "a" * 1_500,
        "{{7*7}}",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_hostile_token_finds_a_page_that_says_nothing(
    api: Api, account: Account, hostile: str, method: str
) -> None:
    before = everything(account)

    answer = api.call(
        method, f"/p/{hostile}", b"refuse=all" if method == "POST" else b"", Content_Type=FORM
    )

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script" not in answer.text
    assert "49" not in answer.text.split("</style>")[-1]
    assert everything(account) == before


def test_a_changed_token_and_one_of_another_key_are_unknown(api: Api) -> None:
    a_customer(api, "c1", 1)
    token = a_message_token(api, {"contact_id": "c1"})
    read = coder().decode(token)
    assert isinstance(read, MessageToken)
    foreign = TokenCoder(b"?" * 32).encode(read)

    for each in (forged(token), foreign, token.swapcase(), token + "0"):
        assert page(api, each).status == 404
        assert post(api, each, refuse="all").status == 404
    assert in_force(api, "c1") == {"sms:advertising": True}


def test_a_true_token_of_nothing_is_unknown(api: Api) -> None:
    soon = first_midnight(NOW + timedelta(days=9))
    number = MessageNumber(batch=BatchNumber(4_000_000_000), ordinal=0)

    for token in (MessageToken(number=number, expires=soon), LinkToken(nonce=1, expires=soon)):
        assert page(api, coder().encode(token)).status == 404


def test_an_ended_token_says_how_else_to_refuse_and_refuses_nothing(api: Api) -> None:
    a_customer(api, "c1", 1)
    read = coder().decode(a_message_token(api, {"contact_id": "c1"}))
    assert isinstance(read, MessageToken)
    ended = MessageToken(number=read.number, expires=first_midnight(NOW - timedelta(days=2)))
    token = coder().encode(ended)

    shown, done = page(api, token), post(api, token, refuse="all")

    assert (shown.status, done.status) == (410, 410)
    assert "080-012-3456" in shown.text
    assert in_force(api, "c1") == {"sms:advertising": True}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM),
        (b"refuse=fax", FORM),
        (b"refuse=all&x=y", FORM),
        (b'{"refuse":"all"}', "application/json"),
        (b"\xff\xfe", FORM),
    ],
)
def test_a_post_that_says_nothing_known_changes_nothing(
    api: Api, account: Account, body: bytes, kind: str
) -> None:
    a_customer(api, "c1", 1)
    token = a_link(api, "c1", a_sender(api))
    before = everything(account)

    answer = api.call("POST", f"/p/{token}", body, Authorization="", Content_Type=kind)

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert everything(account) == before


def test_a_fault_of_ours_is_told_as_a_page(api: Api, account: Account) -> None:
    a_customer(api, "c1", 1)
    token = a_link(api, "c1", a_sender(api))
    table = next(t for t in account.dynamodb.list_tables()["TableNames"] if "requests" in t)
    account.dynamodb.delete_table(TableName=table)

    answer = page(api, token)

    assert answer.status >= 500
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "잠시 후" in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_only_a_key_for_contacts_makes_links(make_api: Any) -> None:
    reader = make_api("read")

    assert reader.post("/v1/contacts/c1/preference-link", {"sender_id": "s"}).status == 403


def test_no_link_is_made_to_nobody(api: Api) -> None:
    a_customer(api, "c1", 1)

    nobody = api.post("/v1/contacts/nobody/preference-link", {"sender_id": a_sender(api)})
    no_sender = api.post("/v1/contacts/c1/preference-link", {"sender_id": "nobody"})

    assert (nobody.status, no_sender.status) == (404, 422)
