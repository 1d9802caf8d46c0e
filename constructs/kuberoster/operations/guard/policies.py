"""The admission policies of a roster: what the API server refuses, whoever asks.

Each is one ValidatingAdmissionPolicy with one binding, which the API server evaluates itself, at
the moment of the write (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/).
Every field that the API server would fill in is written out, so that what is live can be compared
with it as it stands. docs/adr/0008-the-guard.md says why they are as they are.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from kuberoster.model.guard import (
    ADMISSION,
    BINDING,
    DEPLOY,
    POLICY,
    REVOKE,
    RIGHTS_GROUP,
    RIGHTS_RESOURCE,
)
from kuberoster.model.manifests import RBAC, Manifest
from kuberoster.model.objects import (
    MANAGED_BY,
    REVOKED_USERS,
    ROSTER_LABEL,
    SERVICE_ACCOUNT_NAME,
    USER_LABEL,
)
from kuberoster.model.rule import Rule

REVOKED_SUBJECT = "revoked-users"
"""Of the policy that refuses what would bring a marked user back."""
USERS_NAMESPACES = "users-namespaces"
"""The policy of where users live, which refuses pods too; the last that is made."""
_CONTROLLER_MANAGER = "system:kube-controller-manager"
"""Fills token Secrets, and is the one for all where the others have no ServiceAccounts.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles
"""
_SYSTEM = "system:serviceaccount:kube-system:"
_ACCOUNTS = f"{_SYSTEM}service-account-controller"
"""Makes the `default` ServiceAccount of each namespace."""
_TIDYING = (
    _CONTROLLER_MANAGER,
    f"{_SYSTEM}generic-garbage-collector",
    f"{_SYSTEM}legacy-service-account-token-cleaner",
)
"""Take owners and finalizers from what goes, and label tokens that nobody has used for a year.

