"""A kubeconfig is tried before anybody gets it."""

import time
from dataclasses import dataclass
from pathlib import Path

from kuberoster.cluster import (
    Cluster,
    ClusterError,
    Unauthorized,
    Unreachable,
    Untrusted,
)
from kuberoster.cluster.trial import seen_as
from kuberoster.model.errors import KuberosterError
from kuberoster.model.identity import username
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.operations.token import Token

_NEW_SECONDS = 5.0
"""How long a token that was just made may be unknown to one of several API servers."""
_POLL_SECONDS = 0.5

_ANOTHER_WAY = (
    "Name the address by which people reach the API server itself in cdktf.json: "
    "context.kuberoster.cluster.server."
)
_ELSEWHERE = "Where it can be reached from elsewhere only: --untried."


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One question to the API server, as the user who is to have the kubeconfig."""

    file: Path
    """What the kubeconfig is to become; it is not written yet."""
    user: User
    team: Team
    token: Token
    cluster: Cluster
    """The administrator's way to the cluster; what is tried takes nothing from it."""

    def run(self, kubeconfig: bytes) -> None:
        """Ask who we are by this kubeconfig alone.

        An answer to nobody in particular, such as that of `/version`, would prove nothing.
        Raises Untrusted where the server's certificate is not accepted, and KuberosterError
        where the answer is not this user's name: each says what is at fault, and the mend.
        """
        wanted = username(self.team.namespace, self.user.name)
        try:
            found = self._ask(kubeconfig)
        except Untrusted as error:
            raise Untrusted(
                self._says(
                    f"the server's certificate is not accepted: {error.cause}",
                    "Name a PEM file with the authority that signed it in cdktf.json: "
                    "context.kuberoster.cluster.certificate_authority; or, where another name or "
                    "address is in the certificate, that one: context.kuberoster.cluster.server.",
                )
            ) from None
        except Unreachable as error:
            raise KuberosterError(
                self._says(f"no answer: {error.cause}", f"{_ANOTHER_WAY} {_ELSEWHERE}")
            ) from None
        except Unauthorized:
            raise KuberosterError(self._says(*self._refused())) from None
        except ClusterError as error:
            raise KuberosterError(self._says(*self._odd(error))) from None
        if found != wanted:
            seen = f"as {found!r}" if found else "as nobody"
            raise KuberosterError(
                self._says(
                    f"what answers sees its token {seen}, not as {wanted!r}",
                    f"Something on the way puts another credential in its place. {_ANOTHER_WAY}",
                )
            )

    def _ask(self, kubeconfig: bytes) -> str:
        started = time.monotonic()
        while True:
            try:
                return seen_as(kubeconfig, self.file)
            except Unauthorized:
                if time.monotonic() - started > _NEW_SECONDS:
                    raise
                time.sleep(_POLL_SECONDS)

    def _refused(self) -> tuple[str, str]:
        """An API server refuses the token: it is another's, or the token is no good."""
        secret = f"{self.team.namespace}/{self.token.secret}"
        try:
            elsewhere = self.cluster.accepts(self.token.value)
        except ClusterError:
            elsewhere = False
        if elsewhere:
            return (
                f"the API server that it names does not know the token (401), and that of context "
                f"{self.cluster.context} does",
                "So it is another cluster's. Correct context.kuberoster.cluster.server in "
                "cdktf.json.",
            )
        return (
            f"the API server does not accept the token of Secret {secret} (401)",
            "Somebody wrote it, or it was made invalid. Delete that Secret, and deploy: "
            f"cdktf deploy {self.team.name}",
        )

    def _odd(self, error: ClusterError) -> tuple[str, str]:
        if error.status == 401:
            return (
                "something before the API server wants a credential of its own (401)",
                f"A proxy such as that takes no token of Kubernetes. {_ANOTHER_WAY}",
            )
        return str(error).removesuffix("."), _ANOTHER_WAY

    def _says(self, wrong: str, mend: str) -> str:
        wrong = wrong.removesuffix(".")
        return f"{self.file}: is not written, for it would not work: {wrong}.\n{mend}"
