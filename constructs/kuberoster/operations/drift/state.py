"""What the namespace of Terraform's state and of revocations should have beside these.

Whoever may write there steers the next deploy or lifts a revocation, so nothing else belongs into
it; only the roles of jobs that `kuberoster job-roles` prints may lie there.
"""

from collections.abc import Iterator

from kuberoster.cluster.inventory import Key, Object
from kuberoster.cluster.reach import subjects_of
from kuberoster.model.manifests import default_service_account, namespace, quota, rule_manifest
from kuberoster.model.objects import state_labels
from kuberoster.model.settings import Settings
from kuberoster.operations.bootstrap import BOOTSTRAP_QUOTA
from kuberoster.operations.drift.comparison import Deviation, differences
from kuberoster.operations.job_roles import JOBS, role_name, rules_on_the_state


def state_manifests(settings: Settings) -> Iterator[Object]:
    """What `kuberoster bootstrap` makes of the namespace, whichever backend has the state."""
    name = settings.state.namespace
    yield namespace(name, state_labels(settings.roster))
    yield default_service_account(name)
    # An earlier version's has no roster's name, and bootstrap puts back what it allows alone.
    yield quota(BOOTSTRAP_QUOTA, name, {})


def jobs_on_the_state(settings: Settings) -> dict[Key, Object]:
    """The roles of jobs in the namespace, and the bindings that give them; none has to be there."""
    found: dict[Key, Object] = {}
    for job in JOBS:
        if rules := rules_on_the_state(job, settings):
            name, space = role_name(job, settings), settings.state.namespace
            manifests: dict[str, Object] = {
                "Role": {"rules": [rule_manifest(rule) for rule in rules]},
                "RoleBinding": {"roleRef": {"kind": "Role", "name": name}},
            }
            for kind, manifest in manifests.items():
                found[kind, space, name] = {"kind": kind, "metadata": {}, **manifest}
    return found


def job_differences(manifest: Object, live: Object) -> Iterator[Deviation]:
    """What of such a role or binding is not as `kuberoster job-roles` prints it.

    Whom a binding names is not known here: see `whom_a_job_is`.
    """
    yield from differences({**manifest, "subjects": live.get("subjects")}, live)


def whom_a_job_is(live: Object) -> str:
    """Whom such a binding names, to be compared by a person."""
    who = ", ".join(subjects_of(live)) or "nobody"
    return f"gives {who} what `kuberoster job-roles` prints; whether that is the job is not known"
