"""What `kuberoster job-roles` prints is enough for each job, and nothing of it is too much."""

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest

from controlplane import ControlPlane
from kuberoster.cluster import Cluster, Forbidden
from kuberoster.cluster.kinds import collection
from kuberoster.operations.job_roles import JOBS, Job
from kuberoster.rbac.authorizer import ResourceAttributes
from kuberoster.rbac.policy import Identity
from tests.acceptance.job_runs import CHANGED, MADE, OLD, REMOVED, JobRuns
from tests.acceptance.less_roles import with_one_right_less
from tests.acceptance.reviewing import commit
from tests.project import Object, Shown, until
from tests.rbac.access_review import Reviewer

HOME = f"users-{MADE}"
STATE_SECRET = f"tfstate-default-{MADE}-users"
PLAN = ("plan", "-no-color", "-input=false")
REVIEWS: dict[Job, list[str]] = {
    "review": ["--no-refresh"],
    "plan": [],
    "deploy": ["--server-dry-run"],
}
"""How each job reviews."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobRuns]:
    """A life in which each job ran with its own credential, and what they asked for in it.

    The cluster is not the one of other tests: drift would show theirs.
    """
    folder = tmp_path_factory.mktemp("job-roles")
    with ControlPlane(folder / "control-plane", audit=True) as cluster:
        made = JobRuns(folder, cluster)
        _deploy(made)
        _change_by_hand(made)
        made.write(CHANGED)
        for job in JOBS:
            made.grant(job, "--base", "first")
        for job in REVIEWS:
            # Without a base every stack is planned, that of the team which does not change too.
            assert _review(made, job).status == 2
            assert _review(made, job, "--base", "HEAD").status == 2
        _deploy(made)
        assert _drift(made, "drift").status == 0
        commit(made.project)
        made.write(REMOVED)
        _deploy(made)
        with made.without(OLD):
            for job in ("plan", "deploy"):
                left = _review(made, job)
                assert (left.status, "BLOCKED (team-left-behind): " in left.output) == (3, True)
            departed = _drift(made, "drift")
        assert (departed.status, "Terraform's state" in departed.errors) == (1, True)
        made.end_recording()
        yield made


def _deploy(runs: JobRuns) -> None:
    """What the job of the pipelines does."""
    reviewed = _review(runs, "deploy", "--base", "HEAD")
    assert reviewed.status in (0, 2), reviewed
    with runs.job("deploy") as project:
        project.cdktf("deploy", "*")
    compared = _drift(runs, "deploy")
    assert compared.status == 0, compared


def _review(runs: JobRuns, job: Job, *base: str) -> Shown:
    with runs.job(job) as project:
        return project.run_any("review", *REVIEWS[job], *base)


def _drift(runs: JobRuns, job: Job) -> Shown:
    with runs.job(job) as project:
        return project.run_any("drift")


def _change_by_hand(runs: JobRuns) -> None:
    """What the next deploy has to repair."""
    extra = [{"op": "add", "path": "/subjects/-", "value": {"kind": "User", "name": "jr-eve"}}]
    bindings = [
        ("TEAM:view", "rolebinding", "-n", "web"),
        ("jr-bob:view", "rolebinding", "-n", "api"),
        ("jr-ann:system:monitoring", "clusterrolebinding"),
    ]
    for name, kind, *place in bindings:
        runs.project.kubectl(
            "patch", kind, f"{MADE}:{name}", *place, "--type=json", "-p", json.dumps(extra)
        )
    raised = '{"spec": {"hard": {"pods": "9"}}}'
    runs.project.kubectl("patch", "resourcequota", "no-pods", "-n", HOME, "-p", raised)


def test_a_first_deploy_a_repair_a_change_and_a_removal_work_with_the_jobs_roles(
    runs: JobRuns,
) -> None:
    assert all(runs.allowed[job] for job in JOBS)
    # The review says that it could not see whether a team is left behind, and goes on.
    namespaces = ResourceAttributes(verb="list", resource="namespaces")
    assert runs.forbidden == {job: set() for job in JOBS} | {"review": {namespaces}}
    assert runs.project.objects("serviceaccounts", "-A", "-l", "kuberoster.io/user=jr-ann") == []
    assert len(runs.project.secrets("jr-cat")) == 1


@pytest.mark.parametrize("job", JOBS)
def test_with_one_verb_or_one_name_less_the_job_is_refused_something_that_it_does(
    runs: JobRuns, job: Job
) -> None:
    users = with_one_right_less(
        runs.cluster.kubeconfig, runs.roles(job, "nobody", "--base", "first"), job
    )
    reviewer = Reviewer(runs.cluster.kubeconfig)
    anybody = Identity(username="anybody", groups=("system:authenticated",))
    asked = [one for one in runs.allowed[job] if not reviewer.allowed(anybody, one)]
    # The API server reads roles a moment after they are written.
    assert any(any(reviewer.answers((users[-1].identity, one) for one in asked)) for _ in until(10))
    answers = iter(reviewer.answers((each.identity, one) for each in users for one in asked))
    needless = []
    for each in users:
        refused = [one for one in asked if not next(answers)]
        assert len(refused) < len(asked), f"{each.lacks}: may do nothing at all"
        if not refused and (not each.grants or _may_grant(runs, each.identity)):
            needless.append(each.lacks)
    assert needless == []
    if job == "deploy":
        groups = sorted({group for each in users for group in each.identity.groups})
        assert _may_grant(runs, Identity(username="has-all", groups=tuple(groups)))


def _may_grant(runs: JobRuns, identity: Identity) -> bool:
    """Whether the API server would let somebody write all roles and bindings of the rosters."""
    command = ["kubectl", "create", "--dry-run=server", "--validate=false", "-f", "-"]
    done = subprocess.run(
        [
            *command,
            f"--as={identity.username}",
            *(f"--as-group={group}" for group in identity.groups),
        ],
        env=runs.project.environment,
        input=json.dumps({"apiVersion": "v1", "kind": "List", "items": runs.grants}),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0


def test_the_deploy_job_may_grant_no_role_that_the_roster_does_not(runs: JobRuns) -> None:
    runs.write(CHANGED.replace('admin("web")', 'ClusterRole("cluster-admin")("web")'))
    with runs.job("deploy") as project:
        project.synth()
        said = project.terraform(MADE, "apply", "-no-color", "-auto-approve", fails=True)
    assert f'"{MADE}:jr-ann:cluster-admin" is forbidden' in " ".join(said.replace("│", "").split())
    bound = runs.project.objects("rolebindings", "-n", "web")
    assert "cluster-admin" not in {each["roleRef"]["name"] for each in bound}


def test_the_review_job_plans_without_refresh_and_gets_at_nothing_else(runs: JobRuns) -> None:
    (secret,) = runs.project.secrets("jr-cat").values()
    secrets, state = collection("Secret", OLD), collection("Secret", "kuberoster-state")
    accounts = collection("ServiceAccount", OLD)
    leases = "/apis/coordination.k8s.io/v1/namespaces/kuberoster-state/leases"
    new: Object = {"metadata": {"name": "planted"}}
    with runs.job("review") as project:
        cluster = Cluster.connect(kubeconfig=project.environment["KUBECONFIG"])
        refused: dict[str, Callable[[], object]] = {
            "read a token": lambda: cluster.get(f"{secrets}/{secret}"),
            "list tokens": lambda: list(cluster.list_metadata(secrets)),
            "list all Secrets": lambda: list(cluster.list_metadata(collection("Secret"))),
            "ask for a token": lambda: cluster.create(f"{accounts}/jr-cat/token", {}),
            "write the state": lambda: cluster.patch(f"{state}/{STATE_SECRET}", {"data": {}}),
            "delete the state": lambda: cluster.delete(f"{state}/{STATE_SECRET}"),
            "put a state there": lambda: cluster.create(state, new),
            "lock the state": lambda: cluster.create(leases, new),
        }
        for what, attempt in refused.items():
            with pytest.raises(Forbidden):
                print(what, attempt())
        assert STATE_SECRET in {each["metadata"]["name"] for each in cluster.list_metadata(state)}
        project.synth()
        project.terraform(OLD, *PLAN, "-refresh=false", "-lock=false")
        assert "forbidden" in project.terraform(OLD, *PLAN, "-lock=false", fails=True)
        assert "forbidden" in project.terraform(OLD, *PLAN, "-refresh=false", fails=True)
        for options in ([], ["--no-plan"]):
            said = project.run_any("review", "--base", "first", *options)
            assert (said.status, said.output) == (1, "")
            assert "forbidden" in said.errors


def test_the_review_of_the_pipelines_asks_the_cluster_nothing(runs: JobRuns) -> None:
    branch = "system:serviceaccount:ci:branch"
    runs.project.kubectl("create", "serviceaccount", "branch", "-n", "ci")
    token = runs.project.kubectl("create", "token", "branch", "-n", "ci").strip()
    with runs.acting({"token": token}) as project:
        reviewed = project.run_any("review", "--offline", "--base", "first")
        assert (reviewed.status in (2, 3), runs.requests(branch)) == (True, [])
        assert project.run_any("review", "--no-plan", "--base", "first").status == 1
        assert runs.requests(branch)
