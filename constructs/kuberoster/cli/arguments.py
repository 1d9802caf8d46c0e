"""What is said on the command line: whatever is there says something."""

import argparse
from pathlib import Path
from typing import Any

from kuberoster.model.errors import KuberosterError


class ArgumentParser(argparse.ArgumentParser):
    """A parser whose values are never empty: an unset variable of a script is no choice.

    Without this `--retire "$TEAM"` would mean all teams, and `-C ""` the current folder. Raises
    KuberosterError and does not exit with 2, which says something else of a review.
    """

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        # The words of a command are values of the parser above it too.
        fault = _EMPTY if not arg_string else "" if action.type is Path else _fault(arg_string)
        if fault and not isinstance(action, argparse._SubParsersAction):
            name = "/".join(action.option_strings) or action.metavar or action.dest
            raise KuberosterError(f"{name}: {fault}")
        return super()._get_value(action, arg_string)


_EMPTY = "is empty.\nLeave it out, or say what is meant."


def _fault(text: str) -> str:
    if text != text.strip():
        return f"{text!r} starts or ends with a blank.\nLeave the blank out."
    if not text.isprintable():
        return f"{text!r} has a character that can't be shown.\nSay it without."
    return ""
