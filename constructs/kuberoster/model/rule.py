"""What a custom Role allows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kuberoster.model.errors import Fault
from kuberoster.model.fields import (
    as_tuple,
    checked_fields,
    strings_faults,
    unknown_field_faults,
)

_VERB = re.compile(r"[a-z]+(-[a-z]+)*(:[-a-z:]+)?|\*")
_RESOURCE = re.compile(
    r"(\*|[a-z0-9]([-a-z0-9.]*[a-z0-9])?)(/(\*|[a-z0-9][-\w.]*(/[-\w.]+)*))?", re.ASCII
)
_NAME = re.compile(r"(?!.*TfToken\[)[!-~]([ -~]*[!-~])?")
_URL = re.compile(r"\*|/[-/\w.:~@+=,]*\*?", re.ASCII)
_API_GROUP = re.compile(r"|\*|[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


@checked_fields
@dataclass(frozen=True)
class Rule:
    """What a custom Role allows: verbs on resources, as in an RBAC PolicyRule.

    `Rule(["get", "patch"], ["deployments"], api_groups=["apps"])`. `non_resource_urls`, such
    as `/metrics`, stand alone and count only over the whole cluster.
    """

    verbs: Sequence[str]
    resources: Sequence[str] = ()
    api_groups: Sequence[str] = ("",)
    resource_names: Sequence[str] = ()
    non_resource_urls: Sequence[str] = ()

    def __post_init__(self) -> None:
        as_tuple(self, "verbs", "resources", "api_groups", "resource_names", "non_resource_urls")

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the rule."""
        verb = "Verbs are lower-case words, such as 'get', 'list', 'watch', or '*'."
        resource = "Resources are plural and lower-case, such as 'pods', 'pods/log' or '*'."
        group = "API groups are such as 'apps', '' for the core group, or '*'."
        url = "A URL starts with '/', and may end in '*'; all of them are '*'."
        yield from unknown_field_faults(self)
        yield from strings_faults("verbs", self.verbs, _VERB, verb)
        yield from strings_faults("resources", self.resources, _RESOURCE, resource)
        yield from strings_faults("api_groups", self.api_groups, _API_GROUP, group)
        names = "These are names of objects, signers, users or groups, in ASCII."
        yield from strings_faults("resource_names", self.resource_names, _NAME, names)
        yield from strings_faults("non_resource_urls", self.non_resource_urls, _URL, url)
        if self.verbs == ():
            yield Fault("a rule has no verbs", f"It would allow nothing. {verb}")
        if bool(self.resources) == bool(self.non_resource_urls):
            yield Fault(
                "a rule has both resources and non_resource_urls"
                if self.resources
                else "a rule has no resources",
                "A rule names either resources or non_resource_urls; write two rules for both.",
            )
        if self.resources and self.api_groups == ():
            yield Fault("a rule has resources and no api_groups", group)
