"""The report as one HTML file, which loads nothing and runs no script but its own."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from kuberoster.model.counted import counted
from kuberoster.model.errors import KuberosterError
from kuberoster.model.severity import SEVERITIES
from kuberoster.operations.private_file import is_there, write_private
from kuberoster.report.acting import acting
from kuberoster.report.content import Content
from kuberoster.report.markup import EVERYWHERE, Markup, html, joined
from kuberoster.report.matrix import matrix
from kuberoster.report.person import STATES
from kuberoster.report.risks import findings_table, roles_table, waivers_table
from kuberoster.report.summary import summary
from kuberoster.report.users import users_table

MARK = b"<!doctype html>\n<!-- kuberoster report -->\n"
"""How each of our reports starts, and nothing else does."""

_FOLDER = Path(__file__).parent


def page(content: Content) -> bytes:
    """The whole file, in UTF-8."""
    style, script = _source("report.css"), _source("report.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = html(
        "head",
        html("meta", charset="utf-8"),
        html("meta", http_equiv="Content-Security-Policy", content=policy),
        html("meta", name="referrer", content="no-referrer"),
        html("meta", name="viewport", content="width=device-width, initial-scale=1"),
        html("meta", name="color-scheme", content="light dark"),
        html("title", f"Access review, {content.day}"),
        html("style", Markup(style)),
    )
    body = html("body", *_body(content), html("script", Markup(script)))
    return MARK + html("html", head, body, lang="en").encode() + b"\n"


def _body(content: Content) -> tuple[Markup, ...]:
    return (
        html("a", "Skip to the users", href="#users-heading", class_="skip"),
        html(
            "header",
            html("h1", "Access review"),
            html("p", "As of ", html("b", str(content.day)), f". {_sentence(content.ground)}."),
            html("p", _tokens_note(content), class_="line"),
            html("p", "Reviewed by", html("span"), "on", html("span"), class_="signature"),
        ),
        html(
            "main",
            _section("summary", "At a glance", summary(content)),
            _section("acting", "Who can act as whom", *acting(content)),
            _filters(content),
            _section("users", "Users", users_table(content)),
            _section("access", "Access by namespace", *matrix(content)),
            _section("roles", "Roles in words", roles_table(content)),
            _section("risks", "Findings", findings_table(content)),
            _section("waivers", "Waivers", waivers_table(content)),
        ),
    )


def _section(name: str, title: str, *inside: Markup) -> Markup:
    heading = html("h2", title, id=f"{name}-heading", tabindex=-1)
    return html("section", heading, *inside, aria_labelledby=f"{name}-heading", class_=name)


def _filters(content: Content) -> Markup:
    """Hidden until the script runs, since they do nothing without it."""
    teams = [team.name for team in content.teams]
    scopes = sorted({scope for person in content.people for scope in person.namespaces} - {""})
    levels = [(str(rank), f"{each} or worse") for rank, each in enumerate(SEVERITIES)]
    levels[0] = ("0", "critical")
    fields = (
        _field(
            "search",
            "Search",
            html("input", type="search", id="search", autocomplete="off", spellcheck="false"),
        ),
        _choice("state", "State", [(each, each) for each in STATES]),
        _choice("team", "Team", [(each, each) for each in teams]),
        _choice("risk", "Risk", levels),
        _choice("in", "Access in", [("*", EVERYWHERE), *((each, each) for each in scopes)]),
        html("button", "Show all", type="reset"),
    )
    number = counted(len(content.people), "user")
    return joined(
        [
            html("form", *fields, id="filters", role="search", aria_label="Users", hidden=True),
            html("p", number, id="shown", role="status"),
        ]
    )


def _choice(name: str, label: str, options: list[tuple[str, str]]) -> Markup:
    every = html("option", "any", value="")
    shown = (html("option", words, value=value) for value, words in options)
    return _field(f"by-{name}", label, html("select", every, *shown, id=f"by-{name}"))


def _field(name: str, label: str, control: Markup) -> Markup:
    return html("div", html("label", label, for_=name), control)


def _tokens_note(content: Content) -> str:
    if content.is_live:
        return (
            "Tokens are by their Secrets; one that was made by TokenRequest leaves nothing to "
            "list. Each label is only a name."
        )
    return (
        "No cluster was asked: how old a token is, and whether it is used, is not known here, and "
        "a label such as 2026q4 is only a name."
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


@cache
def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _digest(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def write_report(file: Path, content: Content) -> None:
    """Write a report with mode 0600, whole or not at all, as `check_target` allows."""
    written = page(content)
    check_target(file)
    write_private(file, written)


def check_target(file: Path) -> None:
    """Raise KuberosterError unless the file is absent or a report of ours."""
    why = "A report says who may do what, so it goes into a file with mode 0600. Name one: -o FILE."
    if not is_there(file, why):
        return
    try:
        with file.open("rb") as stream:
            ours = stream.read(len(MARK)) == MARK
    except OSError as error:
        raise KuberosterError(f"{file}: can't be read: {error.strerror}.") from None
    if not ours:
        raise KuberosterError(
            f"{file}: is not a report of ours, and is not overwritten.\n"
            "Remove it, or name another: -o FILE."
        )
