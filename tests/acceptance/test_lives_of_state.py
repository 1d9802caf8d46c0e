"""Users whose team's state is lost or rolled back, and recovered."""

from collections.abc import Callable

from tests.acceptance.lives import Life, one
from tests.acceptance.states import forget_state, roll_back, saved_state


def recover(life: Life, team: str) -> Callable[[], object]:
    return lambda: life.project.kuberoster("recover", team, "--yes")


def test_state_lost(life: Life) -> None:
    two = one("lost-lia", 'tokens=["a", "b"]') + one("lost-leo")
    life.step("added", life.apply(oblivion=two), new=["lost-lia/a", "lost-lia/b", "lost-leo/main"])
    life.step("state lost", lambda: forget_state(life.project, "oblivion"))
    life.step("recovered", recover(life, "oblivion"))
    life.step("deployed", life.apply(oblivion=two))
    assert life.project.changes("oblivion") == {}


def test_state_rolled_back(life: Life) -> None:
    """Since the backup one user came, one went, and one has another token and a second one."""
    before = one("back-rob") + one("back-rex")
    life.step("added", life.apply(yesterday=before), new=["back-rob/main", "back-rex/main"])
    backup = saved_state(life.project, "yesterday")
    life.step(
        "rotated",
        lambda: life.project.apply("yesterday", "-replace=kubernetes_secret_v1.back-rob_main"),
        ends=["back-rob/main"],
        new=["back-rob/main"],
    )
    after = one("back-rob", 'tokens=["main", "more"]') + one("back-ria")
    changed = life.apply(yesterday=after)
    life.step("changed", changed, ends=["back-rex"], new=["back-rob/more", "back-ria/main"])
    life.step("rolled back", lambda: roll_back(life.project, "yesterday", backup))
    life.step("recovered", recover(life, "yesterday"))
    life.step("deployed", life.apply(yesterday=after))
    assert life.project.changes("yesterday") == {}
