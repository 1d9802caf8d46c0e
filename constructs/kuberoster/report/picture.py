"""Who can act as whom, drawn: thieves to the left, victims to the right."""

from collections.abc import Mapping, Sequence

from kuberoster.model.counted import counted
from kuberoster.report.markup import Markup, html
from kuberoster.report.reach import LETTERS, Box, Reach

_WIDTH = 960
_BOX = 340
_HEIGHT = 44
_STEP = 56
"""From one box to the next below."""
_PADDING = 14
_ARROW = 9
_LETTERS_BELOW = 42
"""Of the smaller line of a box; what is wider all the same is cut off there."""


def picture(shown: Reach, thieves: int) -> Markup:
    """An SVG that says the same as the table, though folded; nothing in it can be used."""
    height = max(len(shown.thieves), len(shown.victims)) * _STEP
    left, right = (_heights(boxes, height) for boxes in (shown.thieves, shown.victims))
    drawn = html(
        "svg",
        *_lines(shown, left, right),
        *(_box(box, 0, y) for box, y in left.items()),
        *(_box(box, _WIDTH - _BOX, y) for box, y in right.items()),
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        aria_label=f"{counted(thieves, 'user')} to the left, with lines to whom they can act as. "
        "The table below says the same.",
    )
    return html("div", drawn, class_="picture", role="region", tabindex=0, aria_label="Picture")


def _heights(boxes: Sequence[Box], height: int) -> Mapping[Box, int]:
    """The middle of each box, all of a side in the middle of the picture."""
    top = (height - len(boxes) * _STEP) // 2 + _STEP // 2
    return {box: top + number * _STEP for number, box in enumerate(boxes)}


def _lines(shown: Reach, left: Mapping[Box, int], right: Mapping[Box, int]) -> list[Markup]:
    start, end = _BOX, _WIDTH - _BOX - _ARROW
    middle = (start + end) // 2
    lines = [
        html(
            "path",
            d=f"M{start} {left[thief]}C{middle} {left[thief]} {middle} {right[victim]} "
            f"{end} {right[victim]}",
            class_=_class(victim),
        )
        for thief, victim in shown.lines
    ]
    heads = [
        html("path", d=f"M{end} {y - 5}l{_ARROW} 5l{-_ARROW} 5z", class_=f"head {_class(victim)}")
        for victim, y in right.items()
    ]
    return lines + heads


def _class(victim: Box) -> str:
    return "way" if victim.rank else "way all"


def _box(box: Box, x: int, middle: int) -> Markup:
    # An svg of its own cuts off what is wider than the box.
    return html(
        "svg",
        html("rect", x=0.5, y=0.5, width=_BOX - 1, height=_HEIGHT - 1, rx=6),
        html("text", _cut(box.title, LETTERS), x=_PADDING, y=19, class_="name"),
        html("text", _cut(box.detail, _LETTERS_BELOW), x=_PADDING, y=35, class_="quiet"),
        x=x,
        y=middle - _HEIGHT // 2,
        width=_BOX,
        height=_HEIGHT,
    )


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"
