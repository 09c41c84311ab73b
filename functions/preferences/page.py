"""Writes the preference page: templates with every value escaped, no scripts, nothing foreign."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from zoneinfo import ZoneInfo

from functions.content.html_page import Pages
from functions.domain.channel import ConsentPurpose
from functions.domain.channel_names import CHANNEL_NAMES
from functions.domain.date_words import day, minute
from functions.domain.language import KOREAN
from functions.domain.preferences import Attitude, Choice, Preference
from functions.domain.sender import Sender
from functions.preferences import words
from functions.preferences.service import DeadLink, Gone, Receipt, Seen, Standing, Visit
from functions.runtime.pages import PRIVATE, page_headers

_FOLDER = Path(__file__).parent / "templates"
_STYLE = (_FOLDER / "style.css").read_text("utf-8")
_PAGES = Pages(folder=_FOLDER, words=words.WORDS, style=_STYLE)

HEADERS: Mapping[str, str] = page_headers(_STYLE, forms=True)
TEXT_HEADERS: Mapping[str, str] = {**PRIVATE, "Content-Type": "text/plain; charset=utf-8"}


def preferences(visitor: Visit, standing: Standing, *, language: str, zone: ZoneInfo) -> str:
    """Write what is agreed, with a button for everything that can be refused."""

    def when(moment: datetime) -> str:
        return day(moment, language=language, zone=zone)

    refused = standing.all_refused if standing.nothing_left else None
    return _PAGES.render(
        "preferences.html",
        language,
        **_of_sender(visitor.sender, language),
        refused_since=None if refused is None else when(refused),
        rows=[
            _row(each, language=language, since=when(each.since)) for each in standing.preferences
        ],
        known=visitor.profile is not None,
    )


def _row(preference: Preference, *, language: str, since: str) -> dict[str, object]:
    key = preference.key
    night = key.purpose is ConsentPurpose.NIGHT_ADVERTISING
    return {
        "channel": CHANNEL_NAMES[language][key.channel],
        "purpose": words.PURPOSES[language][key.purpose],
        "attitude": words.ATTITUDES[language][preference.attitude],
        "agreed": preference.attitude is not Attitude.REFUSED,
        "since": since,
        "value": str(Choice(key.channel, night=night)) if preference.can_refuse else "",
    }


def done(visitor: Visit, receipt: Receipt, *, language: str, zone: ZoneInfo) -> str:
    """Write what was recorded."""
    return _PAGES.render(
        "done.html",
        language,
        **_of_sender(visitor.sender, language),
        what=_name_of(receipt.choice, language),
        when=minute(receipt.at, language=language, zone=zone),
        number=receipt.number,
    )


def _name_of(choice: Choice, language: str) -> str:
    if choice.channel is None:
        return words.WORDS[language]["everything"]
    purpose = ConsentPurpose.NIGHT_ADVERTISING if choice.night else ConsentPurpose.ADVERTISING
    channel, what = CHANNEL_NAMES[language][choice.channel], words.PURPOSES[language][purpose]
    return f"{channel} {what}" if language == KOREAN else f"{channel}: {what}"


def dead(link: DeadLink, *, language: str) -> str:
    """Write why the link leads to nobody, and how else to refuse."""
    status = words.ENDED if link.why is Gone.EXPIRED else words.LOST
    return _fault(status, link.sender, language)


def fault(status: HTTPStatus, *, language: str) -> str:
    """Write that a request failed, without a word of why it did inside."""
    known = {HTTPStatus.NOT_FOUND: words.LOST}
    other = words.LATER if status >= HTTPStatus.INTERNAL_SERVER_ERROR else words.REFUSED
    busy = status in (HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
    return _fault(words.LATER if busy else known.get(status, other), None, language)


def _fault(status: HTTPStatus, sender: Sender | None, language: str) -> str:
    title, text = words.FAULTS[language][status]
    ways = status in (words.LOST, words.ENDED)
    facts = _of_sender(sender, language)
    return _PAGES.render("fault.html", language, **facts, heading=title, text=text, ways=ways)


def one_click(language: str) -> str:
    """Say to a mail program that it is done."""
    return words.WORDS[language]["one_click"]


def seen(language: str, *, ip: str) -> Seen:
    """Name the wording that the visitor had before them, for the evidence."""
    return Seen(text_version=f"{words.VERSION}-{language}", text_hash=wording_hash(language), ip=ip)


@cache
def wording_hash(language: str) -> str:
    """SHA-256 over all that the page says in a language, and how it is put together."""
    said = (
        words.WORDS[language],
        CHANNEL_NAMES[language],
        words.PURPOSES[language],
        words.ATTITUDES[language],
    )
    template = (_FOLDER / "preferences.html").read_text("utf-8")
    text = "\n".join(f"{name}={text}" for each in said for name, text in sorted(each.items()))
    return sha256(f"{text}\n{template}".encode()).hexdigest()


def _of_sender(sender: Sender | None, language: str) -> dict[str, object]:
    return {
        "sender": words.WORDS[language]["unnamed"] if sender is None else sender.display_name,
        "phone": None if sender is None else sender.opt_out_number,
    }
