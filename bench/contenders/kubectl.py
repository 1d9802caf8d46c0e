"""`kubectl apply --server-side` of the same objects."""

import json
import shlex
from collections.abc import Iterator

from bench.ground import Ground
from bench.roster import CHANGED_TEAM, JOINER, Roster
from bench.work import Step, Work
from kuberoster.model.objects import TOKEN_LABEL, USER_LABEL

_FILE = "objects.json"
_APPLY = f"kubectl apply --server-side -f {_FILE}"
_DIFF = f"kubectl diff --server-side -f {_FILE}"
_NAMESPACE = f"users-{CHANGED_TEAM}"


class Kubectl:
    """One file with all objects; what leaves it is deleted by hand."""

    name = "kubectl"

    def prepare(self, ground: Ground) -> None:
        """Nothing: its one file is written by `take`."""

    def take(self, ground: Ground, roster: Roster) -> None:
        """Write the file; as JSON, which kubectl reads faster than YAML."""
        document = {"apiVersion": "v1", "kind": "List", "items": ground.expected(roster)}
        (ground.folder / _FILE).write_text(json.dumps(document))

    def steps(self) -> Iterator[Step]:
        """Apply and diff; a diff that finds something ends with 1."""
        joiner = f"{USER_LABEL}={JOINER}"
        old_token = shlex.quote(f"{joiner},{TOKEN_LABEL}={Roster.JOINED.value}")
        one_token = (
            f"umask 077; kubectl get secret -n {_NAMESPACE} -l {USER_LABEL}=user-00000 "
            "-o jsonpath='{.items[0].data.token}' | base64 -d > token; test -s token"
        )
        yield Step(work=Work.FIRST, script=_APPLY)
        yield Step(work=Work.UNCHANGED, script=_APPLY)
        yield Step(work=Work.DRIFT, script=_DIFF)
        yield Step(work=Work.KUBECONFIG, script=one_token)
        yield Step(work=Work.REVIEW, script=_DIFF, status=1)
        yield Step(work=Work.ADD, script=_APPLY)
        yield Step(
            work=Work.ROTATE,
            script=f"{_APPLY}; kubectl delete secret -n {_NAMESPACE} -l {old_token}",
        )
        yield Step(
            work=Work.REMOVE,
            script="kubectl delete serviceaccount,secret,rolebinding -A --ignore-not-found "
            f"-l {joiner}",
        )
