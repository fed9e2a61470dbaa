"""The showcase, and one more tool: what it gets and what it gives are arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snakepit_bridge import tool
from snakepit_bridge.adapters.showcase import ShowcaseAdapter


class Relief(ShowcaseAdapter):
    @tool
    def slope(self, heights: npt.NDArray[np.float64], step: float) -> npt.NDArray[np.float64]:
        """How steep the ground is, in degrees, from its heights on a grid of `step` metres."""
        north, east = np.gradient(heights, step)
        degrees: npt.NDArray[np.float64] = np.degrees(np.arctan(np.hypot(north, east)))
        return degrees
