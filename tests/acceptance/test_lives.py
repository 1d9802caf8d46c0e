"""Each life that a roster can give its users: no earlier token ever works again."""

from tests.acceptance.lives import Life, one
from tests.project import pods


def test_suspended_and_resumed(life: Life) -> None:
    kai, away = one("kai"), 'suspended="on leave"'
    life.step("added", life.apply(leave=one("pia") + kai), new=["kai/main", "pia/main"])
    life.step("suspended", life.deploy(leave=one("pia", away) + kai), ends=["pia"])
    label = ["-A", "-l", "kuberoster.io/user=pia"]
    assert life.project.objects("serviceaccounts,secrets,rolebindings", *label) == []
    said = life.project.kuberoster("kubeconfig", "pia", fails=True)
    assert "user 'pia': suspended: on leave." in said
    life.step("resumed", life.apply(leave=one("pia") + kai), new=["pia/main"])


def test_started_expired_and_extended(life: Life) -> None:
    def on(day: str) -> None:
        life.project.environment["KUBEROSTER_TODAY"] = f"2026-12-{day}"

    dates = 'starts="2026-12-02", expires="2026-12-04"'
    tokens = 'tokens=["a", Token("b", until="2026-12-02")]'
    tim = one("tim", f"{dates}, {tokens}")
    life.step("not yet there", lambda: on("01"), life.apply(days=tim))
    assert life.project.secrets("tim") == {}
    life.step("started", lambda: on("02"), life.apply(days=tim), new=["tim/a", "tim/b"])
    life.step("one token over", lambda: on("03"), life.apply(days=tim), ends=["tim/b"])
    assert life.project.changes("days") == {}
    life.step("expired", lambda: on("05"), life.apply(days=tim), ends=["tim"])
    longer = tim.replace("2026-12-04", "2026-12-31")
    life.step("extended", life.apply(days=longer), new=["tim/a"])


def test_every_token_over_and_a_new_one_added(life: Life) -> None:
    una, uli = one("una", 'tokens=[Token("a", until="2026-12-02")]'), one("uli")
    life.project.environment["KUBEROSTER_TODAY"] = "2026-12-02"
    life.step("added", life.apply(ended=una + uli), new=["una/a", "uli/main"])
    life.project.environment["KUBEROSTER_TODAY"] = "2026-12-03"
    life.step("the day after", life.apply(ended=una + uli), ends=["una"])
    assert "/una" not in life.project.run_any("drift").output
    assert "Add a token, and deploy." in life.project.kuberoster("kubeconfig", "una", fails=True)
    life.step("a new token", life.apply(ended=one("una", 'tokens=["b"]') + uli), new=["una/b"])


def test_rotated_with_overlap_and_a_label_used_again(life: Life) -> None:
    def with_tokens(*labels: str) -> str:
        return one("bot", f"tokens={list(labels)}")

    life.step("added", life.apply(shift=with_tokens("q3")), new=["bot/q3"])
    life.project.write("shift", with_tokens("q3", "q4"))
    assert set(life.project.changes("shift")) == {"kubernetes_secret_v1.bot_q4"}
    life.step("both", life.apply(shift=with_tokens("q3", "q4")), new=["bot/q4"])
    life.step("rotated", life.apply(shift=with_tokens("q4")), ends=["bot/q3"])
    life.step("used again", life.apply(shift=with_tokens("q4", "q3")), new=["bot/q3"])
    life.step("swapped", life.apply(shift=with_tokens("q3")), ends=["bot/q4"])


def test_rotated_and_reverted_in_git(life: Life) -> None:
    def git(*arguments: str) -> None:
        life.project.run("git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments)

    def commit(labels: list[str]) -> None:
        life.project.write("past", one("rob", f"tokens={labels}"))
        git("add", "users")
        git("commit", "-m", f"tokens {labels}")

    git("init", "-q")
    apply = lambda: life.project.apply("past")  # noqa: E731
    life.step("added", lambda: commit(["old"]), apply, new=["rob/old"])
    life.step("rotated", lambda: commit(["new"]), apply, ends=["rob/old"], new=["rob/new"])
    revert = lambda: git("revert", "--no-edit", "HEAD")  # noqa: E731
    life.step("reverted", revert, apply, ends=["rob/new"], new=["rob/old"])
    life.step("reverted again", revert, apply, ends=["rob/old"], new=["rob/new"])


def test_moved_to_another_team_and_back(life: Life) -> None:
    life.step(
        "added", life.deploy(north=one("mia"), south=one("sue")), new=["mia/main", "sue/main"]
    )
    south = one("mia") + one("sue")
    life.step("moved", life.deploy(north="", south=south), ends=["mia"], new=["mia/main"])
    back = life.apply(south=one("sue"), north=one("mia"))
    life.step("moved back", back, ends=["mia"], new=["mia/main"])


def test_renamed_and_named_as_before(life: Life) -> None:
    life.step("added", life.apply(names=one("lou")), new=["lou/main"])
    life.step("renamed", life.apply(names=one("louise")), ends=["lou"], new=["louise/main"])
    life.step("named as before", life.apply(names=one("lou")), ends=["louise"], new=["lou/main"])


def test_removed_and_added_again(life: Life) -> None:
    jan = one("jan")
    life.step("added", life.apply(again=one("jil") + jan), new=["jan/main", "jil/main"])
    life.step("removed", life.apply(again=jan), ends=["jil"])
    life.step("added again", life.apply(again=one("jil") + jan), new=["jil/main"])


def test_a_team_renamed_and_named_as_before(life: Life) -> None:
    life.step("added", life.apply(early=one("eli")), new=["eli/main"])
    both = life.deploy(early="", late=one("eli"))
    life.step("renamed", both, ends=["eli"], new=["eli/main"])
    life.step("old file removed", life.deploy(early=None))
    assert "Namespace users-early" in life.project.run_any("drift").output
    back = life.apply(early=one("eli"), late="")
    life.step("named as before", back, ends=["eli"], new=["eli/main"])


def test_a_team_whose_file_is_renamed_at_once_keeps_its_old_tokens_until_it_is_emptied(
    life: Life,
) -> None:
    life.step("added", life.apply(first=one("fay")), new=["fay/main"])
    life.project.write("second", one("fay"))
    (life.project.folder / "users" / "first.py").unlink()
    life.project.apply("second")
    old = life.token("fay/main")
    assert life.project.status(old, pods("web")) == 200
    shown = life.project.run_any("drift").output
    assert "ServiceAccount users-first/fay" in shown
    assert "its team 'first' is not in the roster" in shown
    life.step("emptied", life.deploy(first="", second=one("fay")), ends=["fay"], new=["fay/main"])
