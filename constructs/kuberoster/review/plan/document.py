"""A plan as `terraform show -json` writes it.

The format: https://developer.hashicorp.com/terraform/internals/json-format, version 1.
"""

from dataclasses import dataclass, field
from typing import Any

from kuberoster.review.plan.values import Values, metadata_of
from kuberoster.terraform import KIND_OF

DEFAULT_SERVICE_ACCOUNT = "kubernetes_default_service_account_v1"
_KINDS = {**KIND_OF, DEFAULT_SERVICE_ACCOUNT: "ServiceAccount"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One resource as it is before or after a plan; what is not known yet is left out."""

    address: str
    type: str
    values: Values

    @property
    def kind(self) -> str:
        """Its kind in Kubernetes; the type where it is none that kuberoster makes."""
        return _KINDS.get(self.type, self.type)

    @property
    def namespace(self) -> str:
        """Its namespace; empty where it has none."""
        return str(metadata_of(self.values).get("namespace") or "")

    @property
    def name(self) -> str:
        """Its name; empty while Kubernetes has not generated it."""
        return str(metadata_of(self.values).get("name") or "")

    @property
    def prefix(self) -> str:
        """What a generated name begins with; empty where the name is given."""
        return str(metadata_of(self.values).get("generate_name") or "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a plan does to one address, or what was done to it behind Terraform's back."""

    address: str
    type: str
    actions: tuple[str, ...]
    before: Resource | None
    after: Resource | None
    reason: str | None
    """Terraform's own, such as `replace_because_tainted`."""
    replace_paths: tuple[list[Any], ...]
    imported: bool

    @property
    def is_replacement(self) -> bool:
        """Whether the object goes and another one comes."""
        return {"create", "delete"} <= set(self.actions)

    @property
    def ends(self) -> bool:
        """Whether the object goes, or Terraform lets go of it."""
        return bool({"delete", "forget"} & set(self.actions))

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is written, neither in the cluster nor in the state."""
        return self.actions in (("no-op",), ("read",)) and not self.imported

    @property
    def object(self) -> Resource:
        """The object after the change or, where there is none then, before it."""
        return (
            self.after or self.before or Resource(address=self.address, type=self.type, values={})
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """One team's plan."""

    team: str
    changes: tuple[Change, ...]
    drift: tuple[Change, ...]
    before: tuple[Resource, ...]
    """All managed resources as they are, as far as the plan looked."""
    after: tuple[Resource, ...]
    document: Values = field(repr=False)
