"""A Role whose rules allow nothing is an error of every command that reads the roster."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kuberoster.cli import main
from kuberoster.cli.revoke import _Users
from kuberoster.model import useless
from kuberoster.model.settings import load_settings
from tests.cli.test_review import git

Write = Callable[[Mapping[str, str]], Path]
Captured = pytest.CaptureFixture[str]

ROOT = Path(__file__).resolve().parents[2]
USELESS = (
    'reader = Role("reader", rules=[Rule(["get", "reed"], ["pods", "deployments", "pods/logs"])])\n'
    'TEAM = Team(access=[Role("nodes", rules=[Rule(["get"], ["nodes"])])("web")])\n'
    'USERS = [User("ann", email="ann@example.com", access=[reader("web")])]\n'
)
MENDED = (
    'reader = Role("reader", rules=[Rule(["get"], ["pods", "pods/log"])])\n'
    'USERS = [User("ann", email="ann@example.com", access=[reader("web")])]\n'
)
THOUSAND = (
    'USERS = [User(f"u{n}", email="a@example.com", access=[Role(f"r{n}", rules=['
    'Rule(["get", "list"], ["pods", "pods/log", "services"]), '
    'Rule(["patch"], ["deployments"], api_groups=["apps"])])("web")]) for n in range(1000)]\n'
)
SAID = """\
users/web.py: team 'web': Role 'nodes': resources has 'nodes', and the role is granted in a \
namespace, where 'get' on 'nodes' allows nothing.
No namespace has them: grant the role with .cluster_wide(), or leave this out.

users/web.py: user 'ann': Role 'reader': verbs has 'reed', which no request has.
Verbs of resources are 'get', 'list', 'watch', 'create', 'update', 'patch', 'delete' and \
'deletecollection', and '*' for all. Did you mean 'read'?

users/web.py: user 'ann': Role 'reader': resources has 'deployments', which the core group does \
not have.
It is in another group: api_groups=['apps'].

users/web.py: user 'ann': Role 'reader': resources has 'pods/logs', which the core group does not \
have.
It has 'pods/attach', 'pods/binding', 'pods/ephemeralcontainers', 'pods/eviction', 'pods/exec', \
'pods/log', 'pods/portforward', 'pods/proxy', 'pods/resize' and 'pods/status'. Did you mean \
'pods/log'?
"""
COMMANDS = [
    ["validate"],
    ["manifests"],
    ["report", "-o", "report.html"],
    ["can", "ann", "get", "pods"],
    ["who-can", "get", "pods"],
    ["job-roles", "deploy", "--user", "ci"],
    ["bootstrap"],
    ["drift"],
    ["recover"],
    ["kubeconfig", "ann"],
    ["review"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_each_command_says_what_allows_nothing(
    write_project: Write, command: list[str], capsys: Captured
) -> None:
    folder = write_project({"web": USELESS})

    assert main(["-C", str(folder), *command]) == 1
    assert capsys.readouterr() == ("", SAID)


def test_main_py_synthesises_nothing_then(write_project: Write) -> None:
    folder = write_project({"web": USELESS})
    shutil.copy(ROOT / "main.py", folder)
    (folder / "constructs").symlink_to(ROOT / "constructs")

    done = subprocess.run(
        [sys.executable, "main.py"], cwd=folder, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (1, "", SAID)
    assert not (folder / "cdktf.out" / "stacks").exists()


def test_a_change_that_mends_such_a_rule_can_be_reviewed(
    write_project: Write, capsys: Captured
) -> None:
    folder = write_project({"web": USELESS})
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=x"]):
        git(folder, *words)
    file = folder / "users" / "web.py"
    file.write_text(file.read_text().partition("\n")[0] + f"\n{MENDED}")

    assert main(["-C", str(folder), "review", "--offline", "--base", "HEAD"]) == 2
    assert "pods/log" in capsys.readouterr().out


def test_a_user_beside_such_a_rule_is_found_to_be_revoked(
    write_project: Write, capsys: Captured
) -> None:
    settings = load_settings(write_project({"web": USELESS}))

    roster = _Users(settings, "ann").roster()

    assert roster is not None
    assert roster.find("ann")[0].name == "web"
    assert capsys.readouterr().err == ""


def test_an_earlier_revision_is_synthesised_with_such_a_rule(write_project: Write) -> None:
    folder = write_project({"web": USELESS})
    shutil.copy(ROOT / "main.py", folder)
    (folder / "constructs").symlink_to(ROOT / "constructs")

    subprocess.run(
        [sys.executable, "main.py"],
        cwd=folder,
        env=os.environ | {"KUBEROSTER_PAST": "1"},
        check=True,
    )

    assert "pods/logs" in (folder / "cdktf.out" / "stacks" / "web" / "cdk.tf.json").read_text()


def test_each_distinct_rule_is_judged_once(write_project: Write) -> None:
    folder = write_project({"web": THOUSAND})
    useless._faults.cache_clear()

    assert main(["-C", str(folder), "validate"]) == 0
    assert useless._faults.cache_info().misses == 2


def test_groups_that_are_not_known_are_said_once(write_project: Write, capsys: Captured) -> None:
    rules = 'Rule(["get"], ["a", "b"], ["y.example.com"]), Rule(["x"], ["c"], ["x.example.com"])'
    user = 'User("{0}", email="{0}@example.com", access=[Role("r", [{1}]).cluster_wide()])'
    users = ", ".join(user.format(name, rules) for name in ("ann", "bob"))
    folder = write_project({"web": f"USERS = [{users}]\n"})

    assert main(["-C", str(folder), "validate"]) == 0
    assert capsys.readouterr().err == (
        "note: what users/ allows in the API groups x.example.com, y.example.com was not looked "
        "at: Kubernetes itself has none of this name, and the cluster is not asked\n"
    )
