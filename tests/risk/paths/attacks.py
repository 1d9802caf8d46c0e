"""Made to get at somebody's identity, tried for real against the API server."""

import base64
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.project import Object, Project, until

WHO_AM_I = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
REVIEW = {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"}
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attacker, by token, before a victim."""

    project: Project
    attacker: str
    token: str
    home: str
    """The victims' namespace."""
    victim: str
    secret: str
    """The name of the victim's token Secret."""
    others_secret: str
    """The name of the Secret of somebody else who lives there."""

    @property
    def username(self) -> str:
        return f"system:serviceaccount:{self.home}:{self.victim}"

    @property
    def secrets(self) -> str:
        return f"/api/v1/namespaces/{self.home}/secrets"

    def ask(
        self, method: str, path: str, body: Object | None = None, **headers: str
    ) -> tuple[int, Any]:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        request = urllib.request.Request(  # noqa: S310  # the server is our own
            self.project.control_plane.server + path,
            method=method,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": kind,
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            data=json.dumps(body).encode() if body is not None else None,
        )
        authority = str(self.project.control_plane.certificate_authority)
        trust = ssl.create_default_context(cafile=authority)
        try:
            with urllib.request.urlopen(request, context=trust, timeout=60) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read() or "{}")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {}

    def acts_as(self, token: str | None) -> str:
        """Whom the API server takes the holder of a token for."""
        if not token:
            return ""
        answer = self.project.ask(token, WHO_AM_I, create=REVIEW)
        return self.named(json.loads(answer.body)) if answer.status == 201 else ""

    @staticmethod
    def named(review: Any) -> str:
        return str(review.get("status", {}).get("userInfo", {}).get("username", ""))

    def impersonated(self, **headers: str) -> str:
        return self.named(self.ask("POST", WHO_AM_I, REVIEW, **headers)[1])


def token_in(secret: Any) -> str | None:
    encoded = (secret.get("data") or {}).get("token")
    return base64.b64decode(encoded).decode() if encoded else None


def token_secret(name: str, account: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {"name": name, "annotations": {"kubernetes.io/service-account.name": account}},
    }


def _get(try_: Attempt) -> str:
    return try_.acts_as(token_in(try_.ask("GET", f"{try_.secrets}/{try_.secret}")[1]))


def _list(try_: Attempt, **headers: str) -> str:
    _, found = try_.ask("GET", try_.secrets, None, **headers)
    tokens = (token_in(each) for each in found.get("items", ()))
    return next((who for each in tokens if (who := try_.acts_as(each)) == try_.username), "")


def _watch(try_: Attempt) -> str:
    selected = f"watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3D{try_.secret}"
    return try_.acts_as(
        token_in(try_.ask("GET", f"{try_.secrets}?{selected}")[1].get("object", {}))
    )


def _patch(try_: Attempt) -> str:
    path = f"{try_.secrets}/{try_.secret}?dryRun=All"
    return try_.acts_as(token_in(try_.ask("PATCH", path, {"metadata": {}})[1]))


def _update(try_: Attempt) -> str:
    """An update is answered with what was sent; a dry run leaves the token there."""
    path = f"{try_.secrets}/{try_.secret}?dryRun=All"
    return try_.acts_as(token_in(try_.ask("PUT", path, token_secret(try_.secret, try_.victim))[1]))


def _delete(try_: Attempt) -> str:
    """A delete that waits for dependents answers with the object; a dry run leaves it there."""
    options = {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "propagationPolicy": "Foreground",
        "dryRun": ["All"],
    }
    return try_.acts_as(token_in(try_.ask("DELETE", f"{try_.secrets}/{try_.secret}", options)[1]))


def _delete_all(try_: Attempt) -> str:
    _, found = try_.ask("DELETE", f"{try_.secrets}?dryRun=All")
    tokens = (token_in(each) for each in found.get("items", ()))
    return next((who for each in tokens if (who := try_.acts_as(each)) == try_.username), "")


def _plant(try_: Attempt) -> str:
    try_.ask("POST", try_.secrets, token_secret("planted", try_.victim))
    return _read_when_filled(try_, "planted")


