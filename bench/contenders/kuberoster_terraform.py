"""kuberoster, with Terraform on the synthesised stacks."""

from collections.abc import Iterator

from bench.ground import KUBEROSTER, PYTHON, Ground
from bench.roster import CHANGED_TEAM, Roster
from bench.work import Step, Work
from kuberoster.model.settings import TEAMS

_STACK = f"terraform -chdir=cdktf.out/stacks/{CHANGED_TEAM}"
_APPLY = "apply -no-color -input=false -auto-approve"
_EACH_STACK = "ls -d cdktf.out/stacks/* | xargs -P 2 -I STACK sh -ec"
_IGNORE = "echo cdktf.out/ > .gitignore && echo access.html >> .gitignore"
_COMMIT = "git add . && git -c user.name=x -c user.email=x@example.com commit -qm x"


class KuberosterTerraform:
    """Two stacks at a time; a change of one user applies the one stack of the team."""

    name = "kuberoster"

    def prepare(self, ground: Ground) -> None:
        """Commit users/, so that a review has something to compare with."""
        ground.prepare(f"git init -q && {_IGNORE} && {_COMMIT}")

    def take(self, ground: Ground, roster: Roster) -> None:
        """Edit one file of users/."""
        ground.write_users(roster)

    def steps(self) -> Iterator[Step]:
        """Each command of its own; an apply plans first."""
        yield Step(work=Work.VALIDATE, script=f"{KUBEROSTER} validate")
        yield Step(work=Work.SYNTH, script=f"{PYTHON} main.py")
        init = "terraform -chdir=STACK init -no-color -input=false"
        yield Step(
            work=Work.FIRST, script=f"{_EACH_STACK} '{init} && terraform -chdir=STACK {_APPLY}'"
        )
        plan = "terraform -chdir=STACK plan -no-color -input=false -detailed-exitcode"
        yield Step(work=Work.UNCHANGED, script=f"{_EACH_STACK} '{plan}'")
        checked = f"{KUBEROSTER} drift; {_EACH_STACK} '{plan} -refresh=false'"
        yield Step(work=Work.CHECKED, script=checked)
        yield Step(work=Work.DRIFT, script=f"{KUBEROSTER} drift")
        yield Step(work=Work.KUBECONFIG, script=f"{KUBEROSTER} kubeconfig user-00000")
        yield Step(work=Work.REPORT, script=f"{KUBEROSTER} report")
        review = f"{KUBEROSTER} review --base HEAD"
        yield Step(work=Work.REVIEW, script=review, status=2)
        yield Step(work=Work.OFFLINE, script=f"{review} --offline", status=2)
        for work in (Work.ADD, Work.ROTATE, Work.REMOVE):
            synth = f"{TEAMS}={CHANGED_TEAM} {PYTHON} main.py"
            yield Step(work=work, script=f"{synth}; {_STACK} {_APPLY}")
