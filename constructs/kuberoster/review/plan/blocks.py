"""What of a plan must not pass unseen."""

from collections.abc import Iterable, Iterator

from kuberoster.model.counted import counted
from kuberoster.review.change.blocks import Block
from kuberoster.review.plan.document import Change, Plan
from kuberoster.review.plan.entry import Entry
from kuberoster.review.plan.guards import lowered_guards
from kuberoster.review.plan.sensitive import shown_values

_NAMED = 8
"""Of more of a kind than these only the first are named in a block."""


def plan_blocks(plan: Plan, entries: Iterable[Entry], *, has_base: bool) -> Iterator[Block]:
    """What stops a review of one team's plan; without a base nothing is unexplained."""
    if has_base:
        yield from _unexplained(plan, [entry for entry in entries if not entry.reasons])
    yield from _replaced_accounts(plan)
    yield from _destroyed_namespaces(plan)
    for guard in lowered_guards(plan):
        yield Block(
            kind="guard-lowered",
            about=(plan.team, guard.object, guard.guard),
            team=plan.team,
            what=f"{plan.team}: {guard.what}",
            mend="A pod in a users' namespace can use any user's identity. Put back what keeps "
            "pods out, as main.py's stacks have it.",
        )
    imported = [change for change in plan.changes if change.imported and _is_secret(change)]
    if imported:
        yield Block(
            kind="secret-imported",
            about=(plan.team,),
            team=plan.team,
            what=f"{plan.team}: {_listed(imported)} would be imported",
            mend="An import reads the token into Terraform's state. Take the import out; "
            f"kuberoster recover {plan.team} adopts a Secret without reading it.",
        )
    if shown := shown_values(plan):
        yield Block(
            kind="sensitive-value",
            about=(plan.team,),
            team=plan.team,
            what=f"{plan.team}: the plan shows {'; '.join(shown[:_NAMED])}{_more(len(shown))}",
            mend="Whoever has the plan or the state has it. Find out what reads it, take that out "
            "of the configuration and the state, and rotate the token.",
        )


def revoked_block(team: str, user: str, what: str) -> Block:
    """What stops a change by which a revoked user would have access again."""
    return Block(
        kind="revoked-user",
        about=(team, user),
        team=team,
        what=f"{user} ({team}): {what}",
        mend='Suspend the user (suspended="why") or remove the user; only where access is meant '
        f"to come back, lift it first: kuberoster revoke {user} --lift",
    )


def _unexplained(plan: Plan, entries: list[Entry]) -> Iterator[Block]:
    if entries:
        named = ", ".join(f"{each.action} {each.change.address}" for each in entries[:_NAMED])
        yield Block(
            kind="unexplained",
            about=(plan.team,),
            team=plan.team,
            what=f"{plan.team}: the plan does {counted(len(entries), 'thing')} that neither this "
            f"change, nor a day that has come, nor drift explains: {named}{_more(len(entries))}",
            mend="State and cluster are not at the base: a deploy failed, is still to come, or "
            "was made from elsewhere. Deploy the base first, or bring them together: "
            f"kuberoster recover {plan.team}",
        )


def _replaced_accounts(plan: Plan) -> Iterator[Block]:
    accounts = [change for change in plan.changes if change.object.kind == "ServiceAccount"]
    going = {_key(each): each for each in accounts if "delete" in each.actions and each.before}
    coming = {
        (each.after.namespace, each.after.name)
        for each in accounts
        if "create" in each.actions and each.after
    }
    for key in sorted(going.keys() & coming):
        change = going[key]
        why = f" ({change.reason})" if change.reason else ""
        yield Block(
            kind="service-account-replaced",
            about=(plan.team, change.address),
            team=plan.team,
            what=f"{plan.team}: {change.address} is destroyed and made again under its own "
            f"name{why}: all tokens of {key[1]} end",
            mend="Nothing of the roster asks for it. Take the taint, -replace or move away that "
            "does; to end a user's tokens on purpose, rotate them or revoke the user.",
        )


def _destroyed_namespaces(plan: Plan) -> Iterator[Block]:
    for change in plan.changes:
        if change.before is None or change.before.kind != "Namespace":
            continue
        if "delete" not in change.actions:
            continue
        name = change.before.name
        users = [
            each.name
            for each in plan.before
            if each.kind == "ServiceAccount" and each.namespace == name and each.name != "default"
        ]
        if users:
            named = ", ".join(sorted(users)[:_NAMED]) + _more(len(users))
            yield Block(
                kind="namespace-destroyed",
                about=(plan.team, change.address),
                team=plan.team,
                what=f"{plan.team}: {change.address} is destroyed, and in it "
                f"{counted(len(users), 'user')}: {named}",
                mend="Every token of theirs ends at once. First deploy the team with "
                "`USERS = []`, or move the users to another team.",
            )


def _key(change: Change) -> tuple[str, str]:
    return (change.before.namespace, change.before.name) if change.before else ("", "")


def _is_secret(change: Change) -> bool:
    return change.type.startswith("kubernetes_secret")


def _listed(changes: list[Change]) -> str:
    return ", ".join(each.address for each in changes[:_NAMED]) + _more(len(changes))


def _more(number: int) -> str:
    return f" and {number - _NAMED} more" if number > _NAMED else ""
