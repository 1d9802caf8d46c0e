"""The API server's own answers: SubjectAccessReviews over connections that stay open."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kuberoster.cluster import Cluster
from kuberoster.rbac.authorizer import Attributes, NonResourceAttributes
from kuberoster.rbac.policy import Identity
from tests.project import Object

_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


class Reviewer:
    """Asks an API server, a connection for each thread."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = str(kubeconfig)
        self._own = threading.local()

    def allowed(self, identity: Identity, asked: Attributes) -> bool:
        if not hasattr(self._own, "cluster"):
            self._own.cluster = Cluster.connect(kubeconfig=self._kubeconfig)
        spec = {"user": identity.username, "groups": list(identity.groups), **_attributes(asked)}
        status = self._own.cluster.create(
            _REVIEWS,
            {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SubjectAccessReview",
                "spec": spec,
            },
        )["status"]
        return bool(status["allowed"])

    def answers(self, asked: Iterable[tuple[Identity, Attributes]]) -> list[bool]:
        with ThreadPoolExecutor(max_workers=4) as threads:
            return list(threads.map(lambda pair: self.allowed(*pair), asked))


def _attributes(asked: Attributes) -> Object:
    if isinstance(asked, NonResourceAttributes):
        return {"nonResourceAttributes": {"verb": asked.verb, "path": asked.path}}
    fields = ("verb", "group", "resource", "subresource", "name", "namespace")
    return {"resourceAttributes": {field: getattr(asked, field) for field in fields}}
