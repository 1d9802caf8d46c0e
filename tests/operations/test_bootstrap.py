"""`kuberoster bootstrap`: the state's namespace, and namespaces that were there before."""

import json
import os
import shutil
import sys
from collections.abc import Callable

from tests.project import Object, Project

Make = Callable[[str], Project]


def _state(project: Project, namespace: str) -> None:
    project.configure(roster=namespace, state={"namespace": namespace})
    project.write("team", "")


def _labels(project: Project, namespace: str) -> dict[str, str]:
    (found,) = (
        item for item in project.objects("namespaces") if item["metadata"]["name"] == namespace
    )
    labels: dict[str, str] = found["metadata"]["labels"]
    return labels


def _pod(project: Project, namespace: str, *, fails: bool) -> str:
    body: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "main"},
        "spec": {"containers": [{"name": "main", "image": "example.invalid/main"}]},
    }
    return project.kubectl("create", "-n", namespace, "-f", "-", given=body, fails=fails)


def test_it_makes_the_state_namespace_closed_to_pods_and_may_run_again(project: Project) -> None:
    _state(project, "state-new")
    # Without the guard, which refuses each pod before the quota does.
    command = ["bootstrap", "--same-roster", "--no-guard"]
    assert "state-new: made, and closed to pods" in project.kuberoster(*command)
    before = project.objects("resourcequotas", "-n", "state-new")
    assert "state-new: is there, closed to pods" in project.kuberoster(*command)
    assert project.objects("resourcequotas", "-n", "state-new") == before
    assert _labels(project, "state-new")["pod-security.kubernetes.io/enforce"] == "restricted"
    (default,) = project.objects("serviceaccounts", "-n", "state-new")
    assert default["automountServiceAccountToken"] is False
    project.kubectl("label", "ns", "state-new", "pod-security.kubernetes.io/enforce-")
    project.kubectl("delete", "quota", "--all", "-n", "state-new")
    project.kuberoster(*command)
    assert "forbidden" in _pod(project, "state-new", fails=True)
    project.kubectl("label", "ns", "state-new", "pod-security.kubernetes.io/enforce-")
    assert "exceeded quota" in _pod(project, "state-new", fails=True)


def test_a_namespace_with_anything_of_others_is_refused_and_left_as_it_was(
    project: Project,
) -> None:
    makers: dict[str, Callable[[str], str]] = {
        "pod": lambda name: _pod(project, name, fails=False),
        "account": lambda name: project.kubectl("create", "serviceaccount", "app", "-n", name),
        "secret": lambda name: project.kubectl("create", "secret", "generic", "app", "-n", name),
        "binding": lambda name: project.kubectl(
            "create", "rolebinding", "app", "--clusterrole=view", "--user=app", "-n", name
        ),
    }
    shown = {
        "pod": "Pod main",
        "account": "ServiceAccount app",
        "secret": "Secret app",
        "binding": "RoleBinding app",
    }
    for kind, make in makers.items():
        namespace = f"taken-by-{kind}"
        project.kubectl("create", "namespace", namespace)
        project.kubectl(
            "wait", "--for=create", "serviceaccount/default", "-n", namespace, "--timeout=10s"
        )
        make(namespace)
        before = _labels(project, namespace)
        for take in ("state", "team"):
            if take == "state":
                _state(project, namespace)
            else:
                project.configure()
                team = f'Team(namespace="{namespace}", existing_namespace=True)'
                project.write("team", "", team_is=team)
            said = project.kuberoster("bootstrap", "--same-roster", fails=True)
            assert f"namespace '{namespace}': holds {shown[kind]}." in said
            assert _labels(project, namespace) == before
            assert project.objects("resourcequotas", "-n", namespace) == []


def test_an_empty_namespace_is_taken_for_one_team_only(new_project: Make) -> None:
    first, second = new_project("first"), new_project("second")
    first.kubectl("create", "namespace", "lent")
    team = 'Team(namespace="lent", existing_namespace=True)'
    first.write("lender", "", team_is=team)
    second.write("other", "", team_is=team)
    assert "lent: was empty, and is taken, closed to pods" in first.kuberoster(
        "bootstrap", "--same-roster"
    )
    assert "lent: is there, closed to pods" in first.kuberoster("bootstrap", "--same-roster")
    said = second.kuberoster("bootstrap", "--same-roster", fails=True)
    assert "namespace 'lent': belongs to team 'lender'." in said
    assert _labels(first, "lent")["kuberoster.io/team"] == "lender"


