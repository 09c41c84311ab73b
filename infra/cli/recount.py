"""Counts a campaign anew from its rows, message by message, and compares it with its report.

It reads the tables with the operator's own credentials, in another way than the API does, and
counts in another way: what both say is right twice.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from functions.domain.clicks import BatchClicks, Visitor
from functions.domain.message import BatchState, MessageStatus
from functions.domain.outcome import BatchOutcomes, Model
from functions.domain.reaction import Reaction, Reactions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from infra.deploying.account import Account

_KINDS = ("META", "STATE", "CLICKS", "CONVERSIONS")
_BATCHES_A_REQUEST = 25
_ROUND_BYTES = 5
_COUNTS = (
    *(str(status) for status in MessageStatus),
    *("human_clicks", "machine_clicks", "opted_out", "converted", "conversions"),
)
Row = dict[str, Any]
Figures = Counter[str]
"""Every figure by its name, such as ``delivered`` or ``by_channel.sms.sent``."""


class RecountError(Exception):
    """Why a campaign cannot be counted; the text is for people."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Reads the rows of a stage's campaigns."""

    account: Account
    stage: str
    app: str = "allim"

    def count(self, campaign_id: str) -> Figures:
        """Count a campaign. Raises RecountError."""
        try:
            parts = list(self._parts(campaign_id))
            if not parts:
                msg = f"there is no campaign {campaign_id} here that was launched"
                raise RecountError(msg)
            return _count(parts, self._batches(parts))
        except ClientError as error:
            msg = f"the tables cannot be read: {error.response['Error']['Code']}"
            raise RecountError(msg) from error

    def _parts(self, campaign_id: str) -> Iterator[Row]:
        wanted = Key("campaign_id").eq(campaign_id) & Key("kind").begins_with("PART#")
        page: dict[str, Any] = {}
        while True:
            found = self._table("campaigns").query(
                KeyConditionExpression=wanted, ConsistentRead=True, **page
            )
            yield from found["Items"]
            if "LastEvaluatedKey" not in found:
                return
            page = {"ExclusiveStartKey": found["LastEvaluatedKey"]}

    def _batches(self, parts: Sequence[Row]) -> Iterator[dict[str, Row]]:
        numbers = [pair[0] for part in parts for pair in _json(part, "batches", [])]
        for at in range(0, len(numbers), _BATCHES_A_REQUEST):
            yield from self._read(numbers[at : at + _BATCHES_A_REQUEST])

    def _read(self, numbers: Sequence[int]) -> Iterator[dict[str, Row]]:
        table = self._name("batches")
        keys = [{"batch": number, "kind": kind} for number in numbers for kind in _KINDS]
        found: dict[int, dict[str, Row]] = {number: {} for number in numbers}
        while keys:
            asked = {table: {"Keys": keys, "ConsistentRead": True}}
            answer = self._resource.batch_get_item(RequestItems=asked)
            for row in answer["Responses"].get(table, ()):
                found[int(row["batch"])][row["kind"]] = row
            keys = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        yield from (rows for rows in found.values() if "STATE" in rows)

    @property
    def _resource(self) -> Any:  # noqa: ANN401  # boto3 makes its resources at run time
        return self.account.session.resource("dynamodb", endpoint_url=self.account.endpoint_url)

    def _table(self, table: str) -> Any:  # noqa: ANN401  # likewise
        return self._resource.Table(self._name(table))

    def _name(self, table: str) -> str:
        return f"{self.app}-{self.stage}-{table}"


def _count(parts: Sequence[Row], batches: Iterator[dict[str, Row]]) -> Figures:
    found: Figures = Counter()
    for part in parts:
        size = int(part["size"])
        refused = sum(_json(part, "refused", {}).values())
        found["recipients"] += size
        found["refused"] += refused
        found["skipped"] += sum(_json(part, "skipped", {}).values())
        found["cancelled"] += int(part.get("cancelled") or 0)
        found["pending"] += 0 if part.get("planned") else size
    for rows in batches:
        _add(found, rows)
    found["sent"] += found["delivered"]
    for name in [each for each in found if each.endswith(".delivered")]:
        found[name.removesuffix("delivered") + "sent"] += found[name]
    return found


