"""A review in SARIF 2.1.0, which code scanning and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from kuberoster.review.output.annotations import Annotation, Spot

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(
    said: Sequence[Annotation], *, inside: str = "", whole: bool = True, about: Mapping[str, str]
) -> dict[str, Any]:
    """The log of one run; `inside` is the folder of the paths in the repository: `access/`.

    `whole` is False for a review that came to no end; `about` is what else is said of it.
    """
    rules = {each.kind: each for each in said}
    numbers = {kind: number for number, kind in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "kuberoster", "rules": list(map(_rule, rules.values()))}},
        "automationDetails": {"id": "kuberoster/"},
        "invocations": [{"executionSuccessful": whole}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, numbers[each.kind], inside) for each in said],
        "properties": dict(about),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(annotation: Annotation) -> dict[str, Any]:
    """What is said of all results of a kind, told by the first of them."""
    rule = annotation.rule
    if rule is None:
        return {
            "id": annotation.kind,
            "shortDescription": {"text": annotation.kind},
            "help": {"text": _plain(annotation.mends)},
            "defaultConfiguration": {"level": annotation.level},
        }
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.id},
        "fullDescription": {"text": f"Whoever has it {rule.reason}."},
        "help": {"text": rule.mend},
        "helpUri": rule.source,
        "defaultConfiguration": {"level": annotation.level},
        "properties": {"tags": ["security", "rbac"]},
    }


def _result(annotation: Annotation, number: int, inside: str) -> dict[str, Any]:
    first, others = annotation.spots[:1], annotation.spots[1:]
    return {
        "ruleId": annotation.kind,
        "ruleIndex": number,
        "level": annotation.level,
        "message": {"text": _plain(annotation.sentences)},
        "locations": [_location(spot, inside) for spot in first],
        "relatedLocations": [_location(spot, inside) for spot in others],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{annotation.fingerprint[:16]}:1",
            "kuberoster/v1": annotation.fingerprint,
        },
        "baselineState": "new" if annotation.is_new else "unchanged",
        "suppressions": [
            {"kind": "inSource", "status": "accepted", "justification": why}
            for why in annotation.accepted
        ],
        "properties": {"severity": annotation.severity or "blocks"},
    }


def _location(spot: Spot, inside: str) -> dict[str, Any]:
    where: dict[str, Any] = {
        "artifactLocation": {"uri": quote(f"{inside}{spot.file}"), "uriBaseId": "%SRCROOT%"}
    }
    if spot.line:
        where["region"] = {"startLine": spot.line}
    return {"physicalLocation": where}


def _plain(sentences: Iterable[str]) -> str:
    """A message in which nothing is a link: SARIF takes `[a](b)` for one."""
    return "\n".join(sentences).replace("](", "] (")