def test_a_namespace_that_is_not_there_is_named(project: Project) -> None:
    project.write("team", "", team_is='Team(namespace="nowhere", existing_namespace=True)')
    said = project.kuberoster("bootstrap", "--same-roster", fails=True)
    assert "users/team.py: team 'team': namespace 'nowhere' is not in the cluster" in said
    assert said.endswith("\nkubectl create namespace nowhere\n")


def test_all_that_a_deploy_would_stop_at_is_said_at_once_and_nothing_is_changed(
    project: Project,
) -> None:
    project.configure(roster="none", state={"namespace": "state-of-none"})
    access = 'edit("wep"), view("api-of-none"), ClusterRole("viev").cluster_wide()'
    project.write("none", f'User("ann", email="ann@example.com", access=[{access}])')
    project.write("more", 'User("bo", email="b@example.com", access=[view("of-more", "wep")])')
    project.kuberoster("validate")
    settings = (project.folder / "cdktf.json").read_text()

    said = project.kuberoster("bootstrap", fails=True)

    half = "A deploy would stop there half-way. Create them first, or name others."
    assert said.partition("\n")[2] == (
        "users/more.py: team 'more': 2 namespaces are not in the cluster: 'of-more' (for bo), "
        f"'wep' (for bo).\n{half} 'wep': Did you mean 'web'?\n\n"
        "users/none.py: team 'none': 2 namespaces are not in the cluster: 'api-of-none' (for ann), "
        f"'wep' (for ann).\n{half} 'wep': Did you mean 'web'?\n\n"
        "users/none.py: user 'ann': ClusterRole 'viev' is not in the cluster.\n"
        "Who makes a role of that name later decides what it allows. Name another, or declare a "
        "Role in users/. Did you mean 'view'?\n\n"
        "Where the names are right, this creates what is missing:\n"
        'for name in api-of-none of-more wep; do kubectl create namespace "$name"; done\n'
    )
    names = {item["metadata"]["name"] for item in project.objects("namespaces")}
    assert not names & {"state-of-none", "wep", "api-of-none"}
    assert (project.folder / "cdktf.json").read_text() == settings


def test_the_line_that_creates_what_is_missing_works_when_it_is_pasted(project: Project) -> None:
    context = project.kubectl("config", "current-context").strip()
    project.configure(
        roster="pasted", state={"namespace": "state-pasted"}, cluster={"context": context}
    )
    access = ", ".join(f'view("pasted-{number}")' for number in (1, 2, 3))
    project.write("pasted", f'User("pia", email="pia@example.com", access=[{access}])')
    said = project.kuberoster("bootstrap", fails=True)
    line = said.splitlines()[-1]
    assert f"kubectl --context {context} create namespace" in line

    project.run("sh", "-c", line)

    assert "state-pasted: made, and closed to pods" in project.kuberoster("bootstrap")


def test_with_another_backend_it_makes_the_namespace_of_the_marks(project: Project) -> None:
    state = {"backend": "s3", "key": "{team}.tfstate", "bucket": "b"}
    project.configure(roster="s3", state=state)
    project.write("team", "")
    said = project.kuberoster("bootstrap", "--same-roster")
    assert "in the backend 's3'; kuberoster-state-s3 is for revocations alone" in said
    labels = _labels(project, "kuberoster-state-s3")
    assert labels["kuberoster.io/roster"] == "s3"
    assert labels["kuberoster.io/state"] == "true"


def test_it_puts_back_each_label_that_somebody_took(project: Project) -> None:
    project.kubectl("create", "namespace", "taken-labels")
    project.configure(roster="taken-labels", state={"namespace": "state-taken-labels"})
    existing = 'Team(namespace="taken-labels", existing_namespace=True)'
    project.write("taken", "", team_is=existing)
    command = ["bootstrap", "--same-roster", "--no-guard"]
    project.kuberoster(*command)
    for namespace in ("state-taken-labels", "taken-labels"):
        project.kubectl("create", "secret", "generic", "there", "-n", namespace)
        labels = _labels(project, namespace)
        ours = [label for label in labels if "kuberoster" in label or "pod-security" in label]
        for label in [*ours, "app.kubernetes.io/managed-by"]:
            project.kubectl("label", "namespace", namespace, f"{label}-")
            project.kuberoster(*command)
            assert _labels(project, namespace) == labels


