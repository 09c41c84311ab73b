"""SQS as far as the sender of jobs sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class FakeSqs:
    """``refuses`` holds the bodies refused by each of the next requests."""

    refuses: list[set[str]] = field(default_factory=list)
    requests: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    accepted: list[tuple[str, str, int]] = field(default_factory=list)

    def send_message_batch(
        self,
        *,
        QueueUrl: str,  # noqa: N803  # AWS's own spelling
        Entries: Sequence[dict[str, Any]],  # noqa: N803
    ) -> dict[str, Any]:
        refused = self.refuses.pop(0) if self.refuses else set()
        self.requests.append((QueueUrl, list(Entries)))
        failed = [entry for entry in Entries if entry["MessageBody"] in refused]
        taken = [entry for entry in Entries if entry not in failed]
        self.accepted += [(QueueUrl, each["MessageBody"], each["DelaySeconds"]) for each in taken]
        answer: dict[str, Any] = {"Successful": [{"Id": each["Id"]} for each in taken]}
        if failed:
            answer["Failed"] = [{"Id": each["Id"], "SenderFault": False} for each in failed]
        return answer

    def bodies(self) -> list[str]:
        return [body for _, body, _ in self.accepted]
