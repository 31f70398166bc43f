"""A line chart over a logarithmic axis as SVG, written by hand: enough for the plots of docs, no dependency."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 960, 430
PANEL_TOP, PANEL_BOTTOM = 74, 330
MARGIN, GAP = 70, 52
# Colours that people who see red and green alike tell apart (Okabe and Ito), and a mark for who prints in grey.
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
MARKS: Final = (
    '<circle cx="{x}" cy="{y}" r="4" fill="{c}"/>',
    '<rect x="{x0}" y="{y0}" width="8" height="8" fill="{c}"/>',
    '<path d="M{x} {yt}L{xr} {yb}L{xl} {yb}Z" fill="{c}"/>',
    '<path d="M{x} {yt}L{xr} {y}L{x} {yb}L{xl} {y}Z" fill="{c}"/>',
)
INK, GREY, LIGHT, LIMIT_COLOUR = "#222222", "#555555", "#dddddd", "#a00000"
SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Line:
    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    title: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class _Frame:
    """Where values stand on the paper."""

    left: float
    right: float
    low: float
    high: float
    top_value: float

    def x(self, value: float) -> float:
        share = (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, value: float) -> float:
        return round(PANEL_BOTTOM - value / self.top_value * (PANEL_BOTTOM - PANEL_TOP), 1)


def svg(title: str, panels: Sequence[Panel], limit: float, across: str, upwards: str) -> str:
    """Panels side by side with the same axes, named `across` and `upwards`; `limit` is drawn as a broken line."""
    values = [point for panel in panels for line in panel.lines for point in line.points]
    low, high = min(x for x, _ in values), max(x for x, _ in values)
    top_value = 1.15 * max(limit, *(y for _, y in values))
    width = (WIDTH - 2 * MARGIN - GAP * (len(panels) - 1)) / len(panels)
    parts = [_text(WIDTH / 2, 28, title, size=17, anchor="middle", weight="600")]
    middle = (PANEL_TOP + PANEL_BOTTOM) / 2
    parts.append(f'<g transform="translate(16 {middle:g}) rotate(-90)">{_text(0, 0, upwards, 13, "middle")}</g>')
    for number, panel in enumerate(panels):
        left = MARGIN + number * (width + GAP)
        parts += _panel(panel, _Frame(left, left + width, low, high, top_value), limit, across)
    parts += _legend(panels[0].lines)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    style = ' font-family="DejaVu Sans, Verdana, Arial, sans-serif" role="img">'
    named = f"<title>{escape(title)}</title>"
    paper = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    return "\n".join([head + style, named, paper, *parts, "</svg>", ""])


def _panel(panel: Panel, frame: _Frame, limit: float, across: str) -> Iterator[str]:
    middle = (frame.left + frame.right) / 2
    yield _text(middle, PANEL_TOP - 16, panel.title, size=14, anchor="middle")
    yield from _axes(frame)
    yield _text(middle, PANEL_BOTTOM + 42, f"{across} (logarithmic)", size=13, anchor="middle")
    yield _stroke(frame.left, frame.y(limit), frame.right, frame.y(limit), LIMIT_COLOUR, "6 4")
    yield _text(frame.left + 6, frame.y(limit) - 6, f"limit {limit:g}×", colour=LIMIT_COLOUR)
    for number, line in enumerate(panel.lines):
        places = [(frame.x(x), frame.y(y)) for x, y in line.points]
        path = "M" + "L".join(f"{x} {y}" for x, y in places)
        yield f'<path d="{path}" fill="none" stroke="{COLOURS[number]}" stroke-width="2"/>'
        yield from (_mark(number, x, y) for x, y in places)


def _axes(frame: _Frame) -> Iterator[str]:
    step = 0.5
    for count in range(int(frame.top_value / step) + 1):
        y = frame.y(count * step)
        yield _stroke(frame.left, y, frame.right, y, LIGHT if count else GREY)
        yield _text(frame.left - 8, y + 4, f"{count * step:g}×", anchor="end")
    for power in range(math.ceil(math.log10(frame.low)), math.floor(math.log10(frame.high)) + 1):
        x = frame.x(10**power)
        yield _stroke(x, PANEL_BOTTOM, x, PANEL_BOTTOM + 6, GREY)
        yield _text(x, PANEL_BOTTOM + 21, "10" + str(power).translate(SUPERSCRIPTS), anchor="middle", size=13)


def _legend(lines: Sequence[Line]) -> Iterator[str]:
    letters = sum(len(line.name) for line in lines)
    x, y = float(MARGIN), HEIGHT - 24.0
    for number, line in enumerate(lines):
        yield _stroke(x, y, x + 26, y, COLOURS[number], width=2)
        yield _mark(number, x + 13, y)
        yield _text(x + 33, y + 4, line.name)
        x += 50 + (WIDTH - 2 * MARGIN - 50 * len(lines)) * len(line.name) / letters


def _mark(number: int, x: float, y: float) -> str:
    edges = {"x0": x - 4, "y0": y - 4, "xl": x - 5, "xr": x + 5, "yt": y - 5, "yb": y + 5}
    return MARKS[number].format(x=x, y=y, c=COLOURS[number], **{name: round(at, 1) for name, at in edges.items()})


def _stroke(x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = "", width: float = 1) -> str:
    broken = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{colour}" stroke-width="{width:g}"{broken}/>'


def _text(
    x: float, y: float, text: str, size: int = 12, anchor: str = "start", weight: str = "400", colour: str = INK
) -> str:
    at = f'x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="{colour}"'
    return f"<text {at}>{escape(text)}</text>"
