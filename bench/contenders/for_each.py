"""Plain Terraform with `for_each`, all users in one state."""

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bench.ground import REQUIRED_PROVIDER, Ground
from bench.roster import Roster
from bench.work import Step, Work
from kuberoster.model.manifests import Manifest
from kuberoster.model.roster import STATE_NAMESPACE

_FOLDER = "for_each"
_BACKENDS = {
    "kubernetes": f'secret_suffix = "bench"\n    namespace     = "{STATE_NAMESPACE}"',
    "local": 'path = "terraform.tfstate"',
}
_TERRAFORM = f"terraform -chdir={_FOLDER}"
_APPLY = f"{_TERRAFORM} apply -no-color -input=false -auto-approve"
_PLAN = f"{_TERRAFORM} plan -no-color -input=false -detailed-exitcode"


class ForEach:
    """for_each.tf of this folder, with the objects in a file beside it.

    `wait` is the provider's `wait_for_service_account_token`, which is on by default: the
    apply then ends when each token is made, and its state holds them all.
    """

    def __init__(self, name: str, *, backend: str, wait: bool) -> None:
        self._name, self._backend, self._wait = name, backend, wait

    @property
    def name(self) -> str:
        """What the table calls it."""
        return self._name

    def prepare(self, ground: Ground) -> None:
        """Write what does not change."""
        folder = ground.folder / _FOLDER
        folder.mkdir()
        shutil.copy(Path(__file__).with_name("for_each.tf"), folder)
        (folder / "settings.tf").write_text(
            f'terraform {{\n  backend "{self._backend}" {{\n    {_BACKENDS[self._backend]}\n  }}\n'
            f"  required_providers {{\n    {REQUIRED_PROVIDER}\n  }}\n}}\n"
            f"locals {{\n  wait = {json.dumps(self._wait)}\n}}\n"
        )

    def take(self, ground: Ground, roster: Roster) -> None:
        """Write the objects: for each kind, by namespace and name."""
        kinds: dict[str, dict[str, Manifest]] = defaultdict(dict)
        for manifest in ground.expected(roster):
            metadata = manifest["metadata"]
            own_name = metadata["name"]
            kind = manifest["kind"]
            if (kind, own_name) == ("ServiceAccount", "default"):
                kind = "DefaultServiceAccount"
            kinds[kind][f"{metadata.get('namespace', '')}/{own_name}"] = manifest
        (ground.folder / _FOLDER / "objects.json").write_text(json.dumps(kinds))

    def steps(self) -> Iterator[Step]:
        """Plan and apply; a plan that has a change ends with 2."""
        init = f"{_TERRAFORM} init -no-color -input=false"
        yield Step(work=Work.FIRST, script=f"{init} && {_APPLY}")
        yield Step(work=Work.UNCHANGED, script=_PLAN)
        yield Step(work=Work.REVIEW, script=_PLAN, status=2)
        for work in (Work.ADD, Work.ROTATE, Work.REMOVE):
            yield Step(work=work, script=_APPLY)
