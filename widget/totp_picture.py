"""The address behind one-time codes as a picture for a telephone's camera, for the one page that shows it."""

import re

import qrcode
import qrcode.constants

_DARK = re.compile("1+")


def code_path(text: str) -> tuple[str, int]:
    """(SVG path data of the dark modules, modules on a side with the quiet zone) of `text`."""
    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    rows = ["".join("1" if module else "0" for module in row) for row in code.get_matrix()]
    runs = (
        f"M{found.start()} {number}h{len(found[0])}v1H{found.start()}z"
        for number, row in enumerate(rows)
        for found in _DARK.finditer(row)
    )
    return "".join(runs), len(rows)
