"""Keys, senders, templates, images and requests: one row a thing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.access.service import hash_secret
from functions.domain.ad_words import AdWarning, AdWarningCode
from functions.domain.api_key import StoredKey
from functions.domain.batch import Binding
from functions.domain.channel import Channel, Purpose
from functions.domain.destination import Destination, Replaced
from functions.domain.ids import (
    MAIN_ACCOUNT,
    AccountName,
    BatchNumber,
    ImageId,
    KeyId,
    ProofId,
    SenderId,
    TemplateId,
)
from functions.domain.image import StoredImage
from functions.domain.pace import Per, Rate
from functions.domain.sender import Proof, ProofKind, SenderStatus
from functions.domain.template import Template, TemplateStatus
from functions.storage.images import ImageStore
from functions.storage.keys import KeyStore
from functions.storage.requests import RequestItem, RequestStore
from functions.storage.senders import SenderStore
from functions.storage.templates import TemplateStore
from tests.builders import NOON, a_sender, a_template
from tests.fakes.stores import FakeKeys, FakeRequests, FakeSenders, FakeTemplates

KEY_1, SND_1, TPL_1 = KeyId("key_1"), SenderId("snd_1"), TemplateId("tpl_1")
IMG_1 = ImageId("img_1")


def a_key(key_id: KeyId = KEY_1) -> StoredKey:
    return StoredKey(
        key_id=key_id,
        name="온라인 상점",
        scopes=frozenset({"send", "read"}),
        created=NOON,
        secret_hash=hash_secret("s" * 32),
    )


@pytest.fixture(params=[FakeKeys, KeyStore], ids=["fake", "real"])
def keys(request: pytest.FixtureRequest) -> Any:
    return request.param()


def test_key_is_read_as_it_was_written(keys: Any) -> None:
    keys.add(a_key())

    assert keys.get(KEY_1) == a_key()
    assert keys.all() == (a_key(),)
    assert keys.get(KeyId("key_2")) is None


def test_key_is_revoked(keys: Any) -> None:
    keys.add(a_key())

    assert keys.revoke(KEY_1, now=NOON)

    assert keys.get(KEY_1) == replace(a_key(), revoked=NOON)


def test_key_that_is_not_there_is_not_revoked(keys: Any) -> None:
    assert not keys.revoke(KEY_1, now=NOON)
    assert keys.get(KEY_1) is None


def test_key_is_never_overwritten() -> None:
    KeyStore().add(a_key())

    with pytest.raises(Exception, match="ConditionalCheckFailed"):
        KeyStore().add(a_key())


PROOF = Proof(
    proof_id=ProofId("prf_1"),
    kind=ProofKind.TELECOM_CERTIFICATE,
    object_key="senders/snd_1/proof-prf_1",
    added=NOON,
)


@pytest.fixture(params=[FakeSenders, SenderStore], ids=["fake", "real"])
def senders(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.mark.parametrize(
    "sender",
    [
        a_sender(),
        a_sender(opt_out_number=None, status=SenderStatus.PENDING),
        a_sender(contact="15880000", registered=NOON, proofs=(PROOF,)),
        a_sender(accounts={AccountName("second"): "0200001234"}),
        a_sender(channel=Channel.KAKAO, address="KA01PF", display_name="상점 🌸"),
        a_sender(rate=Rate(messages=60, per=Per.HOUR)),
    ],
)
def test_sender_is_read_as_it_was_written(senders: Any, sender: Any) -> None:
    senders.add(sender)

    assert senders.get(SND_1) == sender
    assert senders.get(SenderId("snd_2")) is None


@pytest.mark.parametrize("status", list(SenderStatus))
def test_sender_is_reviewed_to_any_status(senders: Any, status: SenderStatus) -> None:
    before = a_sender(status=SenderStatus.PENDING)
    senders.add(before)
    after = replace(before, status=status, note="확인", reviewed=NOON, valid_until=NOON)

    assert senders.change(before, after)

    assert senders.get(SND_1) == after


def test_sender_loses_what_a_new_review_does_not_say(senders: Any) -> None:
    before = a_sender(note="확인", valid_from=NOON, valid_until=NOON, reviewed=NOON)
    senders.add(before)
    after = replace(before, note="", valid_from=None, valid_until=None)

    assert senders.change(before, after)

    assert senders.get(SND_1) == after


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"status": SenderStatus.SUSPENDED},
        {"proofs": (PROOF, PROOF)},
        {"reviewed": NOON + timedelta(seconds=1)},
        {"accounts": {"second": "0200001234"}},
        {"rate": Rate(messages=60, per=Per.HOUR)},
    ],
)
def test_sender_is_not_changed_on_facts_of_yesterday(
    senders: Any, meanwhile: dict[str, Any]
) -> None:
    before = a_sender(proofs=(PROOF,), reviewed=NOON)
    senders.add(before)
    changed = replace(before, **meanwhile)
    assert senders.change(before, changed)

    assert not senders.change(before, replace(before, note="too late"))

    assert senders.get(SND_1) == changed


def test_sender_that_is_not_there_does_not_change(senders: Any) -> None:
    assert not senders.change(a_sender(), a_sender(status=SenderStatus.REJECTED))
    assert senders.get(SND_1) is None


def test_list_shows_every_sender_once() -> None:
    store = SenderStore()
    ids = {SenderId(f"snd_{number}") for number in range(5)}
    for each in ids:
        store.add(a_sender(sender_id=each))

    first = store.page(limit=3, position=None)
    second = store.page(limit=3, position=first.after)

    assert {each.sender_id for each in (*first.items, *second.items)} == ids
    assert second.after is None


WARNING = AdWarning(code=AdWarningCode.AD_WORDS, found=("빅세일", "쿠폰 증정"))


_ONE_LINK: dict[str, Any] = {
    "links": ("https://a.example/할인",),
    "destinations": (
        Destination(url="https://a.example/할인", ios="myapp://7", android=None, until=NOON),
    ),
}


@pytest.fixture(params=[FakeTemplates, TemplateStore], ids=["fake", "real"])
def templates(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.mark.parametrize(
    "template",
    [
        a_template(),
        a_template(
            subject="제목", image_id=IMG_1, note="확인 완료", utm={"source": "sms"}, **_ONE_LINK
        ),
        a_template(utm={"campaign": "{campaign}"}),
        a_template(
            channel=Channel.KAKAO,
            purpose=Purpose.TRANSACTIONAL,
            provider_template_id="KA01TP",
            provider_template_ids={AccountName("second"): "KA01TP2"},
            variables={"이름": "{{ contact.name }}"},
            status=TemplateStatus.DRAFT,
        ),
        a_template(goods="도서", tags=frozenset({"봄", "여름"}), ad_warnings=(WARNING,)),
    ],
)
def test_template_is_read_as_it_was_written(templates: Any, template: Any) -> None:
    assert templates.add(template)

    assert templates.get(TPL_1, 1) == template
    assert templates.get(TPL_1, 2) is None
    assert templates.versions(TPL_1) == (template,)


def test_version_is_never_overwritten(templates: Any) -> None:
    templates.add(a_template())

    assert not templates.add(a_template(body="another"))

    assert templates.get(TPL_1, 1) == a_template()


def test_versions_are_listed_newest_first(templates: Any) -> None:
    for version in (1, 2, 10, 9):
        templates.add(a_template(version=version))
    templates.add(a_template(template_id=TemplateId("tpl_2"), version=3))

    assert [each.version for each in templates.versions(TPL_1)] == [10, 9, 2, 1]
    assert templates.versions(TemplateId("tpl_9")) == ()


def test_template_moves_unless_it_moved_meanwhile(templates: Any) -> None:
    submitted = a_template(status=TemplateStatus.SUBMITTED)
    templates.add(submitted)

    assert templates.move(submitted, to=TemplateStatus.APPROVED, note="좋습니다")
    assert not templates.move(submitted, to=TemplateStatus.REJECTED, note="")

    expected = a_template(status=TemplateStatus.APPROVED, note="좋습니다")
    assert templates.get(TPL_1, 1) == expected


def test_first_approval_fixes_the_class_of_all_versions(templates: Any) -> None:
    facts: dict[str, Any] = {"status": TemplateStatus.SUBMITTED}
    ad, notice, later_ad = (
        a_template(version=1, **facts),
        a_template(version=2, purpose=Purpose.TRANSACTIONAL, **facts),
        a_template(version=3, **facts),
    )
    for each in (ad, notice, later_ad):
        templates.add(each)

    assert templates.move(later_ad, to=TemplateStatus.APPROVED, note="")
    assert not templates.move(notice, to=TemplateStatus.APPROVED, note="")
    assert templates.move(ad, to=TemplateStatus.APPROVED, note="")
    assert templates.move(notice, to=TemplateStatus.REJECTED, note="")

    assert [each.status for each in templates.versions(TPL_1)] == [
        TemplateStatus.APPROVED,
        TemplateStatus.REJECTED,
        TemplateStatus.APPROVED,
    ]


def test_first_version_fixes_the_class_too(templates: Any) -> None:
    first = a_template(status=TemplateStatus.SUBMITTED)
    notice = replace(first, version=2, purpose=Purpose.TRANSACTIONAL)
    templates.add(first)
    templates.add(notice)

    assert templates.move(first, to=TemplateStatus.APPROVED, note="")
    assert not templates.move(notice, to=TemplateStatus.APPROVED, note="")


def test_version_moves_with_its_warnings(templates: Any) -> None:
    submitted = a_template(status=TemplateStatus.SUBMITTED)
    templates.add(submitted)
    warned = replace(submitted, ad_warnings=(WARNING,))

    assert templates.move(warned, to=TemplateStatus.APPROVED, note="확인")

    assert templates.get(TPL_1, 1).ad_warnings == (WARNING,)


def _led(template: Template, url: str) -> Template:
    before = Replaced(place=0, destination=template.destinations[0], at=NOON, key_id="key_1")
    return replace(
        template,
        destinations=(Destination(url=url),),
        replaced=(*template.replaced, before),
    )


def test_a_link_is_led_elsewhere_and_where_it_led_is_kept(templates: Any) -> None:
    first = a_template(utm={"source": "sms"}, **_ONE_LINK)
    templates.add(first)
    second = _led(first, "https://b.example")
    third = _led(second, "https://c.example")

    assert templates.lead(second, before=0)
    assert templates.lead(third, before=1)

    assert templates.get(TPL_1, 1) == third


def test_of_two_who_lead_a_link_elsewhere_one_is_told(templates: Any) -> None:
    first = a_template(**_ONE_LINK)
    templates.add(first)
    templates.lead(_led(first, "https://b.example"), before=0)
    # As the first left it but for the history: that it leads where it did proves nothing.
    back = _led(_led(first, "https://b.example"), first.destinations[0].url)
    templates.lead(back, before=1)

    assert not templates.lead(_led(first, "https://c.example"), before=0)
    assert not templates.lead(_led(back, "https://c.example"), before=1)

    assert templates.get(TPL_1, 1) == back


def test_links_of_a_version_that_is_not_there_lead_nowhere(templates: Any) -> None:
    template = a_template(**_ONE_LINK)

    assert not templates.lead(_led(template, "https://b.example"), before=0)
    assert templates.get(TPL_1, 1) is None


def test_rows_of_before_lead_where_their_text_says() -> None:
    template = a_template(links=("https://a.example",))
    TemplateStore().add(template)

    read = TemplateStore().get(TPL_1, 1)

    assert read == replace(template, destinations=(Destination(url="https://a.example"),))
    assert TemplateStore().lead(_led(read, "https://b.example"), before=0)


def test_template_that_is_not_there_does_not_move(templates: Any) -> None:
    assert not templates.move(a_template(), to=TemplateStatus.APPROVED, note="")
    assert templates.get(TPL_1, 1) is None


def test_list_shows_every_version_once() -> None:
    store = TemplateStore()
    keys = {(f"tpl_{number}", version) for number in range(3) for version in (1, 2)}
    for template_id, version in keys:
        store.add(a_template(template_id=TemplateId(template_id), version=version))

    first = store.page(limit=4, position=None)
    second = store.page(limit=4, position=first.after)

    found = {(each.template_id, each.version) for each in (*first.items, *second.items)}
    assert found == keys
    assert second.after is None


def test_image_is_read_as_it_was_written_and_uploaded_once() -> None:
    store = ImageStore()
    image = StoredImage(
        image_id=IMG_1, object_key="images/img_1.jpg", width=640, height=480, size_bytes=99_000
    )
    store.add(image)
    assert store.get(IMG_1) == image

    store.remember_upload(image, MAIN_ACCOUNT, provider_file_id="FILE1")
    known = store.get(IMG_1)
    assert known is not None
    store.remember_upload(known, AccountName("second"), provider_file_id="FILE2")

    assert store.get(IMG_1) == replace(
        image, provider_file_ids={MAIN_ACCOUNT: "FILE1", "second": "FILE2"}
    )
    assert store.get(ImageId("img_2")) is None


@pytest.fixture(params=[FakeRequests, RequestStore], ids=["fake", "real"])
def requests(request: pytest.FixtureRequest) -> Any:
    return request.param()


def test_request_is_bound_to_the_batches_of_whoever_came_first(requests: Any) -> None:
    first, second = [BatchNumber(7), BatchNumber(8)], [BatchNumber(9)]

    assert requests.claim("req_1", first, now=NOON) == (7, 8)
    assert requests.claim("req_1", second, now=NOON) == (7, 8)
    assert requests.claim("req_2", second, now=NOON) == (9,)


def test_what_a_request_was_bound_to_is_found(requests: Any) -> None:
    assert requests.find("req_1") is None

    requests.claim("req_1", [BatchNumber(7)], now=NOON, fingerprint="f")
    requests.claim("req_1", [BatchNumber(9)], now=NOON, fingerprint="another")

    assert requests.find("req_1") == Binding(batches=(BatchNumber(7),), fingerprint="f")


def test_request_is_remembered_longer_than_its_answer() -> None:
    RequestStore().claim("req_1", [BatchNumber(7)], now=NOON)

    kept = RequestItem.get("send#req_1")

    assert kept.expires_at == int((NOON + timedelta(days=2)).timestamp())
