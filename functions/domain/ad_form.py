r"""The legal form of an advertisement in every medium: who, that it is one, how to refuse it.

One small interface for all of them: `FORM_BY_MEDIUM` gives the form, which composes and judges.

>>> by_push = AdText(title="봄 할인", body="오늘까지")
>>> FORM_BY_MEDIUM[Medium.PUSH].compose(by_push, Advertiser(name="알림", refusal="앱 설정")).title
'(광고)알림 봄 할인'
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from functions.domain import ad_label
from functions.domain.ad_label import (
    LABEL,
    ImitationLabel,
    LabelFault,
    LabelProblem,
    imitated_label,
    label_problem,
    names_sender,
    opt_out_problem,
    parse_opt_out_number,
    with_head,
)

# What decree annex 6 asks in both languages of e-mail; its exact words are not verified.
_UNSUBSCRIBE = "수신거부 (Unsubscribe)"
_SEPARATORS = re.compile(r"[-.() ]")


class Medium(StrEnum):
    """Where an advertisement is read. Each has a form of its own."""

    TEXT = "text"
    RCS = "rcs"
    PUSH = "push"
    EMAIL = "email"
    BRAND_MESSAGE = "brand_message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advertiser:
    """Who advertises, and how that is refused.

    ``refusal`` is the 080 number of texts and Kakao, the way within the app of a push, the
    address of the page of an e-mail. ``contact`` is left out where the sender's number shows it.
    """

    name: str
    refusal: str
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdText:
    """What a recipient reads. ``title`` is the subject of an LMS or e-mail, or that of a push.

    ``ad_flag`` and ``opt_out_number`` go beside the text to Kakao, which shows both itself.
    """

    body: str = field(repr=False)
    title: str | None = field(default=None, repr=False)
    ad_flag: bool = False
    opt_out_number: str | None = None


class AdForm(Protocol):
    """The form of a medium."""

    def compose(self, draft: AdText, advertiser: Advertiser) -> AdText:
        """Give the draft the form; composing again changes nothing.

        Raises `ImitationLabel` when the author wrote a false or misplaced part of it, ValueError
        (`InvalidOptOutNumber` too) when the advertiser's own words cannot be used.
        """

    def problems(self, ad: AdText, advertiser: Advertiser) -> tuple[LabelProblem, ...]:
        """List what an advertisement lacks of the form. Raises ValueError as `compose` does."""


class TextForm:
    """SMS, LMS, MMS and unified RCS: all of it in the body, which is what is counted.

    A label in the subject alone would not do (phps.kr faq 35210); unified RCS has no fields for
    it (NHN Cloud Notification Hub, rcs.md).
    """

    def compose(self, draft: AdText, advertiser: Advertiser) -> AdText:
        """Label, sender and contact before the body, the free number after it."""
        _refuse_imitation(draft.title or "")
        body = ad_label.compose(
            draft.body, advertiser.name, advertiser.refusal, contact=advertiser.contact
        )
        return replace(draft, body=body)

    def problems(self, ad: AdText, advertiser: Advertiser) -> tuple[LabelProblem, ...]:
        """Judge body and subject."""
        in_title = imitated_label(ad.title or "")
        in_body = ad_label.label_problems(ad.body, advertiser.refusal)
        return in_body if in_title is None else (in_title, *in_body)


class PushForm:
    """App push: label and sender where the notification begins, the way to refuse at its end.

    Source: nachocode docs (korea.md 2.7).
    """

    def compose(self, draft: AdText, advertiser: Advertiser) -> AdText:
        """The title begins the notification; without one the body does."""
        name, refusal = advertiser.name, advertiser.refusal
        title, body = (draft.title or "").strip(), draft.body.strip()
        if not title:
            return replace(draft, title=None, body=with_head(_ended(body, refusal), name))
        title = with_head(title, name, separator=" ")
        return replace(draft, title=title, body=_ended(_unlabelled(body), refusal))

    def problems(self, ad: AdText, advertiser: Advertiser) -> tuple[LabelProblem, ...]:
        """Judge beginning and end."""
        start = ad.title or ad.body
        beginning = label_problem(start)
        if beginning is None and not names_sender(start, advertiser.name):
            beginning = LabelProblem(fault=LabelFault.SENDER_MISSING)
        return _only(beginning, _end_problem(ad.body, advertiser.refusal))


class EmailForm:
    """E-mail in plain text: the subject starts with the label, the body ends with the way out.

    Source: stibee help (korea.md 2.7); art. 50(4) asks for sender and contact in it.
    """

    def compose(self, draft: AdText, advertiser: Advertiser) -> AdText:
        """Label the subject, sign the body, and end it with the page to unsubscribe."""
        subject = (draft.title or "").strip() or advertiser.name.strip()
        _refuse_imitation(subject)
        if not subject.startswith(LABEL):
            subject = f"{LABEL} {subject}"
        lines = draft.body.rstrip().split("\n")
        way_out = f"{_UNSUBSCRIBE}: {_check_refusal(advertiser.refusal)}"
        if lines[-1].endswith(advertiser.refusal):
            way_out = lines.pop()
        signature = _signature(advertiser)
        signed = [] if _is_signed("\n".join(lines), advertiser) else [signature]
        return replace(draft, title=subject, body="\n".join((*lines, *signed, way_out)))

    def problems(self, ad: AdText, advertiser: Advertiser) -> tuple[LabelProblem, ...]:
        """Judge subject, signature and end."""
        unsigned = LabelProblem(fault=LabelFault.SENDER_MISSING)
        return _only(
            label_problem(ad.title or ""),
            None if _is_signed(ad.body, advertiser) else unsigned,
            _end_problem(ad.body, advertiser.refusal),
        )


class BrandMessageForm:
    """Kakao Brand Message: Kakao shows label and sender, and the number to refuse.

    So the text has no label of its own, and the flag and the number must be given beside it
    (korea.md 2.6 and 3: cs.kakao.com helps 1073199206; NHN Cloud ``unsubscribeNo``).
    """

    def compose(self, draft: AdText, advertiser: Advertiser) -> AdText:
        """Take out what Kakao shows, and set flag and number."""
        number = parse_opt_out_number(advertiser.refusal)
        body = _without_opt_out(_unlabelled(draft.body.strip()), number)
        return replace(draft, body=body, ad_flag=True, opt_out_number=number)

    def problems(self, ad: AdText, advertiser: Advertiser) -> tuple[LabelProblem, ...]:
        """Judge flag, number, and that the text does not say it again."""
        number = parse_opt_out_number(advertiser.refusal)
        flag = None if ad.ad_flag else LabelProblem(fault=LabelFault.AD_FLAG_MISSING)
        twice = LabelProblem(fault=LabelFault.LABEL_TWICE, found=LABEL)
        label = twice if ad.body.lstrip().startswith(LABEL) else imitated_label(ad.body)
        return _only(flag, label, _number_problem(ad.opt_out_number, number))


FORM_BY_MEDIUM: Mapping[Medium, AdForm] = {
    Medium.TEXT: TextForm(),
    Medium.RCS: TextForm(),
    Medium.PUSH: PushForm(),
    Medium.EMAIL: EmailForm(),
    Medium.BRAND_MESSAGE: BrandMessageForm(),
}


def _only(*problems: LabelProblem | None) -> tuple[LabelProblem, ...]:
    return tuple(problem for problem in problems if problem is not None)


def _refuse_imitation(text: str) -> None:
    problem = imitated_label(text)
    if problem is not None:
        raise ImitationLabel(problem)


def _unlabelled(body: str) -> str:
    """Take the label off a text that is not the place for it."""
    while body.startswith(LABEL):
        body = body.removeprefix(LABEL).lstrip()
    _refuse_imitation(body)
    return body


def _check_refusal(refusal: str) -> str:
    if not refusal.strip() or len(refusal.splitlines()) != 1 or refusal != refusal.strip():
        msg = "refusal must be one line of text"
        raise ValueError(msg)
    return refusal


def _ended(body: str, refusal: str) -> str:
    problem = _end_problem(body, refusal)
    if problem is None:
        return body
    if problem.fault is not LabelFault.OPT_OUT_MISSING:
        raise ImitationLabel(problem)
    return f"{body}\n{refusal}".lstrip()


def _end_problem(body: str, refusal: str) -> LabelProblem | None:
    if body.endswith(_check_refusal(refusal)):
        return None
    if refusal in body:
        return LabelProblem(fault=LabelFault.OPT_OUT_NOT_AT_END, found=refusal)
    return LabelProblem(fault=LabelFault.OPT_OUT_MISSING)


def _number_problem(given: str | None, number: str) -> LabelProblem | None:
    if given is None:
        return LabelProblem(fault=LabelFault.OPT_OUT_MISSING)
    if given.replace("-", "") != number:
        return LabelProblem(fault=LabelFault.OPT_OUT_WRONG, found=given)
    return None


def _signature(advertiser: Advertiser) -> str:
    name = advertiser.name.strip()
    return name if advertiser.contact is None else f"{name} {advertiser.contact}"


def _is_signed(body: str, advertiser: Advertiser) -> bool:
    named = re.search(rf"(?<!\w){re.escape(advertiser.name.strip())}(?!\w)", body) is not None
    digits = _SEPARATORS.sub("", body)
    return named and (advertiser.contact is None or advertiser.contact in digits)


def _without_opt_out(body: str, number: str) -> str:
    """Take a correct way to refuse off the end; Kakao shows its own."""
    problem = opt_out_problem(body, number)
    if problem is None:
        return _without_opt_out(ad_label.without_last_opt_out(body), number)
    if problem.fault is not LabelFault.OPT_OUT_MISSING:
        raise ImitationLabel(problem)
    return body
