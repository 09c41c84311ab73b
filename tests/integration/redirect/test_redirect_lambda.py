"""The redirect as Lambda runs it: a process of its own that imports nothing but its module.

AWS is a small HTTP server in front of the account in memory, so that the redirect reads what
the stores wrote, and the click worker what the redirect sent.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from functions.contracts.codec import from_body
from functions.contracts.queues import LinkHit, LinkOpened, Queue
from functions.domain.clicks import Visitor
from functions.domain.destination import Destination, Replaced
from functions.domain.ids import BatchNumber
from functions.domain.standalone_link import StandaloneLink
from functions.domain.tracking_code import Coder
from functions.links import events as links_events
from functions.runtime import aws, observe
from functions.runtime.clock import wall_now
from functions.storage.batches import BatchStore
from functions.storage.standalone_links import StandaloneLinkStore
from functions.storage.templates import TemplateStore
from tests.builders import NOON, a_batch, a_template
from tests.integration.account import Account
from tests.integration.template import REGION, load

ROOT = Path(__file__).parents[3]
LINKS = ("https://shop.example.com/sale?a=1", "https://shop.example.com/할인")
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"
)
FORBIDDEN = {"aws_lambda_powertools", "boto3", "botocore", "pydantic", "pynamodb"}
MOST_MODULES = 190
"""It was 164 when written; one driver or framework more would be far above."""

# What the Lambda runtime does: import the handler's module and call the handler for each event.
RUNTIME = """
import json, sys
from functions.redirect.events import redirect
answers = [redirect(event, None) for event in json.load(sys.stdin)]
json.dump({"answers": answers, "modules": sorted(sys.modules)}, sys.stdout)
"""


@dataclass
class Services:
    """AWS behind a URL, and what was asked of it."""

    account: Account
    url: str = ""
    refuse: set[str] = field(default_factory=set)
    operations: list[str] = field(default_factory=list)

    def answer(self, target: str, arguments: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        prefix, _, operation = target.partition(".")
        self.operations.append(operation)
        if operation in self.refuse:
            return 400, {"__type": "AccessDeniedException"}
        client: Any = {
            "DynamoDB_20120810": self.account.dynamodb,
            "AmazonSQS": self.account.sqs,
            "secretsmanager": self.account.secrets,
        }[prefix]
        method = client.meta.method_to_api_mapping
        name = next(name for name, api in method.items() if api == operation)
        answer = getattr(client, name)(**arguments)
        answer.pop("ResponseMetadata")
        return 200, answer


def handler_of(services: Services) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = services.answer(self.headers["X-Amz-Target"], json.loads(body))
            content = json.dumps(answer, default=str).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler


@pytest.fixture
def services(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The account, with a template of two links and a batch of three messages."""
    monkeypatch.setattr(observe.metrics.provider, "namespace", "Allim")
    destinations = tuple(Destination(url=url) for url in LINKS)
    TemplateStore().add(a_template(links=LINKS, destinations=destinations))
    BatchStore().create([a_batch(7, size=3, created=datetime(2026, 1, 1, tzinfo=UTC))])
    services = Services(account)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(services)) as server:
        services.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield services
        server.shutdown()
        thread.join()


def settings_of_the_function(services: Services) -> dict[str, str]:
    """Exactly what the template and Lambda give this function."""
    declared = load()["Resources"]["Redirect"]["Properties"]["Environment"]["Variables"]
    values = services.account.environment()
    return {name: values[name] for name in declared} | {
        "PATH": os.defpath,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_ENDPOINT_URL": services.url,
    }


def run(services: Services, *events: dict[str, Any]) -> tuple[Any, list[dict[str, Any]]]:
    """Run the handler in a process of its own; gives what it wrote and its log lines."""
    finished = subprocess.run(
        [sys.executable, "-c", RUNTIME],
        input=json.dumps(events),
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env=settings_of_the_function(services),
    )
    lines = [json.loads(line) for line in finished.stderr.splitlines()]
    return json.loads(finished.stdout), lines


def lead(*destinations: Destination, **utm: str) -> None:
    """Have the links of the batch's template lead there, from the first change on."""
    was = a_template(links=LINKS, utm=utm)
    before = Replaced(place=0, destination=Destination(url=LINKS[0]), at=NOON, key_id="key_1")
    now = replace(was, destinations=destinations, replaced=(before,))
    assert TemplateStore().lead(now, before=0)


def an_event(
    ordinal: int, link: int, *, method: str = "GET", agent: str = PHONE, batch: int = 7
) -> dict[str, Any]:
    code = Coder(aws.derived_key("tracking")).encode(batch, ordinal, link)
    return {
        "httpMethod": method,
        "pathParameters": {"code": code},
        "headers": {"User-Agent": agent},
        "requestContext": {"requestId": "req-1", "identity": {"sourceIp": "203.0.113.77"}},
    }


def test_leads_to_what_the_stores_hold_and_loads_no_driver(services: Services) -> None:
    out, lines = run(services, an_event(0, 0), an_event(1, 1))

    assert [answer["statusCode"] for answer in out["answers"]] == [302, 302]
    assert [answer["headers"]["Location"] for answer in out["answers"]] == [
        "https://shop.example.com/sale?a=1",
        "https://shop.example.com/%ED%95%A0%EC%9D%B8",
    ]
    assert {name.partition(".")[0] for name in out["modules"]} & FORBIDDEN == set()
    assert len(out["modules"]) <= MOST_MODULES
    assert [line["cached"] for line in lines] == [False, True]


