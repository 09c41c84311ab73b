"""An import from the first call to the list of rejected rows."""

import gzip
import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from functions.contracts.codec import to_body
from functions.contracts.queues import ImportJob, Queue
from functions.domain.consent import chain_breaks
from functions.domain.ids import ContactId
from functions.storage.consents import ConsentStore
from tests.integration.account import Account
from tests.integration.api import Answer, Api

FILE = (
    "고객번호,이름,휴대폰,이메일,회원등급,문자수신동의,야간수신동의,동의일시\r\n"
    "C1,김하나,010-0000-0001,a@example.com,VIP,Y,Y,2026. 3. 5. 오후 2:30\r\n"
    "C2,이둘,+82 10-0000-0002,,일반,N,,\r\n"
    "C3,박셋,02-123-4567,c@example.com,일반,Y,,2026-03-05\r\n"
    "C1,최넷,010-0000-0004,,일반,Y,,2026-03-05\r\n"
    "C5,=cmd|' /C calc'!A0,010-0000-0005,,일반,Y,,2026-03-05\r\n"
).encode("cp949")


def upload(api: Api, account: Account, content: bytes) -> str:
    """Make an import and put its file where a caller would; its id."""
    made = api.post("/v1/imports", {"filename": "고객.csv"}).body
    account.put_object(urlsplit(made["upload"]["url"]).path.lstrip("/"), content)
    return str(made["import_id"])


def run(api: Api, account: Account, import_id: str) -> Answer:
    """Start an import and let the worker finish it."""
    assert api.post(f"/v1/imports/{import_id}/start", {}).status == 202
    assert api.deliver("imports", *account.take_bodies(Queue.IMPORTS)) == []
    return api.get(f"/v1/imports/{import_id}")


def test_imports_the_good_rows_and_lists_the_others(api: Api, account: Account) -> None:
    import_id = upload(api, account, FILE)

    done = run(api, account, import_id).body

    assert done["status"] == "done"
    assert done["problem"] is None
    assert done["progress"] == {"bytes_total": len(FILE), "bytes_done": len(FILE)}
    assert done["counts"] == {
        "rows": 5,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": 3,
        "consents_granted": 2,
        "consents_withdrawn": 0,
        "problems": {"duplicate_in_file": 1, "formula_injection": 1, "landline": 1},
        "warnings": {},
    }
    assert done["errors"]["rows"] == 3
    listed = account.get_object(urlsplit(done["errors"]["url"]).path.lstrip("/"))
    assert [line.split(",")[:3] for line in listed.decode("utf-8-sig").splitlines()] == [
        ["row", "column", "code"],
        ["4", "휴대폰", "landline"],
        ["5", "고객번호", "duplicate_in_file"],
        ["6", "name", "formula_injection"],
    ]


def test_the_contacts_and_their_evidence_are_there(api: Api, account: Account) -> None:
    import_id = upload(api, account, FILE)
    run(api, account, import_id)

    contact = api.get("/v1/contacts/C1").body
    assert contact["phone"] == "+821000000001"
    assert contact["attributes"] == {"name": "김하나", "회원등급": "VIP"}
    assert contact["groups"] == ["VIP"]
    assert {key: each["granted"] for key, each in contact["consents"].items()} == {
        "sms:advertising": True,
        "sms:night_advertising": True,
    }
    history = api.get("/v1/contacts/C1/consents").body
    assert f"import:{import_id}" in json.dumps(history)
    assert api.get("/v1/contacts/C2").body["consents"] == {}
    assert api.get("/v1/contacts/C5").status == 404


def test_the_same_file_again_changes_nothing(api: Api, account: Account) -> None:
    run(api, account, upload(api, account, FILE))
    before = api.get("/v1/contacts/C1/consents").body["items"]

    counts = run(api, account, upload(api, account, FILE)).body["counts"]

    assert (counts["created"], counts["updated"], counts["unchanged"]) == (0, 0, 2)
    assert (counts["consents_granted"], counts["rejected"]) == (0, 3)
    assert api.get("/v1/contacts/C1/consents").body["items"] == before


