"""What a send needs before anybody is addressed: an approved template and a fitting sender."""

from zoneinfo import ZoneInfo

from functions.contracts.errors import FieldError, InvalidInput
from functions.domain.channel import Purpose
from functions.domain.route import Route
from functions.domain.sender import Sender
from functions.domain.template import Template


def route_of(template: Template | None, sender: Sender | None, *, default_zone: ZoneInfo) -> Route:
    """Put both together. Raises InvalidInput naming what is missing or does not fit.

    An unapproved sender is no bad input: the one door refuses each of its messages.
    """
    errors = [*_template_errors(template), *_sender_errors(sender, template)]
    if errors or template is None or sender is None:
        raise InvalidInput.of(*errors)
    return Route(template=template, sender=sender, default_zone=default_zone)


def _template_errors(template: Template | None) -> list[FieldError]:
    if template is None:
        return [FieldError("/template_id", "not_found", "There is no such template version.")]
    if not template.approved:
        return [FieldError("/template_id", "not_approved", "The version is not approved.")]
    return []


def _sender_errors(sender: Sender | None, template: Template | None) -> list[FieldError]:
    if sender is None:
        return [FieldError("/sender_id", "not_found", "There is no such sender.")]
    return [] if template is None else sender_mismatches(sender, template)


def sender_mismatches(sender: Sender, template: Template) -> list[FieldError]:
    """Say why this sender cannot send this template."""
    if sender.channel is not template.channel:
        return [FieldError("/sender_id", "wrong_channel", "The sender is of another channel.")]
    if template.purpose is Purpose.ADVERTISING and sender.opt_out_number is None:
        message = "Advertisements need a sender with a free opt-out number."
        return [FieldError("/sender_id", "no_opt_out_number", message)]
    return []
