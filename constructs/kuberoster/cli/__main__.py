"""`python -m kuberoster.cli`, where the command is not installed."""

import sys

from kuberoster.cli import main

sys.exit(main())