def test_namespaces_of_the_version_before_get_the_label_that_the_guard_goes_by(
    project: Project,
) -> None:
    project.configure(roster="bare", state={"backend": "local"})
    for team in ("bare", "odd"):
        project.write(team, "")
    project.create()
    roster = "kuberoster.io/roster-"
    project.kubectl("label", "namespace", "users-bare", roster)
    project.kubectl("label", "namespace", "users-odd", roster, "app.kubernetes.io/managed-by-")
    tracked: Object = {"id": "users-odd", "metadata": [{"name": "users-odd"}]}
    resource: Object = {
        "mode": "managed",
        "type": "kubernetes_namespace_v1",
        "name": "odd",
        "provider": 'provider["registry.terraform.io/hashicorp/kubernetes"]',
        "instances": [{"attributes": tracked}],
    }
    state = {"version": 4, "serial": 1, "lineage": "x", "resources": [resource]}
    (project.folder / "terraform.odd.tfstate").write_text(json.dumps(state))
    project.kubectl("create", "namespace", "users-no-file")
    project.kubectl("label", "namespace", "users-no-file", "kuberoster.io/team=no-file")

    said = project.kuberoster("bootstrap", "--same-roster")

    assert "users-bare: gets the label kuberoster.io/roster=bare" in said
    assert _labels(project, "users-bare")["kuberoster.io/roster"] == "bare"
    assert "it does not stand for users-odd, without the label kuberoster.io/roster=bare" in said
    assert "guard: it is not for users-no-file" in said
    assert "guard: stands" not in said
    settings = (project.folder / "cdktf.json").read_text()
    assert '"guard": true' not in settings
    project.kubectl("label", "namespace", "users-odd", "kuberoster.io/roster=bare")
    project.kubectl("delete", "namespace", "users-no-file")
    assert "guard: stands" in project.kuberoster("bootstrap", "--same-roster")
    assert '"guard": true' in (project.folder / "cdktf.json").read_text()


def test_it_says_when_terraform_would_not_find_the_cluster(project: Project) -> None:
    project.write("team", "")
    assert "export KUBE_CONFIG_PATH" not in project.kuberoster("bootstrap", "--same-roster")
    kubeconfig = project.environment.pop("KUBE_CONFIG_PATH")
    said = project.kuberoster("bootstrap", "--same-roster")
    assert 'export KUBE_CONFIG_PATH="$KUBECONFIG", or set context.kuberoster.' in said
    project.environment["KUBECONFIG"] = os.pathsep.join([kubeconfig, f"{project.folder}/none"])
    said = project.kuberoster("bootstrap", "--same-roster")
    assert 'export KUBE_CONFIG_PATHS="$KUBECONFIG", or set context.kuberoster.' in said
    del project.environment["KUBECONFIG"]
    (project.folder / ".kube").mkdir()
    (project.folder / ".kube" / "config").symlink_to(kubeconfig)
    project.environment["HOME"] = str(project.folder)
    said = project.kuberoster("bootstrap", "--same-roster")
    assert "export KUBE_CONFIG_PATH=~/.kube/config, or set context.kuberoster." in said


def test_what_comes_before_the_quota_and_after_the_first_look_is_seen(project: Project) -> None:
    project.kubectl("create", "namespace", "raced")
    project.write("raced", "", team_is='Team(namespace="raced", existing_namespace=True)')
    script = (
        "import sys\n"
        "from kuberoster.cli import main\n"
        "from kuberoster.operations import bootstrap\n"
        "close = bootstrap._close\n"
        "def late(cluster, name, labels):\n"
        "    if name == 'raced':\n"
        "        cluster.create('/api/v1/namespaces/raced/serviceaccounts',\n"
        "                       {'metadata': {'name': 'quick'}})\n"
        "    close(cluster, name, labels)\n"
        "bootstrap._close = late\n"
        "sys.exit(main(['bootstrap', '--same-roster']))\n"
    )
    said = project.run(sys.executable, "-c", script, fails=True)
    assert "namespace 'raced': holds ServiceAccount quick." in said
    (found,) = (n for n in project.objects("namespaces") if n["metadata"]["name"] == "raced")
    assert "kuberoster.io/team" not in found["metadata"]["labels"]


def test_the_namespace_of_another_checkout_s_state_is_not_given_to_a_team(
    new_project: Make,
) -> None:
    first, second = new_project("first"), new_project("second")
    first.configure(roster="first", state={"namespace": "state-of-first"})
    first.write("team", "")
    first.kuberoster("bootstrap", "--same-roster")
    second.write("team", "", team_is='Team(namespace="state-of-first", existing_namespace=True)')
    said = second.kuberoster("bootstrap", "--same-roster", fails=True)
    assert "namespace 'state-of-first': belongs to the roster 'first', and this one is" in said
    second.kubectl("label", "namespace", "state-of-first", "kuberoster.io/roster-")
    said = second.kuberoster("bootstrap", "--same-roster", fails=True)
    assert "namespace 'state-of-first': holds Terraform's state." in said


