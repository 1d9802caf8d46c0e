"""What `kuberoster job-roles` prints is enough for each job, and nothing of it is too much."""

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest

from controlplane import ControlPlane
from kuberoster.operations.cluster import Cluster, Forbidden
from kuberoster.operations.job_roles import JOBS, Job
from kuberoster.operations.kinds import collection
from kuberoster.review.rbac import ResourceAttributes
from tests.acceptance.job_runs import CHANGED, MADE, OLD, REMOVED, JobRuns
from tests.acceptance.less_roles import Less, with_one_right_less
from tests.project import Object, until
from tests.review.access_review import Reviewer

HOME = f"users-{MADE}"
STATE = f"tfstate-default-{MADE}-users"
PLAN = ("plan", "-no-color", "-input=false")
OFFLINE = ("-refresh=false", "-lock=false")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobRuns]:
    """A life in which each job ran with its own credential, and nothing was forbidden to it.

    The cluster has an audit log, and is not the one of other tests: drift would show theirs.
    """
    folder = tmp_path_factory.mktemp("job-roles")
    with ControlPlane(folder / "control-plane", audit=True) as cluster:
        done = JobRuns(folder, cluster)
        with done.job("deploy") as project:
            project.cdktf("deploy", "*")
        _change_by_hand(done)
        done.write(CHANGED)
        done.note_grants()
        for job in JOBS:
            done.grant(job, "--base", "HEAD")
        with done.job("deploy") as project:
            project.cdktf("deploy", "*")
        for team in (MADE, OLD):
            with done.job("review") as project:
                project.terraform(team, *PLAN, *OFFLINE)
            with done.job("plan") as project:
                project.terraform(team, *PLAN, "-lock=false")
        with done.job("drift") as project:
            assert project.run_any("drift").status == 0
        yield done


@pytest.fixture(scope="module")
def ended(runs: JobRuns) -> JobRuns:
    """The same after everyone of one team was removed, and the other team's file."""
    runs.write(REMOVED)
    with runs.job("deploy") as project:
        project.cdktf("deploy", "*")
    (runs.project.folder / "users" / f"{OLD}.py").rename(runs.folder / "gone.py")
    with runs.job("drift") as project:
        shown = project.run_any("drift")
    (runs.folder / "gone.py").rename(runs.project.folder / "users" / f"{OLD}.py")
    assert (shown.status, "Terraform's state" in shown.errors) == (1, True)
    return runs


def _change_by_hand(runs: JobRuns) -> None:
    """What the next deploy has to repair."""
    extra = [{"op": "add", "path": "/subjects/-", "value": {"kind": "User", "name": "jr-eve"}}]
    for kind, *place in (["rolebinding", "-n", "web"], ["clusterrolebinding"]):
        name = f"{MADE}:jr-ann:{'edit' if place else 'view'}"
        runs.project.kubectl("patch", kind, name, *place, "--type=json", "-p", json.dumps(extra))
    raised = '{"spec": {"hard": {"pods": "9"}}}'
    runs.project.kubectl("patch", "resourcequota", "no-pods", "-n", HOME, "-p", raised)


def test_a_first_deploy_a_repair_a_change_and_a_removal_work_with_the_jobs_roles(
    ended: JobRuns,
) -> None:
    for job in JOBS:
        assert ended.requests(job)
        assert ended.requests(job, forbidden=True) == set()
    for kind in ("rolebindings", "clusterrolebindings", "clusterroles", "roles"):
        mine = ended.project.objects(kind, "-A", "-l", "kuberoster.io/user=jr-ann")
        assert mine == []


@pytest.mark.parametrize("job", JOBS)
def test_with_one_verb_or_one_name_less_the_job_is_refused_something_that_it_does(
    ended: JobRuns, job: Job
) -> None:
    users = with_one_right_less(
        ended.cluster.kubeconfig, ended.roles(job, "nobody", "--base", "HEAD"), job
    )
    reviewer = Reviewer(ended.cluster.kubeconfig)
    asked = sorted(ended.requests(job), key=str)
    _wait_until_known(reviewer, users[-1], asked)
    answers = iter(reviewer.answers((each.identity, one) for each in users for one in asked))
    needless = []
    for each in users:
        refused = [one for one in asked if not next(answers)]
        assert len(refused) < len(asked), f"{each.lacks}: may do nothing at all"
        if each.binds and not refused:
            refused = [] if _may_grant(ended, each) else asked
        if not refused:
            needless.append(each.lacks)
    assert needless == []


def _wait_until_known(reviewer: Reviewer, last: Less, asked: list[ResourceAttributes]) -> None:
    """RBAC is read by the API server a moment after it is written."""
    for _ in until(10):
        if any(reviewer.allowed(last.identity, one) for one in asked if "self" not in str(one)):
            return
    raise AssertionError(f"{last} may do nothing at all")


def _may_grant(runs: JobRuns, user: Less) -> bool:
    """Whether the API server would let the user write all roles and bindings of the rosters."""
    groups = [f"--as-group={group}" for group in user.identity.groups]
    done = subprocess.run(
        ["kubectl", "create", "--dry-run=server", "--validate=false", "-f", "-"]
        + [f"--as={user.identity.username}", *groups],
        env=runs.project.environment,
        input=json.dumps({"apiVersion": "v1", "kind": "List", "items": runs.grants}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or "attempting to grant RBAC permissions" in done.stderr
    return done.returncode == 0


def test_the_deploy_job_may_grant_no_role_that_the_roster_does_not(runs: JobRuns) -> None:
    runs.write(CHANGED.replace('admin("web")', 'ClusterRole("cluster-admin")("web")'))
    with runs.job("deploy") as project:
        said = project.cdktf("deploy", MADE, fails=True)
    assert "attempting to grant RBAC permissions not currently held" in said
    bound = runs.project.objects("rolebindings", "-n", "web")
    assert "cluster-admin" not in {each["roleRef"]["name"] for each in bound}


def test_the_review_job_plans_without_refresh_and_gets_at_nothing_else(runs: JobRuns) -> None:
    (secret,) = runs.project.secrets("jr-bob").values()
    secrets, state = collection("Secret", HOME), collection("Secret", "kuberoster-state")
    accounts = collection("ServiceAccount", HOME)
    leases = "/apis/coordination.k8s.io/v1/namespaces/kuberoster-state/leases"
    new: Object = {"metadata": {"name": "planted"}}
    with runs.job("review") as project:
        cluster = Cluster.connect(kubeconfig=project.environment["KUBECONFIG"])
        refused: dict[str, Callable[[], object]] = {
            "read a token": lambda: cluster.get(f"{secrets}/{secret}"),
            "list tokens": lambda: list(cluster.list(secrets)),
            "list all Secrets": lambda: list(cluster.list(collection("Secret"))),
            "ask for a token": lambda: cluster.create(f"{accounts}/jr-bob/token", {}),
            "write the state": lambda: cluster.patch(f"{state}/{STATE}", {"data": {}}),
            "delete the state": lambda: cluster.delete(f"{state}/{STATE}"),
            "put a state there": lambda: cluster.create(state, new),
            "lock the state": lambda: cluster.create(leases, new),
        }
        for what, attempt in refused.items():
            with pytest.raises(Forbidden):
                attempt()
                pytest.fail(f"may {what}")
        assert STATE in {each["metadata"]["name"] for each in cluster.list(state)}
        project.terraform(MADE, *PLAN, *OFFLINE)
        assert "forbidden" in project.terraform(MADE, *PLAN, "-lock=false", fails=True)
        assert "forbidden" in project.terraform(MADE, *PLAN, "-refresh=false", fails=True)