Whoever may write in kube-system can have their tokens, so they may write no more than this.
"""


def guard_manifests(roster: str, state_namespace: str) -> Iterator[Manifest]:
    """The policies of a roster, each followed by its binding.

    `state_namespace` holds Terraform's state and the ConfigMap of the marks.
    """
    yield from _revoked_users(roster, state_namespace)
    yield from _revoked_bindings(roster, state_namespace)
    yield from _namespaces(roster)
    yield from _state(roster, state_namespace)
    yield from _users_namespaces(roster)


def policy_name(roster: str, subject: str) -> str:
    """What a policy of a roster and its binding are called.

    No subject is the beginning of another, so no two rosters share a name.
    """
    return f"kuberoster-{subject}-{roster}"


def former_name(roster: str, name: str) -> str:
    """What the version before called it; there one roster's could be another's."""
    subject = name.removeprefix("kuberoster-").removesuffix(f"-{roster}")
    return f"kuberoster-{roster}-{subject}"


def deployer_rule(roster: str) -> Rule:
    """The one right that makes a deployer of a roster."""
    return Rule([DEPLOY], [RIGHTS_RESOURCE], [RIGHTS_GROUP], [roster])


def guard_labels(roster: str) -> dict[str, str]:
    """The labels of each policy and binding."""
    return {MANAGED_BY: "kuberoster", ROSTER_LABEL: roster}


def _revoked_users(roster: str, state_namespace: str) -> Iterator[Manifest]:
    """Nothing of a marked user is made or changed; what is on its way out may go."""
    named = _one_line(
        f"""
        request.resource.resource == 'serviceaccounts' ? [request.name] : [
          object.metadata.?annotations['{SERVICE_ACCOUNT_NAME}'].orValue(''),
          object.metadata.?labels['{USER_LABEL}'].orValue('')
        ]
        """
    )
    return _policy(
        roster,
        REVOKED_SUBJECT,
        rules=[
            _rule("", ["CREATE", "UPDATE"], ["serviceaccounts", "secrets"]),
            _rule("", ["CREATE"], ["serviceaccounts/token"]),
        ],
        namespaces=_of_roster(roster),
        marks_in=state_namespace,
        conditions={"stays": _STAYS},
        variables={
            "marks": _MARKS,
            "named": named,
            "revoked": "variables.named.filter(name, name in variables.marks)",
        },
        validations=[_revoked(roster)],
    )


def _revoked_bindings(roster: str, state_namespace: str) -> Iterator[Manifest]:
    """No binding in the cluster comes to name the ServiceAccount of a marked user.

    One that names the user already, beside others, may change, and gives nothing more by it: its
    role can't. The mark is JSON, and says in which namespace that ServiceAccount was.
    """
    # Without a list on the way: making one takes time that grows with its square.
    account = _marked("subject.name", "subject.?namespace.orValue('')")
    part = "subject.name.split(':')[{}]".format
    named = _one_line(
        f"""
        object.?subjects.orValue([]).filter(subject,
          (subject.kind == 'ServiceAccount'
          ? {account}
          : subject.kind == 'User' && subject.name.startsWith('system:serviceaccount:')
            && size(subject.name.split(':')) == 4 && {_marked(part(3), part(2))})
          && !(subject in variables.before)
        ).map(subject, subject.kind == 'User' ? {part(3)} : subject.name)
        """
    )
    return _policy(
        roster,
        "revoked-bindings",
        rules=[_rule(RBAC, ["CREATE", "UPDATE"], ["rolebindings", "clusterrolebindings"])],
        marks_in=state_namespace,
        conditions={"stays": _STAYS},
        variables={
            "marks": _MARKS,
            "before": "request.operation == 'UPDATE' ? oldObject.?subjects.orValue([]) : []",
            "revoked": named,
        },
        validations=[_revoked(roster)],
    )


def _users_namespaces(roster: str) -> Iterator[Manifest]:
    """Where users live only a deployer writes what makes or moves credentials; nothing runs."""
    return _policy(
        roster,
        USERS_NAMESPACES,
        rules=[
            _rule("", ["CREATE", "UPDATE"], ["secrets", "serviceaccounts"]),
            _rule("", ["CREATE"], ["serviceaccounts/token", "pods"]),
            _rule("", ["UPDATE"], ["pods/ephemeralcontainers"]),
            _rule(RBAC, ["CREATE", "UPDATE"], ["roles", "rolebindings"]),
        ],
        namespaces=_of_roster(roster),
        variables={
            "deployer": _may(roster, DEPLOY),
            "filler": f"request.userInfo.username == '{_CONTROLLER_MANAGER}'",
            "default": f"request.userInfo.username == '{_ACCOUNTS}' && "
            "request.resource.resource == 'serviceaccounts' && request.operation == 'CREATE' && "
            "object.metadata.name == 'default'",
            **_TIDIES,
        },
        validations=[
            {
                "expression": "request.resource.resource != 'pods'",
                "message": f"nothing runs in a namespace of the roster {roster}: a pod there "
                "could act as any of its users",
            },
            {
                "expression": "variables.deployer || variables.filler || variables.default || "
                "variables.tidies",
                "message": _only_deployers(roster, "Secrets, ServiceAccounts, bindings and tokens"),
            },
        ],
    )


def _namespaces(roster: str) -> Iterator[Manifest]:
    """The labels that the guard and Pod Security go by, on namespaces of the roster."""
    labels = "{0} == null ? {{}} : {0}.metadata.?labels.orValue({{}})"
    changed = _one_line(
        """
        (variables.before.map(key, key) + variables.after.map(key, key)).filter(key,
          (key.startsWith('kuberoster.io/') || key.startsWith('pod-security.kubernetes.io/'))
          && variables.before[?key] != variables.after[?key])
        """
    )
    return _policy(
        roster,
        "namespaces",
        rules=[
            _rule(
                "",
                ["CREATE", "UPDATE", "DELETE"],
                ["namespaces", "namespaces/status", "namespaces/finalize"],
            )
        ],
        objects=_of_roster(roster),
        variables={
            "before": labels.format("oldObject"),
            "after": labels.format("object"),
            "changed": changed,
        },
        validations=[
            {
                "expression": f"size(variables.changed) == 0 || {_may(roster, DEPLOY)}",
                "message": _only_deployers(roster, "its namespaces, and labels by which it is"),
            }
        ],
    )


def _state(roster: str, state_namespace: str) -> Iterator[Manifest]:
    """Terraform's states and their locks are a deployer's, and the marks a revoker's too."""
    what = "(request.operation == 'DELETE' ? oldObject : object).metadata.name"
    return _policy(
        roster,
        "state",
        rules=[
            _rule("", ["CREATE", "UPDATE", "DELETE"], ["secrets", "configmaps"]),
            _rule("coordination.k8s.io", ["CREATE", "UPDATE", "DELETE"], ["leases"]),
        ],
        # Kubernetes itself sets this label, and nobody can take it away.
        namespaces={"matchLabels": {"kubernetes.io/metadata.name": state_namespace}},
        conditions={
            "counts": f"request.resource.resource != 'configmaps' || {what} == '{REVOKED_USERS}'"
        },
        variables={
            "deployer": _may(roster, DEPLOY),
            "revoker": "request.resource.resource == 'configmaps' && " + _may(roster, REVOKE),
            # What is in a namespace that goes, goes with it.
            "goes": "request.operation == 'DELETE' && "
            "has(namespaceObject.metadata.deletionTimestamp)",
            **_TIDIES,
        },
        validations=[
            {
                "expression": "variables.deployer || variables.revoker || variables.goes || "
                "variables.tidies",
                "message": _only_deployers(roster, "states, their locks and the marks"),
            }
        ],
    )


