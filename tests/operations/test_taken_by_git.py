"""What git would take, asked before a token goes into a file, with a real git."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import kuberoster
from kuberoster import KuberosterError
from kuberoster.operations.kubeconfig import check_place
from kuberoster.operations.private_file import Taken, taken_by_git

FREE = Taken(tracked=False)


def _git(folder: Path, *arguments: str) -> None:
    author = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    allowed = ("-c", "protocol.file.allow=always", "-c", "safe.directory=*")
    subprocess.run(["git", "-C", str(folder), *author, *allowed, *arguments], check=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [each for each in os.environ if each.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "repository"
    folder.mkdir()
    _git(folder, "init", "--quiet")
    (folder / ".gitignore").write_text("*.kubeconfig\n")
    _git(folder, "add", ".gitignore")
    _git(folder, "commit", "--quiet", "--message=x")
    return folder


def _ignored_folder(folder: Path) -> Path:
    (folder / ".gitignore").write_text("out/\n")
    (folder / "out").mkdir()
    return folder / "out" / "f"


def _tracked(folder: Path) -> Path:
    file = folder / "bob.kubeconfig"
    file.write_text("old")
    _git(folder, "add", "-f", file.name)
    return file


def _by_a_link(folder: Path) -> Path:
    (folder / "deep").mkdir()
    (folder.parent / "elsewhere").symlink_to(folder / "deep")
    return folder.parent / "elsewhere" / "f"


def _wanted_back(folder: Path) -> Path:
    (folder / ".gitignore").write_text("*.kubeconfig\n!bob.*\n")
    return folder / "bob.kubeconfig"


def _of_a_submodule(folder: Path) -> Path:
    _git(folder, "submodule", "--quiet", "add", str(folder), "sub")
    return folder / "sub" / "f"


def _of_a_worktree(folder: Path) -> Path:
    _git(folder, "worktree", "add", "--quiet", str(folder.parent / "tree"))
    return folder.parent / "tree" / "f"


def _in_a_bare_repository_within(folder: Path) -> Path:
    _git(folder, "init", "--quiet", "--bare", "bare")
    return folder / "bare" / "f"


def _beside_a_bare_repository(folder: Path) -> Path:
    _git(folder, "config", "core.bare", "true")
    return folder / "f"


def _in_a_work_tree_below(folder: Path) -> Path:
    (folder / "tree").mkdir()
    _git(folder, "config", "core.worktree", "../tree")
    return folder / "tree" / "f"


@pytest.mark.parametrize(
    ("place", "taken"),
    [
        (lambda folder: folder / "f", FREE),
        (lambda folder: folder / ":(glob)f", FREE),
        (lambda folder: folder / "bob.kubeconfig", None),
        (lambda folder: folder / ".git" / "f", None),
        (lambda folder: folder.parent / "f", None),
        (_ignored_folder, None),
        (_tracked, Taken(tracked=True)),
        (_by_a_link, FREE),
        (_wanted_back, Taken(tracked=False, wanted_back=".gitignore has '!bob.*' in line 2")),
        (_of_a_submodule, FREE),
        (_of_a_worktree, FREE),
        (_in_a_bare_repository_within, FREE),
        (_beside_a_bare_repository, None),
        (_in_a_work_tree_below, FREE),
    ],
)
def test_git_says_what_it_would_take(
    repository: Path, place: Callable[[Path], Path], taken: Taken | None
) -> None:
    assert taken_by_git(place(repository)) == taken


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_CEILING_DIRECTORIES", "{repository}"),
        ("GIT_DIR", "{elsewhere}/none"),
        ("GIT_DIR", "{elsewhere}/other/.git"),
        ("GIT_WORK_TREE", "{elsewhere}"),
        ("GIT_INDEX_FILE", "{elsewhere}/index"),
        ("GIT_COMMON_DIR", "{elsewhere}/none"),
        ("GIT_CONFIG_GLOBAL", "{elsewhere}/ignoring"),
        ("GIT_CONFIG_PARAMETERS", "'core.excludesFile={elsewhere}/all'"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_PREFIX", "a/"),
    ],
)
def test_no_variable_hides_what_git_takes_without_it(
    repository: Path, name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "all").write_text("*\n")
    (tmp_path / "ignoring").write_text(f"[core]\nexcludesFile = {tmp_path}/all\n")
    (tmp_path / "other").mkdir()
    _git(tmp_path / "other", "init", "--quiet")
    (repository / "deep").mkdir()
    monkeypatch.setenv(name, value.format(repository=repository, elsewhere=tmp_path))
    assert taken_by_git(repository / "deep" / "f") == FREE


def test_what_git_takes_by_its_variables_alone_is_taken(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As with files of a home folder that a bare repository elsewhere keeps."""
    home = tmp_path / "home"
    home.mkdir()
    assert taken_by_git(home / "f") is None
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(home))
    assert taken_by_git(home / "f") == FREE
    assert taken_by_git(tmp_path / "f") is None


