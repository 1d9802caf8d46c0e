"""One object of the cluster beside what the roster declares."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kuberoster.cluster.inventory import Object, annotations_of, labels_of
from kuberoster.model.fields import OWN_ANNOTATIONS

_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
"""Labels that add a ClusterRole's rules to another one.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
"""


class Deviation(NamedTuple):
    """A field of an object that is not as its manifest says."""

    what: str
    """In words."""
    field: str
    """Such as `rules`, or `labels.kuberoster.io/team`."""
    unset: bool
    """Whether the object has nothing there."""


def differences(manifest: Object, live: Object) -> Iterator[Deviation]:
    """What of an object is not as its manifest says.

    What the manifest does not name and Kubernetes does not act upon may be anything.
    """
    for field, plain in _FIELDS.get(manifest["kind"], {}).items():
        says, has = plain(manifest.get(field)), plain(live.get(field))
        if says != has:
            what = f"{field} is {_said(has)} and not {_said(says)}"
            yield Deviation(what, field, has is None)
    yield from metadata_differences(manifest, live)
    if manifest["kind"] == "ClusterRole":
        for label, value in labels_of(live).items():
            if label.startswith(_AGGREGATE) and value == "true":
                what = f"label {label} adds its rules to the ClusterRole {label[len(_AGGREGATE) :]}"
                yield Deviation(what, f"labels.{label}", unset=False)


def metadata_differences(manifest: Object, live: Object) -> Iterator[Deviation]:
    """The labels that are not as the manifest says, and what says whose the object is."""
    for label, value in labels_of(manifest).items():
        if (has := labels_of(live).get(label)) != value:
            what = f"label {label} is {_said(has, repr)} and not {value!r}"
            yield Deviation(what, f"labels.{label}", has is None)
    declared, there = annotations_of(manifest), annotations_of(live)
    for key in sorted(declared.keys() | there.keys()):
        says, said = declared.get(key), there.get(key)
        if key.startswith(OWN_ANNOTATIONS) and said != says:
            what = f"annotation {key} is {_said(said, repr)} and not {_said(says, repr)}"
            yield Deviation(what, f"annotations.{key}", said is None)


def _said(value: Any, written: Callable[[Any], str] = str) -> str:
    return "unset" if value is None else written(value)


def _rules(rules: list[dict[str, list[str]]] | None) -> list[dict[str, list[str]]]:
    # By field too: the API server writes them in another order than a manifest.
    plain = [{field: sorted(rule[field]) for field in sorted(rule)} for rule in rules or ()]
    return sorted(plain, key=str)


def _subjects(subjects: list[Object] | None) -> list[str]:
    return sorted(
        f"{subject['kind']} {subject.get('namespace', '')}/{subject['name']}"
        for subject in subjects or ()
    )


def _role(reference: Object | None) -> str:
    return f"{reference['kind']} {reference['name']}" if reference else "none"


def _names(references: list[Object] | None) -> list[str]:
    return sorted(reference.get("name", "") for reference in references or ())


def _as_it_is(value: Any) -> Any:
    return value


_BINDING: dict[str, Callable[[Any], Any]] = {"roleRef": _role, "subjects": _subjects}
_FIELDS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "ServiceAccount": {
        "automountServiceAccountToken": _as_it_is,
        "secrets": _names,
        "imagePullSecrets": _names,
    },
    "ResourceQuota": {"spec": _as_it_is},
    "Role": {"rules": _rules},
    "ClusterRole": {"rules": _rules, "aggregationRule": _as_it_is},
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
}
