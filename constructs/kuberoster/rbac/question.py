"""A question as `kubectl auth can-i` takes it, and what an API server would make of it."""

from dataclasses import dataclass

from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean, namespace_faults
from kuberoster.model.served import ALL, VERBS
from kuberoster.rbac.authorizer import Attributes, NonResourceAttributes, ResourceAttributes
from kuberoster.rbac.defaults import Defaults
from kuberoster.rbac.resources import Resource, find_resource

_URL_VERBS = ("get", "put", "post", "head", "options", "delete", "patch", "*")
_VERBS = (
    *VERBS,
    ALL,
    *("bind", "escalate", "impersonate", "approve", "sign", "attest", "use"),
)
_IMPERSONATION = ("impersonate:", "impersonate-on:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked."""

    attributes: Attributes
    namespace: str
    """The one that was named; empty for none."""
    spans_namespaces: bool
    """Whether it is about all namespaces at once, so that the answer may differ in each."""
    doubts: tuple[str, ...]
    """What the person who asked may have meant otherwise."""

    @property
    def group(self) -> str:
        """The API group that is asked about; empty for a URL, and for the core group."""
        asked = self.attributes
        return asked.group if isinstance(asked, ResourceAttributes) else ""

    @property
    def resource(self) -> str:
        """The resource that is asked about; empty for a URL."""
        asked = self.attributes
        return asked.resource if isinstance(asked, ResourceAttributes) else ""

    def __str__(self) -> str:
        if self.spans_namespaces:
            return f"{self.attributes} in all namespaces"
        return (
            f"{self.attributes} in namespace {self.namespace}"
            if self.namespace
            else str(self.attributes)
        )


def read_question(
    verb: str, target: str, defaults: Defaults, *, subresource: str = "", namespace: str = ""
) -> Question:
    """The question of VERB and TYPE, TYPE/NAME or a URL that starts with '/'.

    Raises KuberosterError for an unknown resource or subresource, and for a namespace where there
    can be none.
    """
    if target.startswith("/"):
        if subresource or namespace:
            raise KuberosterError(
                f"{target}: a URL has no namespace and no subresource.\n"
                "Leave out -n and --subresource."
            )
        return Question(
            attributes=NonResourceAttributes(verb=verb, path=target),
            namespace="",
            spans_namespaces=False,
            doubts=_unknown_verb(verb, _URL_VERBS),
        )
    word, _, name = target.partition("/")
    resource = find_resource(word, defaults)
    known = resource.subresources
    if subresource and known is not None and subresource not in known:
        raise KuberosterError(
            f"{word} has no subresource {subresource!r}.\n"
            f"It has {', '.join(sorted(known))}.{did_you_mean(subresource, known)}"
        )
    if "/" in name:
        raise KuberosterError(
            f"{target}: {name!r} is no name of an object.\nWrite {word}/NAME --subresource=..."
        )
    return Question(
        attributes=ResourceAttributes(
            verb=verb,
            resource=resource.name,
            group=resource.group,
            subresource=subresource,
            name=name,
            namespace=_namespace(resource, name, namespace),
        ),
        namespace=namespace,
        spans_namespaces=not namespace and resource.namespaced is not False,
        doubts=(*_unknown_verb(verb, _VERBS), *_name_of_a_subresource(resource, name)),
    )


def _namespace(resource: Resource, name: str, given: str) -> str:
    for wrong, mend in namespace_faults("-n", given) if given else ():
        raise KuberosterError(f"{wrong}.\n{mend}")
    is_namespace = (resource.group, resource.name) == ("", "namespaces")
    if given and resource.namespaced is False:
        mend = f" Ask for namespaces/{given}." if is_namespace else ""
        raise KuberosterError(
            f"{resource.name} belong to no namespace, and -n is {given!r}.\nLeave it out.{mend}"
        )
    # A request for one namespace is a request in it, so that a RoleBinding there counts.
    return name if is_namespace else given


def _unknown_verb(verb: str, known: tuple[str, ...]) -> tuple[str, ...]:
    if verb in known or verb.startswith(_IMPERSONATION):
        return ()
    return (f"{verb!r} is no verb that Kubernetes uses here.{did_you_mean(verb, known)}",)


def _name_of_a_subresource(resource: Resource, name: str) -> tuple[str, ...]:
    if not name or name not in (resource.subresources or ()):
        return ()
    return (
        f"this asks for {resource.name} of the name {name!r}. For the subresource, write "
        f"{resource.name} --subresource={name}.",
    )
