"""A review beside the lines of a pull request: SARIF, and what GitHub and GitLab annotate."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has none

from kuberoster.cli import main
from kuberoster.review.output.annotations import (
    SHOWN,
    Annotation,
    Spot,
    annotations,
    as_code_quality,
    as_sarif,
    as_workflow_commands,
)
from kuberoster.risk.rules import load_rules
from tests.review.rosters import HOSTILE, review_of

Captured = pytest.CaptureFixture[str]
IMPORTS = "from kuberoster import ClusterRole, Role, Rule, Team, User, Waiver, admin, edit, view\n"
BEFORE = """\
USERS = [
    User("ann", email="ann@example.com", access=[view("web")]),
    User("eve", email="eve@example.com", access=[edit("log")]),
]
"""
AFTER = """\
USERS = [
    User("ann", email="ann@example.com", access=[
        Role("reader", rules=[Rule(["get", "list"], ["secrets", "pods"])])("web"),
        ClusterRole("cluster-admin")("api"),
        admin("db", waivers=[Waiver(
            "read-secrets", owner="ann", reason="a [vault](https://evil.example) ](1) comes",
            expires="2027-06-01",
        )]),
    ]),
    User("eve", email="eve@example.com", access=[edit("log")]),
]
"""
LINE_OF = {"web": 4, "api": 5, "db": 6}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A roster below the top of a repository, with a change that is not committed."""
    folder = tmp_path / "access"
    (folder / "users").mkdir(parents=True)
    (folder / "cdktf.json").write_text("{}")
    _write(folder, BEFORE)
    author = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], [*author, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    _write(folder, AFTER)
    return folder


def _write(folder: Path, text: str) -> None:
    (folder / "users" / "web.py").write_text(IMPORTS + text)


def _review(folder: Path, form: str, captured: Captured, *, status: int = 3) -> str:
    options = ["--offline", "--base", "HEAD", "--format", form]
    assert main(["-C", str(folder), "review", *options]) == status
    return captured.readouterr().out


def _sarif(folder: Path, captured: Captured, *, status: int = 3) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(_review(folder, "sarif", captured, status=status))
    Draft202012Validator(ESSENTIALS).validate(log)
    (run,) = log["runs"]
    return run  # type: ignore[no-any-return]


def _only(properties: Mapping[str, Any], *optional: str) -> dict[str, Any]:
    required = sorted(set(properties) - set(optional))
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_TEXT = _only({"text": {"type": "string", "minLength": 1}})
_LEVEL = {"enum": ["error", "warning", "note"]}
_LOCATIONS = {
    "type": "array",
    "items": _only(
        {
            "physicalLocation": _only(
                {
                    "artifactLocation": _only(
                        {
                            # Relative, and no file: or other scheme before it.
                            "uri": {"type": "string", "pattern": r"^(?!/)[^:]+$"},
                            "uriBaseId": {"const": "%SRCROOT%"},
                        }
                    ),
                    "region": _only({"startLine": {"type": "integer", "minimum": 1}}),
                },
                "region",
            )
        }
    ),
}
_BAG = {"type": "object"}
ESSENTIALS = _only(
    {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": _only(
                {
                    "tool": _only(
                        {
                            "driver": _only(
                                {
                                    "name": {"const": "kuberoster"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": _only(
                                            {
                                                "id": {"type": "string"},
                                                "shortDescription": _TEXT,
                                                "fullDescription": _TEXT,
                                                "help": _TEXT,
                                                "helpUri": {"pattern": "^https://"},
                                                "defaultConfiguration": _only({"level": _LEVEL}),
                                                "properties": _BAG,
                                            },
                                            "fullDescription",
                                            "helpUri",
                                            "properties",
                                        ),
                                    },
                                }
                            )
                        }
                    ),
                    "automationDetails": _only({"id": {"type": "string"}}),
                    "invocations": {
                        "type": "array",
                        "items": _only({"executionSuccessful": {"type": "boolean"}}),
                    },
                    "columnKind": {"const": "unicodeCodePoints"},
                    "results": {
                        "type": "array",
                        "items": _only(
                            {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": _LEVEL,
                                "message": _TEXT,
                                "locations": {**_LOCATIONS, "maxItems": 1},
                                "relatedLocations": _LOCATIONS,
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                "baselineState": {"enum": ["new", "unchanged"]},
                                "suppressions": {
                                    "type": "array",
                                    "items": _only(
                                        {
                                            "kind": {"const": "inSource"},
                                            "status": {"const": "accepted"},
                                            "justification": {"type": "string"},
                                        }
                                    ),
                                },
                                "properties": _BAG,
                            }
                        ),
                    },
                    "properties": _BAG,
                }
            ),
        },
    }
)
"""What SARIF 2.1.0 asks of the objects that we write, and no property that it does not know."""


