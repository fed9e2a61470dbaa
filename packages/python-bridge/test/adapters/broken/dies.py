"""Ends the process while it is imported."""

from __future__ import annotations

import os
import sys

sys.stderr.write("a native library called abort\n")
sys.stderr.flush()
os.abort()


class Dies:
    pass
