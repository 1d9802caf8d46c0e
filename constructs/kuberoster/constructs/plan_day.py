"""What keeps a stack from being planned or applied on another day than it was synthesised on."""

from datetime import date, datetime, timedelta

from kuberoster.constructs._cdktf import Precondition, TerraformStack
from kuberoster.model.attributes import literal

GRACE = timedelta(hours=2)
"""How long before and after its day a stack may be used: clocks differ, and a deploy that is
synthesised before midnight UTC is planned, approved and applied after it."""


def only_on(stack: TerraformStack, day: date) -> list[Precondition]:
    """What fails on another day: the one a plan, the other the apply of a plan that was kept.

    When it plans, Terraform does not know when it will apply, so it asks for the second one
    then, and before it does anything that depends on the resource that has these conditions.
    What only goes away depends on nothing: who was to lose access that day has lost it then.
    """
    midnight = datetime(day.year, day.month, day.day)
    # A condition has to refer to something; a local value is that, and can be read in a plan.
    for name, moment in (("usable_from", midnight), ("usable_to", midnight + timedelta(days=1))):
        grace = GRACE if name == "usable_to" else -GRACE
        stack.add_override(f"locals.{name}", f"{moment + grace:%Y-%m-%dT%H:%M:%SZ}")
    return [
        Precondition(
            condition=f"${{timecmp({now}, local.usable_from) >= 0 && "
            f"timecmp({now}, local.usable_to) < 0}}",
            error_message=f"This {what} was made on {day}, for who is active then, and today is "
            "another day (UTC): who has expired since would have access. Synthesise and plan "
            "again; cdktf deploy does both.",
        )
        for now, what in (("plantimestamp()", "stack"), ("timestamp()", "plan"))
    ]


def say_asked_day(stack: TerraformStack, asked: str) -> None:
    """Let each plan and apply warn that the stack is as of a day that was asked for."""
    asked = literal(asked)
    stack.add_override("locals.asked_day", asked)
    stack.add_override(
        "check.day",
        {"assert": {"condition": '${local.asked_day == ""}', "error_message": f"This is {asked}."}},
    )
