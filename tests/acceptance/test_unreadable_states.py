"""States that can't be read: each is said with why, and none is put aside or deleted by --yes."""

import base64
import gzip
import json
from pathlib import Path

from tests.acceptance.states import roll_back, saved_state
from tests.project import Project, pods

ONE = 'User("{0}", email="u@example.com", access=[view("web")])'
ENCRYPTED = json.dumps(
    {
        "serial": 3,
        "lineage": "8a1d35f4-7c0e-4f8b-9f11-000000000000",
        "meta": {"key_provider.pbkdf2.main": "eyJzYWx0IjoiIn0="},
        "encrypted_data": "bm90IHJlYWxseQ==",
        "encryption_version": "v0",
    }
).encode()
"""What OpenTofu 1.7 and later write; there is no `version`."""
FORMS = {
    b"\xff\xfe\x00": "is no JSON",
    b"resources: []": "is no JSON: Expecting value at line 1",
    b'{"version": 5, "resources": []}': "has version 5, and only 4 can be read here",
    b'{"serial": 3}': "is no state: it has no version",
    b"[]": "is no state: its JSON is no object",
    ENCRYPTED: "is encrypted, as OpenTofu does it",
    ENCRYPTED[:-60]: f"breaks off after {len(ENCRYPTED) - 60} bytes",
}
NEVER = "A state that can't be read is no lost one: nothing was changed, and nothing is put aside."


def test_a_file_that_cant_be_read_stays_and_is_called_what_it_is(project: Project) -> None:
    team = "sealed"
    project.configure(state={"backend": "local"})
    project.write(team, ONE.format("sue"))
    project.write("sealed-too", "")
    project.apply(team)
    token = project.token("sue")
    file = project.folder / f"terraform.{team}.tfstate"
    good = file.read_bytes()
    for content, why in FORMS.items():
        file.write_bytes(content)
        said = project.kuberoster("recover", team, "--yes", fails=True)
        assert f"The state of {team} ({file}) {why}." in said, content
        assert NEVER in said
        assert file.read_bytes() == content
    assert _beside(file) == {file.name}
    assert project.status(token, pods("web")) == 200

    # Nor when its team is retired, but at a terminal, or when a person says so too.
    source = project.folder / "users" / f"{team}.py"
    users = source.read_text()
    source.unlink()
    for content, why in FORMS.items():
        file.write_bytes(content)
        assert f"Terraform's state, which {why}." in project.run_any("drift").errors
        said = project.kuberoster("recover", "--retire", team, "--yes", fails=True)
        assert f"delete its state: {file}, which {why}, so what it has is not seen" in said
        assert "--yes alone deletes no such state." in said
        assert file.read_bytes() == content
    assert project.status(token, pods("web")) == 200
    source.write_text(users)
    file.write_bytes(good)
    assert project.changes(team) == {}

    source.unlink()
    file.write_bytes(ENCRYPTED)
    project.kuberoster("recover", "--retire", team, "--yes", "--unreadable")
    assert file.with_name(f"{file.name}.retired").read_bytes() == ENCRYPTED
    assert project.reaches(token, pods("web"), 401, within=15) < 15


def _beside(file: Path) -> set[str]:
    return {each.name for each in file.parent.glob(f"{file.name}*") if "backup" not in each.name}


def test_a_file_that_breaks_off_is_put_aside_and_an_empty_one_is_no_state(
    project: Project,
) -> None:
    team = "torn"
    project.configure(state={"backend": "local"})
    project.write(team, ONE.format("tom"))
    project.apply(team)
    token = project.token("tom")
    file = project.folder / f"terraform.{team}.tfstate"
    good = file.read_bytes()
    for content in (good[: len(good) // 2], b""):
        file.write_bytes(content)
        said = project.kuberoster("recover", team, "--yes")
        aside = f"put the state file {file} aside, which breaks off in the middle"
        assert (aside in said) == bool(content)
        assert project.changes(team) == {}
    assert file.with_name(f"{file.name}.unreadable").read_bytes() == good[: len(good) // 2]
    assert project.token("tom") == token


def test_a_secret_that_cant_be_read_stays_and_is_called_what_it_is(project: Project) -> None:
    team = "closed"
    project.write("closed-too", "")
    project.write(team, ONE.format("cleo"))
    project.apply(team)
    token = project.token("cleo")
    good = saved_state(project, team)
    packed = base64.b64decode(good["data"]["tfstate"])
    forms = {gzip.compress(content): why for content, why in FORMS.items()} | {
        b"not gzip": "is not compressed by gzip, as Terraform does it",
        packed[: len(packed) // 2]: "breaks off after 1 Secret: a part is cut, or -part-1 is "
        "missing",
    }
    source = project.folder / "users" / f"{team}.py"
    users = source.read_text()
    for content, why in forms.items():
        data = {"tfstate": base64.b64encode(content).decode()}
        roll_back(project, team, good | {"data": data})
        said = project.kuberoster("recover", team, "--yes", fails=True)
        assert f"The state of {team} (in kuberoster-state) {why}." in said, content
        assert NEVER in said
        source.unlink()
        assert f"Terraform's state, which {why}." in project.run_any("drift").errors
        said = project.kuberoster("recover", "--retire", team, "--yes", fails=True)
        assert "--yes alone deletes no such state." in said
        # Whose namespace it is needs no more than that such a state is there.
        assert f"delete ServiceAccount users-{team}/cleo" in said
        source.write_text(users)
        assert saved_state(project, team)["data"] == data
    assert project.status(token, pods("web")) == 200
    roll_back(project, team, good)
    assert project.changes(team) == {}
