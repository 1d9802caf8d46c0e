"""README.md and docs/ are true: every example runs, every command and link exists.

How an example is read:

- ```python with USERS is a file of a roster; `# users/web.py` in its first line names it. With
  `<!-- refused -->` before it, it is refused with exactly the next ```text block.
- ```python that imports from kuberoster.constructs is run as a CDKTF program.
- ```markdown is the comment of a review: tests/review/test_output_readme.py makes it.
- ```json is JSON, and with `context` a cdktf.json.
- ```yaml is YAML.
- ```sh and ```console: calls of `kuberoster` and `make` are parsed, and not run.
"""

import contextlib
import functools
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from kuberoster.cli.commands import parser
from kuberoster.model.errors import RosterError
from kuberoster.model.roster import load_roster
from kuberoster.model.settings import load_settings

ROOT = Path(__file__).resolve().parents[1]
FILES = [
    file
    for file in (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md")))
    if file.exists()
]
DECISIONS = [file for file in FILES if re.match(r"\d{4}-", file.name)]
LANGUAGES = {"console", "json", "markdown", "python", "sh", "text", "yaml"}
REFUSED = "<!-- refused -->"

_FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,}) *(?P<language>[^\s`]*)[^`]*")
_HEADING = re.compile(r"#{1,6} +(.+?)[ #]*")
_INLINE_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^\s)>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]: *<?([^\s>]+)", re.MULTILINE)
_ANCHOR = re.compile(r"<[^>]+\b(?:id|name)=\"([^\"]+)\"")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block, without its indentation."""

    file: Path
    line: int
    language: str
    text: str
    refused: bool

    @property
    def where(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"


def _taken_apart(file: Path) -> tuple[list[Block], str]:
    """The fenced blocks of a file, and its text without them."""
    blocks, prose = [], []
    fence, inside, last = None, list[str](), ""
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        opened = _FENCE.fullmatch(line)
        if fence is None and opened:
            fence, start, inside = opened, number, []
        elif fence is None:
            prose.append(line)
            last = line.strip() or last
        elif opened and not opened["language"] and opened["fence"].startswith(fence["fence"]):
            text = "".join(f"{line.removeprefix(fence['indent'])}\n" for line in inside)
            blocks.append(
                Block(
                    file=file,
                    line=start,
                    language=fence["language"],
                    text=text,
                    refused=last == REFUSED,
                )
            )
            fence, last = None, ""
        else:
            inside.append(line)
    assert fence is None, f"{file}:{start}: a block without an end"
    return blocks, "\n".join(prose)


BLOCKS = [block for file in FILES for block in _taken_apart(file)[0]]
PYTHON = [block for block in BLOCKS if block.language == "python"]
ROSTERS = [block for block in PYTHON if re.search(r"^USERS\b", block.text, re.MULTILINE)]
PROGRAMS = [
    block
    for block in PYTHON
    if re.search(r"^(from|import) kuberoster\.constructs\b", block.text, re.MULTILINE)
]


def _each(blocks: list[Block]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", blocks, ids=[block.where for block in blocks])


def _each_file(files: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "file", files, ids=[str(file.relative_to(ROOT)) for file in files]
    )


def test_there_is_a_readme_with_a_roster_and_commands() -> None:
    assert (ROOT / "README.md").is_file(), "README.md is missing"
    readme = [block for block in BLOCKS if block.file == ROOT / "README.md"]

    assert {"python", "sh"} <= {block.language for block in readme}
    assert any(block in ROSTERS for block in readme)
    assert any(_calls(block, "kuberoster") for block in readme)
    assert any(_calls(block, "make") for block in readme)


@_each(BLOCKS)
def test_a_block_names_a_language_that_is_checked_here(block: Block) -> None:
    assert block.language in LANGUAGES


# Python and JSON


@_each([block for block in ROSTERS if not block.refused])
def test_a_roster_is_valid(block: Block, tmp_path: Path) -> None:
    team = _write_roster(block, tmp_path)

    assert [entry.team.name for entry in load_roster(tmp_path / "users").teams] == [team]


@_each([block for block in BLOCKS if block.refused])
def test_a_refused_roster_is_refused_with_the_errors_that_follow(
    block: Block, tmp_path: Path
) -> None:
    assert block in ROSTERS, "only a roster can be refused"
    _write_roster(block, tmp_path)

    with pytest.raises(RosterError) as refused:
        load_roster(tmp_path / "users")

    shown = next(after for before, after in pairwise([*BLOCKS, block]) if before is block)
    assert (shown.file, shown.language) == (block.file, "text")
    assert str(refused.value) == shown.text.rstrip("\n")


def _write_roster(block: Block, folder: Path) -> str:
    """Write the file of users/ that a block is; the team's name."""
    first = block.text.partition("\n")[0]
    named = re.fullmatch(r"# users/([\w.-]+)\.py", first)
    team = named[1] if named else "web"
    (folder / "users").mkdir()
    (folder / "users" / f"{team}.py").write_text(block.text)
    return team


