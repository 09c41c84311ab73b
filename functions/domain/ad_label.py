"""The form that Korean law asks of an advertising text: label, sender, free way to refuse."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

# 정보통신망법 art. 50(4) and decree annex 6. The text starts exactly with this; any other way of
# writing it is an evasion (gongbizguide.oopy.io; NHN Cloud SMS error -6003).
LABEL = "(광고)"

# What NHN Cloud and SENS ask the text to end with, before the number; either word will do.
OPT_OUT_WORDS = ("무료수신거부", "무료거부")

_FRAME = "*★☆※#~=_|/-"
_QUOTES = "\"'\u2018\u2019\u201c\u201d"
_OPENING = "([{<\uff08\uff3b\uff5b\uff1c【「『《〈〔"  # with the full-width ( [ { <
_CLOSING = ")]}>\uff09\uff3d\uff5d\uff1e】」』》〉〕"
_OPEN = f"[{re.escape(_OPENING + _FRAME + _QUOTES)}]{{1,2}}"
_CLOSE = f"[{re.escape(_CLOSING + _FRAME + _QUOTES)}]{{1,2}}"
# Letters of other scripts, digits, signs and spaces put in between: (광 고), (광/고), (광1고).
_SPLIT_WORD = r"광[^가-힣]{0,3}고"
_IMITATION = re.compile(
    rf"(?!{re.escape(LABEL)})"
    # Also with a word before it, as in (대출광고) (prosms.co.kr), in Hanja, in English.
    rf"(?:{_OPEN}\s?(?:[가-힣]{{0,4}}\s?{_SPLIT_WORD}\s?(?:성|문자)?|[廣広]\W{{0,3}}告|AD)\s?{_CLOSE}"
    rf"|{_SPLIT_WORD}\s?[:{re.escape(_CLOSING)}])",
    re.IGNORECASE,
)
_BEFORE_NAME = " \n" + _OPENING + _FRAME + _QUOTES
_AFTER_NAME = " \n" + _CLOSING
# What closes around a name: brackets, and a frame when nothing follows it directly.
_AROUND_NAME = re.compile(rf"[{re.escape(_CLOSING)}]*(?:[{re.escape(_FRAME + _QUOTES)}]+(?=\s|$))?")

# Whatever reads as a way to refuse by telephone, right or wrong.
_REFUSAL = re.compile(
    r"(?P<words>(?:무료\s?(?:수신\s?)?|수신\s?)거부)[)\]】\s:]{0,3}"
    r"(?P<number>(?:0[0-9]{1,2}[-. ]?)?[0-9]{3,4}[-. ]?[0-9]{4})(?![0-9])"
)
_REFUSING = "거부"
# 080-XXX-XXXX, or 080-XXXX-XXXX: the service that costs the caller nothing (art. 50(6)).
_OPT_OUT_NUMBER = re.compile(r"080-?[0-9]{3,4}-?[0-9]{4}")


class LabelFault(StrEnum):
    """What is wrong with an advertising text's form; stable, shown to callers."""

    LABEL_MISSING = "label_missing"
    LABEL_IMITATED = "label_imitated"
    LABEL_NOT_AT_START = "label_not_at_start"
    OPT_OUT_MISSING = "opt_out_missing"
    OPT_OUT_WRONG = "opt_out_wrong"
    OPT_OUT_NOT_AT_END = "opt_out_not_at_end"
    SENDER_MISSING = "sender_missing"
    LABEL_TWICE = "label_twice"
    AD_FLAG_MISSING = "ad_flag_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelProblem:
    """One fault, and the words of the text that show it ("" where something is missing)."""

    fault: LabelFault
    found: str = ""


class ImitationLabel(ValueError):
    """The author wrote a label, or a way to refuse, that is not the legal one.

    `problem` says what is wrong with it, `found` is what was written.
    """

    def __init__(self, problem: LabelProblem) -> None:
        """Keep the problem; the text itself is not repeated."""
        super().__init__(problem.fault.value)
        self.problem = problem
        self.found = problem.found


class InvalidOptOutNumber(ValueError):
    """The number is not an 080 number."""


