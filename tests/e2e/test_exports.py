"""A campaign's events in Parquet, read by DuckDB from the bucket, add up to its report."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import duckdb
import httpx
import pytest

from infra.local.carrier.client import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e
_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)


def _launch(shop: Shop, *contact_ids: str) -> str:
    ad = shop.a_template(
        "가을 신상 https://shop.example.com/new", purpose="advertising", name="가을", track="all"
    )
    campaign = shop.api.post(
        "/v1/campaigns",
        {
            "name": "가을 신상",
            "template_id": ad,
            "template_version": 1,
            "sender_id": shop.a_sender(),
            "recipients": {"direct": list(contact_ids)},
        },
    )["campaign_id"]
    shop.api.post(f"/v1/campaigns/{campaign}/launch", {})
    return str(campaign)


def _open_the_link(shop: Shop, contact_id: str, campaign: str) -> None:
    told = shop.api.get(f"/v1/campaigns/{campaign}/why", contact_id=contact_id)
    (found,) = shop.on_the_phone(told["message_id"])
    (link,) = re.findall(r"https?://\S+", found["text"])
    httpx.get(link, headers={"User-Agent": _PHONE}, follow_redirects=False, trust_env=False)


def test_events_in_the_bucket_add_up_to_the_report(shop: Shop, tmp_path: Path) -> None:
    first, second, third = (shop.a_customer() for _ in range(3))
    campaign = _launch(shop, first, second, third)
    report = f"/v1/campaigns/{campaign}/report"
    wait_until(lambda: shop.api.get(report)["delivered"] == 3, deadline_s=60)
    # Who opens a link within seconds of its sending is taken for a machine.
    time.sleep(6)
    _open_the_link(shop, first, campaign)
    wait_until(lambda: shop.api.get(report)["human_clicks"] == 1, deadline_s=60)

    day = shop.system.simulated_now().date().isoformat()
    export = f"/v1/exports/{(name := campaign.removeprefix('cmp_'))}"
    shop.api.put(export, {"format": "parquet", "campaigns": [campaign]})
    run = shop.api.post(f"{export}/runs", {"first_day": day, "last_day": day})["run_id"]
    wait_until(lambda: shop.api.get(f"{export}/runs/{run}")["status"] == "done", deadline_s=90)
    rows, people = _read(shop, f"exports/{name}/v1/day={day}/", tmp_path)

    figures = shop.api.get(report)
    assert rows["message.sent"] == (figures["sent"], figures["cost"]["minor"])
    assert rows["message.delivered"] == (figures["delivered"], None)
    assert rows["message.clicked"] == (figures["human_clicks"], None)
    files = shop.api.get(f"{export}/days/{day}")["files"]
    taken = httpx.get(files[0]["url"], trust_env=False)
    assert (taken.status_code, len(taken.content)) == (200, files[0]["size_bytes"])
    assert people == {first, second, third}

    shop.api.delete(f"/v1/contacts/{first}")
    wait_until(lambda: shop.api.get(f"{export}/days/{day}")["revision"] == 2, deadline_s=90)
    again, left = _read(shop, f"exports/{name}/v1/day={day}/", tmp_path)
    assert (again, left) == (rows, {second, third})
    assert not any(shop.dead_letters().values())


def _read(
    shop: Shop, prefix: str, folder: Path
) -> tuple[dict[str, tuple[int, Any]], set[str | None]]:
    """What a reader does: look into the manifest, take its files, and ask DuckDB."""
    s3 = shop.client("s3")
    bucket = shop.system.deployment.outputs["DataBucketName"]
    body = s3.get_object(Bucket=bucket, Key=f"{prefix}_manifest.json")["Body"].read()
    paths = []
    for place, file in enumerate(json.loads(body)["files"]):
        path = folder / f"{place}.parquet"
        path.write_bytes(s3.get_object(Bucket=bucket, Key=file["key"])["Body"].read())
        paths.append(str(path))
    database = duckdb.connect()
    asked = "SELECT type, count(*), sum(price_minor) FROM read_parquet(?) GROUP BY type"
    found = database.execute(asked, [paths]).fetchall()
    people = "SELECT DISTINCT contact_id FROM read_parquet(?) WHERE contact_id IS NOT NULL"
    return (
        {kind: (count, None if cost is None else int(cost)) for kind, count, cost in found},
        {contact_id for (contact_id,) in database.execute(people, [paths]).fetchall()},
    )
