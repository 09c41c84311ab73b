"""What is wrong with the steps that are to follow a message."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from functions.contracts.errors import FieldError, InvalidInput
from functions.contracts.route import route_of
from functions.domain.follow_up import FollowUp
from functions.domain.ids import SenderId, TemplateId
from functions.domain.sender import Sender
from functions.domain.template import Template

TemplateOf = Callable[[TemplateId, int], Template | None]
SenderOf = Callable[[SenderId], Sender | None]


def check_steps(
    steps: Sequence[FollowUp],
    followed: Template | None,
    *,
    templates: TemplateOf,
    senders: SenderOf,
    default_zone: ZoneInfo,
) -> None:
    """Raise InvalidInput that names every step that cannot be sent, or waits for no link."""

    def errors_of(
        steps: Sequence[FollowUp], followed: Template | None, pointer: str
    ) -> Iterator[FieldError]:
        for place, step in enumerate(steps):
            below = f"{pointer}/{place}"
            template = templates(step.template_id, step.template_version)
            try:
                route_of(template, senders(step.sender_id), default_zone=default_zone)
            except InvalidInput as error:
                yield from (replace(each, pointer=below + each.pointer) for each in error.errors)
            if step.link is not None and followed is not None and step.link >= len(followed.links):
                message = "The message that is followed has no such tracked link."
                yield FieldError(f"{below}/link", "not_tracked", message)
            yield from errors_of(step.follow_ups, template, f"{below}/follow_ups")

    errors = tuple(errors_of(steps, followed, "/follow_ups"))
    if errors:
        raise InvalidInput.of(*errors)
