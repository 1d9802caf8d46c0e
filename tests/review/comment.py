"""What a comment does on GitHub or GitLab, read from its markdown."""

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_OPENS = re.compile(r"<details><summary>[\w' ]+</summary>\n?")
_CLOSES = re.compile(r"</details>\n?")
_MARK = re.compile(r"<!-- kuberoster review sha256:[0-9a-f]{64} -->\n?")
_TURNS_INTO_SOMETHING = re.compile(
    r"@|#\d|://|www\.|\bgh-\d|\b[0-9a-f]{7,}\b|[<>&]|[!%~$]\w|:\w+:", re.IGNORECASE
)
"""What these sites make links, mentions, references and pictures of in text."""


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment, taken apart."""

    text: str
    """What is neither code nor HTML, a paragraph or item on each line."""
    code: str
    html: tuple[str, ...]
    types: frozenset[str]
    """The kinds of markdown in it: `link_open`, `strong_open`."""

    def faults(self) -> list[str]:
        """Whatever is not as it should be."""
        found = [f"HTML: {each!r}" for each in self.html if not _is_ours(each)]
        found += [
            f"markdown: {each}"
            for each in ("html_inline", "link_open", "image", "em_open", "s_open", "table_open")
            if each in self.types
        ]
        found += [f"acts: {each!r}" for each in _TURNS_INTO_SOMETHING.findall(self.text)]
        ours = [bool(_OPENS.fullmatch(each)) for each in self.html if not _MARK.fullmatch(each)]
        if ours != [True, False] * (len(ours) // 2):
            found.append("a details that is not closed, or one in another")
        if not (self.html and _MARK.fullmatch(self.html[0])):
            found.append("no mark at the start")
        return found


def read(body: str) -> Comment:
    """Take a comment apart as CommonMark, with GitHub's tables and strikethrough."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)
    flat = [leaf for token in tokens for leaf in (token, *(token.children or ()))]
    return Comment(
        text="\n".join(_text(token) for token in tokens if token.type == "inline"),
        code="\n".join(leaf.content for leaf in flat if leaf.type in ("fence", "code_inline")),
        html=tuple(leaf.content for leaf in flat if leaf.type == "html_block"),
        types=frozenset(leaf.type for leaf in flat),
    )


def _text(inline: Token) -> str:
    return "".join(
        child.content if child.type == "text" else "\N{OBJECT REPLACEMENT CHARACTER}"
        for child in inline.children or ()
        if not child.type.startswith("strong")
    )


def _is_ours(html: str) -> bool:
    return any(form.fullmatch(html) for form in (_OPENS, _CLOSES, _MARK))
