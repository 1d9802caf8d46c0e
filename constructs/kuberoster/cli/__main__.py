"""`python -m kuberoster.cli`, where the command is not installed."""

import sys

from kuberoster.cli import program

sys.exit(program())
