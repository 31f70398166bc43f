"""Draw bar charts as SVG, with a title and a text alternative; the numbers stand above the bars where they fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

WIDTH: Final = 640
HEIGHT: Final = 240
MOST_NUMBERED: Final = 24
"""Bars above which the numbers are left to the table."""
MOST_LABELS: Final = 12
COLOURS: Final = ("#1f4e8c", "#b35900")
"""Colours of the first and second series; each has a contrast above 4.5 on white."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 12, 12, 44, 34
_FONT: Final = "Atkinson Hyperlegible, system-ui, sans-serif"


@dataclass(frozen=True)
class BarChart:
    """A chart: one group of bars for each label, one bar of it for each series."""

    name: str
    title: str
    alternative: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]


def chart_svg(chart: BarChart) -> Markup:
    """Return the chart as an SVG element."""
    most = max((value for _, values in chart.series for value in values), default=0) or 1
    group = (WIDTH - _LEFT - _RIGHT) / max(1, len(chart.labels))
    parts = [_legend(chart.series), _baseline()]
    for place, (_, values) in enumerate(chart.series):
        parts += _bars(values, place, len(chart.series), group, most)
    parts += _labels(chart.labels, group)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{n}-t {n}-d" '
        'font-family="{font}" font-size="13"><title id="{n}-t">{title}</title><desc id="{n}-d">{alt}</desc>{body}</svg>'
    ).format(
        w=WIDTH,
        h=HEIGHT,
        n=chart.name,
        font=_FONT,
        title=chart.title,
        alt=chart.alternative,
        body=Markup("").join(parts),
    )


def _legend(series: Sequence[tuple[str, tuple[int, ...]]]) -> Markup:
    html = '<rect x="{}" y="8" width="12" height="12" fill="{}"/><text x="{}" y="19" fill="#1d2433">{}</text>'
    return Markup("").join(
        Markup(html).format(_LEFT + place * 180, COLOURS[place], _LEFT + place * 180 + 18, name)
        for place, (name, _) in enumerate(series)
    )


def _baseline() -> Markup:
    html = '<line x1="{}" y1="{y}" x2="{}" y2="{y}" stroke="#5a6478" stroke-width="1"/>'
    return Markup(html).format(_LEFT, WIDTH - _RIGHT, y=HEIGHT - _BOTTOM)


def _bars(values: Sequence[int], place: int, of: int, group: float, most: int) -> list[Markup]:
    width = min(48.0, group * 0.8 / of)
    full = HEIGHT - _TOP - _BOTTOM
    bars = []
    for number, value in enumerate(values):
        x = _LEFT + group * (number + 0.5) + width * (place - of / 2)
        tall = full * value / most
        y = HEIGHT - _BOTTOM - tall
        html = '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>'
        bars.append(Markup(html).format(x, y, max(1.0, width - 2), tall, COLOURS[place]))
        if len(values) * of <= MOST_NUMBERED:
            text = '<text x="{:.1f}" y="{:.1f}" text-anchor="middle" font-size="11" fill="#1d2433">{}</text>'
            bars.append(Markup(text).format(x + width / 2 - 1, y - 4, value))
    return bars


def _labels(labels: Sequence[str], group: float) -> list[Markup]:
    step = -(-len(labels) // MOST_LABELS)
    html = '<text x="{:.1f}" y="{}" text-anchor="middle" font-size="11" fill="#1d2433">{}</text>'
    return [
        Markup(html).format(_LEFT + group * (number + 0.5), HEIGHT - 14, label)
        for number, label in enumerate(labels)
        if step and number % step == 0
    ]
