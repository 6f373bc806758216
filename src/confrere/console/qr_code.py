"""QR codes as the numbers of an SVG."""

from dataclasses import dataclass, field

QUIET = 4
"""Modules of light around the code. Source: ISO/IEC 18004."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """The drawing: a square of `size` modules, the quiet zone included, and the path of the dark ones."""

    size: int
    path: str = field(repr=False)


def draw_qr_code(text: str) -> QrCode:
    """Draw the text, each row's dark runs as one line of height 1."""
    import segno

    rows = segno.make(text, micro=False).matrix
    lines = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = 1
            while x + width < len(row) and row[x + width] == row[x]:
                width += 1
            if row[x]:
                lines.append(f"M{x + QUIET} {y + QUIET}h{width}v1h-{width}z")
            x += width
    return QrCode(len(rows) + 2 * QUIET, "".join(lines))