def _result(run: Mapping[str, Any], rule: str, namespace: str) -> dict[str, Any]:
    """The one of a rule for ann in a namespace."""
    about = f"ann (web), in namespace {namespace}: "
    (found,) = (
        each
        for each in run["results"]
        if each["ruleId"] == rule and each["message"]["text"].startswith(about)
    )
    return found  # type: ignore[no-any-return]


def _line(result: Mapping[str, Any]) -> tuple[str, int]:
    where = result["locations"][0]["physicalLocation"]
    return where["artifactLocation"]["uri"], where["region"]["startLine"]


def test_each_finding_stands_in_sarif_beside_the_line_of_its_grant(
    project: Path, capsys: Captured
) -> None:
    run = _sarif(project, capsys)

    for namespace, line in LINE_OF.items():
        rule = "cluster-admin" if namespace == "api" else "read-secrets"
        found = _result(run, rule, namespace)
        assert _line(found) == ("access/users/web.py", line)
        assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == rule
        assert found["baselineState"] == "new"
    assert (
        'Write Rule(["get", "list"], ["pods"]) instead of '
        in (_result(run, "read-secrets", "web")["message"]["text"])
    )
    unchanged = [each for each in run["results"] if each["baselineState"] == "unchanged"]
    assert {_line(each) for each in unchanged} == {("access/users/web.py", 11)}


def test_the_level_in_sarif_comes_from_the_severity(project: Path, capsys: Captured) -> None:
    results = _sarif(project, capsys)["results"]

    assert {(each["properties"]["severity"], each["level"]) for each in results} >= {
        ("critical", "error"),
        ("medium", "warning"),
        ("low", "note"),
    }
    order = ["critical", "high", "medium", "low"]
    ranks = [order.index(each["properties"]["severity"]) for each in results]
    assert ranks == sorted(ranks)


def test_a_rule_in_sarif_has_its_reason_mend_and_source(project: Path, capsys: Captured) -> None:
    known = {rule.id: rule for rule in load_rules()}
    described = _sarif(project, capsys)["tool"]["driver"]["rules"]

    assert described
    for each in described:
        rule = known[each["id"]]
        assert each["help"]["text"] == rule.mend
        assert each["helpUri"] == rule.source
        assert rule.reason in each["fullDescription"]["text"]


def test_a_waived_finding_is_suppressed_in_sarif_and_annotated_nowhere(
    project: Path, capsys: Captured
) -> None:
    run = _sarif(project, capsys)
    suppressed = [each for each in run["results"] if each["suppressions"]]

    assert suppressed == [_result(run, "read-secrets", "db")]
    (why,) = (each["justification"] for each in suppressed[0]["suppressions"])
    assert why == "a [vault](https://evil.example) ](1) comes (ann, until 2027-06-01)"
    for form in ("github", "gitlab"):
        said = _review(project, form, capsys)
        assert "in namespace api: " in said or "in namespace api" in said
        assert not re.search(r"namespace db:(%0A- |\s)read-secrets", said)


@pytest.mark.parametrize("form", ["sarif", "gitlab"])
def test_a_fingerprint_stays_where_lines_move_and_is_nobody_elses(
    project: Path, capsys: Captured, form: str
) -> None:
    before = _fingerprints(_review(project, form, capsys))
    _write(project, f"\n# moved\n\n{AFTER}")
    after = _fingerprints(_review(project, form, capsys))

    assert after == before
    assert len(set(before)) == len(before) > 30


def _fingerprints(said: str) -> list[str]:
    document = json.loads(said)
    if isinstance(document, list):
        return [each["fingerprint"] for each in document]
    results = document["runs"][0]["results"]
    return [each["partialFingerprints"]["primaryLocationLineHash"] for each in results]


