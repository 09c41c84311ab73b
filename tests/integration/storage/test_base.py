from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import (
    DeleteError,
    PutError,
    PynamoDBException,
    TransactWriteError,
    UpdateError,
)
from pynamodb.transactions import TransactWrite

from functions.contracts.errors import Unavailable
from functions.storage.audiences import AudienceItem
from functions.storage.audit import AuditItem
from functions.storage.base import (
    Item,
    connection,
    forget_connection,
    position_of,
    start_key,
    written,
)
from functions.storage.batches import BatchItem
from functions.storage.campaigns import CampaignItem
from functions.storage.consents import ConsentItem
from functions.storage.contacts import ContactItem
from functions.storage.coupons import CouponItem
from functions.storage.day_records import DayRecordItem
from functions.storage.erasures import ErasureItem
from functions.storage.exports import ExportItem
from functions.storage.histories import PageItem
from functions.storage.images import ImageItem
from functions.storage.imports import ImportItem
from functions.storage.keys import KeyItem
from functions.storage.link_rows import LinkItem
from functions.storage.notices import NoticeItem
from functions.storage.policies import PolicyItem
from functions.storage.refreshes import RefreshItem
from functions.storage.requests import RequestItem
from functions.storage.senders import SenderItem
from functions.storage.suppressions import AddressItem, SuppressionItem
from functions.storage.templates import TemplateItem
from functions.storage.timers import TimerItem
from functions.storage.webhook_rows import WebhookItem

MODELS = [
    AddressItem,
    AudienceItem,
    AuditItem,
    BatchItem,
    CampaignItem,
    ConsentItem,
    ContactItem,
    CouponItem,
    DayRecordItem,
    ErasureItem,
    ExportItem,
    ImageItem,
    ImportItem,
    KeyItem,
    LinkItem,
    NoticeItem,
    PageItem,
    PolicyItem,
    RefreshItem,
    RequestItem,
    SenderItem,
    SuppressionItem,
    TemplateItem,
    TimerItem,
    WebhookItem,
]


def test_every_model_is_tested_here() -> None:
    ours = [each for each in Item.__subclasses__() if each.__module__.startswith("functions.")]

    assert set(ours) == set(MODELS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_share_one_connection(model: type[Item]) -> None:
    assert model._get_connection().connection is connection()


def test_models_share_one_client() -> None:
    clients = {id(model._get_connection().connection.client) for model in MODELS}

    assert len(clients) == 1


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_are_found_under_the_names_of_the_template(model: type[Item]) -> None:
    assert model._get_connection().table_name == f"allim-test-{model.Meta.table}"  # type: ignore[attr-defined]
    assert model.describe_table()["TableStatus"] == "ACTIVE"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_keys_are_those_of_the_template(model: type[Item]) -> None:
    schema = model.describe_table()["KeySchema"]

    keys = {each["KeyType"]: each["AttributeName"] for each in schema}
    assert keys["HASH"] == model._hash_keyname
    assert keys.get("RANGE") == model._range_keyname


def test_another_account_gets_another_connection() -> None:
    before = connection()

    forget_connection()

    assert connection() is not before
    assert KeyItem._get_connection().connection is connection()


def a_key(key_id: str = "key_1") -> KeyItem:
    return KeyItem(key_id, name="shop")


def test_write_whose_condition_holds_is_written() -> None:
    assert written(lambda: a_key().save(condition=KeyItem.key_id.does_not_exist()))


@pytest.mark.parametrize(
    "write",
    [
        lambda: a_key().save(condition=KeyItem.name == "other"),
        lambda: a_key().update(
            actions=[KeyItem.name.set("new")], condition=KeyItem.name == "other"
        ),
        lambda: a_key().delete(condition=KeyItem.name == "other"),
    ],
    ids=["put", "update", "delete"],
)
def test_write_whose_condition_does_not_hold_is_told(write: Callable[[], object]) -> None:
    a_key().save()

    assert not written(write)
    assert KeyItem.get("key_1").name == "shop"


def test_transaction_of_which_one_condition_does_not_hold_writes_nothing() -> None:
    a_key("key_2").save()

    def write() -> None:
        with TransactWrite(connection=connection()) as transaction:
            transaction.save(a_key("key_1"))
            transaction.save(a_key("key_2"), condition=KeyItem.key_id.does_not_exist())

    assert not written(write)
    assert KeyItem.count("key_1") == 0


class NoTable(Item):
    """A model whose table nobody made."""

    class Meta:
        table = "nowhere"

    key = UnicodeAttribute(hash_key=True)


@pytest.fixture
def _no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NOWHERE", "allim-test-nowhere")


@pytest.mark.usefixtures("_no_table")
@pytest.mark.parametrize(
    "write",
    [
        lambda: NoTable("x").save(),
        lambda: NoTable("x").update(actions=[NoTable.key.set("y")]),
        lambda: NoTable("x").delete(),
    ],
    ids=["put", "update", "delete"],
)
def test_any_other_fault_of_the_store_is_unavailable(write: Callable[[], object]) -> None:
    with pytest.raises(Unavailable, match="ResourceNotFoundException"):
        written(write)


@pytest.mark.parametrize("kind", [PutError, UpdateError, DeleteError, TransactWriteError])
def test_words_of_the_store_are_not_passed_on(kind: type[PynamoDBException]) -> None:
    refusal = {"Error": {"Code": "ThrottlingException", "Message": "010-0000-0001"}}
    cause = ClientError(refusal, "PutItem")  # type: ignore[arg-type]

    def write() -> None:
        raise kind("010-0000-0001", cause)

    with pytest.raises(Unavailable) as raised:
        written(write)

    assert "0000" not in str(raised.value)
    assert "ThrottlingException" in str(raised.value)


@pytest.mark.parametrize(
    "key",
    [None, {"id": {"S": "c1"}}, {"id": {"S": "N:7"}, "version": {"N": "7"}}, {"id": {"S": ""}}],
)
def test_position_of_a_list_is_its_last_key_in_plain_text(
    key: dict[str, dict[str, str]] | None,
) -> None:
    assert start_key(position_of(key)) == key
