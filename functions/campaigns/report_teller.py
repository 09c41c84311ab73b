"""What the report page's texts are made with."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from functions.campaigns.report_words import Words


class Teller(NamedTuple):
    """Words, their language, and how a moment is written."""

    w: Words
    language: str
    when: Callable[[datetime], str]
