class Broken:
    def __init__(self) -> None:
        raise RuntimeError("no licence")


class BrokenLater:
    async def initialize(self) -> None:
        raise RuntimeError("no network")
