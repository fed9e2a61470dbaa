"""``python -m snakepit_bridge._fork_server --preload numpy``: a host starts it and has it fork workers."""

from __future__ import annotations

import sys

from snakepit_bridge._fork_server.main import main
from snakepit_bridge._worker.ending import leave

# A child of `multiprocessing` may import this module again, under another name.
if __name__ == "__main__":
    leave(main(sys.argv[1:]))
