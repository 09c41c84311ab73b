"""A notice to many: each person's list shows it, also after a merge, and not after an erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from infra.local.carrier.client import wait_until

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e


def test_a_notice_of_a_campaign_stands_in_the_list_of_each_person(shop: Shop) -> None:
    stays, merges, leaves = (shop.a_customer() for _ in range(3))
    outsider = shop.a_customer()
    _told(shop, [stays, merges, leaves])
    before = {each: _listed(shop, each) for each in (stays, merges, leaves)}

    shop.api.post(f"/v1/contacts/{stays}/merge", {"from": merges})
    shop.api.delete(f"/v1/contacts/{leaves}")

    assert [len(each) for each in before.values()] == [1, 1, 1]
    assert _listed(shop, outsider) == []
    assert sorted(_listed(shop, stays)) == sorted(before[stays] + before[merges])
    assert _listed(shop, merges) == []
    wait_until(lambda: _listed(shop, leaves) == [], deadline_s=30)
    emptied = shop.message(before[leaves][0])
    assert (emptied["contact_id"], emptied["phone"], emptied["text"]) == (None, None, "")
    assert set(shop.dead_letters().values()) == {0}


def _told(shop: Shop, people: list[str]) -> None:
    made: dict[str, Any] = shop.api.post(
        "/v1/campaigns",
        {
            "name": "배송 안내",
            "template_id": shop.a_template("배송을 시작했습니다."),
            "template_version": 1,
            "sender_id": shop.a_sender(),
            "recipients": {"direct": people},
        },
    )
    shop.api.post(f"/v1/campaigns/{made['campaign_id']}/launch", {})
    place = f"/v1/campaigns/{made['campaign_id']}/report"
    wait_until(lambda: shop.api.get(place)["status"] == "finished", deadline_s=60)


def _listed(shop: Shop, contact_id: str) -> list[str]:
    items = shop.api.get("/v1/messages", contact_id=contact_id)["items"]
    return [each["message_id"] for each in items]
