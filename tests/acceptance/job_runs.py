"""A roster's life, deployed and watched by jobs that have what `kuberoster job-roles` prints."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import yaml

from controlplane import ControlPlane
from kuberoster.operations.job_roles import JOBS, Job
from kuberoster.rbac.authorizer import ResourceAttributes
from tests.acceptance.reviewing import commit, git
from tests.project import Object, Project

MADE, OLD = "jr-made", "jr-old"
"""A team whose namespace the deploy makes, and one whose namespace was there before."""
_FILE = """\
from kuberoster import *
reader = Role("reader", rules=[Rule({verbs}, ["pods"])])
monitor = ClusterRole("system:monitoring")
TEAM = Team(access=[view("web")], note="{note}")
USERS = [
    User("jr-ann", email="{note}@example.com", access=[
        {level}("web"), reader("web"), reader.cluster_wide(), monitor.cluster_wide(),
    ]),
    User("jr-bob", email="bob@example.com", access=[view("api")]),
]
"""
FIRST = _FILE.format(verbs=["get"], note="first", level="edit")
CHANGED = _FILE.format(verbs=["get", "list"], note="changed", level="admin")
REMOVED = "USERS = []\n"


class JobRuns:
    """A cluster with an audit log, a project, and a ServiceAccount for each job."""

    def __init__(self, folder: Path, cluster: ControlPlane) -> None:
        (folder / "project").mkdir()
        self.cluster = cluster
        self.folder = folder
        self.project = Project(folder / "project", cluster)
        self.tokens: dict[Job, str] = {}
        self.allowed: dict[Job, set[ResourceAttributes]] = {job: set() for job in JOBS}
        self.forbidden: dict[Job, set[ResourceAttributes]] = {job: set() for job in JOBS}
        self.grants: list[Object] = []
        """Roles, bindings and users of each version of the file, to try who may write them."""
        for namespace in ("web", "api", "ci", OLD):
            self.project.kubectl("create", "namespace", namespace)
        self.write(FIRST)
        self.project.write(
            OLD,
            'User("jr-cat", email="c@example.com", access=[view("web")])',
            team_is=f'Team(namespace="{OLD}", existing_namespace=True)',
        )
        self.note_grants()
        self.project.kuberoster("bootstrap")
        for job in JOBS:
            self.project.kubectl("create", "serviceaccount", job, "-n", "ci")
            self.tokens[job] = self.project.kubectl("create", "token", job, "-n", "ci").strip()
            self.grant(job)
        commit(self.project)
        git(self.project, "tag", "first")

    def write(self, source: str) -> None:
        (self.project.folder / "users" / f"{MADE}.py").write_text(source)

    def note_grants(self) -> None:
        """Keep the roles and bindings that the file has now, and the ServiceAccounts."""
        made = yaml.safe_load_all(self.project.kuberoster("manifests", MADE))
        self.grants += [
            each for each in made if "Role" in each["kind"] or each["kind"] == "ServiceAccount"
        ]

    def roles(self, job: Job, user: str, *more: str) -> list[Object]:
        """What `kuberoster job-roles` prints."""
        printed = self.project.kuberoster("job-roles", job, "--user", user, *more)
        return list(yaml.safe_load_all(printed))

    def grant(self, job: Job, *more: str) -> None:
        """What an administrator does with it."""
        listed = {
            "apiVersion": "v1",
            "kind": "List",
            "items": self.roles(job, f"system:serviceaccount:ci:{job}", *more),
        }
        self.project.kubectl("apply", "-f", "-", given=listed)

    @contextmanager
    def acting(self, user: Object) -> Iterator[Project]:
        """The project with a kubeconfig of this user's settings and nothing else."""
        config = json.loads(self.project.kubectl("config", "view", "--raw", "-o", "json"))
        config["users"][0]["user"] = user
        kubeconfig = self.folder / "job.kubeconfig"
        kubeconfig.write_text(json.dumps(config))
        before = dict(self.project.environment)
        self.project.environment |= {
            "KUBECONFIG": str(kubeconfig),
            "KUBE_CONFIG_PATH": str(kubeconfig),
        }
        try:
            yield self.project
        finally:
            self.project.environment = before

    def job(self, job: Job) -> AbstractContextManager[Project]:
        """The project with the credential of a job."""
        return self.acting({"token": self.tokens[job]})

    @contextmanager
    def without(self, team: str) -> Iterator[None]:
        """The file of a team is gone for a while."""
        file = self.project.folder / "users" / f"{team}.py"
        source = file.read_text()
        file.unlink()
        yield
        file.write_text(source)

    def end_recording(self) -> None:
        """Take from the audit log what each job asked for; what comes later doesn't count."""
        for job in JOBS:
            for event in self.requests(f"system:serviceaccount:ci:{job}"):
                refused = event["responseStatus"]["code"] == 403
                (self.forbidden if refused else self.allowed)[job].add(_attributes(event))

    def requests(self, user: str) -> list[Object]:
        """The audit log's events of what a user has asked for so far, each with its answer."""
        events = map(json.loads, self.cluster.audit_log.read_text().splitlines())
        return [
            event
            for event in events
            if event["user"]["username"] == user
            and event["stage"] == "ResponseComplete"
            and "objectRef" in event
        ]


def _attributes(event: Object) -> ResourceAttributes:
    about = event["objectRef"]
    return ResourceAttributes(
        verb=event["verb"],
        resource=about["resource"],
        group=about.get("apiGroup", ""),
        subresource=about.get("subresource", ""),
        # The body names what is created, and that is not known when it is authorised.
        name="" if event["verb"] == "create" else about.get("name", ""),
        namespace=about.get("namespace", ""),
    )
