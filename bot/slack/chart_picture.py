"""A chart as a PNG, for a Slack that has no charts yet; needs the extra `plots`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise

from bot.release.quantile_chart import Chart, Line

try:
    from PIL import Image, ImageDraw, ImageFont

    DRAWS = True
except ImportError:
    DRAWS = False

WIDTH, HEIGHT = 960, 640
LEFT, RIGHT, TOP, BOTTOM = 110, 40, 130, 70
LETTERS, TITLE = 30, 36
INK, PALE, PAPER = "#1d1c1d", "#d9d9d9", "#ffffff"
# Told apart by shape as well as by colour: full, dashed, dotted.
TONES = ("#5b6b7b", "#b3261e", "#1a6e3c")
DASHES = ((1, 0), (26, 12), (5, 11))
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def picture(chart: Chart) -> bytes | None:
    """Return a PNG of 960 by 640 points; None where Pillow is not installed."""
    if not DRAWS:
        return None
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    drawing = ImageDraw.Draw(image)
    letters, title = ImageFont.load_default(LETTERS), ImageFont.load_default(TITLE)
    drawing.text((LEFT, 24), chart.title, fill=INK, font=title)
    top = ticks([value for line in chart.lines for value in line.values])
    for tick in top:
        y = _y(tick, top[-1])
        drawing.line([(LEFT, y), (WIDTH - RIGHT, y)], fill=INK if tick == 0 else PALE, width=2)
        drawing.text((LEFT - 14, y), f"{tick:g}", fill=INK, font=letters, anchor="rm")
    for place, name in enumerate(chart.categories):
        x = _x(place, len(chart.categories))
        drawing.text((x, HEIGHT - BOTTOM + 16), name, fill=INK, font=letters, anchor="ma")
    for number, line in enumerate(chart.lines):
        _curve(drawing, line, number, top[-1])
        _legend(drawing, line.name, number, letters)
    written = BytesIO()
    image.save(written, format="PNG", optimize=True)
    return written.getvalue()


def ticks(values: Sequence[float]) -> list[float]:
    """Return round numbers from 0 to above every value."""
    most = max([1.0, *values])
    power = 10.0 ** math.floor(math.log10(most / 4))
    step = next(factor * power for factor in STEPS if factor * power >= most / 4)
    return [step * number for number in range(math.ceil(most / step) + 1)]


def _x(place: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / count


def _y(value: float, most: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most)


def _curve(drawing: ImageDraw.ImageDraw, line: Line, number: int, most: float) -> None:
    count = len(line.values)
    points = [(_x(place, count), _y(value, most)) for place, value in enumerate(line.values)]
    for begin, end in pairwise(points):
        _stroke(drawing, begin, end, number)
    for x, y in points:
        drawing.ellipse((x - 6, y - 6, x + 6, y + 6), fill=TONES[number % len(TONES)])


def _stroke(
    drawing: ImageDraw.ImageDraw,
    begin: tuple[float, float],
    end: tuple[float, float],
    number: int,
) -> None:
    on, off = DASHES[number % len(DASHES)]
    length = math.dist(begin, end)
    dash = on if off else length
    gone = 0.0
    while gone < length:
        ends = (gone / length, min(gone + dash, length) / length)
        spots = [
            (begin[0] + (end[0] - begin[0]) * at, begin[1] + (end[1] - begin[1]) * at)
            for at in ends
        ]
        drawing.line(spots, fill=TONES[number % len(TONES)], width=5)
        gone += dash + off


def _legend(
    drawing: ImageDraw.ImageDraw,
    name: str,
    number: int,
    letters: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    x, y = LEFT + number * 280, 92
    _stroke(drawing, (x, y), (x + 70, y), number)
    drawing.text((x + 84, y), name, fill=INK, font=letters, anchor="lm")
