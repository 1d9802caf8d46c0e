"""The page: complete without a network, and hostile text in it is text."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from kuberoster import ClusterRole, User, edit, view
from kuberoster.review.output.html import as_html
from tests.review.rosters import HOSTILE, review_of

_VOID = {"meta", "!doctype"}
_TAGS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li"}
_TAGS |= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
_TAGS |= {"details", "summary", "pre", "footer"}
_ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "scope"}


class _Page(HTMLParser):
    """Tags, attributes and text, of which each tag has to be closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _page(text: str = "on call") -> str:
    before = [User("out-ann", email="a@example.com", access=[view("web")])]
    after = [
        User("out-ann", email="a@example.com", access=[edit("web")], note=text, owner=text),
        User("out-bob", email="b@example.com", access=[ClusterRole(text)("web")], suspended=text),
        User(
            "out-eve", email="e@example.com", access=[ClusterRole("cluster-admin").cluster_wide()]
        ),
    ]
    return "\n".join(as_html(review_of({"out": before}, {"out": after})))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    page = _Page(_page(text))

    assert set(page.tags) <= _TAGS
    assert set(page.attributes) <= _ATTRIBUTES
    assert page.open == []
    assert f"note: none -> {text}" in page.text


def test_the_page_needs_no_network_and_no_script() -> None:
    page = _page()
    policy = re.search(r'content="(default-src[^"]*)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy
    assert style

    own = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == (
        f"default-src 'none'; style-src 'sha256-{own}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import|\bsrc=|\bhref=|<script|\bon\w+=|style=", page)


def test_a_screen_reader_finds_headings_lists_and_a_table_with_a_caption() -> None:
    page = _Page(_page())

    assert page.tags.count("h1") == 1
    assert {"h2", "ul", "li", "main", "footer", "title"} <= set(page.tags)
    assert page.tags.count("caption") == page.tags.count("table") == 1
    assert page.attributes["scope"].count("col") == 7
    assert page.attributes["lang"] == ["en"]


def test_the_table_counts_what_changes_in_a_team() -> None:
    assert '<th scope="row">out</th><td>3</td><td>2</td><td>0</td>' in _page()


def test_what_is_gained_is_not_told_by_colour_alone() -> None:
    assert '<li class="gain">+ can now, in namespace web: ' in _page()
