"""Puts the policy feature together."""

from functools import cache

from functions.policy.service import PolicyDeps
from functions.storage.policies import PolicyStore


@cache
def deps() -> PolicyDeps:
    """What the use cases need."""
    return PolicyDeps(policies=PolicyStore())


@cache
def versions() -> PolicyStore:
    """The store, for lists."""
    return PolicyStore()
