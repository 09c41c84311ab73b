"""Bodies of the calls about notices."""

from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import Body, Identifier, Line
from functions.domain.notice_settings import CONFIRM_DAYS_BEFORE, HOW


class NoticeRoutePut(Body):
    """Which approved, transactional template version tells it, from which sender."""

    template_id: Identifier
    template_version: Annotated[int, Field(ge=1)]
    sender_id: Identifier


class NoticeSettingsPut(Body):
    """How the notices that the law asks for are sent; a kind that is null is not sent.

    ``how`` says how to keep or withdraw a consent, for the text's gap of this name.
    """

    result: NoticeRoutePut | None = None
    confirm: NoticeRoutePut | None = None
    confirm_days_before: Annotated[int, Field(ge=1, le=150)] = CONFIRM_DAYS_BEFORE
    how: Line = HOW
