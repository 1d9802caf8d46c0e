"""What files of users/ import from beside users/: each reading sees its own project's."""

import sys
from pathlib import Path

import pytest

from kuberoster.model.roster import Roster, load_roster

WEB = """
from kuberoster import User, edit, view
from common_access import usual
USERS = [User("ann", email="ann@example.com", access=usual)]
"""


def project(folder: Path, role: str, web: str = WEB) -> Path:
    """A project whose users share the access that a module beside users/ has."""
    (folder / "users").mkdir(parents=True)
    (folder / "users" / "web.py").write_text(web)
    shared = f"from kuberoster import edit, view\nusual = [{role}('web')]\n"
    (folder / "common_access.py").write_text(shared)
    return folder


def role_of(folder: Path) -> str:
    return given(load_roster(folder / "users"))


def given(roster: Roster) -> str:
    (user,) = roster.users
    (grant,) = user.access
    return str(grant.role.name)


def test_two_projects_in_one_process_each_see_their_own_shared_module(tmp_path: Path) -> None:
    head, base = project(tmp_path / "head", "edit"), project(tmp_path / "base", "view")

    assert [role_of(head), role_of(base), role_of(head)] == ["edit", "view", "edit"]


def test_a_shared_module_is_read_anew_each_time(tmp_path: Path) -> None:
    folder = project(tmp_path, "edit")
    assert role_of(folder) == "edit"

    # Another size too: Python takes a file of the same second and size for the same one.
    (folder / "common_access.py").write_text("from kuberoster import *\nusual = (view('web'),)")

    assert role_of(folder) == "view"


def test_the_folder_that_a_command_was_started_in_lends_another_project_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, base = project(tmp_path / "head", "edit"), project(tmp_path / "base", "view")
    monkeypatch.chdir(head)
    monkeypatch.syspath_prepend(str(head))
    monkeypatch.syspath_prepend("")

    assert [role_of(base), role_of(Path())] == ["view", "edit"]
    (base / "common_access.py").unlink()
    with pytest.raises(Exception, match=r"the file does not import: ModuleNotFoundError"):
        load_roster(base / "users")


@pytest.mark.parametrize(
    "imports",
    [
        "from users.parts.roles import usual",
        "import sys, pathlib\n"
        "sys.path.insert(0, str(pathlib.Path(__file__).parent / 'parts'))\n"
        "from roles import usual",
    ],
    ids=["by its package", "by a path of its own"],
)
def test_a_module_below_users_is_as_fresh(imports: str, tmp_path: Path) -> None:
    roles = []
    for role in ("edit", "view"):
        web = WEB.replace("from common_access import usual", imports)
        folder = project(tmp_path / role, role, web)
        (folder / "users" / "parts").mkdir()
        (folder / "common_access.py").rename(folder / "users" / "parts" / "roles.py")
        roles.append(role_of(folder))

    assert roles == ["edit", "view"]


def test_nothing_of_a_project_stays_in_the_interpreter(tmp_path: Path) -> None:
    modules, path = dict(sys.modules), sys.path[:]

    role_of(project(tmp_path, "edit"))

    assert sys.modules == modules
    assert sys.path == path
