"""What tests of pages ask of them, and how they take pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from tests.browser.chromium import Tab

_LOOK = (Path(__file__).parent / "look.js").read_text("utf-8")
"""What to ask of a page: contrasts, focus, sizes, names."""


def look(tab: Tab, question: str) -> Any:
    """Ask a page something of ``look.js``."""
    return tab.value(f"{_LOOK}\n{question}")


def names(tab: Tab, selector: str) -> list[str]:
    """What a program that reads the page aloud calls these."""
    found: list[str] = look(tab, f"namesOf('{selector}')")
    return found


def picture(tab: Tab, name: str, folder: Path) -> Path:
    """Take a picture with few colours, which is small; where asked to, for the guide."""
    path = Path(os.environ.get("PICTURES") or folder) / name
    tab.picture(path)
    with Image.open(path) as taken:
        few = taken.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    return path
