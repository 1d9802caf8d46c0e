"""Plans made by Terraform here, or made elsewhere and given."""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Lock

from kuberoster.model.errors import KuberosterError
from kuberoster.model.manifests import Manifest, team_manifests
from kuberoster.model.roster import Roster
from kuberoster.rbac.policy import Policy
from kuberoster.review.plan.addresses import team_addresses
from kuberoster.review.plan.before import rbac_manifests, users_of
from kuberoster.review.plan.blocks import plan_blocks
from kuberoster.review.plan.document import DEFAULT_SERVICE_ACCOUNT, Plan
from kuberoster.review.plan.explain import entries
from kuberoster.review.plan.reading import load_plan, no_plan, read_plan
from kuberoster.review.plan.stacks import Project
from kuberoster.terraform import KIND_OF, RevokedUsers, Terraform

AT_A_TIME = 2
"""Terraform takes a core and 200 MB or so for each."""
NO_REFRESH = "-refresh=false"


def run_plans(
    project: Project,
    teams: Collection[str],
    options: Sequence[str],
    step: Callable[[str], None],
) -> dict[str, Plan | RevokedUsers]:
    """Plan the synthesised stacks of these teams, each or why there is no plan of it.

    Changes nothing and takes no lock. Raises TerraformError with what Terraform said.
    """
    installing = Lock()  # a plugin cache is not made for two at a time

    def run(team: str) -> Plan | RevokedUsers:
        out = project.settings.folder / project.settings.output
        terraform = Terraform(project.stacks / team, out=out, purpose="review")
        with installing:
            step(f"preparing {team}")
            terraform.init()
        step(f"planning {team}")
        try:
            return read_plan(terraform.plan(*options), f"the plan of {team}")
        except RevokedUsers as refused:
            return refused

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return dict(zip(teams, pool.map(run, teams), strict=True))


def load_plans(files: Sequence[Path], roster: Roster, day: date) -> dict[str, Plan]:
    """The plans in these files by team.

    Raises KuberosterError for a file that is no plan, for a team that is not in the roster or
    has two, and for the plan of another roster or day.
    """
    found: dict[str, Plan] = {}
    for file in files:
        plan = load_plan(file)
        try:
            _look_through(plan, roster, day)
        except (KeyError, TypeError, AttributeError, IndexError, ValueError):
            raise no_plan(str(file)) from None
        if plan.team in found:
            raise KuberosterError(
                f"{file}: is a second plan of team {plan.team!r}.\nGive one for each team."
            )
        _check_declared(plan, roster, day, file)
        found[plan.team] = plan
    return found


def _look_through(plan: Plan, roster: Roster, day: date) -> None:
    """Raise whatever a file of another form than Terraform's makes of all that is read later."""
    for entry in roster.teams:
        if entry.team.name == plan.team:
            list(plan_blocks(plan, entries(plan, entry, day, None), has_base=True))
            users_of(plan)
            _policy(rbac_manifests((*plan.before, *plan.after)))


def _check_declared(plan: Plan, roster: Roster, day: date, file: Path) -> None:
    team = plan.team
    entries = {entry.team.name: entry for entry in roster.on(day).teams}
    if team not in entries:
        raise KuberosterError(
            f"{file}: is a plan of team {team!r}, and there is no users/{team}.py.\n"
            "A plan is reviewed together with the roster that it was made of."
        )
    expected = team_addresses(entries[team])
    planned = {
        each.address for each in plan.after if each.type in {*KIND_OF, DEFAULT_SERVICE_ACCOUNT}
    }
    odd = sorted(expected ^ planned)
    if not odd and _policy(rbac_manifests(plan.after)) != _policy(team_manifests(entries[team])):
        odd = ["what roles and bindings say"]
    if odd:
        more = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
        raise KuberosterError(
            f"{file}: is a plan of another roster, of another day or of a part of the stack: "
            f"{odd[0]}{more} is not as users/{team}.py has it on {day}.\n"
            "Plan again from what is reviewed."
        )


def _policy(objects: Iterable[Manifest]) -> tuple[object, ...]:
    policy = Policy(objects)
    return policy.roles, {(str(each), each.role, each.subjects) for each in policy.bindings}
