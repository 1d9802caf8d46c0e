"""What an identity may do, and by which binding, role and rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kuberoster.rbac.authorizer import Attributes, PolicyRule, ResourceAttributes
from kuberoster.rbac.policy import Binding, Identity, Policy, Role


class Right(NamedTuple):
    """One rule that an identity has by one binding, in the namespace of that binding."""

    binding: Binding
    role: Role
    rule: PolicyRule

    def allows(self, asked: Attributes) -> bool:
        """Whether this right alone allows the request."""
        return self.binding.counts_in(asked.namespace) and self.rule.allows(asked)


class Gap(NamedTuple):
    """A binding whose role is not known, or not all of it."""

    binding: Binding
    why: str


@dataclass(frozen=True, slots=True)
class EffectiveAccess:
    """All that one identity may do: the sum over its bindings, those of its groups included."""

    policy: Policy
    bindings: tuple[Binding, ...]

    def rights(self) -> Iterator[Right]:
        """Every rule with its binding, and so its scope."""
        for binding in self.bindings:
            if role := self.policy.roles.get(binding.role):
                for rule in role.rules:
                    yield Right(binding, role, rule)

    def allowing(self, asked: Attributes) -> list[Right]:
        """The rights that allow a request, each of them alone."""
        return [right for right in self.rights() if right.allows(asked)]

    def allowing_somewhere(self, asked: Attributes) -> list[Right]:
        """The rights that allow a request in all namespaces or in some."""
        return [right for right in self.rights() if right.rule.allows(asked)]

    def gaps(self, asked: Attributes) -> list[Gap]:
        """What is not known and could allow the request; nothing where the policy is complete."""
        return [gap for gap in self.gaps_somewhere(asked) if gap.binding.counts_in(asked.namespace)]

    def gaps_somewhere(self, asked: Attributes) -> list[Gap]:
        """What is not known and could allow the request in all namespaces or in some."""
        known = self.policy.known_groups
        if known is None:
            return []
        # Only for a group that is not Kubernetes' own does an aggregated role have more rules.
        foreign = isinstance(asked, ResourceAttributes) and asked.group not in known | {"*"}
        found = []
        for binding in self.bindings:
            role = self.policy.roles.get(binding.role)
            if role is None:
                found.append(Gap(binding, f"{binding.role} is not known offline"))
            elif role.aggregated and foreign:
                what = f"what {binding.role} takes up from other ClusterRoles"
                found.append(Gap(binding, f"{what} is not known offline"))
        return found


def effective_access(policy: Policy, identity: Identity) -> EffectiveAccess:
    """What an identity may do by a policy."""
    return EffectiveAccess(policy, tuple(policy.bindings_of(identity)))
