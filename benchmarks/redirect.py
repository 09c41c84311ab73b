"""What an opened link costs: CPU of the redirect for each recorded click, beside a peer's.

``make bench-redirect``; figures in ``build/bench/redirect.json``. Ours is the Lambda's handler in
a process of its own, fed as Lambda feeds it (the event as JSON in, the answer as JSON out), with
its real client; a small server in another process stands for AWS and counts what it is sent. The
peer is FastAPI with Redis (``redirect_peer.py``) on the same machine, in the same minutes, round
by round in turn. Only the CPU of the processes counts, not the time, because machines are shared;
the sink's is not counted, as SQS is AWS's.

Not the same on both sides: the peer speaks HTTP with its visitor, ours leaves that to API
Gateway; ours speaks HTTP with its queue and signs, the peer's store has a protocol of its own.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from rich.table import Table

from benchmarks import redirect_peer
from functions.domain.tracking_code import Coder
from functions.runtime import derive
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_RESULT = REPOSITORY / "build" / "bench" / "redirect.json"
_ROUNDS, _CLICKS, _BATCHES = 5, 6_000, 100
_MOST_CORE_US, _LEAST_RATIO = 5.0, 15.0
_SECRET = "a secret of the benchmark"
_URL = "https://shop.example.com/sale?utm_source=sms&utm_campaign=cmp_1"
_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36"
)
_SETTINGS = {
    "AWS_REGION": "ap-northeast-2",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "s" * 40,
    "AWS_SESSION_TOKEN": "t" * 800,  # as long as Lambda's are
    "SECRET_MASTER_ARN": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:master",
    "TABLE_BATCHES": "allim-bench-batches",
    "TABLE_TEMPLATES": "allim-bench-templates",
    "TABLE_LINKS": "allim-bench-links",
    "QUEUE_CLICKS_URL": "https://sqs.ap-northeast-2.amazonaws.com/123456789012/allim-clicks",
}


def main() -> None:
    """Measure in turn, print it, write it down."""
    if sys.argv[1:2] == ["--serve"]:
        _serve()
        return
    if sys.argv[1:2] == ["--work"]:
        _work()
        return
    measure()


def measure() -> dict[str, Any]:
    """Measure, print and write down; gives the figures, None for those of a peer that is not."""
    with step("Rounds in turn with the peer, which is installed first"):
        figures = _measure()
    _show(figures)
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    return figures


def _measure() -> dict[str, Any]:
    rounds: list[dict[str, float]] = []
    codes = _codes()
    requests = [redirect_peer.request_for(code, _PHONE) for code in codes]
    with redirect_peer.running() as peer, _Sink() as sink, _Worker(sink.url) as worker:
        if peer is not None:
            peer.learn(codes, _URL)
            peer.cpu_us(requests[:500])
        told = 0
        for _ in range(_ROUNDS):
            figures = worker.round()
            told += len(codes)
            if peer is not None:
                figures["peer_app"], figures["peer_store"] = peer.cpu_us(requests)
            rounds.append(figures)
        lost = told - sink.recorded()
        peer_lost = None if peer is None else told + 500 - peer.recorded()
    return _summary(rounds) | {
        "clicks": told,
        "clicks_lost": lost,
        "peer_clicks_lost": peer_lost,
        "load_average": os.getloadavg()[0],
    }


def _summary(rounds: Sequence[dict[str, float]]) -> dict[str, Any]:
    medians = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    spread = {name: [each[name] for each in rounds] for name in rounds[0]}
    figures: dict[str, Any] = {
        "redirect_cpu_us": round(medians["core"], 2),
        "handler_cpu_us": round(medians["handler"], 1),
        "recorded_click_cpu_us": round(medians["whole"], 1),
        "send_cpu_us": round(medians["send"], 1),
        "peer_cpu_us": None,
        "peer_store_cpu_us": None,
        "ratio_fastapi_redis": None,
        "ratio_handler": None,
        "spread": {
            name: [round(min(all_), 2), round(max(all_), 2)] for name, all_ in spread.items()
        },
    }
    if "peer_app" in medians:
        ratios = [each["peer_app"] / each["whole"] for each in rounds]
        handlers = [each["peer_app"] / each["handler"] for each in rounds]
        figures |= {
            "peer_cpu_us": round(medians["peer_app"], 1),
            "peer_store_cpu_us": round(medians["peer_store"], 1),
            "ratio_fastapi_redis": round(statistics.median(ratios), 1),
            "ratio_handler": round(statistics.median(handlers), 1),
        }
        figures["spread"]["ratio"] = [round(min(ratios), 1), round(max(ratios), 1)]
    return figures


def _show(figures: dict[str, Any]) -> None:
    table = Table("CPU µs for each click", "median", "least", "most", title="Redirect")
    rows = {
        "core: code, target, record": ("redirect_cpu_us", "core"),
        "handler: event to answer, log line": ("handler_cpu_us", "handler"),
        "sending the record to SQS": ("send_cpu_us", "send"),
        "whole, with JSON of the runtime": ("recorded_click_cpu_us", "whole"),
        "FastAPI": ("peer_cpu_us", "peer_app"),
        "its Redis": ("peer_store_cpu_us", "peer_store"),
    }
    for name, (figure, spread) in rows.items():
        least, most = figures["spread"].get(spread, ("-", "-"))
        table.add_row(name, *map(str, (figures[figure], least, most)))
    console.print(table)
    console.print(f"core {figures['redirect_cpu_us']} µs (goal at most {_MOST_CORE_US})")
    console.print(
        f"FastAPI without its Redis against the whole: {figures['ratio_fastapi_redis']} "
        f"(goal {_LEAST_RATIO}), against the handler without the send: {figures['ratio_handler']}"
    )
    console.print(f"clicks lost: {figures['clicks_lost']} of {figures['clicks']}")


def _codes() -> list[str]:
    coder = Coder(derive.key(_SECRET, purpose="tracking"))
    numbers = range(_CLICKS)
    return [coder.encode(1 + each % _BATCHES, each // _BATCHES % 200, 0) for each in numbers]


class _Child:
    """A process of this module that answers lines with lines."""

    def __init__(self, flag: str, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.redirect", flag],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=REPOSITORY,
            env=os.environ | environment,
        )

    def ask(self, line: str) -> Any:  # noqa: ANN401  # JSON
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Any:  # noqa: ANN401  # the subclass
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


class _Sink(_Child):
    def __init__(self) -> None:
        super().__init__("--serve")
        self.url: str = self.ask("url")

    def recorded(self) -> int:
        return int(self.ask("count"))


class _Worker(_Child):
    def __init__(self, url: str) -> None:
        super().__init__("--work", **_SETTINGS, AWS_ENDPOINT_URL=url)

    def round(self) -> dict[str, float]:
        figures: dict[str, float] = self.ask("round")
        return figures


# ------------------------------------------------------------------ the sink's process


def _serve() -> None:
    seen: list[bytes] = []
    answers = _answers()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            if operation == "SendMessage":
                seen.append(body)
            content = answers(operation, body)
            head = (
                "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 0\r\nDate: Thu, 26 Nov 2026 00:00:00 GMT\r\n"
                f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(content)}"
                "\r\nconnection: keep-alive\r\n\r\n"
            )
            self.wfile.write(head.encode() + content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    _in_background(server.serve_forever)
    for line in sys.stdin:
        url = f"http://127.0.0.1:{server.server_port}"
        print(json.dumps(url if line.strip() == "url" else len(set(seen))), flush=True)


def _in_background(run: Callable[[], None]) -> None:
    import threading  # noqa: PLC0415  # of this process only

    threading.Thread(target=run, daemon=True).start()


def _answers() -> Callable[[str, bytes], bytes]:
    meta = json.dumps({"template": ["tpl_1", 1], "source": ["campaign", "cmp_1", "000000"]})
    to = json.dumps({"to": [["https://shop.example.com/sale", None, None, None]], "utm": {}})
    rows = {"meta": meta, "destinations": to}

    def answer(operation: str, body: bytes) -> bytes:
        if operation == "GetSecretValue":
            return json.dumps({"SecretString": _SECRET}).encode()
        if operation == "GetItem":
            name = json.loads(body)["ExpressionAttributeNames"]["#wanted"]
            return json.dumps({"Item": {name: {"S": rows[name]}}}).encode()
        return b'{"MD5OfMessageBody":"00000000000000000000000000000000","MessageId":"00000000"}'

    return answer


# ------------------------------------------------------------------ the handler's process


def _work() -> None:
    from functions.redirect import events, wiring  # noqa: PLC0415  # after the settings are there
    from functions.redirect.proxy import visit_of  # noqa: PLC0415  # likewise
    from functions.redirect.service import follow  # noqa: PLC0415  # likewise

    class Nowhere:
        def put(self, hit: object) -> None: ...

    texts = [json.dumps(_event(code)) for code in _codes()]
    read = [json.loads(text) for text in texts]
    visits = [visit_of(each) for each in read]
    real = wiring.deps()
    bare = replace(real, clicks=Nowhere())
    now = datetime.now(UTC)
    log = io.StringIO()

    def handle(event: object) -> None:
        events.respond(event, deps=lambda: bare, now=now, log_to=log)
        log.seek(0)

    def whole(text: str) -> None:
        json.dumps(events.redirect(json.loads(text), None))

    answers = [events.respond(each, deps=lambda: bare, now=now, log_to=log) for each in read]

    def core(visit: Any) -> None:  # noqa: ANN401  # a Visit
        follow(visit, deps=bare, now=now)

    for _ in sys.stdin:
        # The minute in which targets are believed may have passed.
        now = datetime.now(UTC)
        handle(read[0])
        figures = {
            "core": _cpu_us(core, visits),
            "handler": _cpu_us(handle, read),
            "whole": _cpu_us(whole, texts),
        }
        runtime = _cpu_us(json.loads, texts) + _cpu_us(json.dumps, answers)
        figures["send"] = figures["whole"] - figures["handler"] - runtime
        print(json.dumps(figures), flush=True)


def _cpu_us(run: Callable[[Any], object], inputs: Sequence[object]) -> float:
    started = time.process_time()
    for each in inputs:
        run(each)
    return (time.process_time() - started) / len(inputs) * 1e6


def _event(code: str) -> dict[str, object]:
    """What API Gateway hands over (REST API, proxy integration), as far as it is read or long."""
    headers = {
        "Accept": "text/html,application/xhtml+xml",
        "Accept-Encoding": "gzip, deflate, br",
        "Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8",
        "Host": "go.example.com",
        "User-Agent": _PHONE,
        "X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793",
        "X-Forwarded-For": "203.0.113.77",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    return {
        "resource": "/{code}",
        "path": f"/{code}",
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"code": code},
        "stageVariables": None,
        "requestContext": {
            "resourceId": "123456",
            "resourcePath": "/{code}",
            "httpMethod": "GET",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "accountId": "123456789012",
            "stage": "l",
            "requestTimeEpoch": 1_795_316_400_000,
            "identity": {"sourceIp": "203.0.113.77", "userAgent": _PHONE},
            "apiId": "1234567890",
        },
        "body": None,
        "isBase64Encoded": False,
    }


if __name__ == "__main__":
    main()
