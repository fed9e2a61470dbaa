"""Never gets through its import, and leaves a child behind that would not, either."""

from __future__ import annotations

import subprocess
import sys
import time

sys.stderr.write("waiting for the license server\n")
sys.stderr.flush()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)


class Hangs:
    pass
