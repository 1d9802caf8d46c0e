"""Rosters of people who do not exist: one to look at, and large ones to measure."""

from collections.abc import Iterator
from datetime import date

from kuberoster import ClusterRole, Grant, Role, Rule, Team, Token, User, Waiver, admin, edit, view
from kuberoster.model.roster import Roster, TeamRoster

DAY = date(2026, 12, 1)

_restarter = Role(
    "restarter", rules=[Rule(["get", "list", "patch"], ["deployments"], api_groups=["apps"])]
)
_rotator = Role("rotator", rules=[Rule(["get", "list", "delete"], ["secrets"])])

_deputy = Role(
    "deputy", rules=[Rule(["impersonate"], ["serviceaccounts"], resource_names=["backup"])]
)


def _accepted(rule: str, expires: str) -> Waiver:
    return Waiver(rule, owner="ines.duarte", reason="Until the vault is there", expires=expires)


def _person(name: str, *access: Grant, **more: str) -> User:
    return User(name, email=f"{name}@example.com", access=access, **more)  # type: ignore[arg-type]


def _machine(name: str, owner: str, *access: Grant, tokens: tuple[Token | str, ...]) -> User:
    return User(name, owner=owner, access=access, tokens=tokens)


SAMPLE = Roster(
    (
        TeamRoster(
            team=Team(name="data", access=[view("warehouse")]),
            users=(
                _person("amara.okafor", admin("warehouse"), note="Leads the data team"),
                _person(
                    "jonas.weber",
                    edit("warehouse"),
                    edit("reports", waivers=[_accepted("read-secrets", "2027-03-31")]),
                ),
                _person("mei.tanaka", edit("reports"), starts="2027-01-11"),
                _machine("airflow", "amara.okafor", edit("warehouse"), tokens=("2026q3", "2026q4")),
            ),
        ),
        TeamRoster(
            team=Team(name="platform", access=[view.cluster_wide()]),
            users=(
                _person("ines.duarte", ClusterRole("cluster-admin").cluster_wide(), note="On-call"),
                _person("tomasz.nowak", edit.cluster_wide(), expires="2027-06-30"),
                _machine("backup", "ines.duarte", _rotator("users-shop"), tokens=("2026q1",)),
            ),
        ),
        TeamRoster(
            team=Team(name="shop", access=[view("checkout")]),
            users=(
                _person(
                    "ann.lind",
                    edit("checkout"),
                    edit("catalogue"),
                    view("search"),
                    _deputy("users-platform"),
                ),
                _person(
                    "bilal.haddad",
                    edit("checkout", waivers=[_accepted("exec-pods", "2026-11-15")]),
                    view("catalogue", waivers=[_accepted("write-secrets", "2027-01-31")]),
                ),
                _person("chloe.martin", edit("catalogue"), suspended="parental leave until March"),
                _person("deepak.rao", _restarter("checkout"), view("search")),
                _person("eva.horvat", edit("search"), expires="2026-10-31"),
                _machine(
                    "ci-deploy",
                    "ann.lind",
                    edit("checkout", "catalogue", "search"),
                    tokens=("2026q4", Token("2026q3", until="2026-12-15")),
                ),
            ),
        ),
    )
)


def large(users: int, *, teams: int, namespaces: int) -> Roster:
    """Many users, each with some access in three of the namespaces of their team."""
    each = users // teams
    return Roster(
        tuple(
            TeamRoster(
                team=Team(name=f"team-{team:02}", access=[view(f"ns-{team:02}-00")]),
                users=tuple(_many(team, each, namespaces // teams)),
            )
            for team in range(teams)
        )
    )


def _many(team: int, users: int, namespaces: int) -> Iterator[User]:
    for number in range(users):
        scopes = [f"ns-{team:02}-{(number + step) % namespaces:02}" for step in range(3)]
        access = [(edit, view, _restarter)[step % 3](scope) for step, scope in enumerate(scopes)]
        yield User(
            f"user-{team:02}-{number:04}",
            email=f"user-{team:02}-{number:04}@example.com",
            access=access,
            tokens=["2026q4"] if number % 3 else ["2026q3", "2026q4"],
            expires="2027-03-31" if number % 7 == 0 else None,
            suspended="on leave" if number % 40 == 0 else None,
            note="Answers for the nightly import" if number % 5 == 0 else None,
        )
