"""What each user can do, asked of the API server with the user's own token."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kuberoster.cluster import Cluster, Forbidden, quote_name

_TRIES = [
    ("list", "pods"),
    ("list", "secrets"),
    ("create", "configmaps"),
    ("list", "deployments"),
]


def show_what_users_can_do(kubeconfigs: Mapping[str, Path], namespaces: Sequence[str]) -> None:
    """Try each user's own token in each namespace, and print the API server's answers."""
    width = max(len(f"{verb} {what}") for verb, what in _TRIES)
    print("\nWhat each user can do, tried with the user's own token (dry runs, nothing stays):")
    for user, kubeconfig in kubeconfigs.items():
        cluster = Cluster.connect(kubeconfig=str(kubeconfig))
        print(f"\n{user}, who is {cluster.whoami()}")
        print(" " * (width + 4) + "  ".join(f"{name:>7}" for name in namespaces))
        for verb, what in _TRIES:
            answers = (_answer(cluster, verb, what, name) for name in namespaces)
            cells = (
                f"{answer:>{max(7, len(name))}}"
                for answer, name in zip(answers, namespaces, strict=True)
            )
            print(f"  {verb + ' ' + what:<{width}}  " + "  ".join(cells))


def _answer(cluster: Cluster, verb: str, what: str, namespace: str) -> int:
    """The HTTP status of one request; a created object is a dry run."""
    group = "/apis/apps/v1" if what == "deployments" else "/api/v1"
    path = f"{group}/namespaces/{quote_name(namespace)}/{what}"
    try:
        if verb == "list":
            any(cluster.list_metadata(path))
            return 200
        cluster.try_create(path, {"metadata": {"generateName": "kuberoster-demo-"}})
    except Forbidden:
        return 403
    return 201
