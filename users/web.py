"""The web team: who may do what in the namespaces `web` and `api`."""

from kuberoster import Role, Rule, Team, User, edit, view

restarter = Role(
    "restarter",
    rules=[Rule(["get", "list", "patch"], ["deployments"], api_groups=["apps"])],
)

TEAM = Team(access=[view("web")], note="Everyone who works on the web shop")

USERS = [
    User("ann", email="ann@example.com", access=[edit("web"), view("api")]),
    User("bob.miller", email="bob@example.com", note="On-call for the web shop"),
    User("ci-deploy", owner="ann", access=[restarter("web")], tokens=["2026q4", "2027q1"]),
]