def _commands(said: str) -> list[tuple[str, dict[str, str], str]]:
    """Each line as a runner reads it: the command, its properties and its text."""
    found = []
    for line in said.splitlines():
        name, _, text = line.removeprefix("::").partition("::")
        command, _, properties = name.partition(" ")
        pairs = [each.partition("=") for each in properties.split(",") if each]
        found.append((command, {key: unquote(value) for key, _, value in pairs}, unquote(text)))
    return found


def test_github_is_told_each_line_and_level_once(project: Path, capsys: Captured) -> None:
    found = _commands(_review(project, "github", capsys))

    assert {command for command, _, _ in found} == {"error", "warning", "notice"}
    spots = [(command, said["file"], int(said["line"])) for command, said, _ in found]
    assert len(set(spots)) == len(spots)
    assert {(file, line) for _, file, line in spots} == {
        ("access/users/web.py", line) for line in LINE_OF.values()
    }
    (text,) = (text for command, said, text in found if (command, said["line"]) == ("warning", "4"))
    about, gist, mend = text.splitlines()
    assert about == "ann (web), in namespace web:"
    assert gist.startswith("- read-secrets: can read every Secret")
    assert "get, list secrets by Role reader in users/web.py:4." in gist
    assert mend == (
        'Write Rule(["get", "list"], ["pods"]) instead of '
        'Rule(["get", "list"], ["secrets", "pods"]).'
    )