@_each(PROGRAMS)
def test_a_program_with_constructs_synthesises(block: Block, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(block.text)
    (tmp_path / "cdktf.json").write_text((ROOT / "cdktf.json").read_text())
    (tmp_path / "users").symlink_to(ROOT / "users")

    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "constructs"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    made = [json.loads(file.read_text()) for file in tmp_path.glob("cdktf.out/stacks/*/*.tf.json")]
    assert any(stack.get("resource") for stack in made), "it makes no resource"


@_each(PYTHON)
def test_python_compiles(block: Block) -> None:
    compile(block.text, block.where, "exec", dont_inherit=True)


@_each([block for block in BLOCKS if block.language == "json"])
def test_json_parses_and_a_cdktf_json_is_accepted(block: Block, tmp_path: Path) -> None:
    document = json.loads(block.text)

    if "context" in document:
        (tmp_path / "cdktf.json").write_text(block.text)
        load_settings(tmp_path)


@_each([block for block in BLOCKS if block.language == "yaml"])
def test_yaml_parses(block: Block) -> None:
    assert yaml.safe_load(block.text)


# Commands


def _command_lines(block: Block) -> Iterator[str]:
    """What a person types: in a block with prompts, only what stands behind one."""
    if block.language not in ("console", "sh"):
        return
    lines = block.text.replace("\\\n", " ").splitlines()
    prompted = [line.strip()[2:] for line in lines if line.strip().startswith("$ ")]
    yield from prompted or lines


def _calls(block: Block, program: str) -> list[list[str]]:
    """The arguments of each call of a program."""
    return [
        command[1:]
        for line in _command_lines(block)
        if program in line
        for command in _commands(line)
        if command[:1] == [program]
    ]


def _commands(line: str) -> Iterator[list[str]]:
    """The commands of a line, without variables set for them and files they write to."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.wordchars += "$:@%,+{}[]"
    command: list[str] = []
    redirected = False
    for word in lexer:
        if set(word) <= set(";&|()"):
            yield command
            command, redirected = [], False
        elif set(word) <= set("<>&"):
            redirected = True
        elif redirected:
            redirected = False
        elif command or not re.match(r"\w+=", word):
            command.append(word)
    yield command


def _naming(program: str) -> list[Block]:
    return [block for block in BLOCKS if any(program in line for line in _command_lines(block))]


@_each(_naming("kuberoster"))
def test_a_call_of_kuberoster_is_one_that_it_takes(block: Block) -> None:
    for arguments in _calls(block, "kuberoster"):
        assert _refusal(arguments) is None


def _refusal(arguments: list[str]) -> str | None:
    """What the command line says against a call; nothing is run."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            parser().parse_args(arguments)
    except SystemExit as ended:
        return said.getvalue() if ended.code else None
    return None


@_each(_naming("make"))
def test_a_call_of_make_names_targets_that_there_are(block: Block) -> None:
    for arguments in _calls(block, "make"):
        named = {word for word in arguments if "=" not in word and not word.startswith("-")}
        assert named <= _targets()


@functools.cache
def _targets() -> frozenset[str]:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.findall(r"^\.PHONY: *(.+)$", makefile, re.MULTILINE)
    named = {name for line in phony for name in line.split()}
    assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in named)
    return frozenset(named)


@_each_file(FILES)
def test_a_command_in_a_sentence_exists(file: Path) -> None:
    _, prose = _taken_apart(file)
    spans = [span[0].strip("` ") for span in _INLINE_CODE.finditer(prose)]
    for span in spans:
        for command in _commands(span) if re.match(r"(kuberoster|make) [-\w]", span) else ():
            if command[0] == "make":
                assert set(command[1:]) <= _targets(), span
            elif command[0] == "kuberoster":
                # A sentence may name a command alone; with an argument it can be pasted.
                alone = all(each.startswith("-") for each in command[2:])
                refusal = _refusal(command[1:]) or ""
                assert not refusal or (alone and "invalid choice" not in refusal), span


@_each_file(FILES)
def test_a_test_that_a_promise_names_exists(file: Path) -> None:
    places = {"A/": "tests/acceptance/", "O/": "tests/operations/"}
    for span in _INLINE_CODE.finditer(file.read_text()):
        path, _, test = span[0].strip("` ").partition("::")
        for short, long in places.items():
            path = long + path.removeprefix(short) if path.startswith(short) else path
        if re.fullmatch(r"tests/[\w/]+\.py", path):
            assert (ROOT / path).is_file(), span[0]
            assert f"def {test}(" in (ROOT / path).read_text() or not test, span[0]


# Links


@_each_file(FILES)
def test_every_relative_link_leads_somewhere(file: Path) -> None:
    _, prose = _taken_apart(file)
    text = _INLINE_CODE.sub("`code`", prose)
    broken = []
    for link in (*_LINK.findall(text), *_REFERENCE.findall(text)):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        if not (target.is_relative_to(ROOT) and target.exists()) or (
            anchor and anchor not in _anchors(target)
        ):
            broken.append(link)

    assert broken == []


@functools.cache
def _anchors(file: Path) -> frozenset[str]:
    """The anchors that GitHub gives to the headings of a file."""
    _, prose = _taken_apart(file)
    anchors = set(_ANCHOR.findall(prose))
    for line in prose.splitlines():
        if heading := _HEADING.fullmatch(line):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
            name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            times = 0
            while (name if not times else f"{name}-{times}") in anchors:
                times += 1
            anchors.add(name if not times else f"{name}-{times}")
    return frozenset(anchors)


# Decisions


@_each_file(DECISIONS)
def test_a_decision_has_its_three_parts(file: Path) -> None:
    _, prose = _taken_apart(file)

    assert re.findall(r"^## (.+)$", prose, re.MULTILINE)[:3] == [
        "Context",
        "Decision",
        "Consequences",
    ]


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(file.name[:4]) for file in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))
