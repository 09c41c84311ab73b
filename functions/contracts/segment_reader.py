"""Reads the definition of an audience: what may stand where, and all that is wrong with it."""

from collections.abc import Callable, Mapping
from typing import Any

from functions.contracts.errors import FieldError
from functions.contracts.segment_fields import FieldReader, Json
from functions.domain.channel import Channel
from functions.domain.consent import ConsentKey
from functions.domain.segment import (
    DID,
    MAX_CHOICES,
    MAX_DEPTH,
    MAX_LISTED,
    MAX_NODES,
    All,
    AnyOf,
    Attribute,
    AttributeTest,
    Behaviour,
    Between,
    Compare,
    Contains,
    Exists,
    HasConsent,
    InAudience,
    InGroup,
    LocaleIs,
    Measure,
    Node,
    NoneOf,
    NumberTest,
    OneOf,
    Op,
    Reachable,
    StartsWith,
    Where,
    Within,
)
from functions.domain.segment_window import EarlierThan, FromTo, LastDays, Window

GROUP_BY_WORD: Mapping[str, type[All | AnyOf | NoneOf]] = {
    "all": All,
    "any": AnyOf,
    "none": NoneOf,
}
_NUMBER_OPS = ("less", "at_most", "more", "at_least", "between")
ATTRIBUTE_OPS = ("equals", "in", "contains", "starts_with", *_NUMBER_OPS, "exists", "within")
MEASURE_OPS = ("equals", *_NUMBER_OPS)
DAY_MEASURES = (Measure.FIRST, Measure.LAST)
WINDOWS = (("last_days",), ("earlier_than_days",), ("from", "to"))
NAMED_BY_KIND: Mapping[str, Callable[[str], Node]] = {
    "group": InGroup,
    "locale": LocaleIs,
    "consent": HasConsent,
    "reachable": Reachable,
    "audience": InAudience,
}
"""Conditions that are a name and nothing else."""
KINDS = (
    *GROUP_BY_WORD,
    "attribute",
    "event",
    *NAMED_BY_KIND,
)


