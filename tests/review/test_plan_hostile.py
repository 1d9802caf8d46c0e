"""A plan's file is anybody's: whatever is in it, it ends in a review or in one error."""

import copy
import json
import os
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kuberoster.model.errors import KuberosterError
from kuberoster.model.roster import Roster
from kuberoster.model.settings import ClusterSettings, Settings, StateSettings
from kuberoster.model.user import User
from kuberoster.review.plan.before import sides
from kuberoster.review.plan.blocks import plan_blocks
from kuberoster.review.plan.explain import entries
from kuberoster.review.plan.run import load_plans
from tests.long import sized
from tests.review.planned import TYPES, change, document, team, values

SEED = int(os.environ.get("KUBEROSTER_SEED") or random.randrange(10**9))  # noqa: S311  # of tests
ODD: list[Any] = [None, "", "x", "\x1b", 0, True, [], [[]], {}, {"x": 1}, [None], [{"x": []}]]
BINDING = values(
    "ops:x:view",
    subject=[{"kind": "ServiceAccount", "name": "x", "namespace": "users-ops"}],
    role_ref=[{"kind": "ClusterRole", "name": "view"}],
)
WHOLE = document(
    change("RoleBinding", "update", BINDING, BINDING, before_sensitive={"subject": [{}]}),
    change("ServiceAccount", "delete create", values(), values(), replace_paths=[["metadata", 0]]),
    change("Namespace", "update", values(), values()),
    change("Secret", "no-op", values(), values(), importing={"id": "x"}),
    drift=(change("RoleBinding", "update", BINDING, BINDING),),
    output_changes={"o": {"actions": ["create"], "after": "x", "after_sensitive": False}},
    prior_state={
        "values": {
            "outputs": {"o": {"value": "x", "sensitive": False}},
            "root_module": {
                "resources": [
                    {"address": f"{type_}.x", "mode": "managed", "type": type_, "values": BINDING}
                    for type_ in TYPES.values()
                ]
            },
        }
    },
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in pairs:
        yield (*path, key)
        if isinstance(each, dict | list):
            yield from _places(each, (*path, key))


@pytest.mark.parametrize("round_", range(sized(10, long=200)))
def test_odd_values_end_in_one_error_or_none(
    round_: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_ = random.Random(f"{SEED}-{round_}")  # noqa: S311
    places, day = list(_places(WHOLE)), date(2026, 11, 24)
    roster = Roster((team(User("x")),))
    settings = Settings(folder=tmp_path, cluster=ClusterSettings(), state=StateSettings())
    # What a plan of another roster is refused by would hide all else.
    monkeypatch.setattr("kuberoster.review.plan.run._check_declared", lambda *_: None)
    file, said = tmp_path / "plan.json", list[str]()
    for _ in range(40):
        whole = copy.deepcopy(WHOLE)
        *path, last = random_.choice(places)
        place: Any = whole
        for key in path:
            place = place[key]
        place[last] = random_.choice(ODD)
        file.write_text(json.dumps(whole))
        try:
            found = load_plans([file], roster, day)
        except KuberosterError as error:
            said.append(str(error))
            continue
        (plan,) = found.values()
        list(plan_blocks(plan, entries(plan, roster.teams[0], day, None), has_base=True))
        sides(settings, roster, day, found, None)
    assert {len(text.splitlines()) for text in said} == {2}, SEED
    assert len(said) < 40, SEED
