"""Who may do what is asked, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from kuberoster.model.roster import Roster
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.rbac.effective import EffectiveAccess, Gap, Right, effective_access
from kuberoster.rbac.policy import Subject, reference, service_account
from kuberoster.rbac.question import Question
from kuberoster.rbac.source import Source

State = Literal["yes", "partly", "no", "not yet", "unknown", "no credential"]

_LATER = "will be allowed, once users/ is deployed, by "


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Whether one subject may do what is asked."""

    subject: str
    """A user of the roster by name; others as Kubernetes names them: `Group ops`."""
    state: State
    """`partly` where all namespaces were asked for, and only some are allowed; `not yet` where
    the cluster allows it nowhere and the roster does."""
    question: Question
    absence: str | None = None
    """Why there is no credential."""
    rights: tuple[Right, ...] = ()
    """What allows it, each alone; of who has no credential, what would."""
    later: tuple[Right, ...] = ()
    """What else will allow it, once the roster is deployed."""
    gaps: tuple[Gap, ...] = ()
    """What is not known and may allow it."""

    @property
    def namespaces(self) -> list[str]:
        """Where it is allowed, if not everywhere."""
        return sorted({right.binding.namespace for right in self.rights} - {""})

    @property
    def reasons(self) -> list[str]:
        """Why, in words: a line for each binding and rule."""
        asked, would = self.question.attributes, "would be allowed by " if self.absence else ""
        allowed = [
            f"{start}{right.binding} -> {right.role.key}: {right.rule.part_for(asked)}"
            for start, rights in ((would, self.rights), (_LATER, self.later))
            for right in rights
        ]
        return [*dict.fromkeys(allowed), *(f"{gap.binding}: {gap.why}" for gap in self.gaps)]

    def document(self) -> dict[str, Any]:
        """The answer as JSON has it, with whole rules."""
        return {
            "subject": self.subject,
            "answer": self.state,
            "absence": self.absence,
            "because": [_written(right) for right in self.rights],
            "later": [_written(right) for right in self.later],
            "unknown": [
                {
                    "binding": reference(gap.binding),
                    "role": reference(gap.binding.role),
                    "why": gap.why,
                }
                for gap in self.gaps
            ],
        }


def _written(right: Right) -> dict[str, Any]:
    return {
        "binding": reference(right.binding),
        "role": reference(right.binding.role),
        "rule": right.rule.written(),
    }


def can(source: Source, team: Team, user: User, question: Question) -> Answer:
    """Whether a user of the roster may do what is asked."""
    identity = service_account(team.namespace, user.name)
    absence = source.absence(team, user)
    expected = effective_access(source.expected, identity)
    if absence:
        return _answer(user.name, expected, question, str(absence))
    answer = _answer(user.name, effective_access(source.policy, identity), question, None)
    if user.first_day(source.day) is None:
        return answer  # the next deploy takes the credential away
    asked = question.attributes
    rights = (
        expected.allowing_somewhere(asked)
        if question.spans_namespaces
        else expected.allowing(asked)
    )
    later = tuple(right for right in rights if not source.is_there(right))
    state: State = "not yet" if later and answer.state == "no" else answer.state
    return replace(answer, state=state, later=later)


def who_can(source: Source, roster: Roster, question: Question) -> Iterator[Answer]:
    """The users of the roster who may, might, or could if they had a credential; then others.

    Others, in a live cluster, are the subjects that bindings name; a group stands for whoever is
    in it.
    """
    users = set()
    for entry in roster.teams:
        for user in entry.users:
            users.add(Subject("User", service_account(entry.team.namespace, user.name).username))
            answer = can(source, entry.team, user, question)
            if answer.rights or answer.later or answer.gaps:
                yield answer
    if source.is_live:
        for subject, bindings in sorted(source.policy.subjects()):
            if subject not in users:
                access = EffectiveAccess(source.policy, bindings)
                answer = _answer(str(subject), access, question, None)
                if answer.rights:
                    yield answer


def _answer(
    subject: str, access: EffectiveAccess, question: Question, absence: str | None
) -> Answer:
    asked = question.attributes
    if question.spans_namespaces:
        rights, gaps = access.allowing_somewhere(asked), access.gaps_somewhere(asked)
    else:
        rights, gaps = access.allowing(asked), access.gaps(asked)
    state: State = "no"
    if any(right.allows(asked) for right in rights):
        state, gaps = "yes", []
    elif any(gap.binding.counts_in(asked.namespace) for gap in gaps):
        state = "unknown"
    elif rights or gaps:
        state = "partly" if rights else "unknown"
    return Answer(
        subject=subject,
        state="no credential" if absence else state,
        question=question,
        absence=absence,
        rights=tuple(rights),
        gaps=tuple(gaps),
    )
