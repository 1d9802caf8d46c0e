"""The published form of a review, to which each one made in a test is held."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has none

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "review.schema.json").read_text()
)


def valid(document: dict[str, Any]) -> dict[str, Any]:
    """The document, if it is as docs/review.schema.json says."""
    Draft202012Validator(SCHEMA).validate(document)
    return document