def parse_opt_out_number(text: str) -> str:
    """Give the digits of an 080 number, written with or without hyphens.

    Source: 정보통신망법 art. 50(6), decree art. 62 (refusing must cost the recipient nothing).

    Raises `InvalidOptOutNumber` for anything else.

    >>> parse_opt_out_number("080-012-3456")
    '0800123456'
    """
    if not _OPT_OUT_NUMBER.fullmatch(text):
        msg = "not an 080 number"
        raise InvalidOptOutNumber(msg)
    return text.replace("-", "")


_parsed = lru_cache(maxsize=64)(parse_opt_out_number)


def compose(body: str, sender_name: str, opt_out_number: str, *, contact: str | None = None) -> str:
    r"""Give the body the legal form: label and sender first, the way to refuse last.

    What the author already wrote correctly is not written twice; the result has no
    `label_problems`, and composing it again changes nothing. Numbers are written in digits,
    which saves bytes of an SMS's 90. ``contact`` (digits) is named beside the sender; leave it out
    when it is the sending number.
    Source: 정보통신망법 art. 50(4) and (6); NHN Cloud SMS sending-policy; gongbizguide.oopy.io.

    Raises `ImitationLabel` when the body starts with an imitation or a misplaced label, or
    names another or a misplaced way to refuse; `InvalidOptOutNumber`; ValueError when the
    sender's name is not one line of text, or the contact no digits.

    >>> compose("봄 할인", "알림상점", "080-012-3456")
    '(광고)알림상점\n봄 할인\n무료수신거부 0800123456'
    >>> compose("봄 할인", "알림상점", "080-012-3456", contact="15880000")
    '(광고)알림상점 15880000\n봄 할인\n무료수신거부 0800123456'
    """
    number = parse_opt_out_number(opt_out_number)
    headed = with_head(body.strip(), sender_name, contact=contact)
    problem = opt_out_problem(headed, number)
    if problem is None:
        return headed
    if problem.fault is not LabelFault.OPT_OUT_MISSING:
        raise ImitationLabel(problem)
    return f"{headed}\n{OPT_OUT_WORDS[0]} {number}"


def label_problems(text: str, opt_out_number: str) -> tuple[LabelProblem, ...]:
    r"""List what an advertising text lacks of the legal form.

    Whether the sender is named is not judged here: `compose` sees to it.
    Source: 정보통신망법 art. 50(4) and (6); NHN Cloud SMS error -6003 (must start with the label
    and end with the opt-out number); gongbizguide.oopy.io (imitations).

    Raises `InvalidOptOutNumber`.

    >>> label_problems("[광고] 봄 할인\n무료수신거부 0800123456", "080-012-3456")
    (LabelProblem(fault=<LabelFault.LABEL_IMITATED: 'label_imitated'>, found='[광고]'),)
    """
    found = (
        label_problem(text),
        opt_out_problem(text, _parsed(opt_out_number)),
    )
    return tuple([problem for problem in found if problem is not None])


def imitated_label(text: str) -> LabelProblem | None:
    """Say whether a text starts with what is meant to be taken for the label."""
    imitation = _IMITATION.match(text.lstrip())
    if imitation is None:
        return None
    return LabelProblem(fault=LabelFault.LABEL_IMITATED, found=imitation[0])


def with_head(
    text: str, sender_name: str, *, contact: str | None = None, separator: str = "\n"
) -> str:
    """Put label, sender and contact before a text, as far as they are not there.

    Raises `ImitationLabel` and ValueError as `compose` does.
    """
    name = _check_name(sender_name)
    if not text.startswith(LABEL):
        _refuse_false_label(text, name)
    rest = text.removeprefix(LABEL).lstrip()
    past = _past_name(rest, name)
    if past is None:
        signature = name if contact is None else f"{name} {_check_contact(contact)}"
        return f"{LABEL}{signature}{separator}{rest}".rstrip()
    if contact is None or names_contact(rest[past:], _check_contact(contact)):
        return LABEL + rest
    return LABEL + _with_contact(rest, past, contact)


def names_sender(text: str, sender_name: str) -> bool:
    """Whether a text names the sender right after the label."""
    return _past_name(text.removeprefix(LABEL).lstrip(), _check_name(sender_name)) is not None