class DefinitionReader(FieldReader):
    """Reads on behind what is wrong, to find all of it; such a part is None."""

    def __init__(self) -> None:
        super().__init__()
        self._nodes = 0

    def node(self, document: object, pointer: str, depth: int) -> Node | None:
        """Read a condition or a group."""
        if not isinstance(document, dict):
            self.wrong_type(pointer, "Use an object.")
            return None
        kinds = [kind for kind in KINDS if kind in document]
        if len(kinds) != 1:
            msg = f"Use exactly one of {', '.join(KINDS)}."
            self.errors.append(FieldError(pointer, "one_of", msg))
            return None
        if not self._room(pointer, depth):
            return None
        (kind,) = kinds
        if kind in GROUP_BY_WORD:
            return self._group(document, kind, pointer, depth)
        return self._leaf(document, kind, pointer)

    def _room(self, pointer: str, depth: int) -> bool:
        self._nodes += 1
        if self._nodes == MAX_NODES + 1:
            msg = f"Use at most {MAX_NODES} conditions and groups."
            self.errors.append(FieldError("", "too_large", msg))
        if depth > MAX_DEPTH:
            msg = f"Nest at most {MAX_DEPTH} deep."
            self.errors.append(FieldError(pointer, "too_deep", msg))
        return depth <= MAX_DEPTH and self._nodes <= MAX_NODES

    def _group(self, document: Json, word: str, pointer: str, depth: int) -> Node | None:
        self.only(document, (word,), pointer)
        inner, below = document[word], f"{pointer}/{word}"
        if not isinstance(inner, list):
            self.wrong_type(below, "Use a list of conditions.")
            return None
        read = [self.node(each, f"{below}/{place}", depth + 1) for place, each in enumerate(inner)]
        return GROUP_BY_WORD[word](tuple(each for each in read if each is not None))

    def _leaf(self, document: Json, kind: str, pointer: str) -> Node | None:
        if kind == "attribute":
            return self._attribute(document, pointer)
        if kind == "event":
            return self._behaviour(document, pointer)
        self.only(document, (kind,), pointer)
        text = self.name(document[kind], f"{pointer}/{kind}")
        return None if text is None else self._named(kind, text, f"{pointer}/{kind}")

    def _named(self, kind: str, text: str, pointer: str) -> Node | None:
        if kind == "reachable" and text not in set(Channel):
            self.not_allowed(pointer, f"Use one of {', '.join(Channel)}.")
            return None
        if kind == "consent" and not _is_consent(text):
            self.not_allowed(pointer, "Use channel:purpose, such as sms:advertising.")
            return None
        return NAMED_BY_KIND[kind](text)

    def _attribute(self, document: Json, pointer: str) -> Node | None:
        self.only(document, ("attribute", *ATTRIBUTE_OPS), pointer)
        name = self.name(document["attribute"], f"{pointer}/attribute")
        op = self.one_op(document, ATTRIBUTE_OPS, pointer)
        test = None if op is None else self._attribute_test(op, document[op], f"{pointer}/{op}")
        return None if name is None or test is None else Attribute(name, test)

    def _attribute_test(self, op: str, given: object, pointer: str) -> AttributeTest | None:
        match op:
            case "equals":
                return self._one_of([given], pointer, listed=False)
            case "in":
                return self._one_of(given, pointer, listed=True)
            case "contains" | "starts_with":
                text = self.text(given, pointer)
                kind = Contains if op == "contains" else StartsWith
                return None if text is None else kind(text)
            case "exists":
                return self._exists(given, pointer)
            case "within":
                window = self._window(given, pointer)
                return None if window is None else Within(window)
            case _:
                return self._number_test(op, given, pointer, self.number)

    def _exists(self, given: object, pointer: str) -> Exists | None:
        if given is not True:
            self.not_allowed(pointer, "Use true.")
            return None
        return Exists()

    def _one_of(self, given: object, pointer: str, *, listed: bool) -> OneOf | None:
        values = self.listed(given, pointer, MAX_LISTED)
        if values is None:
            return None
        read = [
            self.value(each, f"{pointer}/{place}" if listed else pointer)
            for place, each in enumerate(values)
        ]
        return OneOf(tuple(each for each in read if each is not None))

    def _behaviour(self, document: Json, pointer: str) -> Node | None:
        allowed = ("event", "where", "window", "measure", *MEASURE_OPS, "within")
        self.only(document, allowed, pointer)
        before = len(self.errors)
        event = self.name(document["event"], f"{pointer}/event")
        where = self.if_given(document, "where", pointer, self._where)
        window = self.if_given(document, "window", pointer, self._window)
        measure, test = self._measured(document, pointer)
        if event is None or test is None or len(self.errors) > before:
            return None
        return Behaviour(event, where, window, measure, test)

    def _measured(self, document: Json, pointer: str) -> tuple[Measure, NumberTest | Within | None]:
        if "measure" not in document:
            self._no_op(document, pointer)
            return Measure.COUNT, DID
        given = document["measure"]
        if not isinstance(given, str) or given not in set(Measure):
            msg = f"Use one of {', '.join(Measure)}."
            self.not_allowed(f"{pointer}/measure", msg)
            return Measure.COUNT, None
        measure = Measure(given)
        ops = ("within",) if measure in DAY_MEASURES else MEASURE_OPS
        op = self.one_op(document, ops, pointer)
        if op is None:
            return measure, None
        if op == "within":
            window = self._window(document[op], f"{pointer}/within")
            return measure, None if window is None else Within(window)
        return measure, self._number_test(op, document[op], f"{pointer}/{op}", self.amount)

    def _no_op(self, document: Json, pointer: str) -> None:
        for op in (*MEASURE_OPS, "within"):
            if op in document:
                self.not_allowed(f"{pointer}/{op}", "This needs a measure.")

    def _where(self, given: object, pointer: str) -> Where | None:
        if not isinstance(given, dict):
            self.wrong_type(pointer, "Use an object.")
            return None
        self.only(given, ("property", "equals", "in"), pointer)
        name = self.name(given.get("property"), f"{pointer}/property")
        op = self.one_op(given, ("equals", "in"), pointer)
        if op is None or name is None:
            return None
        values = [given[op]] if op == "equals" else given[op]
        listed = self.listed(values, f"{pointer}/{op}", MAX_CHOICES)
        if listed is None:
            return None
        places = [f"{pointer}/{op}/{place}" for place in range(len(listed))]
        texts = map(self.text, listed, places if op == "in" else [f"{pointer}/{op}"])
        return Where(name, tuple(each for each in texts if each is not None))

    def _window(self, given: object, pointer: str) -> Window | None:
        if not isinstance(given, dict):
            self.wrong_type(pointer, "Use an object.")
            return None
        forms = [form for form in WINDOWS if any(key in given for key in form)]
        if len(forms) != 1:
            msg = "Use last_days, earlier_than_days, or from and to."
            self.errors.append(FieldError(pointer, "one_of", msg))
            return None
        (form,) = forms
        self.only(given, form, pointer)
        if form == ("from", "to"):
            return self._from_to(given, pointer)
        days = self.days(given[form[0]], f"{pointer}/{form[0]}")
        kind = LastDays if form[0] == "last_days" else EarlierThan
        return None if days is None else kind(days)

    def _from_to(self, given: Json, pointer: str) -> Window | None:
        start = self.if_given(given, "from", pointer, self.day)
        end = self.if_given(given, "to", pointer, self.day)
        if start is not None and end is not None and end < start:
            msg = "The last day comes before the first."
            self.errors.append(FieldError(f"{pointer}/to", "out_of_range", msg))
        return FromTo(start, end) if start or end else None

    def _number_test(
        self, op: str, given: object, pointer: str, read: Callable[[object, str], Any]
    ) -> NumberTest | None:
        if op != "between":
            number = read(given, pointer)
            return None if number is None else Compare(Op(op), number)
        if not isinstance(given, list) or len(given) != len(("low", "high")):
            self.wrong_type(pointer, "Use a list of the lowest and the highest number.")
            return None
        low, high = read(given[0], f"{pointer}/0"), read(given[1], f"{pointer}/1")
        if low is None or high is None:
            return None
        if high < low:
            msg = "The highest number is below the lowest."
            self.errors.append(FieldError(f"{pointer}/1", "out_of_range", msg))
        return Between(low, high)


def _is_consent(text: str) -> bool:
    try:
        return str(ConsentKey.parse(text)) == text
    except ValueError:
        return False
