"""Checks that hold for every resource of the packaged template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from infra.packaging import template

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALIAS = re.compile(r"[-:] [&*]id\d+$", re.MULTILINE)
_LARGEST_TEMPLATE_BYTES = 1_000_000
"""CloudFormation's limit for a template in S3."""


def resources_have_a_type(packaged: template.Node) -> Iterator[str]:
    """A function's name that is misspelt in template.yaml makes a resource of no type."""
    for name, resource in packaged["Resources"].items():
        if "Type" not in resource:
            yield f"{name} has no Type: is there a function of that name in app.py?"


def intrinsics_have_one_key(packaged: template.Node) -> Iterator[str]:
    """Chalice merges one intrinsic into another without a warning, and neither is meant."""
    for at, node in template.walk(packaged):
        if not isinstance(node, dict) or at.startswith("Conditions"):
            continue
        intrinsics = [key for key in node if str(key).startswith("Fn::") or key == "Ref"]
        if intrinsics and len(node) > 1:
            yield f"{at} mixes {', '.join(sorted(map(str, node)))}"


def tables_are_safe(packaged: template.Node) -> Iterator[str]:
    """On demand, encrypted, recoverable, and kept when the stack goes."""
    for name, table in template.resources(packaged, "AWS::DynamoDB::Table").items():
        properties = table["Properties"]
        recovery = properties.get("PointInTimeRecoverySpecification", {})
        wanted = {
            "on-demand billing": properties.get("BillingMode") == "PAY_PER_REQUEST",
            "encryption": properties.get("SSESpecification", {}).get("SSEEnabled") is True,
            "point-in-time recovery": recovery.get("PointInTimeRecoveryEnabled") is True,
            "DeletionPolicy Retain": table.get("DeletionPolicy") == "Retain",
            "UpdateReplacePolicy Retain": table.get("UpdateReplacePolicy") == "Retain",
        }
        yield from (f"table {name} lacks {what}" for what, there in wanted.items() if not there)


def fits_cloudformation(text: str) -> Iterator[str]:
    """CloudFormation reads no YAML aliases and no template above its limit."""
    if len(text.encode()) > _LARGEST_TEMPLATE_BYTES:
        yield f"the template has {len(text.encode())} bytes; {_LARGEST_TEMPLATE_BYTES} are allowed"
    if alias := _ALIAS.search(text):
        yield f"the template has YAML aliases, such as {alias.group().strip()!r}"