def names_contact(after_name: str, contact: str) -> bool:
    """Whether what follows the sender's name gives the contact, in any spelling.

    It may stand anywhere in the name's line, or where the next line begins.
    """
    number = r"[-.() ]{0,2}".join(contact)
    in_line = re.compile(rf"(?<![0-9]){number}(?![0-9])")
    at_next = re.compile(rf"\s*[^0-9\n]{{0,10}}{number}(?![0-9])")
    line = after_name.split("\n", 1)[0]
    return in_line.search(line) is not None or at_next.match(after_name) is not None


def _with_contact(rest: str, past: int, contact: str) -> str:
    """Put the contact after the name and what closes around it."""
    around = _AROUND_NAME.match(rest, past)
    end = past if around is None else around.end()
    tail = rest[end:]
    separator = "" if not tail or tail[0].isspace() else " "
    return f"{rest[:end]} {contact}{separator}{tail}"


def _check_name(sender_name: str) -> str:
    name = sender_name.strip()
    if len(name.splitlines()) != 1:
        msg = "sender_name must be one line of text"
        raise ValueError(msg)
    return name


def _check_contact(contact: str) -> str:
    if not (contact.isascii() and contact.isdigit()):
        msg = "contact must be digits"
        raise ValueError(msg)
    return contact


def _refuse_false_label(body: str, name: str) -> None:
    """Raise when what the body starts with, or has after the sender's name, is no true label.

    Further on, the same words may be part of what is said ("광고" 없이 보기).
    """
    after_name = _after_name(body, name) or ""
    imitation = _IMITATION.match(body) or _IMITATION.match(after_name)
    if imitation:
        problem = LabelProblem(fault=LabelFault.LABEL_IMITATED, found=imitation[0])
        raise ImitationLabel(problem)
    if after_name.startswith(LABEL):
        raise ImitationLabel(LabelProblem(fault=LabelFault.LABEL_NOT_AT_START, found=LABEL))


def _after_name(text: str, name: str) -> str | None:
    """Give what follows the sender's name, when the text starts with it, perhaps in brackets."""
    past = _past_name(text, name)
    return None if past is None else text[past:].lstrip(_AFTER_NAME)


def _past_name(text: str, name: str) -> int | None:
    """Where the sender's name ends, when the text starts with it."""
    for start in (text, text.lstrip(_BEFORE_NAME)):
        after = start.removeprefix(name)
        if after != start and not after[:1].isalnum():
            return len(text) - len(after)
    return None


def label_problem(text: str) -> LabelProblem | None:
    """Say what is wrong with the label at the start of a text."""
    if text.startswith(LABEL):
        return None
    imitation = imitated_label(text)
    if imitation is not None:
        return imitation
    if LABEL in text:
        return LabelProblem(fault=LabelFault.LABEL_NOT_AT_START, found=LABEL)
    return LabelProblem(fault=LabelFault.LABEL_MISSING)


def opt_out_problem(text: str, number: str) -> LabelProblem | None:
    """Judge every way to refuse that the text names: all must be right, the last at the end."""
    if text.count(_REFUSING) == 1 and text.endswith(_usual_ends(number)):
        # Every way to refuse has this word, so there is no other.
        return None
    refusals = tuple(_REFUSAL.finditer(text))
    if not refusals:
        return LabelProblem(fault=LabelFault.OPT_OUT_MISSING)
    for refusal in refusals:
        written = refusal["number"].replace("-", "")
        if refusal["words"] not in OPT_OUT_WORDS or written != number:
            return LabelProblem(fault=LabelFault.OPT_OUT_WRONG, found=refusal[0])
    last = refusals[-1]
    if last.end() != len(text):
        return LabelProblem(fault=LabelFault.OPT_OUT_NOT_AT_END, found=last[0])
    return None


@lru_cache(maxsize=64)
def _usual_ends(number: str) -> tuple[str, ...]:
    return tuple(f"{words} {number}" for words in OPT_OUT_WORDS)


def without_last_opt_out(text: str) -> str:
    """Cut the last way to refuse, and the bracket it began with, off the end of a text."""
    refusals = tuple(_REFUSAL.finditer(text))
    return text[: refusals[-1].start()].rstrip(" \n" + _OPENING) if refusals else text
