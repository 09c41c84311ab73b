"""QR codes. Imported only by the calls that draw one."""

import io

import segno


def svg(text: str, *, error: str, scale: int, border: int) -> str:
    """Draw a text as SVG, to stand in a page or go to a printer."""
    drawn = io.BytesIO()
    code = segno.make_qr(text, error=error, boost_error=False)
    code.save(drawn, kind="svg", scale=scale, border=border, light="white")
    return drawn.getvalue().decode()


def png(text: str, *, error: str, scale: int, border: int) -> bytes:
    """Draw a text as PNG."""
    drawn = io.BytesIO()
    code = segno.make_qr(text, error=error, boost_error=False)
    code.save(drawn, kind="png", scale=scale, border=border)
    return drawn.getvalue()
