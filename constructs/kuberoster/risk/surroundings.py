"""What risks depend on, for a whole roster."""

from collections import defaultdict

from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.model.token import Token, secret_prefix
from kuberoster.rbac.policy import Policy, Subject, service_account
from kuberoster.risk.scope import Surroundings


def surroundings(
    policy: Policy, roster: Roster, settings: Settings, *, guarded: bool
) -> Surroundings:
    """What the risks of a roster's users depend on; `guarded` is whether the guard stands."""
    teams = [entry.team for entry in roster.teams]
    named = (
        service_account(entry.team.namespace, user.name).subjects[0]
        for entry in roster.teams
        for user in entry.users
    )
    users = frozenset([*named, *(Subject("Group", team.group) for team in teams)])
    owners: defaultdict[str, tuple[tuple[str, str], ...]] = defaultdict(tuple)
    for entry in roster.teams:
        for user in entry.users:
            for token in user.tokens:
                label = token.label if isinstance(token, Token) else token
                owners[secret_prefix(user.name, label)] += ((entry.team.namespace, user.name),)
    state = settings.state
    return Surroundings(
        policy=policy,
        users_namespaces=frozenset(team.namespace for team in teams),
        state_namespace=state.namespace if state.backend == "kubernetes" else None,
        roster=settings.roster,
        guarded=guarded,
        users=users,
        token_owners=dict(owners),
        needed=_needed(policy, users),
    )


def _needed(
    policy: Policy, users: frozenset[Subject]
) -> dict[tuple[str, str], dict[str, set[Subject]]]:
    needed: defaultdict[tuple[str, str], defaultdict[str, set[Subject]]]
    needed = defaultdict(lambda: defaultdict(set))
    for binding in policy.bindings:
        if named := users.intersection(binding.subjects):
            for namespace in {"", binding.namespace}:
                for thing in (binding, binding.role):
                    needed[namespace, thing.kind][thing.name] |= named
    return {key: dict(names) for key, names in needed.items()}
