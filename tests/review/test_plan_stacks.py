"""Which stacks of two revisions differ."""

import json
import shlex
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kuberoster.model.errors import KuberosterError
from kuberoster.model.roster import load_roster
from kuberoster.model.settings import load_settings
from kuberoster.review.plan.stacks import Base, Project, compare_stacks

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2027, 5, 1)
USER = 'User("{0}", email="a@example.com", access=[view("web")]{1})'
CHANGED = """synthesise(HERE)
    import os
    stack = HERE / os.environ["CDKTF_OUTDIR"] / "stacks" / "b" / "cdk.tf.json"
    stack.write_text(stack.read_text().replace('"no-pods"', '"pods"'))
"""
Make = Callable[..., Project]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A revision's folder with a user of each team's name; what is given stands in its place."""

    def write(name: str, **teams: str) -> Project:
        folder = tmp_path / name
        (folder / "users").mkdir(parents=True)
        shutil.copy(ROOT / "main.py", folder)
        (folder / "constructs").symlink_to(ROOT / "constructs")
        (folder / "cdktf.json").write_text(
            json.dumps({"app": f"{shlex.quote(sys.executable)} main.py"})
        )
        for team in ("a", "b", "c"):
            user = teams.get(team, USER.format(team, ""))
            text = f"from kuberoster import *\nUSERS = [{user}]\n"
            (folder / "users" / f"{team}.py").write_text(text)
        settings = load_settings(folder)
        return Project(settings=settings, roster=load_roster(settings.users, past=True))

    return write


def synthesised(project: Project) -> set[str]:
    return {path.name for path in project.stacks.glob("*")}


def test_one_day_counts_for_both_and_only_what_differs_on_it_is_synthesised(make: Make) -> None:
    base = make("base")
    head = make(
        "head",
        a=USER.format("a", ', starts="2027-05-01"'),
        b=USER.format("b", ', starts="2027-05-02"'),
    )
    found = compare_stacks(
        Base(project=base, name="x", changed_files=["users/a.py", "README.md"]), head, DAY
    )

    assert found.keys() == {"b"}
    assert "kubernetes_service_account_v1.b" in found["b"].base
    assert "kubernetes_service_account_v1.b" not in found["b"].head
    # Of a the roster says another thing, and the stack does not.
    assert synthesised(base) == synthesised(head) == {"a", "b"}


@pytest.mark.parametrize("file", ["main.py", "constructs/x.py", "../lib/x.py", "users.py"])
def test_with_any_other_file_every_stack_is_compared(file: str, make: Make) -> None:
    base, head = make("base"), make("head")
    main = head.settings.folder / "main.py"
    main.write_text(main.read_text().replace("sys.exit(synthesise(HERE))", CHANGED))
    found = compare_stacks(Base(project=base, name="x", changed_files=[file]), head, DAY)

    assert found.keys() == {"b"}
    assert synthesised(base) == synthesised(head) == {"a", "b", "c"}


def test_a_base_with_rules_that_allow_nothing_is_synthesised_and_a_head_is_not(make: Make) -> None:
    access = 'access=[Role("r", rules=[Rule(["get"], ["pod"])])("web")]'
    useless = f'User("a", email="a@example.com", {access})'
    base, head = make("base", a=useless), make("head")
    files = ["users/a.py"]

    found = compare_stacks(Base(project=base, name="x", changed_files=files), head, DAY)

    assert found.keys() == {"a"}
    with pytest.raises(KuberosterError, match="Role 'r': resources has 'pod'"):
        compare_stacks(Base(project=head, name="x", changed_files=files), base, DAY)


def test_a_base_that_does_not_synthesise_is_told_from_the_head(make: Make) -> None:
    base, head = make("base"), make("head", a="")
    (base.settings.folder / "main.py").write_text("raise SystemExit(1)")

    with pytest.raises(KuberosterError, match=r"^at origin/main: "):
        compare_stacks(
            Base(project=base, name="origin/main", changed_files=["users/a.py"]), head, DAY
        )