# One roster of a name on a cluster


def _pair(new_project: Make, name: str) -> tuple[Project, Project]:
    """Two folders with a roster of one name, whose states would lie in two namespaces."""
    first, second = new_project("first"), new_project("second")
    first.configure(roster=name, state={"namespace": f"{name}-state"})
    second.configure(roster=name, state={"namespace": f"{name}-state"})
    first.write(f"{name}-a", "")
    second.write(f"{name}-b", "")
    assert f"{name}-state: made" in first.kuberoster("bootstrap")
    assert _labels(first, f"{name}-state")["kuberoster.io/roster"] == name
    return first, second


def test_a_name_that_the_cluster_knows_is_refused_until_it_is_said_to_be_the_same(
    new_project: Make,
) -> None:
    _, second = _pair(new_project, "claimed")
    said = second.kuberoster("bootstrap", fails=True)
    assert "roster 'claimed': the cluster has one of this name already: namespace " in said
    assert "namespace claimed-state of its state." in said
    # A second clone has to take what the first one wrote, before anybody says that it is the same.
    assert 0 < said.index("git pull") < said.index("kuberoster bootstrap --same-roster")
    second.kuberoster("bootstrap", "--same-roster")

    second.configure(roster="another", state={"namespace": "claimed-state"})
    said = second.kuberoster("bootstrap", "--same-roster", fails=True)
    assert "namespace 'claimed-state': belongs to the roster 'claimed', and this one is" in said
    second.configure(roster="another", state={"namespace": "another-state"})
    assert "another-state: made" in second.kuberoster("bootstrap")


def test_the_same_name_with_a_state_elsewhere_is_refused_always(new_project: Make) -> None:
    _, second = _pair(new_project, "twice")
    second.configure(roster="twice", state={"namespace": "twice-elsewhere"})
    said = second.kuberoster("bootstrap", "--same-roster", fails=True)
    assert (
        "roster 'twice': the cluster has one of this name, with its state in twice-state." in said
    )
    assert second.kubectl("get", "namespace", "twice-elsewhere", fails=True)


def test_a_folder_that_knows_the_clusters_uid_is_the_same_roster(new_project: Make) -> None:
    first, second = _pair(new_project, "known")
    uid = first.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")
    own = {"roster": "known", "state": {"namespace": "known-state"}}
    second.configure(**own, cluster={"uid": uid})
    assert "known-state: is there" in second.kuberoster("bootstrap")


def test_a_copied_cdktf_json_makes_no_two_rosters_one(new_project: Make) -> None:
    """The cluster's uid in it says which cluster, and not which roster."""
    first, copy = _pair(new_project, "copied")
    first.write("copied-a", 'User("cop", email="c@example.com", access=[view("web")])')
    first.create()
    shutil.copy(first.folder / "cdktf.json", copy.folder)
    settings = (copy.folder / "cdktf.json").read_text()
    assert '"uid"' in settings

    said = copy.kuberoster("bootstrap", fails=True)

    assert (
        "roster 'copied': the cluster has one of this name, with what users/ here does not have: "
        "namespace users-copied-a of the team 'copied-a'.\n"
    ) in said
    assert (copy.folder / "cdktf.json").read_text() == settings
    # Nobody is told to take another roster's team away before it is known whose it is.
    errors = copy.run_any("drift").errors
    assert "team 'copied-a': there is no users/copied-a.py, and there is still namespace " in errors
    assert "If that was never in this folder, the team may be another roster's" in errors
    assert errors.index("another roster's") < errors.index("--retire")
    retire = copy.run_any("recover", "--retire", "copied-a")
    assert "Was users/copied-a.py ever in this folder?" in retire.output

    # The roster itself goes on as ever, and after a team has left as soon as that is said.
    first.kuberoster("bootstrap")
    (first.folder / "users" / "copied-a.py").unlink()
    first.write("copied-c", "")
    said = first.kuberoster("bootstrap", fails=True)
    assert "kuberoster recover --retire TEAM" in said
    assert "kuberoster bootstrap --same-roster" in said
    first.kuberoster("bootstrap", "--same-roster")
    first.kuberoster("recover", "--retire", "copied-a", "--in", "users-copied-a", "--yes")
    first.kuberoster("bootstrap")


