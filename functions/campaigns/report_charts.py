"""Charts of the report page as SVG, drawn by Pygal on the server: nothing runs in the browser.

Colours and letters come from the page's own style sheet, by Pygal's class names. Its own style and
script elements are taken out, because the page allows none but its own.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from unicodedata import east_asian_width

import pygal
from pygal.etree import etree
from pygal.style import Style

_WIDTH, _HEIGHT, _ROW, _FRAME = 640, 300, 50, 20
_LETTER_PX, _NARROW = 16, 0.6
"""Pygal takes every letter for a narrow one."""
_PERCENT = 100
_ROOM = 1.5
"""Beside the longest bar, for what stands at its end."""
_NOT_DRAWN = frozenset({"defs", "desc", "title"})
"""Style and script, and what the script reads."""

etree.to_etree()
# For plugins, of which there are none here: with it, Python 3.11 warns of each module not found.
sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, pygal.PluginImportFixer)]


class Bar(NamedTuple):
    """A bar: what is below or beside it, how long it is, and what stands at its end."""

    label: str
    value: float
    text: str = ""


class Line(NamedTuple):
    """A line through points, each its place along the axis and its share in percent."""

    name: str
    points: Sequence[tuple[float, float]]


def rows(bars: Sequence[Bar], *, name: str) -> str:
    """Draw bars one below the other."""
    chart = pygal.HorizontalBar(
        **_settings(height=_ROW * len(bars) + _FRAME, wide=_wide(bars)),
        print_values=True,
        print_values_position="top",
        show_x_labels=False,
        show_x_guides=False,
        range=(0, max((bar.value for bar in bars), default=0) * _ROOM or 1),
        spacing=4,
    )
    # Pygal begins at the bottom.
    chart.x_labels = [bar.label for bar in reversed(bars)]
    chart.add("", [_with_text(bar) for bar in reversed(bars)])
    return _drawn(chart, name, "rows")


def columns(bars: Sequence[Bar], *, name: str) -> str:
    """Draw bars side by side."""
    chart = pygal.Bar(
        **_settings(height=_HEIGHT), show_x_guides=False, spacing=2, min_scale=2, max_scale=5
    )
    chart.x_labels = [bar.label for bar in bars]
    chart.value_formatter = _whole
    chart.add("", [bar.value for bar in bars])
    return _drawn(chart, name, "columns")


def curves(lines: Sequence[Line], *, name: str, marks: Mapping[float, str]) -> str:
    """Draw lines of shares from 0 to 100 percent; ``marks`` name places along the axis."""
    chart = pygal.XY(
        **_settings(height=_HEIGHT), show_dots=False, range=(0, _PERCENT), show_x_guides=False
    )
    chart.x_labels = [{"value": place, "label": label} for place, label in marks.items()]
    chart.y_labels = [{"value": each, "label": f"{each}%"} for each in (0, 25, 50, 75, 100)]
    for line in lines:
        chart.add(line.name, list(line.points))
    return _drawn(chart, name, "curves")


def _settings(*, height: int, wide: float = 0) -> dict[str, Any]:
    return {
        "style": Style(
            label_font_size=_LETTER_PX,
            major_label_font_size=_LETTER_PX,
            value_font_size=_LETTER_PX,
        ),
        "css": [],
        "js": [],
        "no_prefix": True,
        "show_legend": False,
        "truncate_label": -1,
        "width": _WIDTH,
        "height": height,
        "margin": 8,
        "margin_left": 8 + wide,
    }


def _with_text(bar: Bar) -> dict[str, Any]:
    return {"value": bar.value, "formatter": lambda _: bar.text}


def _whole(value: float) -> str:
    """Nobody is half a person."""
    return f"{value:,.0f}" if value == int(value) else ""


def _wide(bars: Sequence[Bar]) -> float:
    """How much wider the widest label is than Pygal believes."""
    widths = (sum(map(_letter, bar.label)) - _NARROW * len(bar.label) for bar in bars)
    return max(widths, default=0) * _LETTER_PX


def _letter(letter: str) -> float:
    return 1.0 if east_asian_width(letter) in "WF" else _NARROW


def _drawn(chart: Any, name: str, kind: str) -> str:  # noqa: ANN401  # Pygal has no types
    tree = chart.render_tree()
    _strip(tree)
    del tree.attrib["id"]
    tree.attrib |= {"class": f"chart {kind}", "role": "img", "aria-label": name}
    drawn: str = etree.tostring(tree, encoding="unicode")
    return drawn


def _strip(node: Any) -> None:  # noqa: ANN401  # likewise
    for child in list(node):
        tooltip = "tooltip" in str(child.get("class", ""))
        if callable(child.tag) or child.tag in _NOT_DRAWN or (tooltip and child.tag == "g"):
            node.remove(child)
        else:
            _strip(child)
