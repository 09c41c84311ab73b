"""Measure message text as Korean carriers do, and make it sendable."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

# Python's `euc_kr` writes 8,822 of the 11,172 Hangul syllables as eight bytes each;
# carriers count two. Only `cp949` gives two bytes to all of them (own experiment).
_CARRIER_ENCODING = "cp949"

# NHN Cloud SMS api-guide and Naver SENS "messages"; SOLAPI status codes 1031 and 1014.
SMS_MAX_BYTES = 90
LMS_MAX_BYTES = 2_000
SUBJECT_MAX_BYTES = 40

# NHN Cloud Alimtalk release notes of 2025-10-28 raised the limit from 1,000 to 1,300
# characters; SOLAPI's code 1031 still names 1,000, so authors are warned there.
ALIMTALK_MAX_CHARS = 1_300
ALIMTALK_DRAFT_CHARS = 1_000

_FIRST_SYLLABLE = "\N{HANGUL SYLLABLE GA}"
_LAST_SYLLABLE = "\N{HANGUL SYLLABLE HIH}"

# SOLAPI refuses non-printable characters (code 1028). Bytes below 0x41 are never the second
# byte of a CP949 pair, so the encoded text can be searched.
_CONTROL_BYTES = bytes(byte for byte in (*range(0x20), 0x7F) if byte not in b"\t\n\r")

# What macOS and iOS type: a syllable as two or three conjoining letters.
_DECOMPOSED_SYLLABLE = re.compile("[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
_LINE_END = re.compile("\r\n?")

# Only characters that CP949 lacks, each with the nearest sign that it has. Letters (such as
# an accented e) are not here: that would be a change of spelling, which is the author's.
_LOOKALIKES = {
    "-": "\u2010\u2011\u2012\u2013\u2014\u2043\u2212",  # hyphens, dashes, minus
    " ": "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f",
    "\n": "\u000b\u000c\u0085\u2028\u2029",  # what word processors use for a line break
    "\N{MIDDLE DOT}": "\u2022\u2023\u2027\u2219\u22c5\u25e6\u30fb",  # bullets
    "\N{FULLWIDTH WON SIGN}": "\u20a9",
    "\N{FULLWIDTH YEN SIGN}": "\u00a5",
    "\N{FULLWIDTH CENT SIGN}": "\u00a2",
    "\N{FULLWIDTH POUND SIGN}": "\u00a3",
    "\N{FULLWIDTH NOT SIGN}": "\u00ac",
    "\N{FULLWIDTH MACRON}": "\u00af",
    "|": "\u00a6",
    "(C)": "\u00a9",
    "\N{GREEK SMALL LETTER MU}": "\u00b5",
    "\N{LEFT DOUBLE ANGLE BRACKET}": "\u00ab",
    "\N{RIGHT DOUBLE ANGLE BRACKET}": "\u00bb",
    "\N{LEFT ANGLE BRACKET}": "\u2039",
    "\N{RIGHT ANGLE BRACKET}": "\u203a",
    "'": "\u201a\u201b\u2035",
    '"': "\u201e\u201f",
    "~": "\u02dc\u301c",
    "\N{HORIZONTAL ELLIPSIS}": "\u22ef",
    "!!": "\u203c",
    "\N{SQUARE ROOT}": "\u2611\u2713\u2714",  # check marks
    "\N{MULTIPLICATION SIGN}": "\u2715\u2716\u2717\u2718",  # ballot crosses
    "\N{BLACK HEART SUIT}": "\u2764",
    "\N{BLACK STAR}": "\u2b50",
    "\N{RIGHTWARDS ARROW}": "\u2794\u279c\u27a1\u27f6",
    "\N{LEFTWARDS ARROW}": "\u2b05",
    "\N{UPWARDS ARROW}": "\u2b06",
    "\N{DOWNWARDS ARROW}": "\u2b07",
    "\N{BLACK RIGHT-POINTING TRIANGLE}": "\u25b8\u25ba\u27a4",
    "\N{BLACK LEFT-POINTING TRIANGLE}": "\u25c2\u25c4",
    "\N{WHITE RIGHT POINTING INDEX}": "\u261b",
    "\N{BLACK SQUARE}": "\u25aa",
    "\N{WHITE SQUARE}": "\u25ab",
    "*": "\u2731\u2732\u2733",
    # Invisible: soft joins, direction marks, variation selectors, the keycap frame.
    "": "\u034f\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u20e3\ufeff"
    "\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f",
}
_CIRCLED_NUMBERS = {
    chr(first + offset): chr(0x2460 + offset)
    for first in (0x2776, 0x2780, 0x278A)  # black, sans-serif and black sans-serif digits
    for offset in range(10)
}
_REPLACEMENTS = {
    original: replacement
    for replacement, originals in _LOOKALIKES.items()
    for original in originals
} | _CIRCLED_NUMBERS
_TRANSLATION = str.maketrans(_REPLACEMENTS)


class MessageType(StrEnum):
    """How a text travels: the three carrier sizes, or KakaoTalk Alimtalk."""

    SMS = "sms"
    LMS = "lms"
    MMS = "mms"
    ALIMTALK = "alimtalk"


class SizeFault(StrEnum):
    """What is wrong with a text's size; stable, shown to callers."""

    TEXT_TOO_LONG = "text_too_long"
    TEXT_NEAR_LIMIT = "text_near_limit"
    SUBJECT_TOO_LONG = "subject_too_long"
    SUBJECT_NOT_ALLOWED = "subject_not_allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeProblem:
    """One exceeded limit.

    `size` and `limit` are bytes; for Alimtalk, and for a subject that is not allowed at all,
    they are characters.
    """

    fault: SizeFault
    size: int
    limit: int

    @property
    def blocks(self) -> bool:
        """Whether the message cannot leave; otherwise it is a warning to the author."""
        return self.fault is not SizeFault.TEXT_NEAR_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One kind of replacement that was made, and how often."""

    original: str
    replacement: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """A text made as sendable as it can be, with what was changed in it."""

    text: str
    changes: tuple[Change, ...]


class UnsendableText(ValueError):
    """The text has characters that carriers cannot show; `characters` names each once."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        """Keep the characters and name them by code point, which prints anywhere."""
        super().__init__(" ".join(f"U+{ord(character):04X}" for character in characters))
        self.characters = characters


def size_bytes(text: str) -> int:
    r"""Count the bytes a carrier counts: CP949, one for ASCII, two for the rest.

    A line break is one byte as ``\n`` and two as ``\r\n``: normalise first.
    Source: NHN Cloud SMS api-guide (90 and 2,000 bytes as EUC-KR); SOLAPI code 1029 (characters
    outside EUC-KR) and 1028 (non-printable).

    Raises `UnsendableText` when there are characters that it cannot encode, or control
    characters.

    >>> size_bytes("안녕 Kim")
    8
    """
    encoded = _encode(text)
    if encoded is None:
        raise UnsendableText(unsendable(text))
    return len(encoded)


def unsendable(text: str) -> tuple[str, ...]:
    """Name the characters that carriers cannot show, each once, in order of appearance.

    Source: SOLAPI status codes 1029 (outside EUC-KR) and 1028 (non-printable).
    """
    if _encode(text) is not None:
        return ()
    return tuple(character for character in dict.fromkeys(text) if _encode(character) is None)


def uncertain(text: str) -> tuple[str, ...]:
    """Name the syllables outside KS X 1001, which some carriers may not show.

    They exist only in the CP949 extension. Whether every carrier accepts them is not verified
    (SOLAPI's code 1029 speaks of the completed Hangul of EUC-KR), so they are a warning.

    >>> uncertain("똠방각하")
    ('똠',)
    """
    if len(text.encode("euc_kr", "replace")) == len(text.encode(_CARRIER_ENCODING, "replace")):
        return ()
    return tuple(character for character in dict.fromkeys(text) if _is_extension(character))


def normalise(text: str) -> Normalised:
    r"""Replace what CP949 lacks by its nearest sign, and line ends by ``\n``.

    What has no near sign, such as an emoji, stays: `unsendable` of the result names it.
    Source: SOLAPI code 1029 and NHN Cloud SMS sending-policy, "문자 집합" (characters outside
    EUC-KR are refused, or arrive as "?").

    >>> normalise("₩1,000").changes
    (Change(original='₩', replacement='￦', count=1),)
    """
    if "\r" not in text and "\t" not in text and _encode(text) is not None:
        return Normalised(text=text, changes=())
    lines, line_ends = _replace_matches(text, _LINE_END, lambda _end: "\n")
    counted = Counter(character for character in lines if character in _REPLACEMENTS)
    # Signs without width go first: they can stand between the letters of a syllable.
    composed, syllables = _replace_matches(
        lines.translate(_TRANSLATION),
        _DECOMPOSED_SYLLABLE,
        lambda letters: unicodedata.normalize("NFC", letters),
    )
    replaced = tuple(
        Change(original=original, replacement=_REPLACEMENTS[original], count=count)
        for original, count in counted.items()
    )
    return Normalised(text=composed, changes=(*line_ends, *syllables, *replaced))


def text_type(text: str, *, subject: str | None = None, has_image: bool = False) -> MessageType:
    """Choose the cheapest carrier type that holds the message.

    Source: SOLAPI `autoTypeDetect`: an image makes it MMS, a subject or more than 90 bytes LMS.

    Raises `UnsendableText` when the text cannot be measured.
    """
    size = size_bytes(text)
    if has_image:
        return MessageType.MMS
    if subject or size > SMS_MAX_BYTES:
        return MessageType.LMS
    return MessageType.SMS


def check_size(
    message_type: MessageType, text: str, *, subject: str | None = None
) -> tuple[SizeProblem, ...]:
    """List every limit that the message exceeds, warnings included.

    Sources: at the limits above; SOLAPI code 1013 (subject on SMS). Alimtalk has no subject
    either, and nothing that was asked for is dropped silently.

    Raises `UnsendableText` when text or subject cannot be measured; not for Alimtalk, which is
    Unicode and counted in characters.
    """
    if message_type is MessageType.ALIMTALK:
        return (*_check_alimtalk(text), *_refuse_subject(subject))
    if message_type is MessageType.SMS:
        return (*_check_text(text, limit=SMS_MAX_BYTES), *_refuse_subject(subject))
    return (*_check_text(text, limit=LMS_MAX_BYTES), *_check_subject(subject))


def _encode(text: str) -> bytes | None:
    """Encode for the carrier, or give None where that is not possible."""
    try:
        encoded = text.encode(_CARRIER_ENCODING)
    except UnicodeEncodeError:
        return None
    return encoded if len(encoded.translate(None, _CONTROL_BYTES)) == len(encoded) else None


def _is_extension(character: str) -> bool:
    """Whether it is a syllable that only the CP949 extension has (see the encoding's note)."""
    if not _FIRST_SYLLABLE <= character <= _LAST_SYLLABLE:
        return False
    return len(character.encode("euc_kr")) > len(character.encode(_CARRIER_ENCODING))


def _replace_matches(
    text: str, pattern: re.Pattern[str], replace: Callable[[str], str]
) -> tuple[str, tuple[Change, ...]]:
    """Replace every match, and tell how often each was found."""
    counted = Counter(pattern.findall(text))
    if not counted:
        return text, ()
    changes = tuple(
        Change(original=original, replacement=replace(original), count=count)
        for original, count in counted.items()
    )
    return pattern.sub(lambda match: replace(match[0]), text), changes


def _check_text(text: str, *, limit: int) -> tuple[SizeProblem, ...]:
    size = size_bytes(text)
    if size <= limit:
        return ()
    return (SizeProblem(fault=SizeFault.TEXT_TOO_LONG, size=size, limit=limit),)


def _check_subject(subject: str | None) -> tuple[SizeProblem, ...]:
    size = size_bytes(subject or "")
    if size <= SUBJECT_MAX_BYTES:
        return ()
    return (SizeProblem(fault=SizeFault.SUBJECT_TOO_LONG, size=size, limit=SUBJECT_MAX_BYTES),)


def _refuse_subject(subject: str | None) -> tuple[SizeProblem, ...]:
    if not subject:
        return ()
    return (SizeProblem(fault=SizeFault.SUBJECT_NOT_ALLOWED, size=len(subject), limit=0),)


def _check_alimtalk(text: str) -> tuple[SizeProblem, ...]:
    size = len(text)
    if size > ALIMTALK_MAX_CHARS:
        return (SizeProblem(fault=SizeFault.TEXT_TOO_LONG, size=size, limit=ALIMTALK_MAX_CHARS),)
    if size > ALIMTALK_DRAFT_CHARS:
        return (
            SizeProblem(fault=SizeFault.TEXT_NEAR_LIMIT, size=size, limit=ALIMTALK_DRAFT_CHARS),
        )
    return ()
