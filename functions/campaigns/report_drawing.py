"""Draws a campaign's report: which charts there are, and what stands at their axes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from functions.campaigns.report_charts import Bar, Line, columns, curves, rows
from functions.campaigns.report_figures import Step, number, percent
from functions.campaigns.report_words import Words
from functions.campaigns.reporting import LinkFigures, WholeReport
from functions.domain.breakdown import Seconds
from functions.domain.curve import Span, beyond, columns as columns_of, covered, done_by
from functions.domain.language import ENGLISH

_MINUTE, _DAY = 60, 86_400


def funnel(steps: list[Step], w: Words) -> str:
    """Draw the way from the recipients to the results."""
    bars = [
        Bar(w[each.name], each.people, f"{number(each.people)} · {each.of_all}") for each in steps
    ]
    return rows(bars, name=w["funnel"])


def links(found: tuple[LinkFigures, ...], w: Words) -> str:
    """Draw how many people opened each link, by the number that it has in the table."""
    bars = [
        Bar(str(place), each.people, f"{number(each.people)} · {percent(each.people, each.sent)}")
        for place, each in enumerate(found, start=1)
    ]
    return rows(bars, name=w["links"])


class Times:
    """The charts over time."""

    def __init__(self, whole: WholeReport, w: Words, *, language: str, zone: ZoneInfo) -> None:
        self._moments, self._recipients = whole.moments, whole.totals.recipients
        self._w, self._language, self._zone = w, language, zone
        self._span = self._covered(*self._moments.each())
        self._opened = self._covered(self._moments.opened)

    def _covered(self, *series: Seconds) -> Span | None:
        first = min((at for each in series for at in each), default=0)
        offset = datetime.fromtimestamp(first, tz=UTC).astimezone(self._zone).utcoffset()
        return covered(series, offset=0 if offset is None else int(offset.total_seconds()))

    def curve(self) -> str:
        """Draw what part of the recipients was reached by when; empty when nothing happened."""
        span = self._span
        if span is None:
            return ""
        lines = [self._line(name, seconds, span) for name, seconds in self._series()]
        return curves(lines, name=self._w["curve"], marks=self._marks(span))

    def opened(self) -> str:
        """Draw when people opened links first; empty when nobody did."""
        span = self._opened
        if span is None:
            return ""
        marks = span.marks()
        bars = [
            Bar(self._clock(start, span) if start in marks else "", count)
            for start, count in columns_of(self._moments.opened, span)
        ]
        return columns(bars, name=self._w["opened_when"])

    def names(self) -> list[str]:
        """What the curve's lines are, in their order."""
        return [self._w[name] for name, _ in self._series()]

    def later(self) -> bool:
        """Whether something happened after what the charts show."""
        spans = [(self._moments.each(), self._span), ((self._moments.opened,), self._opened)]
        return any(beyond(series, span) for series, span in spans if span is not None)

    def _series(self) -> list[tuple[str, Seconds]]:
        moments = self._moments
        series = [
            ("sent", moments.sent),
            ("delivered", moments.delivered),
            ("clicked", moments.opened),
        ]
        return [*series, ("converted", moments.converted)] if moments.converted else series

    def _line(self, name: str, seconds: Seconds, span: Span) -> Line:
        points = done_by(seconds, span)
        return Line(
            name, [(at - span.start, 100 * done / (self._recipients or 1)) for at, done in points]
        )

    def _marks(self, span: Span) -> dict[float, str]:
        return {place - span.start: self._clock(place, span) for place in span.marks()}

    def _clock(self, at: int, span: Span) -> str:
        local = datetime.fromtimestamp(at, tz=UTC).astimezone(self._zone)
        if span.step < _MINUTE:
            return f"{local:%H:%M:%S}"
        if span.end - span.start < _DAY:
            return f"{local:%H:%M}"
        if span.step < _DAY:
            return (
                f"{local:%-d %b %H:%M}"
                if self._language == ENGLISH
                else f"{local:%-d}일 {local:%-H}시"
            )
        return f"{local:%-d %b}" if self._language == ENGLISH else f"{local:%-m}.{local:%-d}"
