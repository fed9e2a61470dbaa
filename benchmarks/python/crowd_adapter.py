"""A tool that needs NumPy, as a worker with a real library has them."""

import numpy

from snakepit_bridge import BaseAdapter, tool


class CrowdAdapter(BaseAdapter):
    @tool
    def total(self) -> float:
        return float(numpy.arange(10).sum())
