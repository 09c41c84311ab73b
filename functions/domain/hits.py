"""What was seen of each opening of a link, and what all openings of a message say together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from functions.domain.clicks import Hit
from functions.domain.visitor import AT_ONCE_S, Sign, Verdict, classify

KEPT_FOR = timedelta(days=90)
"""So long what was seen is kept, and can be judged again."""
_EVERY_LINK = 3
"""Different links at once."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Seen:
    """One opening: which message and link, when (epoch seconds), and what the request said.

    ``network`` is the keyed hash of the caller's network, never an address.
    """

    at: int
    ordinal: int
    link: int
    method: str
    user_agent: str
    network: str
    purpose: str


def judge(seen: Iterable[Seen], *, leaves: int) -> Mapping[Seen, Verdict]:
    """Judge openings of a batch together. Repetitions count once.

    ``leaves`` is the earliest moment at which its messages can have left, in epoch seconds.
    """
    by_message: defaultdict[int, set[Seen]] = defaultdict(set)
    for each in seen:
        by_message[each.ordinal].add(each)
    return {
        each: _with_pattern(each, sorted(together), leaves=leaves)
        for together in by_message.values()
        for each in together
    }


def _with_pattern(one: Seen, together: Sequence[Seen], *, leaves: int) -> Verdict:
    alone = classify(
        method=one.method,
        user_agent=one.user_agent,
        purpose=one.purpose,
        elapsed_s=one.at - leaves,
    )
    links = {each.link for each in together if abs(each.at - one.at) <= AT_ONCE_S}
    if len(links) >= _EVERY_LINK:
        return replace(alone, reasons=(*alone.reasons, Sign.EVERY_LINK))
    if len(links) > 1:
        return replace(alone, reasons=(*alone.reasons, Sign.NEXT_LINK))
    return alone


def hit_of(seen: Seen, verdict: Verdict, *, began: int) -> Hit:
    """An opening as it is counted, its time from when the batch began."""
    return Hit(
        ordinal=seen.ordinal,
        link=seen.link,
        visitor=verdict.visitor,
        elapsed_s=seen.at - began,
    )
