"""The paths of a whole roster."""

from collections.abc import Iterator, Mapping

from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.rbac.effective import EffectiveAccess
from kuberoster.rbac.policy import Policy, Subject, service_account
from kuberoster.risk.paths.edge import Accounts, Edge, Path, reachable
from kuberoster.risk.paths.graph import Graph
from kuberoster.risk.scope import Evidence, Surroundings, surroundings


class Paths:
    """Who of a roster can come to act as whom.

    Most users have none. Where a whole namespace is reached, its users are one entry:
    `each.victims.covers(namespace, name)` says whether a user is among them. A user is known by
    namespace and name, since that is what RBAC knows.
    """

    def __init__(self, roster: Roster, surroundings: Surroundings) -> None:
        """Find the paths of all users."""
        self.teams: Mapping[str, str] = {
            entry.team.namespace: entry.team.name for entry in roster.teams
        }
        """The team of each users' namespace."""
        graph = self._graph = Graph(reachable(roster, surroundings))
        self.users: Mapping[str, tuple[str, ...]] = graph.reachable.users
        """The users of each namespace, sorted."""
        attackers = [
            Accounts(home, name)
            for home, names in sorted(self.users.items())
            for name in names
            if graph.edges(Accounts(home, name))
        ]
        self._found = {
            attacker: found for attacker in attackers if (found := tuple(graph.paths(attacker)))
        }
        first: dict[tuple[Subject, str], list[Evidence]] = {}
        for attacker in self._found:
            subject = service_account(*attacker).subjects[0]
            for taken in graph.first_steps(attacker):
                first.setdefault((subject, taken.scope), []).extend(taken.evidence)
        self.surroundings = surroundings.with_first_steps(first)
        """What the paths were found in, with the first steps for the risk rules."""

    def __iter__(self) -> Iterator[Path]:
        """Every path of every attacker, by namespace and name, the shortest first."""
        for found in self._found.values():
            yield from found

    def by(self, namespace: str, user: str) -> tuple[Path, ...]:
        """The paths of one user, the shortest first; each victim is in one of them."""
        return self._found.get(Accounts(namespace, user), ())

    def to(self, namespace: str, user: str) -> Iterator[Path]:
        """The shortest path to one user from each who has one."""
        for attacker, found in self._found.items():
            if attacker != (namespace, user):
                yield from [each for each in found if each.victims.covers(namespace, user)][:1]

    def first_steps_by(self, access: EffectiveAccess, namespace: str, user: str) -> Iterator[Edge]:
        """The first steps of a user that lead to another one by this part of the user's access."""
        attacker = Accounts(namespace, user)
        leading = {
            (taken.how, taken.target, taken.scope) for taken in self._graph.first_steps(attacker)
        }
        for taken in self._graph.edges_by(access, service_account(*attacker).subjects[0]):
            if (taken.how, taken.target, taken.scope) in leading:
                yield taken

    def edges(self) -> list[tuple[Accounts, Accounts]]:
        """Who can act as whom, without the steps: attacker and victims, for a picture.

        At most one pair for each attacker and each namespace or single user reached, or one for
        all; sorted.
        """
        return sorted({(each.attacker, each.victims) for each in self})


def paths(policy: Policy, roster: Roster, settings: Settings, *, guarded: bool) -> Paths:
    """Who of a roster can come to act as whom by a policy; who is not active too.

    `guarded` is whether the guard stands.
    """
    return Paths(roster, surroundings(policy, roster, settings, guarded=guarded))
