"""kuberoster, with Terraform on the synthesised stacks."""

import shutil
from collections.abc import Iterator, Sequence

from bench.ground import KUBEROSTER, PYTHON, ROOT, Ground
from bench.roster import CHANGED_TEAM, Roster
from bench.work import Step, Work
from kuberoster.model.settings import TEAMS

_APPLY = "apply -no-color -input=false -auto-approve"
_EACH = "xargs -P 2 -I STACK sh -ec"
_TERRAFORM = "terraform -chdir=STACK"
_PLAN = f"{_TERRAFORM} plan -no-color -input=false -detailed-exitcode"
_STACKS = "ls -d cdktf.out/stacks/*"
_FIRST = f"{_STACKS} | {_EACH} '{_TERRAFORM} init -no-color -input=false && {_TERRAFORM} {_APPLY}'"
UNCHANGED = f"{_STACKS} | {_EACH} '{_PLAN}'"
"""Plan each stack, two at a time; ends with 0 where no plan has a change."""
_CHECKED = f"{KUBEROSTER} drift; {_STACKS} | {_EACH} '{_PLAN} -refresh=false'"
_COMMIT = "git add . && git -c user.name=x -c user.email=x@example.com commit -qm x"


class KuberosterTerraform:
    """Two stacks at a time; a change of one user applies the one stack of the team."""

    name = "kuberoster"

    def prepare(self, ground: Ground) -> None:
        """Commit users/, so that a review has something to compare with."""
        # What a command writes beside users/ would be a change of more than users/.
        shutil.copy(ROOT / ".gitignore", ground.folder)
        ground.prepare(f"git init -q && {_COMMIT}")

    def take(self, ground: Ground, roster: Roster) -> None:
        """Edit one file of users/."""
        ground.write_users(roster)

    def steps(self) -> Iterator[Step]:
        """Each command of its own; an apply plans first."""
        yield Step(work=Work.VALIDATE, script=f"{KUBEROSTER} validate")
        yield Step(work=Work.SYNTH, script=f"{PYTHON} main.py")
        yield Step(work=Work.FIRST, script=_FIRST)
        yield Step(work=Work.UNCHANGED, script=UNCHANGED)
        yield Step(work=Work.CHECKED, script=_CHECKED)
        yield Step(work=Work.DRIFT, script=f"{KUBEROSTER} drift")
        yield Step(work=Work.KUBECONFIG, script=f"{KUBEROSTER} kubeconfig user-00000")
        yield Step(work=Work.REPORT, script=f"{KUBEROSTER} report")
        review = f"{KUBEROSTER} review --base HEAD"
        yield Step(work=Work.REVIEW, script=review, status=2)
        yield Step(work=Work.OFFLINE, script=f"{review} --offline", status=2)
        for work in (Work.ADD, Work.ROTATE, Work.REMOVE):
            yield Step(work=work, script=f"{synth([CHANGED_TEAM])}; {apply([CHANGED_TEAM])}")


def synth(teams: Sequence[str]) -> str:
    """Synthesise the stacks of some teams."""
    return f"{TEAMS}='{' '.join(teams)}' {PYTHON} main.py"


def apply(teams: Sequence[str]) -> str:
    """Apply their stacks, which were applied before, two at a time."""
    return f"printf 'cdktf.out/stacks/%s\\n' {' '.join(teams)} | {_EACH} '{_TERRAFORM} {_APPLY}'"
