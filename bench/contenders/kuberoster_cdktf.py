"""kuberoster, with the cdktf command."""

from collections.abc import Iterator

from bench.ground import CDKTF, KUBEROSTER, Ground
from bench.roster import CHANGED_TEAM, JOINER, Roster
from bench.work import Step, Work
from kuberoster.model.settings import TEAMS

# The lock file covers other platforms only with a registry at hand.
_OPTIONS = "--auto-approve --skip-provider-lock"


class KuberosterCdktf:
    """`cdktf deploy`, which synthesises first, and plans before it applies."""

    name = "kuberoster, cdktf"

    def prepare(self, ground: Ground) -> None:
        """Nothing: users/ is all that it needs."""

    def take(self, ground: Ground, roster: Roster) -> None:
        """Edit one file of users/."""
        ground.write_users(roster)

    def steps(self) -> Iterator[Step]:
        """All stacks where nothing is known of a change, else the team's."""
        everything = f"{CDKTF} deploy '*' {_OPTIONS}"
        yield Step(work=Work.FIRST, script=everything)
        untouched = f"{everything} > shown; ! grep -E ': (Creating|Modifying|Destroying)' shown"
        yield Step(work=Work.UNCHANGED, script=untouched)
        checked = f"{KUBEROSTER} drift; TF_CLI_ARGS_apply=-refresh=false {untouched}"
        yield Step(work=Work.CHECKED, script=checked)
        # A diff ends with 0 whatever it finds.
        alone = f"{TEAMS}={CHANGED_TEAM} {CDKTF}"
        diff = f"{alone} diff {CHANGED_TEAM} --skip-provider-lock > shown; grep -q {JOINER} shown"
        yield Step(work=Work.REVIEW, script=diff)
        for work in (Work.ADD, Work.ROTATE, Work.REMOVE):
            yield Step(work=work, script=f"{alone} deploy {CHANGED_TEAM} {_OPTIONS}")
