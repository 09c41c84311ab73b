"""Audiences made of audiences: each name becomes a definition, and none leads back to itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from functions.domain.segment import All, AnyOf, InAudience, Node, NoneOf, walk

MAX_RESOLVED_NODES = 2_000
MAX_CHAIN = 10
"""So many audiences may build upon one another."""


class ReferenceFault(StrEnum):
    """Why an audience cannot be built upon."""

    UNKNOWN = "unknown"
    CYCLE = "cycle"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class BadReference:
    """``path`` are the ids that lead to it: the audience named, the one that names the next."""

    pointer: str
    fault: ReferenceFault
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Size:
    """``chain`` says how many audiences build upon one another, this one included."""

    nodes: int
    chain: int


def bad_references(
    node: Node, definitions: Mapping[str, Node], *, own_id: str = ""
) -> tuple[BadReference, ...]:
    """Find what is wrong with the audiences that a definition names, each by its JSON pointer.

    ``own_id`` is the audience that is being defined: whoever leads back to it makes a cycle.
    """
    known: dict[str, _Size] = {}
    found: list[BadReference] = []
    nodes = 0
    for pointer, audience_id in named_audiences(node):
        below = _size_below(audience_id, definitions, (own_id,), known)
        if isinstance(below, _Size):
            nodes += below.nodes
        else:
            found.append(BadReference(pointer, *below))
    if nodes > MAX_RESOLVED_NODES:
        found.append(BadReference("", ReferenceFault.TOO_LARGE, ()))
    return tuple(found)


def named_audiences(node: Node, pointer: str = "") -> tuple[tuple[str, str], ...]:
    """JSON pointer and id of each audience that a definition names itself."""
    match node:
        case InAudience(audience_id):
            return ((pointer, audience_id),)
        case All(nodes) | AnyOf(nodes) | NoneOf(nodes):
            below = f"{pointer}/{WORD_BY_GROUP[type(node)]}"
            return tuple(
                each
                for place, inner in enumerate(nodes)
                for each in named_audiences(inner, f"{below}/{place}")
            )
        case _:
            return ()


WORD_BY_GROUP: Mapping[type, str] = {All: "all", AnyOf: "any", NoneOf: "none"}
"""The name of each group in JSON, and so in pointers."""


_Fault = tuple[ReferenceFault, tuple[str, ...]]


def _size_below(
    audience_id: str,
    definitions: Mapping[str, Node],
    path: tuple[str, ...],
    known: dict[str, _Size],
) -> _Size | _Fault:
    """Look below one audience; ``known`` remembers those that are good."""
    here = (*path, audience_id)
    if audience_id in path:
        return ReferenceFault.CYCLE, here[path.index(audience_id) :]
    if audience_id not in definitions:
        return ReferenceFault.UNKNOWN, here[1:]
    if audience_id not in known:
        size = _size(audience_id, definitions, here, known)
        if not isinstance(size, _Size):
            return size
        known[audience_id] = size
    if len(path) - 1 + known[audience_id].chain > MAX_CHAIN:
        return ReferenceFault.TOO_LARGE, here[1:]
    return known[audience_id]


def _size(
    audience_id: str,
    definitions: Mapping[str, Node],
    here: tuple[str, ...],
    known: dict[str, _Size],
) -> _Size | _Fault:
    definition = definitions[audience_id]
    nodes, chain = sum(1 for _ in walk(definition)), 1
    for _, inner in named_audiences(definition):
        below = _size_below(inner, definitions, here, known)
        if not isinstance(below, _Size):
            return below
        nodes, chain = nodes + below.nodes, max(chain, below.chain + 1)
    return _Size(nodes, chain)


def resolve(node: Node, definitions: Mapping[str, Node]) -> Node:
    """Put the definition behind each audience that is named.

    Raises LookupError for what ``bad_references`` would find.
    """
    faults = bad_references(node, definitions)
    if faults:
        raise LookupError(*(f"{each.fault}: {' > '.join(each.path)}" for each in faults))
    return _resolved(node, definitions, {})


def _resolved(node: Node, definitions: Mapping[str, Node], known: dict[str, Node]) -> Node:
    match node:
        case InAudience(audience_id):
            if audience_id not in known:
                known[audience_id] = _resolved(definitions[audience_id], definitions, known)
            return InAudience(audience_id, known[audience_id])
        case All(nodes) | AnyOf(nodes) | NoneOf(nodes):
            return type(node)(tuple(_resolved(each, definitions, known) for each in nodes))
        case _:
            return node
