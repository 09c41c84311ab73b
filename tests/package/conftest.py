"""The package, built once per session from the working tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from infra.checks import handlers
from infra.package import package as build_package
from infra.packaging import template
from infra.packaging.layout import Layout

if TYPE_CHECKING:
    from infra.checks.handlers import Unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A package and what is in it."""

    layout: Layout
    template: dict[str, Any]
    unpacked: Unpacked


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the package in a folder of its own; the layer may come from the cache."""
    layout = Layout(build=tmp_path_factory.mktemp("build"))
    build_package(layout)
    return Built(
        layout=layout,
        template=template.read(layout.template),
        unpacked=handlers.unpack(layout, into=tmp_path_factory.mktemp("lambda")),
    )
