"""Where a local state lies."""

import json
from pathlib import Path

import pytest

from kuberoster.model.settings import load_settings
from kuberoster.terraform import state_file


@pytest.mark.parametrize("output", ["build/tf", "./a/b/../tf/c"])
def test_local_state_is_beside_cdktf_json_wherever_stacks_are_written(
    tmp_path: Path, output: str
) -> None:
    own = {"state": {"backend": "local"}}
    document = {"output": output, "context": {"kuberoster": own}}
    (tmp_path / "cdktf.json").write_text(json.dumps(document))
    settings = load_settings(tmp_path)
    assert state_file(settings, "web") == tmp_path / "terraform.web.tfstate"
