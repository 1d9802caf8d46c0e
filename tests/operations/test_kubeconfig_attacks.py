"""`kuberoster kubeconfig` when somebody is in the way: each check, where it alone counts."""

import base64
import json
import sys

import pytest
import yaml

from tests.operations.planting import names_of, plant
from tests.project import Object, Project, paused_controllers

IMPATIENT = "token.find_token.__kwdefaults__['wait_seconds'] = 3.0\n"


def _kubeconfig_with(project: Project, change: str, *arguments: str, fails: bool) -> str:
    """`kuberoster kubeconfig` after a change of the running program."""
    script = (
        "import os, stat, sys\n"
        "from pathlib import Path\n"
        "from kuberoster.cli import main\n"
        "from kuberoster.operations import kubeconfig, token\n"
        "from kuberoster.cluster import Cluster\n"
        f"{change}"
        "sys.exit(main(['kubeconfig', *sys.argv[1:]]))\n"
    )
    return project.run(sys.executable, "-c", script, *arguments, fails=fails)


def _decoded(token: str) -> Object:
    payload = token.split(".")[1]
    claims: Object = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _encoded(token: str, claims: Object) -> str:
    header, _, signature = token.split(".")
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return base64.b64encode(f"{header}.{payload}.{signature}".encode()).decode()


def test_a_secret_under_a_name_that_somebody_chose_is_named_and_never_used(
    deployed: Project,
) -> None:
    team, user = names_of(deployed)
    # Alone, and a true token of the user: what a restored backup or an attacker puts there.
    deployed.kubectl("delete", "secret", deployed.secrets(user)["new"], "-n", f"users-{team}")
    planted = plant(deployed, belongs_to=user, user=user, name=f"chosen-{user}")
    deployed.token(user, "new")
    said = deployed.kuberoster("kubeconfig", user, fails=True)
    assert f"users-{team}/{planted} has the labels" in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()


def test_the_token_of_an_earlier_service_account_is_waited_out_and_never_used(
    deployed: Project,
) -> None:
    team, user = names_of(deployed)
    with paused_controllers(deployed.control_plane):
        deployed.kubectl("delete", "serviceaccount", user, "-n", f"users-{team}")
        deployed.kubectl("create", "serviceaccount", user, "-n", f"users-{team}")
        said = _kubeconfig_with(deployed, IMPATIENT, user, fails=True)
    assert f"user '{user}': Kubernetes made no token for 'new' in 3 s." in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()


def test_a_second_secret_counts_against_it_before_it_has_a_token_too(
    deployed: Project,
) -> None:
    _, user = names_of(deployed)
    with paused_controllers(deployed.control_plane):
        plant(deployed, belongs_to=user, user=user)
        said = _kubeconfig_with(deployed, IMPATIENT, user, fails=True)
    assert f"user '{user}': Kubernetes made no token for 'new' in 3 s." in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()


@pytest.mark.parametrize(
    "claim",
    [
        "sub",
        "kubernetes.io/serviceaccount/service-account.uid",
        "kubernetes.io/serviceaccount/secret.name",
    ],
)
def test_a_token_is_refused_when_any_of_its_claims_is_not_that_of_its_secret(
    deployed: Project,
    claim: str,
) -> None:
    team, user = names_of(deployed)
    secret, token = deployed.secrets(user)["new"], deployed.token(user, "new")
    other = {**_decoded(token), claim: "other"}
    patch: Object = {"data": {"token": _encoded(token, other)}}
    where = ["secret", secret, "-n", f"users-{team}"]
    deployed.kubectl("patch", *where, "--patch-file", "/dev/stdin", given=patch)
    said = deployed.kuberoster("kubeconfig", user, fails=True)
    assert f"users-{team}/{secret} holds no token" in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()


