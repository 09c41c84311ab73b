"""Request bodies about the preference page."""

from functions.contracts.http_base import Body, Identifier


class PreferenceLinkPost(Body):
    """Whose name and free number the page shows."""

    sender_id: Identifier
