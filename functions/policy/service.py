"""The company's own rules: when not to disturb, how often to write."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.contracts.errors import Conflict
from functions.domain.policy import Policy


class Policies(Protocol):
    """The store of policies."""

    def current(self) -> Policy:
        """Read the policy in force."""

    def add(self, policy: Policy, *, actor: str, now: datetime) -> bool:
        """Write the next version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDeps:
    """What the use cases need."""

    policies: Policies


def put(policy: Policy, *, actor: str, deps: PolicyDeps, now: datetime) -> Policy:
    """Put a policy in force in place of the version it names. Raises Conflict ``busy``."""
    following = replace(policy, version=policy.version + 1)
    known = deps.policies.current().version
    if known != policy.version or not deps.policies.add(following, actor=actor, now=now):
        msg = f"The policy in force is version {deps.policies.current().version}."
        raise Conflict(msg, code="busy")
    return following
