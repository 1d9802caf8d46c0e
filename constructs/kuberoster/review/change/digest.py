"""By what a reviewed change is known again when it is about to be deployed."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from kuberoster.model.errors import KuberosterError
from kuberoster.review.change.blocks import Block

NOT_APPROVED = "not-approved"
"""The kind of the block of a change that is another one than was approved."""

_RBAC = {"rights", "gained", "lost", "bound", "unbound", "edited"}
"""What of a finding or of a change of access is RBAC alone, and most of what there is."""
_FORM = re.compile(r"sha256:[0-9a-f]{64}")


def digest(approved: Mapping[str, Any]) -> str:
    """The digest of what a reviewer approves: `sha256:` and 64 hex digits.

    Over JSON with sorted keys and no spaces, in UTF-8, without what is said in words.
    """
    facts = _without_words(approved)
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def _without_words(value: Any) -> Any:
    """Codes and fields alone: the same change stays the same when it is told otherwise."""
    if isinstance(value, dict):
        return {
            key: each if key in _RBAC else _without_words(each)
            for key, each in value.items()
            if key != "words"
        }
    return [_without_words(each) for each in value] if isinstance(value, list) else value


def check_digest(given: str) -> None:
    """Raise KuberosterError where what was given can't be a digest."""
    if not _FORM.fullmatch(given):
        raise KuberosterError(
            f"--approved is {given!r}.\n"
            "It is the digest of a review: 'sha256:' and 64 of 0-9a-f, as --format json has it, "
            "and the first line of --format markdown."
        )


def not_approved(found: str, given: str) -> Block:
    """The block of a change whose digest is another one than the approved one."""
    return Block(
        kind=NOT_APPROVED,
        what=f"this change is another one than was approved: it has the digest {found}, and "
        f"{given} was approved",
        mend="Read this review, and approve its digest. It is another one where somebody changed "
        "the same users in the meantime, a day has come, or another version of kuberoster finds "
        "other risks.",
    )