def test_gitlab_gets_what_its_report_needs(project: Path, capsys: Captured) -> None:
    issues = json.loads(_review(project, "gitlab", capsys))

    assert issues
    for each in issues:
        assert set(each) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert each["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert each["location"]["path"] == "access/users/web.py"
        assert each["location"]["lines"]["begin"] in (*LINE_OF.values(), 11)


def _said(**fields: Any) -> Annotation:
    plain: dict[str, Any] = {
        "kind": "exec-pods",
        "title": "exec-pods",
        "text": ("text",),
        "mends": ("mend",),
        "spots": (Spot(file="users/web.py", line=3),),
        "fingerprint": "0" * 64,
        "severity": "medium",
        "rule": load_rules()[0],
    }
    return Annotation(**{**plain, **fields})


def test_a_workflow_command_is_escaped_as_github_reads_it() -> None:
    spot = Spot(file="users/a,b:c%\r\n::error::x.py", line=3)
    (line,) = as_workflow_commands([_said(text=("100 %\r\n::error::x, y: z",), spots=(spot,))])

    assert line.startswith("::warning file=users/a%2Cb%3Ac%25\\r\\n%3A%3Aerror%3A%3Ax.py,line=3,")
    assert line.endswith("::100 %25%0D%0A::error::x, y: z%0Amend")
    assert len(line.splitlines()) == 1


def test_no_annotation_is_dropped_without_a_word() -> None:
    many = [
        _said(spots=(Spot(file="users/web.py", line=number),), text=(f"{number}",))
        for number in range(1, SHOWN + 5)
    ]

    assert len(list(as_workflow_commands(many[:SHOWN]))) == SHOWN
    *told, last = as_workflow_commands(many)
    assert len(told) == SHOWN - 1
    assert last == "::warning::5 more warnings; the review has all of them"


def test_what_belongs_to_no_line_is_said_all_the_same() -> None:
    blocks = [
        _said(
            kind="unexplained",
            title="unexplained",
            severity=None,
            rule=None,
            spots=spots,
            fingerprint=mark,
        )
        for mark, spots in (("1", (Spot(file="users/web.py"),)), ("2", ()), ("3", ()))
    ]

    assert list(as_workflow_commands(blocks)) == [
        "::error file=users/web.py,title=unexplained::text%0Amend",
        "::error title=unexplained::text%0Amend",
        "::error title=unexplained::text%0Amend",
    ]
    places = [each["location"] for each in as_code_quality(blocks, inside="access/")]
    assert places == [
        {"path": f"access/{file}", "lines": {"begin": 1}}
        for file in ("users/web.py", "cdktf.json", "cdktf.json")
    ]
    log = as_sarif(blocks, about={})
    Draft202012Validator(ESSENTIALS).validate(log)
    results = log["runs"][0]["results"]
    assert [len(each["locations"]) for each in results] == [1, 0, 0]
    assert "region" not in results[0]["locations"][0]["physicalLocation"]
    assert [each["level"] for each in results] == ["error"] * 3


def test_what_was_not_checked_is_said_and_stops_nothing() -> None:
    found = replace(review_of({}, {}), not_checked=("whether a revoked user would come back",))
    (said,) = annotations(found)

    assert list(as_workflow_commands([said])) == [
        "::notice title=not-checked::whether a revoked user would come back.%0A"
        "It is neither good nor bad: ask it where it can be seen."
    ]
    assert [each["severity"] for each in as_code_quality([said])] == ["info"]
    (result,) = as_sarif([said], about={})["runs"][0]["results"]
    assert (result["ruleId"], result["level"], result["locations"]) == ("not-checked", "note", [])


def test_a_block_of_no_finding_is_annotated(project: Path, capsys: Captured) -> None:
    _write(project, BEFORE)
    (project / "users" / "ops.py").write_text("USERS = []\n")
    options = ["--offline", "--base", "HEAD", "--approved", f"sha256:{'0' * 64}"]

    assert main(["-C", str(project), "review", *options, "--format", "github"]) == 3
    assert capsys.readouterr().out.startswith("::error title=not-approved::this change is another")


@pytest.mark.parametrize("form", ["github", "gitlab", "sarif"])
def test_what_keeps_a_review_from_its_end_is_annotated_too(
    project: Path, capsys: Captured, form: str
) -> None:
    _write(project, AFTER.replace('"list"', '"List"').replace('view("web")', "view()"))
    (project / "users" / "ops.py").write_text("USERS = [\n")
    said = _review(project, form, capsys, status=1)

    assert "access/users/ops.py" in said
    assert "does not import" in said
    assert "List" in said
    if form == "github":
        (first, _) = _commands(said)
        assert first[0] == "error"
        assert (first[1]["file"], first[1]["line"]) == ("access/users/ops.py", "1")
    if form == "sarif":
        assert json.loads(said)["runs"][0]["invocations"] == [{"executionSuccessful": False}]


@pytest.mark.parametrize("form", ["github", "gitlab", "sarif"])
def test_nothing_to_say_is_said_in_the_format(project: Path, capsys: Captured, form: str) -> None:
    _write(project, BEFORE.replace('edit("log")', 'view("log")'))
    subprocess.run(
        [
            "git",
            "-C",
            str(project),
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@e",
            "commit",
            "-qam",
            "x",
        ],
        check=True,
    )
    said = _review(project, form, capsys, status=0)

    assert {"github": "", "gitlab": "[]\n"}.get(form, said) == said
    if form == "sarif":
        assert json.loads(said)["runs"][0]["results"] == []


def test_hostile_text_is_shown_and_does_nothing(project: Path, capsys: Captured) -> None:
    named = '["x](evil.example)", "::error::x", "a,b:c=d"]'
    waivers = ", ".join(
        f'edit("n{number}", waivers=[Waiver("exec-pods", owner="ann", reason={text[:150]!r}, '
        'expires="2027-06-01")])'
        for number, text in enumerate(HOSTILE)
    )
    role = f'Role("own", rules=[Rule(["get"], ["secrets"], resource_names={named})])("web")'
    _write(project, BEFORE.replace('view("web")', f"{role}, {waivers}"))

    commands = _commands(_review(project, "github", capsys, status=2))
    assert {command for command, _, _ in commands} == {"warning", "notice"}
    assert {frozenset(said) for _, said, _ in commands} == {frozenset({"file", "line", "title"})}
    texts = [each["message"]["text"] for each in _sarif(project, capsys, status=2)["results"]]
    assert any("x] (evil.example)" in text for text in texts)
    assert not [text for text in texts if "](" in text]


def _everything(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _everything(each)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("form", ["github", "gitlab", "sarif"])
def test_no_path_is_absolute(project: Path, capsys: Captured, form: str) -> None:
    said = _review(project, form, capsys)
    texts = [said] if form == "github" else list(_everything(json.loads(said)))

    assert not [text for text in texts if str(project) in text]