def test_the_same_job_delivered_again_changes_nothing(api: Api, account: Account) -> None:
    import_id = upload(api, account, FILE)
    before = run(api, account, import_id).body

    assert api.deliver("imports", to_body(ImportJob(import_id=import_id))) == []

    after = api.get(f"/v1/imports/{import_id}").body
    assert after["counts"] == before["counts"]


def test_rejects_a_phone_that_belongs_to_another_contact(api: Api, account: Account) -> None:
    assert api.put("/v1/contacts/B1", {"phone": "010-0000-0001"}).status == 201

    done = run(api, account, upload(api, account, FILE)).body

    assert done["counts"]["problems"]["address_taken"] == 1
    assert (done["counts"]["created"], done["counts"]["rejected"]) == (1, 4)
    assert api.get("/v1/contacts/C1").status == 404


def test_a_withdrawal_is_not_undone_by_an_older_list(api: Api, account: Account) -> None:
    run(api, account, upload(api, account, FILE))
    refusal = {
        "channel": "sms",
        "purpose": "advertising",
        "action": "withdraw",
        "source": "call",
        "at": "2026-04-01T00:00:00+09:00",
    }
    assert api.post("/v1/contacts/C1/consents", refusal).status == 201

    counts = run(api, account, upload(api, account, FILE)).body["counts"]

    assert counts["warnings"] == {
        "consent_kept_withdrawn": 1,
    }
    consents = api.get("/v1/contacts/C1").body["consents"]
    assert not consents["sms:advertising"]["granted"]


@pytest.mark.parametrize(
    ("content", "code", "columns"),
    [
        (bytes(1000), "not_a_text_file", []),
        (b"\xff\xfe\xfd", "wrong_encoding", []),
        ("이름,휴대폰\n김하나,010-0000-0001\n".encode(), "missing_columns", ["contact_id"]),
        ("고객번호,휴대폰,핸드폰\n".encode(), "duplicate_columns", ["휴대폰", "핸드폰"]),
    ],
)
def test_says_why_a_whole_file_is_refused(
    api: Api, account: Account, content: bytes, code: str, columns: list[str]
) -> None:
    refused = run(api, account, upload(api, account, content)).body

    assert refused["status"] == "refused"
    assert (refused["problem"]["code"], refused["problem"]["columns"]) == (code, columns)
    assert refused["problem"]["message"]
    assert refused["errors"] is None
    assert refused["counts"]["rows"] == 0


def test_an_upload_url_is_given_and_needs_no_headers(api: Api) -> None:
    made = api.post("/v1/imports", {"filename": "고객.csv"})

    assert made.status == 201
    assert made.body["status"] == "awaiting_file"
    assert made.body["upload"]["method"] == "PUT"
    assert made.body["upload"]["headers"] == {}
    assert "X-Amz-Signature=" in made.body["upload"]["url"]


def test_does_not_start_before_the_file_is_there(api: Api) -> None:
    import_id = api.post("/v1/imports", {"filename": "고객.csv"}).body["import_id"]

    answer = api.post(f"/v1/imports/{import_id}/start", {})

    assert (answer.status, answer.body["code"]) == (409, "file_missing")


def test_does_not_start_twice_what_is_finished(api: Api, account: Account) -> None:
    import_id = upload(api, account, FILE)
    run(api, account, import_id)

    answer = api.post(f"/v1/imports/{import_id}/start", {})

    assert (answer.status, answer.body["code"]) == (409, "import_finished")


