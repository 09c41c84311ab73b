"""What an API key may be allowed to do."""

from enum import StrEnum


class Scope(StrEnum):
    """Scopes; ``admin`` includes all others."""

    SEND = "send"
    CONTACTS = "contacts"
    CAMPAIGNS = "campaigns"
    READ = "read"
    ADMIN = "admin"