def _add(found: Figures, rows: Mapping[str, Row]) -> None:
    """Look at each message of a batch by itself."""
    meta, state = _json(rows["META"], "meta", {}), _state(rows["STATE"])
    clicks, reactions, outcomes = _reached(rows, len(state))
    price = meta["price"][0]
    places = ("", f"by_channel.{meta['channel']}.")
    links = f"by_link.{meta['template'][0]}.{meta['template'][1]}."
    for ordinal in range(len(state)):
        status = state.state_of(ordinal).status
        left = status in (MessageStatus.SENT, MessageStatus.DELIVERED)
        own = [each for each in outcomes.credits if each.ordinal == ordinal]
        credited = [each for each in own if each.counts(Model.LAST)]
        for place in places:
            found[place + status] += 1
            found[place + "cost"] += price if left else 0
            found[place + "human_clicks"] += clicks.first(ordinal, Visitor.HUMAN) is not None
            found[place + "machine_clicks"] += clicks.first(ordinal, Visitor.MACHINE) is not None
            found[place + "opted_out"] += _reacted(reactions, ordinal)
            found[place + "converted"] += bool(credited)
            found[place + "conversions"] += len(credited)
            found[place + "value"] += sum(each.minor for each in credited)
        for link in range(len(clicks.people)):
            found[f"{links}{link}"] += clicks.opened(ordinal, link)


def _reached(rows: Mapping[str, Row], size: int) -> tuple[BatchClicks, Reactions, BatchOutcomes]:
    clicks, outcomes = rows.get("CLICKS", {}), rows.get("CONVERSIONS", {})
    slots = _bytes(clicks, "s") or bytes(4 * size)
    return (
        BatchClicks.unpack(slots, size, links=_bytes(clicks, "k")),
        Reactions(_bytes(clicks, "o")),
        BatchOutcomes.unpack(_bytes(outcomes, "g")),
    )


def _reacted(reactions: Reactions, ordinal: int) -> int:
    """Whether somebody opted out: two bits a message, four messages a byte."""
    byte = reactions.packed[ordinal // 4] if ordinal // 4 < len(reactions.packed) else 0
    return byte >> ordinal % 4 * 2 & Reaction.OPTED_OUT


def _state(row: Row) -> BatchState:
    rounds = _bytes(row, "r")
    return BatchState(
        created=int(row["c"]),
        slots=_bytes(row, "s"),
        rounds=tuple(
            int.from_bytes(rounds[at : at + _ROUND_BYTES], "big")
            for at in range(0, len(rounds), _ROUND_BYTES)
        ),
    )


def figures_of(report: Mapping[str, Any]) -> Figures:
    """The figures of the API's report, under the same names."""
    found: Figures = Counter({name: report[name] for name in ("recipients", "skipped", *_COUNTS)})
    found["cost"] = report["cost"]["minor"]
    found["value"] = report["value"]["minor"]
    for each in report["by_channel"]:
        place = f"by_channel.{each['channel']}."
        found.update({place + name: each[name] for name in _COUNTS})
        found[place + "cost"] = each["cost"]["minor"]
        found[place + "value"] = each["value"]["minor"]
    for each in report["by_link"]:
        key = f"by_link.{each['template_id']}.{each['template_version']}.{each['place']}"
        found[key] = each["people"]
    return found


def differences(rows: Figures, report: Figures) -> dict[str, tuple[int, int]]:
    """What is not the same: of the rows, and of the report."""
    names = sorted(set(rows) | set(report))
    return {name: (rows[name], report[name]) for name in names if rows[name] != report[name]}


def _json(row: Row, name: str, usual: Any) -> Any:  # noqa: ANN401  # any JSON
    return json.loads(row[name]) if row.get(name) else usual


def _bytes(row: Row, name: str) -> bytes:
    # boto3's Binary, which its types do not describe.
    return row[name].value if name in row else b""
