"""`python -m kuberoster.constructs FOLDER`: what main.py does, for the roster of a folder."""

import sys
from pathlib import Path

from kuberoster.constructs.app import synthesise

if __name__ == "__main__":
    sys.exit(synthesise(Path(sys.argv[1])))
