"""Draws shares with the intervals in which they truly are, one below the other, as SVG."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import NamedTuple
from xml.etree import ElementTree as ET

_WIDTH, _ROW, _AXIS, _LEFT, _RIGHT = 640, 46, 40, 150, 24
_CAP, _DOT = 8, 7
_MARKS, _ROUND = 4, (1, 2, 5, 10)


class Whisker(NamedTuple):
    """A share of 0 to 1, from where to where it may truly be."""

    name: str
    low: float
    seen: float
    high: float


def intervals(whiskers: Sequence[Whisker], *, name: str) -> str:
    """Draw them; empty where there is nothing to see."""
    if not whiskers:
        return ""
    least, most = min(each.low for each in whiskers), max(each.high for each in whiskers)
    margin = (most - least) * 0.08 or 0.01
    scale = _Scale(max(0.0, least - margin), min(1.0, most + margin))
    height = _ROW * len(whiskers) + _AXIS
    drawn = ET.Element(
        "svg",
        {
            "class": "chart intervals",
            "role": "img",
            "aria-label": name,
            "viewBox": f"0 0 {_WIDTH} {height}",
        },
    )
    for mark in scale.marks():
        _line(drawn, scale.x(mark), 0, scale.x(mark), height - _AXIS, "guide")
        _text(drawn, scale.x(mark), height - _AXIS / 3, f"{100 * mark:.3g}%", "middle")
    for place, each in enumerate(whiskers):
        _draw(drawn, each, _ROW * (place + 0.5), scale)
    return ET.tostring(drawn, encoding="unicode")


class _Scale(NamedTuple):
    low: float
    high: float

    def x(self, share: float) -> float:
        room = _WIDTH - _LEFT - _RIGHT
        return round(_LEFT + room * (share - self.low) / (self.high - self.low), 1)

    def marks(self) -> list[float]:
        """Round shares along the axis."""
        step = _round_step((self.high - self.low) / _MARKS)
        return [step * each for each in range(ceil(self.low / step), floor(self.high / step) + 1)]


def _round_step(least: float) -> float:
    """The next larger of 1, 2, 5, 10 and so on, in percent, as a share."""
    size = 10.0 ** floor(log10(least))
    return next(size * each for each in _ROUND if size * each >= least)


def _draw(drawn: ET.Element, each: Whisker, y: float, scale: _Scale) -> None:
    low, high = scale.x(each.low), scale.x(each.high)
    _text(drawn, _LEFT - 16, y + 6, each.name, "end", kind="name")
    for x1, y1, x2, y2 in (
        (low, y, high, y),
        (low, y - _CAP, low, y + _CAP),
        (high, y - _CAP, high, y + _CAP),
    ):
        _line(drawn, x1, y1, x2, y2, "whisker")
    ET.SubElement(
        drawn,
        "circle",
        {"class": "dot", "cx": f"{scale.x(each.seen)}", "cy": f"{y}", "r": f"{_DOT}"},
    )


def _line(drawn: ET.Element, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
    place = {"x1": f"{x1}", "y1": f"{y1}", "x2": f"{x2}", "y2": f"{y2}"}
    ET.SubElement(drawn, "line", {"class": kind, **place})


def _text(  # where and how a word stands
    drawn: ET.Element, x: float, y: float, text: str, anchor: str, kind: str = "mark"
) -> None:
    made = ET.SubElement(
        drawn, "text", {"class": kind, "x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
    )
    made.text = text
