"""QR codes as one path of an SVG."""

import re

import segno

from confrere.console.qr_code import QUIET, draw_qr_code

URI = "otpauth://totp/Confrere%3AOdile?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Confrere&digits=6&period=30"


def test_the_drawing_has_each_dark_module_and_no_other() -> None:
    """Each module of the code is drawn where it belongs, within a margin of four."""
    drawn = draw_qr_code(URI)
    dark = set()
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn.path):
        assert width == back
        dark |= {(int(x) + step, int(y)) for step in range(int(width))}
    rows = segno.make(URI, micro=False).matrix
    assert dark == {(x + QUIET, y + QUIET) for y, row in enumerate(rows) for x, module in enumerate(row) if module}
    assert drawn.size == len(rows) + 2 * QUIET
    assert re.sub(r"M\d+ \d+h\d+v1h-\d+z", "", drawn.path) == ""
