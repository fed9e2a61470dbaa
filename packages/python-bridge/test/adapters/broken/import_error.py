"""Needs a module that is not there."""

import a_module_that_is_not_there  # type: ignore[import-not-found]


class Adapter:
    client = a_module_that_is_not_there