def test_the_marks_of_two_rosters_never_lie_in_one_namespace(new_project: Make) -> None:
    """Also where the states lie elsewhere: a revocation of one would stop the other's user."""
    first, second = new_project("first"), new_project("second")
    first.configure(roster="marked", state={"namespace": "kuberoster-state-unmarked"})
    second.configure(roster="unmarked", state={"backend": "local"})
    first.write("marked", "")
    second.write("unmarked", "")
    first.kuberoster("bootstrap")
    said = second.kuberoster("bootstrap", fails=True)
    assert (
        "namespace 'kuberoster-state-unmarked': belongs to the roster 'marked', and this one is"
    ) in said
    first.configure(roster="marked", state={"backend": "local"})
    said = first.kuberoster("bootstrap", "--same-roster", fails=True)
    assert "the cluster has one of this name, with its state in kuberoster-state-unmarked." in said
    assert "kubectl label namespace kuberoster-state-unmarked kuberoster.io/state-" in said


# One team of a name on a cluster


def test_a_team_whose_name_another_roster_has_is_refused(new_project: Make) -> None:
    """Both would make RoleBindings of one name where they grant in one namespace."""
    first, second = new_project("first"), new_project("second")
    first.configure(roster="ones", state={"namespace": "ones-state"})
    second.configure(roster="others", state={"namespace": "others-state"})
    first.write("crew", 'User("crew-a", email="a@example.com", access=[view("web")])')
    second.write(
        "crew",
        'User("crew-b", email="b@example.com", access=[view("api")])',
        team_is='Team(namespace="users-of-others")',
    )
    first.kuberoster("bootstrap")
    first.create()
    settings = (second.folder / "cdktf.json").read_text()

    said = second.kuberoster("bootstrap", "--same-roster", fails=True)

    assert "users/crew.py: TEAM: the roster 'ones' of this cluster has a team of this name" in said
    assert "Namespace users-crew" in said
    assert (second.folder / "cdktf.json").read_text() == settings
    assert second.kubectl("get", "namespace", "others-state", fails=True)


def test_a_declared_name_that_somebody_has_taken_is_refused_unless_the_state_has_it(
    new_project: Make,
) -> None:
    project = new_project("taking")
    project.configure(roster="taking", state={"backend": "local"})
    project.write(
        "taking",
        'User("tak-a", email="a@example.com", access=[view("web"), view.cluster_wide()])',
    )
    theirs = ["rolebinding", "taking:tak-a:view", "-n", "web"]
    wide = ["clusterrolebinding", "taking:tak-a:view"]
    for each in (theirs, wide):
        project.kubectl("create", *each, "--clusterrole=view", "--user=mallory")
    project.kubectl("create", "namespace", "users-taking")

    said = project.kuberoster("bootstrap", fails=True)

    assert (
        "users/taking.py: user 'tak-a': RoleBinding web/taking:tak-a:view is in the cluster, and "
        "neither its labels nor a state that can be seen say that this roster made it"
    ) in said
    assert "ClusterRoleBinding taking:tak-a:view is in the cluster" in said
    assert "users/taking.py: TEAM: Namespace users-taking is in the cluster" in said
    for each in (theirs, wide):
        project.kubectl("delete", *each)
    project.kubectl("delete", "namespace", "users-taking")
    project.kuberoster("bootstrap")
    project.create()
    # What the roster made is no other's.
    project.kuberoster("bootstrap")
    project.kubectl("delete", "clusterrolebinding", "taking:tak-a:view")


def test_a_team_of_another_rosters_namespace_is_refused(new_project: Make) -> None:
    first, second = _pair(new_project, "owner")
    first.create()
    second.configure(roster="guest", state={"namespace": "guest-state"})
    second.write("owner-a", "")
    said = second.kuberoster("bootstrap", fails=True)
    assert "namespace 'users-owner-a': belongs to the roster 'owner', and this one is" in said
    assert second.kubectl("get", "namespace", "guest-state", fails=True)


def test_what_an_earlier_version_made_is_taken_over_where_it_is_of_users(
    new_project: Make,
) -> None:
    first, second = _pair(new_project, "older")
    first.create()
    for namespace in ("older-state", "users-older-a"):
        first.kubectl("label", "namespace", namespace, "kuberoster.io/roster-")
    first.kubectl(
        "create",
        "secret",
        "generic",
        "tfstate-default-older-a-users",
        "-n",
        "older-state",
        "--from-literal=tfstate=unreadable",
    )

    said = second.kuberoster("bootstrap", fails=True)
    assert "already: the state of the team 'older-a' in older-state." in said
    said = first.kuberoster("bootstrap")

    assert "takes over what an earlier version deployed; the next deploy adds the label " in said
    assert "label kuberoster.io/roster=older to each object, in place\n" in said
    assert _labels(first, "older-state")["kuberoster.io/roster"] == "older"
