"""Builds what the click worker needs, once a process."""

from functools import cache

from functions.links.service import LinksDeps
from functions.storage.batches import BatchStore


@cache
def deps() -> LinksDeps:
    """What recording needs."""
    return LinksDeps(batches=BatchStore())
