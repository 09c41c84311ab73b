"""Puts comparisons together."""

from functools import cache

from functions.insights.channels import ChannelDeps
from functions.runtime.settings import tenant_zone
from functions.storage.batches import BatchStore
from functions.storage.told import ToldStore


@cache
def channel_deps() -> ChannelDeps:
    """What comparing channels needs."""
    return ChannelDeps(batches=BatchStore(), told=ToldStore(), zone=tenant_zone())
