"""Stand-ins for what the redirect needs, and events as API Gateway makes them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from functions.contracts.destination_document import destinations_to_text
from functions.contracts.errors import Unavailable
from functions.contracts.queues import LinkHit, LinkOpened
from functions.domain.destination import Destination
from functions.domain.tracking_code import Coder
from functions.redirect.service import RedirectDeps
from functions.redirect.slugs import Slugs
from functions.redirect.targets import Targets

HEALTH_WORD = "a-word-that-only-this-deployment-knows"
NOW = datetime(2026, 11, 22, 3, 0, 0, tzinfo=UTC)
CODER = Coder(b"a-key-of-thirty-two-bytes-------")
LINKS = ("https://shop.example.com/sale?a=1&b=2", "https://shop.example.com/할인")
META = {"template": ["welcome", 3], "source": ["campaign", "cmp_1", "000000"]}
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36"
)


class FakeRows:
    """Rows of the two tables; counts what is read."""

    def __init__(self, links: tuple[str, ...] = LINKS, *, batches: tuple[int, ...] = (7,)) -> None:
        self.rows: dict[tuple[object, ...], str] = {
            ("batches", batch, "META", "meta"): json.dumps(META) for batch in batches
        }
        self.rows["templates", "welcome", 3, "links"] = json.dumps(list(links))
        self.reads: list[tuple[str, bool]] = []
        self.broken = False
        self.late: set[str] = set()

    def lead(self, *destinations: Destination, **utm: str) -> None:
        """Have the template's links lead there."""
        text = destinations_to_text(destinations, utm)
        self.rows["templates", "welcome", 3, "destinations"] = text

    def stand_alone(self, slug: str, destination: Destination, **utm: str) -> None:
        """Have a standalone link lead there."""
        text = destinations_to_text((destination,), utm)
        self.rows["links", "links", slug, "lead"] = text

    def row_text(
        self, table: str, key: Mapping[str, str | int], attribute: str, *, consistent: bool
    ) -> str | None:
        self.reads.append((table, consistent))
        if self.broken:
            msg = "dynamodb GetItem answered 500"
            raise Unavailable(msg)
        if table in self.late and not consistent:
            return None
        return self.rows.get((table, *key.values(), attribute))


class FakeClicks:
    """Keeps hits, or refuses them."""

    def __init__(self) -> None:
        self.hits: list[LinkHit | LinkOpened] = []
        self.fault: Exception | None = None

    def put(self, hit: LinkHit | LinkOpened) -> None:
        if self.fault is not None:
            raise self.fault
        self.hits.append(hit)


def targets_of(rows: FakeRows, *, max_batches: int = 10) -> Targets:
    return Targets(
        rows, batches_table="batches", templates_table="templates", max_batches=max_batches
    )


def deps_of(rows: FakeRows, clicks: FakeClicks) -> RedirectDeps:
    return RedirectDeps(
        coder=CODER,
        targets=targets_of(rows),
        slugs=Slugs(rows, table="links", max_slugs=10),
        clicks=clicks,
        health=HEALTH_WORD,
    )


def an_event(
    code: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
) -> dict[str, object]:
    return {
        "resource": "/{code}",
        "path": f"/{code}",
        "httpMethod": method,
        "headers": {"User-Agent": PHONE, "Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8"}
        | dict(headers or {}),
        "pathParameters": {"code": code},
        "queryStringParameters": None,
        "requestContext": {"requestId": "req-1", "identity": {"sourceIp": "203.0.113.77"}},
        "body": None,
    }