def _turn(try_: Attempt) -> str:
    given = token_secret(try_.others_secret, try_.victim)
    status, changed = try_.ask("PUT", f"{try_.secrets}/{try_.others_secret}", given)
    if token := token_in(changed):
        return try_.acts_as(token)
    return _read_when_filled(try_, try_.others_secret) if status == 200 else ""


def _read_when_filled(try_: Attempt, name: str) -> str:
    for _ in until(5):
        status, secret = try_.ask("GET", f"{try_.secrets}/{name}")
        if status != 200:
            return ""
        if who := try_.acts_as(token_in(secret)):
            return who
    return ""


def _request(try_: Attempt) -> str:
    path = f"/api/v1/namespaces/{try_.home}/serviceaccounts/{try_.victim}/token"
    given = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {}}
    return try_.acts_as(try_.ask("POST", path, given)[1].get("status", {}).get("token"))


def _impersonate(try_: Attempt) -> str:
    return try_.impersonated(Impersonate_User=try_.username)


def _as_controller_manager(try_: Attempt) -> str:
    return _list(try_, Impersonate_User="system:kube-controller-manager")


def _as_master(try_: Attempt) -> str:
    return _list(try_, Impersonate_User="anybody", Impersonate_Group="system:masters")


def _as_master_account(try_: Attempt) -> str:
    account = "system:serviceaccount:web:default"
    return _list(try_, Impersonate_User=account, Impersonate_Group="system:masters")


def _as_master_without_user(try_: Attempt) -> str:
    return _list(try_, Impersonate_Group="system:masters")


def _bind(try_: Attempt) -> str:
    namespace, name = f"{RBAC}/namespaces/{try_.home}", f"by-{try_.attacker}"
    home = "users-ptht"
    given = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "edit",
        },
        "subjects": [{"kind": "ServiceAccount", "namespace": home, "name": try_.attacker}],
    }
    status, _ = try_.ask("POST", f"{namespace}/rolebindings", given)
    return _soon(try_) if status == 201 else ""


def _escalate(try_: Attempt) -> str:
    path = f"{RBAC}/namespaces/{try_.home}/roles/{try_.attacker}"
    rule = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["secrets"]}
    status, _ = try_.ask("PATCH", path, {"rules": [rule]})
    return _soon(try_) if status == 200 else ""


def _soon(try_: Attempt) -> str:
    """The authorizer sees a new binding a moment later."""
    for _ in until(5):
        if who := _list(try_):
            return who
    return ""


def _run(try_: Attempt) -> str:
    """A pod that the API server takes is as good as the token: a kubelet gives it to the pod."""
    lifted, _ = _limit_pods(try_, "1")
    for _ in until(3 if lifted == 200 else 0):
        if _pod(try_) == 201:
            _limit_pods(try_, "0")
            return try_.username
    return ""


def _limit_pods(try_: Attempt, number: str) -> tuple[int, Any]:
    path = f"/api/v1/namespaces/{try_.home}/resourcequotas/no-pods"
    return try_.ask("PATCH", path, {"spec": {"hard": {"pods": number}}})


def _pod(try_: Attempt) -> int:
    safe = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"by-{try_.attacker}"},
        "spec": {
            "serviceAccountName": try_.victim,
            "automountServiceAccountToken": True,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "x", "image": "x", "securityContext": safe}],
        },
    }
    return try_.ask("POST", f"/api/v1/namespaces/{try_.home}/pods?dryRun=All", pod)[0]


ATTACKS: dict[str, Callable[[Attempt], str]] = {
    "get": _get,
    "list": _list,
    "watch": _watch,
    "patch": _patch,
    "update": _update,
    "delete": _delete,
    "delete-all": _delete_all,
    "plant": _plant,
    "turn": _turn,
    "request": _request,
    "impersonate": _impersonate,
    "as-controller-manager": _as_controller_manager,
    "as-master": _as_master,
    "as-master-account": _as_master_account,
    "as-master-without-user": _as_master_without_user,
    "bind": _bind,
    "escalate": _escalate,
    "run": _run,
}
"""Each answers with the full name of whom the attacker can act as, or with nothing."""
