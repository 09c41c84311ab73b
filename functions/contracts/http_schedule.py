"""Bodies of the calls about when campaigns are launched."""

from functions.contracts.http_base import Body, Moment


class SchedulePut(Body):
    """When a campaign is launched; null makes a scheduled one a draft again."""

    send_at: Moment | None
