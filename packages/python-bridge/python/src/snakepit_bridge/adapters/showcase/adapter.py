"""An adapter that shows what the bridge can do; every tool does real work."""

from __future__ import annotations

from snakepit_bridge.adapters.showcase.toolsets.analysis import AnalysisTools
from snakepit_bridge.adapters.showcase.toolsets.basic import BasicTools
from snakepit_bridge.adapters.showcase.toolsets.demos import DemoTools
from snakepit_bridge.adapters.showcase.toolsets.learning import LearningTools
from snakepit_bridge.adapters.showcase.toolsets.monitoring import MonitoringTools
from snakepit_bridge.adapters.showcase.toolsets.variables import VariableTools
from snakepit_bridge.base_adapter import BaseAdapter


class ShowcaseAdapter(
    MonitoringTools, LearningTools, AnalysisTools, VariableTools, DemoTools, BasicTools, BaseAdapter
):
    """Runs when no other adapter is named.

    The standard library is enough for most of its tools; the others say what is to be installed for them.
    """
