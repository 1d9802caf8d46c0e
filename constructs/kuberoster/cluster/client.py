"""`Cluster`: the requests that kuberoster makes, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from kuberoster.cluster.answers import ITEM_METADATA, JSON, METADATA, Object
from kuberoster.cluster.errors import ClusterError, Conflict, Forbidden, NotFound
from kuberoster.cluster.lists import pages
from kuberoster.cluster.paths import quote_name, refuse_whole_secrets

if TYPE_CHECKING:
    from datetime import datetime

    from kuberoster.cluster.kubeconfig import Target
    from kuberoster.cluster.transport import Transport


_TRIES = 3
_SECONDS = 0.2


def made_sure(send: Callable[[], Object], look: Callable[[], Object | None]) -> Object:
    """The answer to a change, or what `look` found of it where no answer came that counts.

    `look` returns None where the change was not made; then it is sent again. It raises Conflict
    or NotFound where it can't be made any more.
    """
    for tries in range(1, _TRIES + 1):
        try:
            return send()
        except ClusterError as error:
            late = tries > 1 and isinstance(error, Conflict)  # with what was sent before
            if not (error.unsure or late):
                raise
            lost = error
        found = _looked(look, lost)
        if found is not None:
            return found
        time.sleep(_SECONDS * tries)
    lost.args = (f"{lost}\nIt was looked at again, and is not done.",)
    raise lost


def holds(found: object, wanted: object) -> bool:
    """Whether an object has all that a change was to write; None stands for what is to go.

    What Kubernetes adds by itself does not count, nor does a resourceVersion, which it changes.
    """
    if isinstance(wanted, Mapping):
        found = found or {}
        return isinstance(found, Mapping) and all(
            holds(found.get(key), value)
            for key, value in wanted.items()
            if key != "resourceVersion"
        )
    if isinstance(wanted, list):
        found = found or []
        return (
            isinstance(found, list) and len(found) == len(wanted) and all(map(holds, found, wanted))
        )
    return found == wanted


def _looked(look: Callable[[], Object | None], lost: ClusterError) -> Object | None:
    try:
        return look()
    except (Conflict, NotFound):
        raise
    except ClusterError:
        # What is told is why it had to be looked at.
        lost.args = (f"{lost}\nWhether it was done is not known; look before you try again.",)
        raise lost from None


_MERGE_PATCH = "application/merge-patch+json"
_JSON_PATCH = "application/json-patch+json"
_DRY_RUN = {"dryRun": "All", "fieldValidation": "Strict"}
WHO_AM_I = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
WHO = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
# `kubectl apply` keeps a copy of the whole object here, a Secret's data included.
_COPY_OF_OBJECT = "kubectl.kubernetes.io/last-applied-configuration"


class Cluster:
    """A connection to one cluster, as one user who is not anonymous.

    Each answer is what was asked for, or an error: an object of the path's kind, namespace and
    name, with a UID. A change whose answer was lost is looked at again before anything is said.
    """

    def __init__(self, target: Target, transport: Transport) -> None:
        self._target, self._transport = target, transport
        self._username = ""
        self.context: str = target.context
        self.server: str = transport.server
        self.certificate_authority: bytes | None = transport.certificate_authority
        """PEM of the kubeconfig; None for the system's own, or without verification."""
        self.tls_server_name: str | None = target.cluster.text("tls-server-name") or None
        self.proxy_url: str | None = transport.own_proxy_url
        """The kubeconfig's own proxy-url, without a user and password; not the environment's."""
        self.time: datetime | None = None
        """The API server's clock when `connect` asked who we are; None where it did not tell."""

    @classmethod
    def connect(cls, kubeconfig: str | None = None, context: str | None = None) -> Self:
        """Connect to the cluster that the arguments or the environment name.

        `kubeconfig` is one file; without it KUBE_CONFIG_PATH, KUBE_CONFIG_PATHS, KUBECONFIG,
        ~/.kube/config and a pod's own ServiceAccount are tried in this order. Asks the API
        server once who we are, and raises ClusterError when the answer is system:anonymous.
        """
        # Loaded here: most commands of kuberoster contact no cluster, and these cost 0.3 s.
        from kuberoster.cluster.kubeconfig import find_target  # noqa: PLC0415
        from kuberoster.cluster.transport import Transport  # noqa: PLC0415

        target = find_target(kubeconfig, context)
        cluster = cls(target, Transport(target))
        cluster._username = cluster._ask_who_we_are()
        cluster.time = cluster._transport.time
        return cluster

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._transport.close()

    def whoami(self) -> str:
        """Return the username that the API server saw when `connect` asked for it."""
        return self._username

    def accepts(self, token: str) -> bool:
        """Whether the API server takes a token; asks with it alone, never with our credential.

        Raises ClusterError where that can't be known.
        """
        from kuberoster.cluster.trial import is_accepted  # noqa: PLC0415 - as in connect

        return is_accepted(self._target, token)

    def get(self, path: str) -> Object:
        """One object. Raises NotFound, Forbidden, Unreachable or another ClusterError."""
        refuse_whole_secrets(path)
        return self._transport.send("GET", path)

    def create(self, path: str, body: Mapping[str, Any]) -> Object:
        """POST an object to its collection. Raises Conflict when it is there already."""

        def send() -> Object:
            return self._transport.send("POST", path, body=body)

        def look() -> Object | None:
            try:
                found = self._transport.send("GET", f"{path}/{quote_name(name)}")
            except NotFound:
                return None
            if holds(found, body):
                return found
            raise self._conflict("POST", path, f"{name!r} is there already, and is another object")

        name: str = (body.get("metadata") or {}).get("name") or ""
        return made_sure(send, look) if name else send()

    def try_create(self, path: str, body: Mapping[str, Any]) -> None:
        """What `create` would do: a dry run on the server, admission and quotas included.

        An unknown field is refused too. Nothing of the object comes back but its metadata.
        """
        self._transport.send("POST", path, query=_DRY_RUN, body=body, accept=ITEM_METADATA)

    def try_patch(self, path: str, body: Mapping[str, Any]) -> None:
        """What `patch` would do, as `try_create` does it."""
        self._transport.send(
            "PATCH",
            path,
            query=_DRY_RUN,
            body=body,
            content_type=_MERGE_PATCH,
            accept=ITEM_METADATA,
        )

    def patch(self, path: str, body: Mapping[str, Any]) -> Object:
        """Change an object by a JSON merge patch (RFC 7386)."""
        return made_sure(
            lambda: self._transport.send("PATCH", path, body=body, content_type=_MERGE_PATCH),
            lambda: self._if_it_holds(path, body),
        )

    def swap(self, path: str, place: Sequence[str], before: object, after: object) -> Object:
        """Put `after` in the place of `before` within an object; None stands for nothing there.

        A JSON Patch (RFC 6902) that tests first: what others change elsewhere in the object stays
        and is no hindrance. The API server compares JSON byte for byte, so `before` must not have
        text that Go writes otherwise than Python. Raises Conflict where something else is there
        by now, and where the object was changed so often meanwhile that the API server gave up.
        """

        def send() -> Object:
            try:
                return self._transport.send("PATCH", path, body=patch, content_type=_JSON_PATCH)
            except ClusterError as error:
                # A test that fails, and what the API server finds invalid, look the same.
                if error.status != 422 or (found := look()) is None:
                    raise
                return found

        def look() -> Object | None:
            found = self._transport.send("GET", path)
            there: Any = found
            for key in place:
                there = (there or {}).get(key)
            if there == after:
                return found
            if there == before:
                return None
            raise self._conflict("PATCH", path, f"{'.'.join(place)} was changed meanwhile")

        pointer = "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in place)
        change = {"op": "remove"} if after is None else {"op": "add", "value": after}
        patch = [{"op": "test", "path": pointer, "value": before}, {**change, "path": pointer}]
        return made_sure(send, look)

    def replace(self, path: str, body: Mapping[str, Any]) -> Object:
        """PUT a whole object; Conflict where it is no longer of the body's resourceVersion."""
        return made_sure(
            lambda: self._transport.send("PUT", path, body=body),
            lambda: self._if_it_holds(path, body),
        )

    def delete(
        self, path: str, uid: str | None = None, *, version: str | None = None
    ) -> Object | None:
        """Delete an object; with `uid` only that very one, with `version` only as it was then.

        `version` is a resourceVersion. None when it is gone; else the metadata of what its
        finalizers keep until they are taken away. Raises NotFound when it was gone before, and
        Conflict when its name belongs to another by now, or it has changed since.
        """
        body: Object = {"apiVersion": "v1", "kind": "DeleteOptions"}
        conditions = {"uid": uid, "resourceVersion": version}
        if given := {key: value for key, value in conditions.items() if value is not None}:
            body["preconditions"] = given

        def look() -> Object | None:
            try:
                found = self._transport.send("GET", path, accept=ITEM_METADATA)
            except NotFound:
                return {}
            metadata = found["metadata"]
            if uid is not None and metadata["uid"] != uid:
                raise self._conflict("DELETE", path, "its name belongs to another object by now")
            return found if "deletionTimestamp" in metadata else None

        answer = made_sure(
            lambda: self._transport.send("DELETE", path, body=body, accept=ITEM_METADATA), look
        )
        metadata = _part(answer, "metadata")
        return metadata if metadata.get("finalizers") else None

    def list(
        self, path: str, *, label_selector: str | None = None, field_selector: str | None = None
    ) -> Iterator[Object]:
        """Whole objects of a collection, read page by page. Their own `kind` may be missing.

        All are from one moment. Raises Expired where the API server forgot that moment half-way:
        what was read does not count then, see `from_one_moment`. Raises ValueError for a path
        that ends in /secrets: see `list_metadata`.
        """
        refuse_whole_secrets(path)
        return pages(self._transport, path, _selectors(label_selector, field_selector), JSON)

    def list_metadata(
        self, path: str, *, field_selector: str | None = None, label_selector: str | None = None
    ) -> Iterator[Object]:
        """Yield the metadata of a collection's objects as `list` does; of Secrets too.

        Each item is a PartialObjectMetadata, without the copy of the object that `kubectl apply`
        leaves in an annotation. Raises ClusterError for an answer of another kind, since that
        would hold the tokens.
        """
        query = _selectors(label_selector, field_selector)
        for item in pages(self._transport, path, query, METADATA):
            _part(_part(item, "metadata"), "annotations").pop(_COPY_OF_OBJECT, None)
            yield item

    def _if_it_holds(self, path: str, body: Mapping[str, Any]) -> Object | None:
        """The object, if it is as a change was to make it."""
        found = self._transport.send("GET", path)
        return found if holds(found, body) else None

    def _ask_who_we_are(self) -> str:
        try:
            answer = self.create(WHO_AM_I, WHO)
        except NotFound:
            raise ClusterError(
                f"{self.server} does not know SelfSubjectReview: it is no API server, or one "
                "before Kubernetes 1.28."
            ) from None
        except Forbidden as error:
            if "system:anonymous" in str(error):
                raise self._anonymous() from None
            raise
        user = answer["status"]["userInfo"]
        name, groups = user.get("username"), user.get("groups") or ()
        if not name or name == "system:anonymous" or "system:unauthenticated" in groups:
            raise self._anonymous()
        return str(name)

    def _conflict(self, verb: str, path: str, why: str) -> Conflict:
        return Conflict(f"{verb} {path} (context '{self.context}', {self.server}): {why}.")

    def _anonymous(self) -> ClusterError:
        return ClusterError(
            f"{self.server} sees us as system:anonymous in context '{self.context}': the "
            "credential did not arrive or does not count there.\n"
            "Sign in, or choose another context; kuberoster never works anonymously."
        )


def _part(answer: Object, key: str) -> Object:
    part = answer.get(key)
    return part if isinstance(part, dict) else {}


def _selectors(label: str | None, field: str | None) -> dict[str, str]:
    pairs = {"labelSelector": label, "fieldSelector": field}
    return {key: value for key, value in pairs.items() if value}
