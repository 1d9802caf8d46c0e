"""The content of a review told in less and less room; nothing is ever cut within a sentence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from kuberoster.model.counted import counted
from kuberoster.review.change.review import Review
from kuberoster.review.change.user_change import UserChange
from kuberoster.review.output.content import BLOCKED, USERS, Chapter, Content, Section, content
from kuberoster.review.output.groups import names_of, shortlist
from kuberoster.review.output.line import Line
from kuberoster.review.output.tally import by_team, in_short

_TEAMS_CHANGED = Chapter(title="Users with changes, by team")
_COUNTED = Chapter(title="Not shown here")


def shorter_and_shorter(review: Review, *, full: bool) -> Iterator[Content]:
    """A review's content, then with ever more left out; what blocks is in all of them."""
    if full:
        yield content(review, full=True)
    whole = content(review)
    yield whole
    yield _less(whole, map(_in_words, whole.sections), "exact RBAC")
    users = _users_in_short(review.users)
    yield _less(whole, _with_users(whole, users), "what each user's access is")
    teams = [Section(chapter=_TEAMS_CHANGED, title=str(each)) for each in by_team(review.users)]
    yield _less(whole, _with_users(whole, teams), "what changes for each user")
    yield from _blocks_and_counts(whole)


def alike_told_once(sections: Iterable[Section]) -> Iterator[Section]:
    """The same of many users as one section, which names the first of them and counts the rest."""
    return map(_told_once, _alike(sections))


def _alike(sections: Iterable[Section]) -> list[list[Section]]:
    alike: defaultdict[object, list[Section]] = defaultdict(list)
    for number, each in enumerate(sections):
        key = (each.chapter, each.label, each.title, each.lines) if each.subject else number
        alike[key].append(each)
    return list(alike.values())


def _told_once(same: list[Section]) -> Section:
    first = same[0]
    if len(same) == 1:
        return first
    names = shortlist([each.subject for each in same])
    return replace(first, subject="", title=f"{names}: each {first.title}")


def _less(whole: Content, sections: Iterable[Section], left_out: str) -> Content:
    return replace(whole, sections=tuple(sections), left_out=left_out)


def _in_words(section: Section) -> Section:
    """A section without what is said in words too."""
    lines = (replace(line, exact=()) if line.text else line for line in section.lines)
    return replace(section, lines=tuple(lines))


def _with_users(whole: Content, users: list[Section]) -> Iterator[Section]:
    """The sections in words, with others in the place of those of users."""
    for chapter, sections in whole.chapters:
        yield from users if chapter is USERS else map(_in_words, sections)


def _users_in_short(users: Iterable[UserChange]) -> list[Section]:
    groups: defaultdict[tuple[str, tuple[Line, ...]], list[UserChange]] = defaultdict(list)
    for user in users:
        groups[user.team, tuple(in_short(user))].append(user)
    return [
        Section(chapter=USERS, title=names_of(group), kind="heading", lines=lines)
        for (_, lines), group in groups.items()
    ]


def _blocks_and_counts(whole: Content) -> Iterator[Content]:
    """All blocks, then ever fewer in whole sentences and the others counted by their kind."""
    counts = [
        Section(chapter=_COUNTED, title=counted(len(sections), chapter.noun))
        for chapter, sections in whole.chapters
        if chapter.noun
    ]
    blocks = _rarest_first(each for each in whole.sections if each.chapter is BLOCKED)
    shown = len(blocks)
    while True:
        told = map(_told_once, blocks[:shown])
        rest = _counted_blocks(chain.from_iterable(blocks[shown:]))
        left_out = (
            "all but what blocks" if shown == len(blocks) else "some of what blocks, and all else"
        )
        yield _less(whole, [*told, *rest, *counts], left_out)
        if not shown:
            return
        shown //= 2


def _rarest_first(blocks: Iterable[Section]) -> list[list[Section]]:
    """Those that are alike together; nobody hides a block behind many of another kind."""
    told = _alike(blocks)
    number = Counter(same[0].label for same in told)
    return sorted(told, key=lambda same: number[same[0].label])


def _counted_blocks(blocks: Iterable[Section]) -> Iterator[Section]:
    for kind, number in sorted(Counter(block.label for block in blocks).items()):
        yield Section(chapter=BLOCKED, label=kind, title=f"{number:,} more", kind="block")
