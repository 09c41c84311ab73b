"""The form that Korean law asks of an advertising text: label, sender, free way to refuse."""

import re
from dataclasses import dataclass
from enum import StrEnum

# 정보통신망법 art. 50(4) and decree annex 6. The text starts exactly with this; any other way of
# writing it is an evasion (gongbizguide.oopy.io; NHN Cloud SMS error -6003).
LABEL = "(광고)"

# What NHN Cloud and SENS ask the text to end with, before the number; either word will do.
OPT_OUT_WORDS = ("무료수신거부", "무료거부")

_FRAME = "*★☆※#~=_|/-"
_QUOTES = "\"'\u2018\u2019\u201c\u201d"
_OPENING = "([{<\uff08\uff3b\uff5b【「『《〈"  # with the full-width ( [ {
_CLOSING = ")]}>\uff09\uff3d\uff5d】」』》〉"
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

# Whatever reads as a way to refuse by telephone, right or wrong.
_REFUSAL = re.compile(
    r"(?P<words>(?:무료\s?(?:수신\s?)?|수신\s?)거부)[)\]】\s:]{0,3}"
    r"(?P<number>(?:0[0-9]{1,2}[-. ]?)?[0-9]{3,4}[-. ]?[0-9]{4})(?![0-9])"
)
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


def compose(body: str, sender_name: str, opt_out_number: str) -> str:
    r"""Give the body the legal form: label and sender first, the way to refuse last.

    What the author already wrote correctly is not written twice; the result has no
    `label_problems`, and composing it again changes nothing. The number is written in digits,
    which saves two of an SMS's 90 bytes.
    Source: 정보통신망법 art. 50(4) and (6); NHN Cloud SMS sending-policy; gongbizguide.oopy.io.

    Raises `ImitationLabel` when the body starts with an imitation or a misplaced label, or
    names another or a misplaced way to refuse; `InvalidOptOutNumber`; ValueError when the
    sender's name is not one line of text.

    >>> compose("봄 할인", "알림상점", "080-012-3456")
    '(광고)알림상점\n봄 할인\n무료수신거부 0800123456'
    """
    number = parse_opt_out_number(opt_out_number)
    name = _check_name(sender_name)
    headed = _with_head(body.strip(), name)
    problem = _opt_out_problem(headed, number)
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
        _label_problem(text),
        _opt_out_problem(text, parse_opt_out_number(opt_out_number)),
    )
    return tuple(problem for problem in found if problem is not None)


def _check_name(sender_name: str) -> str:
    name = sender_name.strip()
    if len(name.splitlines()) != 1:
        msg = "sender_name must be one line of text"
        raise ValueError(msg)
    return name


def _with_head(body: str, name: str) -> str:
    """Put label and sender's name before the body, as far as they are not there."""
    if not body.startswith(LABEL):
        _refuse_false_label(body, name)
    rest = body.removeprefix(LABEL).lstrip()
    if _after_name(rest, name) is not None:
        return LABEL + rest
    return f"{LABEL}{name}\n{rest}".rstrip()


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
    for start in (text, text.lstrip(_BEFORE_NAME)):
        after = start.removeprefix(name)
        if after != start and not after[:1].isalnum():
            return after.lstrip(_AFTER_NAME)
    return None


def _label_problem(text: str) -> LabelProblem | None:
    if text.startswith(LABEL):
        return None
    imitation = _IMITATION.match(text.lstrip())
    if imitation:
        return LabelProblem(fault=LabelFault.LABEL_IMITATED, found=imitation[0])
    if LABEL in text:
        return LabelProblem(fault=LabelFault.LABEL_NOT_AT_START, found=LABEL)
    return LabelProblem(fault=LabelFault.LABEL_MISSING)


def _opt_out_problem(text: str, number: str) -> LabelProblem | None:
    """Judge every way to refuse that the text names: all must be right, the last at the end."""
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