def test_a_filesystem_that_is_mounted_in_the_work_tree_is_in_it(repository: Path) -> None:
    mounted = repository / "mounted"
    mounted.mkdir()
    ask = (
        "from pathlib import Path\n"
        "from kuberoster.operations.private_file import taken_by_git\n"
        f"print(taken_by_git(Path({str(mounted / 'f')!r})))"
    )
    mount = f'mount -t tmpfs tmpfs "{mounted}" && exec "$0" -c "$1"'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, sys.executable, ask],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(kuberoster.__file__).parents[1])},
    )
    if "unshare failed" in done.stderr or "permission denied" in done.stderr:
        pytest.skip("nobody but root may mount here")
    assert (done.stdout.strip(), done.stderr) == (str(FREE), "")


def _given_away(git: Path) -> None:
    if os.geteuid():
        pytest.skip("nobody but root gives files away")
    for each in (git, git.parent):
        os.chown(each, 12345, 12345)


@pytest.mark.parametrize(
    "broken",
    [
        lambda git: (git / "config").write_text("[broken\n"),
        lambda git: (git / "HEAD").unlink(),
        lambda git: git.rename(git.parent / "gone") and git.write_text("gitdir: /no/such/place\n"),
        _given_away,
    ],
    ids=["config", "HEAD", "a .git file", "owner"],
)
def test_a_repository_that_git_can_not_speak_of_is_an_error(
    repository: Path, broken: Callable[[Path], object]
) -> None:
    broken(repository / ".git")
    with pytest.raises(KuberosterError, match="git does not say whether it would take"):
        taken_by_git(repository / "f")
    with pytest.raises(KuberosterError) as raised:
        check_place(repository / "f")
    assert "f: whether git would take it is not known, and it would hold a token.\n" in str(
        raised.value
    )
    assert "name a file elsewhere: -o FILE. --force writes it all the same." in str(raised.value)


def test_without_git_it_is_an_error_in_a_repository_alone(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KuberosterError, match="there is no program git on PATH"):
        taken_by_git(repository / "f")
    assert taken_by_git(tmp_path / "f") is None


@pytest.mark.parametrize(
    ("place", "mend"),
    [
        (lambda folder: folder / "bob", "Add `bob` to .gitignore, or"),
        (
            _tracked,
            "It is tracked: take it out with `git rm --cached`, commit, and end each token that it "
            "held, since history keeps it: `kuberoster revoke USER --token LABEL`. Or",
        ),
        (
            _wanted_back,
            ".gitignore has '!bob.*' in line 2, which takes it back: leave that out, or",
        ),
    ],
)
def test_the_mend_is_of_the_case(
    repository: Path, place: Callable[[Path], Path], mend: str
) -> None:
    with pytest.raises(KuberosterError) as raised:
        check_place(place(repository))
    first, second = str(raised.value).split("\n")
    assert first.endswith(": git would take it into the repository, and it would hold a token.")
    assert second == f"{mend} name a file elsewhere: -o FILE. --force writes it all the same."


def test_a_kubeconfig_is_ignored_with_its_like(repository: Path) -> None:
    (repository / ".gitignore").unlink()
    with pytest.raises(KuberosterError, match=r"\nAdd `\*\.kubeconfig` to \.gitignore, or"):
        check_place(repository / "bob.kubeconfig")
    with pytest.raises(KuberosterError, match=r"repository, and it .*\nName a file elsewhere"):
        check_place(repository / "b*b [odd]")
