"""Fits a line to points. All it needs to know are variables of the session, and so is all that it finds."""

from __future__ import annotations

from statistics import fmean, pstdev

from snakepit_bridge import BaseAdapter, InvalidVariableError, SessionContext, tool


class Regression(BaseAdapter):
    @tool(required_variables=["points", "rate", "steps"])
    def fit(self, ctx: SessionContext) -> None:
        """Goes down the gradient, and tells `progress` how far it is."""
        # A tensor arrives as a NumPy array, or without NumPy as a `Tensor`: both can do this.
        xs, ys = zip(*ctx["points"].tolist())
        x_mean, x_spread, y_mean, y_spread = fmean(xs), pstdev(xs), fmean(ys), pstdev(ys)
        points = [((x - x_mean) / x_spread, (y - y_mean) / y_spread) for x, y in zip(xs, ys)]
        steps, slope = ctx["steps"], 0.0
        for step in range(1, steps + 1):
            slope -= ctx["rate"] * fmean((slope * x - y) * x for x, y in points)
            if step % 10 == 0:
                ctx["progress"] = 100 * step // steps
        slope *= y_spread / x_spread
        with ctx.batch_updates():
            ctx["slope"] = slope
            ctx["intercept"] = y_mean - slope * x_mean

    @tool
    async def hurry(self, ctx: SessionContext) -> str:
        """Asks for more than the host allows."""
        try:
            await ctx.update_variable("rate", 5.0)
        except InvalidVariableError as error:
            return error.message
        return "allowed"

    @tool
    def weigh(self, ctx: SessionContext, flipper: float) -> float:
        """The mass in grams that the line predicts for a flipper of this many millimetres."""
        mass: float = ctx["intercept"] + ctx["slope"] * flipper
        return mass
