"""``python -m snakepit_bridge``: a worker, started by a host."""

from snakepit_bridge._worker.ending import leave
from snakepit_bridge._worker.main import main

# A child of `multiprocessing` imports this module again, under another name.
if __name__ == "__main__":
    leave(main())
