"""What a risk rule is, and what it says of a user."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.model.waiver import Waiver
from kuberoster.risk.granted import Granted
from kuberoster.risk.hits import Hits, all_named
from kuberoster.risk.narrower import Narrower, narrower
from kuberoster.risk.scope import Evidence, Scope, UserScope

_NAMED = 3
"""Of more rights that one grant gives to a finding than these only the first are named."""
HitsOfUser = Callable[[UserScope], list[Evidence]]


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskRule:
    """One thing that a user should not be able to do without somebody having thought about it."""

    id: str
    """In kebab case, as a waiver names it."""
    severity: Severity
    """In one namespace; for what belongs to no namespace, at all."""
    system_severity: Severity | None = None
    """Over the whole cluster and in kube-system, where it is another."""
    reason: str
    """What the user can do by it, in a sentence."""
    source: str
    """The published text that it follows: a URL."""
    mend: str
    """What to do about it."""
    hits: Hits | None = None
    """The evidence in a scope; nothing where the rule has nothing to say.

    Found once for all users whose bindings have the same roles there, whoever they are.
    """
    hits_of_user: HitsOfUser | None = None
    """The same, instead, where it depends on who the user is, too."""
    weigh: Callable[[Scope, Sequence[Evidence]], Severity] | None = None
    """How bad a hit is, where it hangs on which rights make it; never worse than said above."""

    def severity_in(self, scope: Scope, evidence: Sequence[Evidence]) -> Severity:
        """How bad a hit is in a scope.

        A right over the whole cluster to some objects by name alone is weighed as in a namespace.
        """
        if self.weigh:
            return self.weigh(scope, evidence)
        wide = scope.is_system and (scope.namespace or not all_named(evidence))
        return (self.system_severity if wide else None) or self.severity


@dataclass(frozen=True, slots=True)
class Cause:
    """A right that makes a finding, as whoever mends it needs to see it."""

    rule: str
    """The id of the rule."""
    evidence: Evidence
    granted: Granted | None

    @property
    def place(self) -> str | None:
        """The line of users/ that gives it; None where none does."""
        given = self.granted and self.granted.by(self.evidence.binding)
        return given.place if given else None

    @property
    def narrower(self) -> Narrower | None:
        """What to write in users/ instead; None where no rule is known to do."""
        return narrower(self.rule, self.evidence, self.granted) if self.granted else None

    @property
    def giver(self) -> str:
        """What gives it: `ClusterRole edit`, or the binding where users/ does not."""
        binding = self.evidence.binding
        given = self.granted and self.granted.by(binding)
        if not given:
            return str(binding)
        return f"{type(given.grant.role).__name__} {given.grant.role.name}"

    @property
    def giver_in_place(self) -> str:
        """The same with the line: `ClusterRole edit in users/web.py:12`."""
        return f"{self.giver} in {self.place}" if self.place else self.giver

    def document(self) -> dict[str, Any]:
        """The right as JSON has it."""
        less = self.narrower
        return {
            **self.evidence.document(),
            "place": self.place,
            "narrower": less.document() if less else None,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A hit of a rule."""

    rule: RiskRule
    severity: Severity
    team: str
    user: str
    namespace: str
    """Where; empty for the whole cluster."""
    evidence: tuple[Evidence, ...]
    """All rights that make it; each of them has to go, or one of two that only count together."""
    waivers: tuple[Waiver, ...] = ()
    """Those that accept it; of a finding about a waiver, that waiver."""
    waived: bool = False
    """Whether it is accepted, so that it neither blocks nor counts as new."""
    implied: tuple["Finding", ...] = ()
    """Those that say nothing that this one does not; they have none of their own."""
    implied_by: str = ""
    """The title of the one that implies it; empty for one that stands by itself."""
    granted: Granted | None = field(default=None, compare=False, repr=False)
    """What users/ gives the user; None where that is not known."""

    @property
    def title(self) -> str:
        """The rule's id; of a finding about a waiver with the rule that is waived."""
        about = self.waivers and not self.waived
        return f"{self.rule.id} of {self.waivers[0].named}" if about else self.rule.id

    @property
    def scope(self) -> str:
        """Where, in words."""
        return f"namespace {self.namespace}" if self.namespace else "the whole cluster"

    @property
    def causes(self) -> list[Cause]:
        """The evidence with where it is granted; what users/ gives in the same scope first."""
        found = [Cause(self.rule.id, each, self.granted) for each in self.evidence]
        if len({id(each.binding) for each in self.evidence}) == 1:
            return found
        return sorted(
            found,
            key=lambda each: (not each.place, each.evidence.binding.namespace != self.namespace),
        )

    @property
    def places(self) -> list[str]:
        """The lines of users/ that give its rights."""
        return list(dict.fromkeys(each.place for each in self.causes if each.place))

    @property
    def rights(self) -> list[str]:
        """What gives which rights: `get, list secrets by ClusterRole edit in users/web.py:12`."""
        given: defaultdict[str, list[str]] = defaultdict(list)
        for cause in self.causes:
            rule = cause.evidence.rule
            given[cause.giver_in_place] += [str(rule)] if rule else []
        return [f"{few(rights)} by {giver}" if rights else giver for giver, rights in given.items()]

    @property
    def mends(self) -> tuple[str, ...]:
        """What to do about it, in sentences: what to write, as far as that can be said as code."""
        less = [each.narrower for each in self.causes]
        code = dict.fromkeys(str(each) for each in less if each)
        sentences = tuple(f"{each[0].upper()}{each[1:]}." for each in code)
        return sentences if less and all(less) else (*sentences, self.rule.mend)

    def __str__(self) -> str:
        return (
            f"{self.severity}: {self.title}: {self.user} ({self.team}) in {self.scope}: "
            f"{self.rule.reason}"
        )

    def facts(self) -> dict[str, Any]:
        """What is approved with it: neither its line nor what else could be written there."""
        return {
            "rule": self.rule.id,
            "severity": self.severity,
            "team": self.team,
            "user": self.user,
            "namespace": self.namespace or None,
            "rights": [each.document() for each in self.evidence],
            "waivers": [waiver.document() for waiver in self.waivers],
            "words": {
                "reason": self.rule.reason,
                "mend": self.rule.mend,
                "source": self.rule.source,
            },
            "implied": [each.facts() for each in self.implied],
        }

    def document(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        return {
            **self.facts(),
            "rights": [each.document() for each in self.causes],
            "implied": [each.document() for each in self.implied],
        }


def implying(found: Sequence[Finding], heads: Sequence[int | None]) -> Iterator[Finding]:
    """The findings that stand by themselves, each with those of which it is the head."""
    below: defaultdict[int | None, list[Finding]] = defaultdict(list)
    for finding, head in zip(found, heads, strict=True):
        if head is not None:
            below[head].append(replace(finding, implied_by=found[head].title))
    for at, finding in enumerate(found):
        if at in below:
            yield replace(finding, implied=tuple(sorted(below[at], key=_severity)))
        elif heads[at] is None:
            yield finding


def every(found: Iterable[Finding]) -> Iterator[Finding]:
    """All findings, those that others imply included."""
    for finding in found:
        yield finding
        yield from finding.implied


def _severity(finding: Finding) -> tuple[int, str]:
    return SEVERITIES.index(finding.severity), finding.title


def few(rights: Sequence[str], most: int = _NAMED) -> str:
    """The first rights, and how many more."""
    more = f" and {len(rights) - most} more" if len(rights) > most else ""
    return f"{'; '.join(rights[:most])}{more}"
