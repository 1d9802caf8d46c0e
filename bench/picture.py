"""How each work grows with the users: a log-log picture, as SVG."""

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bench.result import Result
from bench.work import Work

_COLOURS = ("#1b7837", "#2166ac", "#b2182b", "#e08214", "#8073ac", "#4d4d4d", "#01665e", "#c51b7d")
_WIDTH, _HEIGHT = 340, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 30, 34
_COLUMNS = 3
_LINE = 18


def as_svg(result: Result) -> str:
    """A panel for each work: users from left to right, seconds upwards, medians as dots, hollow
    where one was stopped and took longer.

    All panels have the same scales, so that a line above another one costs more everywhere.
    """
    works = [work for work in Work if any(sample.work == work for sample in result.samples)]
    colours = {
        name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(result.contenders)
    }
    width = _COLUMNS * _WIDTH
    height = -(-len(works) // _COLUMNS) * _HEIGHT + _LINE * (len(colours) + 1)
    svg = Element(
        "svg",
        {"font-family": "sans-serif", "font-size": "11"},
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
    )
    SubElement(svg, "title").text = "Seconds by number of users, log-log"
    SubElement(svg, "rect", width=str(width), height=str(height), fill="white")
    users = _Scale(result.sizes, _LEFT, _WIDTH - _RIGHT)
    seconds = _Scale([sample.seconds for sample in result.samples], _HEIGHT - _BOTTOM, _TOP)
    for number, work in enumerate(works):
        column, row = number % _COLUMNS, number // _COLUMNS
        panel = SubElement(svg, "g", transform=f"translate({column * _WIDTH},{row * _HEIGHT})")
        _axes(panel, work, users, seconds)
        for contender, colour in colours.items():
            _curve(panel, result, work, contender, colour, users, seconds)
    _legend(svg, colours, height)
    indent(svg)
    return tostring(svg, encoding="unicode") + "\n"


class _Scale:
    """Where a value lies between two edges, by its logarithm; whole powers of ten at the ends."""

    def __init__(self, values: list[float] | list[int], start: float, end: float) -> None:
        self.least = math.floor(math.log10(min(values)))
        self.most = max(math.ceil(math.log10(max(values))), self.least + 1)
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        part = (math.log10(value) - self.least) / (self.most - self.least)
        return round(self._start + part * (self._end - self._start), 1)

    def marks(self) -> Iterator[tuple[float, str]]:
        for power in range(self.least, self.most + 1):
            value = 10.0**power
            yield self.at(value), f"{value:,.0f}" if power >= 0 else f"{value:g}"


def _axes(panel: Element, work: Work, users: _Scale, seconds: _Scale) -> None:
    title = {"font-weight": "bold", "x": str(_LEFT), "y": str(_TOP - 12)}
    SubElement(panel, "text", title).text = str(work)
    for x, text in users.marks():
        _line(panel, x, _TOP, x, _HEIGHT - _BOTTOM)
        at = {"x": str(x), "y": str(_HEIGHT - _BOTTOM + 18), "text-anchor": "middle"}
        SubElement(panel, "text", at).text = text
    for y, text in seconds.marks():
        _line(panel, _LEFT, y, _WIDTH - _RIGHT, y)
        at = {"x": str(_LEFT - 6), "y": str(y + 4), "text-anchor": "end"}
        SubElement(panel, "text", at).text = f"{text} s"


def _line(panel: Element, x1: float, y1: float, x2: float, y2: float) -> None:
    ends = {"x1": str(x1), "y1": str(y1), "x2": str(x2), "y2": str(y2)}
    SubElement(panel, "line", ends, stroke="#d9d9d9")


def _curve(
    panel: Element,
    result: Result,
    work: Work,
    contender: str,
    colour: str,
    users: _Scale,
    seconds: _Scale,
) -> None:
    points = []
    for size in result.sizes:
        if spread := result.seconds(size, contender, work):
            points.append((users.at(size), seconds.at(spread.median), spread.stopped))
    for x, y, stopped in points:
        fill = "white" if stopped else colour
        dot = SubElement(panel, "circle", cx=str(x), cy=str(y), r="3", fill=fill, stroke=colour)
        SubElement(dot, "title").text = f"{contender}, stopped" if stopped else contender
    if len(points) > 1:
        path = " ".join(f"{x},{y}" for x, y, _ in points)
        SubElement(panel, "polyline", points=path, fill="none", stroke=colour)


def _legend(svg: Element, colours: dict[str, str], height: int) -> None:
    for number, (contender, colour) in enumerate(colours.items()):
        y = height - _LINE * (len(colours) - number)
        SubElement(svg, "circle", cx=str(_LEFT), cy=str(y), r="4", fill=colour)
        SubElement(svg, "text", x=str(_LEFT + 12), y=str(y + 4)).text = contender
