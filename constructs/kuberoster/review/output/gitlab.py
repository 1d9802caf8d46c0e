"""A review as a report of GitLab's Code Quality.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from collections.abc import Iterable
from typing import Any

from kuberoster.model.severity import Severity
from kuberoster.review.output.annotations import Annotation, Spot

_SEVERITIES: dict[Severity | None, str] = {
    None: "blocker",
    "critical": "critical",
    "high": "major",
    "medium": "minor",
    "low": "info",
}
_WHOLE = Spot(file="cdktf.json")
"""Where stands what belongs to no file: GitLab takes nothing without one."""


def as_code_quality(said: Iterable[Annotation], *, inside: str = "") -> list[dict[str, Any]]:
    """An issue for each that is not accepted; `inside` is the folder of the paths: `access/`."""
    return [_issue(each, inside) for each in said if not each.accepted]


def _issue(annotation: Annotation, inside: str) -> dict[str, Any]:
    spot = next(iter(annotation.spots), _WHOLE)
    return {
        "description": " ".join((f"{annotation.title}:", *annotation.sentences)),
        "check_name": annotation.kind,
        "fingerprint": annotation.fingerprint,
        "severity": _SEVERITIES[annotation.severity],
        "location": {"path": f"{inside}{spot.file}", "lines": {"begin": spot.line or 1}},
    }
