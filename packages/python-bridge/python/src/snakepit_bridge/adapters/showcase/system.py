"""Numbers about the running process."""

from __future__ import annotations

import os
import platform
import sys
from typing import Any


def system_stats() -> dict[str, Any]:
    """Process id, interpreter and platform; where the platform tells, peak memory in MiB and CPU seconds."""
    stats: dict[str, Any] = {
        "pid": os.getpid(),
        "python_version": platform.python_version(),
        "platform": sys.platform,
        "cpu_count": os.cpu_count(),
    }
    try:
        import resource
    except ImportError:
        return stats
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # Linux counts in KiB, macOS in bytes.
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return {**stats, "max_memory_mb": usage.ru_maxrss / scale, "cpu_seconds": usage.ru_utime + usage.ru_stime}
