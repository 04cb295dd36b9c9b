"""Reads QR codes as a camera would."""

import re

import zxingcpp

SCALE = 4


def read_svg(svg):
    """The text of a code that is drawn as an SVG image of runs, `M x y h length v1 h-length z`."""
    side = int(re.search(r'viewBox="0 0 (\d+) \d+"', svg)[1])
    dots = [bytearray(b"\xff" * side) for _ in range(side)]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        x, length = int(x), int(length)
        dots[int(y)][x:x + length] = bytes(length)
    rows = [b"".join(bytes([dot]) * SCALE for dot in row) for row in dots]
    pixels = b"".join(row * SCALE for row in rows)
    code, = zxingcpp.read_barcodes(
        memoryview(pixels).cast("B", shape=[side * SCALE, side * SCALE]))
    return code.text
