"""Reads and writes the packaged CloudFormation template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Node = Any
Resource = dict[str, Any]


class _NoAliases(yaml.SafeDumper):
    """Writes shared parts out in full: CloudFormation does not read YAML aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def read(path: Path) -> Node:
    """Read a template in which intrinsics are spelt out (``Fn::Sub``, not ``!Sub``)."""
    return yaml.safe_load(path.read_text("utf-8"))


def write(content: Node, *, to: Path) -> None:
    """Write it, keys sorted, without aliases."""
    text = yaml.dump(content, Dumper=_NoAliases, allow_unicode=True, width=100)
    to.write_text(text, "utf-8")


def resources(content: Node, kind: str) -> dict[str, Resource]:
    """Give the resources of one type, by logical id."""
    return {name: each for name, each in content["Resources"].items() if each.get("Type") == kind}


def walk(node: Node, at: str = "") -> Iterator[tuple[str, Node]]:
    """Give every part of the template with its path, such as ``Resources/Plan/Timeout``."""
    yield at, node
    for key, child in _children(node):
        yield from walk(child, f"{at}/{key}" if at else str(key))


def _children(node: Node) -> Iterable[tuple[object, Node]]:
    if isinstance(node, dict):
        return node.items()
    return enumerate(node) if isinstance(node, list) else ()


def points_to(node: Node) -> str | None:
    """Name the resource that a ``Ref`` or ``Fn::GetAtt`` points to."""
    if not isinstance(node, dict):
        return None
    if isinstance(target := node.get("Fn::GetAtt"), list):
        return str(target[0])
    if isinstance(target, str):
        return target.split(".")[0]
    return node.get("Ref")
