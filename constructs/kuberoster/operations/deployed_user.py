"""A user whom no users/ names, such as a TokenUser of another CDKTF app, as the cluster has it."""

from kuberoster.cluster import Cluster, NotFound, from_one_moment
from kuberoster.cluster.inventory import labels_in, labels_of
from kuberoster.cluster.kinds import collection, object_path
from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import namespace_faults, user_name_faults
from kuberoster.model.objects import (
    MANAGED_BY,
    TEAM_LABEL,
    TOKEN_LABEL,
    TOKEN_SECRET_TYPE,
    USER_LABEL,
)
from kuberoster.model.team import Team
from kuberoster.model.user import User


def find_deployed(cluster: Cluster, name: str, namespace: str) -> tuple[Team, User]:
    """The user of this name in a namespace, with its tokens, the oldest first.

    Raises KuberosterError where there is no ServiceAccount that is labelled as this user's.
    """
    for wrong, mend in (*user_name_faults(name), *namespace_faults("namespace", namespace)):
        raise KuberosterError(f"user {name!r}: {wrong}.\n{mend}")
    try:
        labels = labels_of(cluster.get(object_path("ServiceAccount", name, namespace)))
    except NotFound:
        labels = {}
    if labels.get(MANAGED_BY) != "kuberoster" or labels.get(USER_LABEL) != name:
        raise KuberosterError(
            f"user {name!r}: namespace {namespace} has no ServiceAccount that kuberoster made for "
            "it.\nNamed with --in is the namespace of the team in which TokenUser puts its users."
        )
    secrets = from_one_moment(
        lambda: list(
            cluster.list_metadata(
                collection("Secret", namespace),
                field_selector=f"type={TOKEN_SECRET_TYPE}",
                label_selector=f"{USER_LABEL}={name},{TOKEN_LABEL}",
            )
        )
    )
    metadata = sorted((each["metadata"] for each in secrets), key=lambda m: m["creationTimestamp"])
    tokens = dict.fromkeys(labels_in(each)[TOKEN_LABEL] for each in metadata)
    if not tokens:
        raise KuberosterError(f"user {name!r}: has no token in namespace {namespace}.")
    return (
        Team(name=labels.get(TEAM_LABEL, ""), namespace=namespace),
        User(name, tokens=list(tokens)),
    )
