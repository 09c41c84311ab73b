"""Puts the senders feature together."""

from functools import cache

from functions.runtime.settings import solapi_accounts
from functions.senders.service import SenderDeps
from functions.storage.sender_files import SenderFiles
from functions.storage.senders import SenderStore


@cache
def senders() -> SenderStore:
    """The store, for lists."""
    return SenderStore()


@cache
def deps() -> SenderDeps:
    """What the use cases need."""
    return SenderDeps(senders=senders(), files=SenderFiles(), accounts=solapi_accounts)
