"""Logs before there is anyone to send it to."""

import logging

logging.basicConfig(level=logging.DEBUG)
logging.getLogger("early").info("importing")


class Early:
    def nothing(self) -> None:
        pass
