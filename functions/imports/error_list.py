"""The list of rejected rows: where and why, never what stood there.

Every cell is a number, a code, a sentence of ours or a column's name, which is made of letters,
digits and ``_`` only: so no cell can start a formula.
"""

import codecs
import csv
import io
from collections.abc import Iterable

from functions.imports.texts import ROW_TEXTS, UNKNOWN
from functions.imports.upserting import RowOutcome

_COLUMNS = ("row", "column", "code", "message_ko", "message_en")


def error_lines(outcomes: Iterable[RowOutcome]) -> bytes:
    """One line for each problem, in UTF-8."""
    return _lines(
        (outcome.row, problem.column, str(problem.code), *ROW_TEXTS.get(problem.code, UNKNOWN))
        for outcome in outcomes
        for problem in outcome.problems
    )


def _lines(rows: Iterable[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


HEAD = codecs.BOM_UTF8 + _lines([_COLUMNS])
"""How the list starts; the mark tells spreadsheets that it is UTF-8."""