@pytest.mark.parametrize("path", ["/v1/imports/imp_0", "/v1/imports/imp_0/start"])
def test_does_not_know_an_import_that_nobody_made(api: Api, path: str) -> None:
    answer = api.post(path, {}) if path.endswith("start") else api.get(path)

    assert (answer.status, answer.body["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [{}, {"filename": ""}, {"filename": "a\nb"}, {"filename": "x" * 201}, {"name": "x"}],
)
def test_refuses_a_bad_request(api: Api, body: dict[str, str]) -> None:
    answer = api.post("/v1/imports", body)

    assert (answer.status, answer.body["code"]) == (422, "invalid_input")


def test_needs_the_scope_of_contacts(make_api: Callable[..., Api]) -> None:
    caller = make_api("send")

    answer = caller.post("/v1/imports", {"filename": "고객.csv"})

    assert (answer.status, answer.body["code"]) == (403, "forbidden")


def test_logs_no_value_of_the_file(
    api: Api, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    run(api, account, upload(api, account, FILE))

    logged = capsys.readouterr()
    for value in ("김하나", "0000001", "a@example.com", "cmd|", "고객.csv"):
        assert value not in logged.out + logged.err


def test_imports_endpoints_of_pinpoint(api: Api, account: Account) -> None:
    endpoints = [
        {
            "Id": "ep1",
            "ChannelType": "SMS",
            "Address": "+821000000071",
            "OptOut": "ALL",
            "EffectiveDate": "2026-05-01T00:00:00.000Z",
            "User": {"UserId": "u71", "UserAttributes": {"Tier": ["gold"]}},
            "Attributes": {"city": ["서울"]},
            "Metrics": {"visits": 3.0},
        },
        {
            "Id": "ep2",
            "ChannelType": "EMAIL",
            "Address": "u71@example.com",
            "OptOut": "ALL",
            "User": {"UserId": "u71"},
        },
        {"Id": "ep3", "ChannelType": "SMS", "Address": "+821000000072", "OptOut": "NONE"},
    ]
    content = gzip.compress("\n".join(map(json.dumps, endpoints)).encode())
    made = api.post("/v1/imports", {"filename": "endpoints.gz", "kind": "pinpoint"}).body
    account.put_object(urlsplit(made["upload"]["url"]).path.lstrip("/"), content)

    done = run(api, account, made["import_id"]).body

    assert (made["kind"], done["kind"]) == ("pinpoint", "pinpoint")
    assert (done["status"], done["counts"]["rejected"]) == ("done", 0)
    person = api.get("/v1/contacts/u71").body
    assert (person["phone"], person["email"]) == ("+821000000071", "u71@example.com")
    assert person["attributes"] == {"user_Tier": "gold", "city": "서울", "metric_visits": 3.0}
    assert [(each["reason"], each["scope"]) for each in person["suppressed"]] == [
        ("opt_out_carrier", "all")
    ]
    assert not api.get("/v1/contacts/ep3").body["consents"]
    listed = api.get("/v1/suppressions").body["items"]
    source = f"pinpoint:{made['import_id']}"
    assert [each["source"] for each in listed].count(source) == 2


def test_a_mapping_says_what_the_columns_are(api: Api, account: Account) -> None:
    mapping = {"번호": "contact_id", "폰": "phone", "메모": "ignore", "동네": "attribute:city"}
    made = api.post("/v1/imports", {"filename": "a.csv", "mapping": mapping}).body
    content = "번호,폰,메모,동네\nM1,010-0000-0001,=x,서울\n".encode()
    account.put_object(urlsplit(made["upload"]["url"]).path.lstrip("/"), content)

    done = run(api, account, made["import_id"]).body

    assert done["columns"] == [
        {"name": "번호", "field": "contact_id"},
        {"name": "폰", "field": "phone"},
        {"name": "메모", "field": "ignore"},
        {"name": "city", "field": "attribute"},
    ]
    assert done["counts"]["created"] == 1
    assert done["counts"]["warnings"] == {}
    assert api.get("/v1/contacts/M1").body["attributes"] == {"city": "서울"}


def test_names_mapped_headers_that_the_file_has_not(api: Api, account: Account) -> None:
    made = api.post("/v1/imports", {"filename": "a.csv", "mapping": {"전번": "phone"}}).body
    account.put_object(urlsplit(made["upload"]["url"]).path.lstrip("/"), FILE)

    refused = run(api, account, made["import_id"]).body

    assert refused["status"] == "refused"
    assert refused["problem"]["code"] == "unknown_headers"
    assert refused["problem"]["columns"] == ["전번"]


def test_names_every_wrong_field_of_a_mapping(api: Api) -> None:
    mapping = {"가": "fax", "나": "attribute:A b", "다": "phone"}

    refused = api.post("/v1/imports", {"filename": "a.csv", "mapping": mapping})

    assert refused.status == 422
    assert [(each["pointer"], each["code"]) for each in refused.body["errors"]] == [
        ("/mapping/가", "unknown_field"),
        ("/mapping/나", "unknown_field"),
    ]
    twice = api.post(
        "/v1/imports", {"filename": "a.csv", "mapping": {"가": "phone", "나": "phone"}}
    )
    assert [(each["pointer"], each["code"]) for each in twice.body["errors"]] == [
        ("/mapping", "duplicate")
    ]


def test_a_dry_run_tells_what_the_import_would_do(api: Api, account: Account) -> None:
    import_id = upload(api, account, FILE)

    assert api.post(f"/v1/imports/{import_id}/dry-run", {}).status == 202
    assert api.post(f"/v1/imports/{import_id}/start", {}).body["code"] == "dry_run_running"
    assert api.deliver("imports", *account.take_bodies(Queue.IMPORTS)) == []

    told = api.get(f"/v1/imports/{import_id}").body
    assert told["status"] == "dry_run_done"
    assert told["progress"] == {"bytes_total": len(FILE), "bytes_done": len(FILE)}
    assert [each["field"] for each in told["columns"][:3]] == ["contact_id", "attribute", "phone"]
    listed = account.get_object(urlsplit(told["errors"]["url"]).path.lstrip("/"))
    assert api.get("/v1/contacts/C1").status == 404

    done = run(api, account, import_id).body
    assert done["status"] == "done"
    assert (done["counts"], done["columns"]) == (told["counts"], told["columns"])
    assert account.get_object(urlsplit(done["errors"]["url"]).path.lstrip("/")) == listed
    assert api.get("/v1/contacts/C1").status == 200
    assert api.post(f"/v1/imports/{import_id}/dry-run", {}).body["code"] == "import_started"


def undo(api: Api, account: Account, import_id: str) -> Answer:
    """Undo an import and let the workers finish it."""
    assert api.post(f"/v1/imports/{import_id}/undo", {}).status == 202
    assert api.deliver("imports", *account.take_bodies(Queue.IMPORTS)) == []
    return api.get(f"/v1/imports/{import_id}")


def test_undoes_a_finished_import(api: Api, account: Account) -> None:
    api.put("/v1/contacts/C2", {"phone": "+821000000009", "attributes": {"name": "옛이름"}})
    import_id = upload(api, account, FILE)
    assert api.post(f"/v1/imports/{import_id}/undo", {}).body["code"] == "import_not_finished"
    run(api, account, import_id)
    assert api.get("/v1/contacts/C2").body["phone"] == "+821000000002"

    undone = undo(api, account, import_id).body

    assert undone["status"] == "undone"
    assert undone["counts"]["created"] == 1
    assert undone["undone"] == {
        "erased": 1,
        "restored": 1,
        "left_changed": 0,
        "consents_withdrawn": 2,
    }
    assert api.get("/v1/contacts/C1").status == 404
    restored = api.get("/v1/contacts/C2").body
    assert (restored["phone"], restored["attributes"]) == ("+821000000009", {"name": "옛이름"})
    assert api.post(f"/v1/imports/{import_id}/undo", {}).body["code"] == "import_undone"


def test_who_an_undo_erased_is_erased_everywhere_and_keeps_evidence(
    api: Api, account: Account
) -> None:
    import_id = upload(api, account, FILE)
    run(api, account, import_id)
    subject = ConsentStore().history(ContactId("C1"))[0].subject

    undo(api, account, import_id)

    assert api.deliver("privacy", *account.take_bodies(Queue.PRIVACY)) == []
    certificate = next(
        each for each in api.get("/v1/erasures").body["items"] if each["subject"] == subject
    )
    assert (certificate["status"], certificate["actor"]) == ("swept_once", f"undo:{import_id}")
    kept = ConsentStore().history_of_erased(subject)
    assert [each.source for each in kept] == [f"import:{import_id}"] * 2 + [f"undo:{import_id}"] * 2
    assert chain_breaks(kept) == ()


def test_after_an_undo_the_corrected_file_can_be_imported(api: Api, account: Account) -> None:
    import_id = upload(api, account, FILE)
    run(api, account, import_id)
    undo(api, account, import_id)

    again = run(api, account, upload(api, account, FILE)).body

    assert (again["counts"]["created"], again["counts"]["consents_granted"]) == (2, 2)
    assert len(ConsentStore().history(ContactId("C1"))) == 2
