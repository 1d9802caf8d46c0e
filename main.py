"""Synthesise users/ into one Terraform stack for each team; run by `cdktf`."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "constructs"))

from kuberoster.model.stopping import quietly_stopped  # noqa: E402

if __name__ == "__main__":
    with quietly_stopped():
        from kuberoster.constructs import synthesise  # takes a second

        sys.exit(synthesise(HERE))