def test_a_secret_of_another_type_does_not_count_whatever_it_says(
    deployed: Project,
) -> None:
    team, user = names_of(deployed)
    secret, token = deployed.secrets(user)["new"], deployed.token(user, "new")
    (account,) = deployed.objects("serviceaccounts", "-A", "-l", f"kuberoster.io/user={user}")
    name = f"{user}-new-zzzzz"
    body: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "labels": {"kuberoster.io/user": user, "kuberoster.io/token": "new"},
            "annotations": {
                "kubernetes.io/service-account.name": user,
                "kubernetes.io/service-account.uid": account["metadata"]["uid"],
            },
        },
        "data": {
            "token": _encoded(
                token, {**_decoded(token), "kubernetes.io/serviceaccount/secret.name": name}
            )
        },
    }
    deployed.kubectl("create", "-n", f"users-{team}", "-f", "-", given=body)
    deployed.kuberoster("kubeconfig", user)
    written = yaml.safe_load((deployed.folder / f"{user}.kubeconfig").read_text())
    assert written["users"][0]["user"]["token"] == token
    deployed.kubectl("delete", "secret", secret, "-n", f"users-{team}")
    said = deployed.kuberoster("kubeconfig", user, "-o", "f", fails=True)
    assert f"has no Secret for the token 'new' in namespace users-{team}" in said


@pytest.mark.parametrize(
    "change",
    ["found['type'] = 'Opaque'", "found['metadata']['annotations'].popitem()"],
    ids=["type", "annotation"],
)
def test_a_secret_that_is_another_at_the_second_look_is_refused(
    deployed: Project,
    change: str,
) -> None:
    _, user = names_of(deployed)
    late = (
        "get = Cluster.get\n"
        "def changed(self, path):\n"
        "    found = get(self, path)\n"
        "    if '/secrets/' in path:\n"
        f"        {change}\n"
        "    return found\n"
        "Cluster.get = changed\n"
    ).replace("popitem()", "pop('kubernetes.io/service-account.uid')")
    said = _kubeconfig_with(deployed, late, user, fails=True)
    assert "holds no token" in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()


def test_at_no_moment_can_others_read_it_and_at_none_is_it_there_in_part(
    deployed: Project,
) -> None:
    _, user = names_of(deployed)
    (deployed.folder / "out").mkdir()
    # After each step of the program, every file of the folder.
    watched = (
        "os.umask(0)\n"
        "write = kubeconfig.write_private\n"
        "seen = set()\n"
        "def look(*_):\n"
        "    sys.setprofile(None)\n"
        "    for folder, _, names in os.walk('out'):\n"
        "        for name in names:\n"
        "            found = os.stat(f'{folder}/{name}')\n"
        "            mode = oct(stat.S_IMODE(found.st_mode))\n"
        "            seen.add((folder == 'out' and name == 'f', mode, found.st_size))\n"
        "    sys.setprofile(look)\n"
        "def watched(*arguments):\n"
        "    sys.setprofile(look)\n"
        "    write(*arguments)\n"
        "    sys.setprofile(None)\n"
        "    print('modes', sorted({mode for _, mode, _ in seen}))\n"
        "    print('sizes', len({size for final, _, size in seen if final}))\n"
        "kubeconfig.write_private = watched\n"
    )
    for sizes in (1, 2):  # a new file; one in place of one of another size
        label = "old" if sizes == 1 else "new"
        said = _kubeconfig_with(
            deployed, watched, user, "-o", "out/f", "--token", label, fails=False
        )
        assert "modes ['0o600']\n" in said
        assert f"sizes {sizes}\n" in said
        file = deployed.folder / "out" / "f"
        if sizes == 1:
            file.write_text(file.read_text() + "# theirs\n")


def test_a_file_that_comes_while_it_waits_for_the_token_is_not_overwritten(
    deployed: Project,
) -> None:
    _, user = names_of(deployed)
    late = (
        "find = token.find_token\n"
        "def found(*arguments, **options):\n"
        "    Path('f').write_text('theirs')\n"
        "    return find(*arguments, **options)\n"
        "token.find_token = found\n"
    )
    said = _kubeconfig_with(deployed, late, user, "-o", "f", fails=True)
    assert "is not overwritten" in said
    assert (deployed.folder / "f").read_text() == "theirs"


def test_a_full_disk_leaves_the_file_as_it_was_and_no_draft(
    deployed: Project,
) -> None:
    _, user = names_of(deployed)
    (deployed.folder / "out").mkdir()
    deployed.kuberoster("kubeconfig", user, "-o", "out/f", "--token", "old")
    before = (deployed.folder / "out" / "f").read_bytes()
    full = (
        "def full(descriptor):\n    raise OSError(28, 'No space left on device')\nos.fsync = full\n"
    )
    said = _kubeconfig_with(deployed, full, user, "-o", "out/f", fails=True)
    assert "out/f: can't be written: No space left on device." in said
    assert [path.name for path in (deployed.folder / "out").iterdir()] == ["f"]
    assert (deployed.folder / "out" / "f").read_bytes() == before