def _policy(
    roster: str,
    subject: str,
    *,
    rules: Sequence[Manifest],
    validations: Sequence[Manifest],
    variables: Mapping[str, str],
    namespaces: Manifest | None = None,
    objects: Manifest | None = None,
    conditions: Mapping[str, str] | None = None,
    marks_in: str | None = None,
) -> Iterator[Manifest]:
    metadata = {"name": policy_name(roster, subject), "labels": guard_labels(roster)}
    policy: Manifest = {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "matchPolicy": "Equivalent",
            "namespaceSelector": namespaces or {},
            "objectSelector": objects or {},
            "resourceRules": [*rules],
        },
        "variables": [{"name": name, "expression": text} for name, text in variables.items()],
        "validations": [{"reason": "Forbidden", **validation} for validation in validations],
    }
    binding: Manifest = {"policyName": metadata["name"], "validationActions": ["Deny"]}
    if conditions:
        policy["matchConditions"] = [
            {"name": name, "expression": text} for name, text in conditions.items()
        ]
    if marks_in:
        policy["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
        binding["paramRef"] = {
            "name": REVOKED_USERS,
            "namespace": marks_in,
            # Where there is no ConfigMap nobody is marked.
            "parameterNotFoundAction": "Allow",
        }
    for kind, spec in ((POLICY, policy), (BINDING, binding)):
        yield {"apiVersion": f"{ADMISSION}/v1", "kind": kind, "metadata": metadata, "spec": spec}


def _rule(group: str, operations: Sequence[str], resources: Sequence[str]) -> Manifest:
    return {
        "apiGroups": [group],
        "apiVersions": ["*"],
        "operations": [*operations],
        "resources": [*resources],
        "scope": "*",
    }


def _of_roster(roster: str) -> Manifest:
    return {"matchLabels": {ROSTER_LABEL: roster}}


def _may(roster: str, verb: str) -> str:
    """Whether RBAC gives the one who asks this right on the roster."""
    return (
        f"authorizer.group('{RIGHTS_GROUP}').resource('{RIGHTS_RESOURCE}').name('{roster}')"
        f".check('{verb}').allowed()"
    )


def _only_deployers(roster: str, what: str) -> str:
    return (
        f"only a deployer of the roster {roster} writes {what}: whoever has the verb {DEPLOY} on "
        f"{RIGHTS_RESOURCE}.{RIGHTS_GROUP}"
    )


def _revoked(roster: str) -> Manifest:
    """Refuse what names somebody whom the variable `revoked` has."""
    return {
        "expression": "size(variables.revoked) == 0",
        "message": f"a user of the roster {roster} is revoked",
        "messageExpression": "'user ' + variables.revoked[0] + ' is revoked. Suspend or remove the "
        "user in the roster; only where access is meant to come back: kuberoster revoke ' + "
        "variables.revoked[0] + ' --lift'",
    }


def _one_line(expression: str) -> str:
    return " ".join(expression.split())


def _marked(user: str, namespace: str) -> str:
    """Whether somebody of a namespace is marked; a mark that names none is about each of them.

    `revoke` and whoever edits a mark by hand write JSON with whatever blanks and line breaks.
    """
    mark = f"variables.marks[{user}]"
    where = r"""'"namespaces?"\\s*:\\s*([[][^]]*)?"'"""
    return (
        f"({user} in variables.marks && (!{mark}.matches({where} + '[a-z0-9-]+\"') || "
        f"{mark}.matches({where} + {namespace} + '\"')))"
    )


_TIDIES = {
    "same": _one_line(
        """
        (object.map(key, key) + oldObject.map(key, key)).all(key,
          key == 'metadata' || object[?key] == oldObject[?key])
        && (object.metadata.map(key, key) + oldObject.metadata.map(key, key)).all(key,
          key in ['ownerReferences', 'finalizers', 'labels',
            'managedFields', 'resourceVersion', 'generation']
          || object.metadata[?key] == oldObject.metadata[?key])
        && object.metadata.?labels.orValue({}).all(key,
          key == 'kubernetes.io/legacy-token-invalid-since'
          || object.metadata.labels[key] == oldObject.metadata.?labels[?key].orValue(null))
        && oldObject.metadata.?labels.orValue({}).all(key,
          object.metadata.?labels[?key].orValue(null) == oldObject.metadata.labels[key])
        """
    ),
    "tidies": f"request.userInfo.username in {json.dumps(_TIDYING)} && "
    "request.operation == 'UPDATE' && variables.same",
}
_STAYS = "request.operation == 'CREATE' || !has(oldObject.metadata.deletionTimestamp)"
_MARKS = "params.?data.orValue({})"
