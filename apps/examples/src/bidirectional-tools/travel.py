"""Plans journeys. Where airports lie, and who flies where, is known to TypeScript alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from math import asin, cos, radians, sin, sqrt

from snakepit_bridge import BaseAdapter, HostToolError, SessionContext, tool

EARTH_RADIUS = 6371.0


class Travel(BaseAdapter):
    @tool
    def distance(self, ctx: SessionContext, origin: str, destination: str) -> float:
        """Kilometres between two airports. In ordinary code a host tool is called like a function."""
        return between(ctx.tools.airport(code=origin), ctx.tools.airport(code=destination))

    @tool
    async def journey(self, ctx: SessionContext, stops: list[str]) -> float:
        """Kilometres over several airports. In a coroutine host tools are awaited, here all at once."""
        places = await asyncio.gather(*(ctx.tools.airport(code=code) for code in stops))
        return sum(map(between, places, places[1:]))

    @tool
    def destinations(self, ctx: SessionContext, origin: str, count: int) -> list[list[object]]:
        """Where most flights go. The host's generator is a stream here."""
        flights: Counter[str] = Counter()
        for route in ctx.tools.routes.stream(origin=origin):
            flights[route["destination"]] += route["count"]
        return [[destination, number] for destination, number in flights.most_common(count)]

    @tool
    def farthest(self, ctx: SessionContext, origin: str) -> dict[str, object]:
        """The host asks Python back about each route, while this tool waits for the host."""
        found: dict[str, object] = ctx.tools.farthest_of(origin=origin)
        return found

    @tool
    def way_home(self, ctx: SessionContext, origin: str) -> float:
        """Only some sessions have said where home is."""
        if "home" not in ctx.host_tools:
            raise LookupError("this session has no home")
        return self.distance(ctx, origin, ctx.tools.home())

    @tool
    def mistaken(self, ctx: SessionContext) -> str:
        """What the host's schema says to arguments that are wrong."""
        try:
            ctx.tools.airport(code=42)
        except HostToolError as error:
            return f"{error.type}: {error.message}"
        return "accepted"


def between(a: dict[str, float], b: dict[str, float]) -> float:
    """Along the surface of the earth."""
    latitudes = radians(a["latitude"]), radians(b["latitude"])
    half = sin((latitudes[1] - latitudes[0]) / 2) ** 2
    turn = sin(radians(b["longitude"] - a["longitude"]) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(half + cos(latitudes[0]) * cos(latitudes[1]) * turn))