def test_the_second_request_reads_nothing(services: Services) -> None:
    run(services, an_event(0, 0), an_event(1, 1))

    assert services.operations == [
        "GetSecretValue",
        "GetItem",
        "GetItem",
        "SendMessage",
        "SendMessage",
    ]


def test_sends_hits_that_the_click_worker_records(services: Services) -> None:
    run(services, an_event(0, 0), an_event(0, 0, method="HEAD"), an_event(2, 1))
    bodies = services.account.take_bodies(Queue.CLICKS)
    records = [{"messageId": f"id-{i}", "body": body} for i, body in enumerate(bodies)]

    answer = links_events.clicks({"Records": records}, None)

    assert answer == {"batchItemFailures": []}
    (standing,) = BatchStore().standings([BatchNumber(7)])
    assert standing.clicks.count(Visitor.HUMAN) == 2
    assert standing.clicks.count(Visitor.MACHINE) == 1


def test_a_hit_says_what_is_known_of_the_visitor_and_not_more(services: Services) -> None:
    run(services, an_event(2, 1))

    (body,) = services.account.take_bodies(Queue.CLICKS)
    hit = from_body(body)
    assert isinstance(hit, LinkHit)
    assert (hit.batch, hit.ordinal, hit.link, hit.method) == (7, 2, 1, "GET")
    assert (hit.user_agent, hit.network, hit.purpose) == (PHONE, "203.0.113.0/24", "")
    assert wall_now() - datetime.fromtimestamp(hit.at, tz=UTC) < timedelta(minutes=1)


def test_leads_there_although_the_queue_refuses(services: Services) -> None:
    services.refuse = {"SendMessage"}

    out, lines = run(services, an_event(0, 0))

    assert out["answers"][0]["statusCode"] == 302
    assert [line["message"] for line in lines] == ["redirect.hit.lost", "redirect.request"]


def test_leads_where_the_links_lead_now(services: Services) -> None:
    app = Destination(url="https://shop.example.com/7?utm_source=own", ios="myapp://7")
    lead(app, Destination(url=LINKS[1], until=NOON), source="sms", campaign="{campaign}")
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"

    out, _ = run(services, an_event(0, 0), an_event(0, 0, agent=iphone), an_event(0, 1))

    first, second, third = out["answers"]
    assert first["headers"]["Location"] == (
        "https://shop.example.com/7?utm_source=own&utm_campaign=cmp_1"
    )
    assert second["headers"]["Location"] == "myapp://7"
    assert (third["statusCode"], "Location" in third["headers"]) == (410, False)
    assert "기간이 끝났습니다" in third["body"]
    assert services.operations.count("GetItem") == 2
    assert len(services.account.take_bodies(Queue.CLICKS)) == 3


def test_rows_of_before_lead_where_their_text_says(services: Services) -> None:
    TemplateStore().add(a_template(version=2, links=LINKS))
    BatchStore().create([a_batch(8, template_version=2, created=datetime(2026, 1, 1, tzinfo=UTC))])

    out, _ = run(services, an_event(0, 1, batch=8))

    assert out["answers"][0]["headers"]["Location"].endswith("%ED%95%A0%EC%9D%B8")


@pytest.mark.parametrize("operation", ["GetSecretValue", "GetItem"])
def test_asks_to_come_back_when_it_may_not_read(services: Services, operation: str) -> None:
    services.refuse = {operation}

    out, lines = run(services, an_event(0, 0))

    assert out["answers"][0]["statusCode"] == 503
    assert [line["message"] for line in lines] == ["redirect.failed", "redirect.request"]


def a_slug_event(slug: str, *, request: str = "req-1") -> dict[str, Any]:
    return {
        "httpMethod": "GET",
        "pathParameters": {"code": slug},
        "headers": {"User-Agent": PHONE},
        "requestContext": {"requestId": request, "identity": {"sourceIp": "203.0.113.77"}},
    }


def test_a_standalone_link_leads_where_its_row_says_with_one_read_and_one_send_each(
    services: Services,
) -> None:
    link = StandaloneLink(
        slug="summer-sale",
        name="여름",
        medium="poster",
        destination=Destination(url="https://shop.example.com/할인"),
        utm={"source": "{campaign}"},
        made=NOON,
        made_by="key_1",
    )
    assert StandaloneLinkStore().add(link)

    out, _ = run(
        services,
        a_slug_event("summer-sale"),
        a_slug_event("Summer-Sale!", request="req-2"),
        a_slug_event("~health"),
    )

    first, second, health = out["answers"]
    location = "https://shop.example.com/%ED%95%A0%EC%9D%B8?utm_source=summer-sale"
    assert [each["headers"].get("Location") for each in (first, second)] == [location] * 2
    assert (health["statusCode"], health["body"]) == (200, aws.derived_token("~health"))
    assert services.operations == ["GetSecretValue", "GetItem", "SendMessage", "SendMessage"]
    hits = [from_body(each) for each in services.account.take_bodies(Queue.CLICKS)]
    assert {each.request for each in hits if isinstance(each, LinkOpened)} == {"req-1", "req-2"}
