"""Which transport a worker takes, and what it says of those it passes over."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Callable

import pytest

from snakepit_bridge._transports.json_carrier import JsonCarrier
from snakepit_bridge._transports.negotiation import negotiate

COMMAND = f"{sys.executable} -m pip install 'msgpack>=1.0'"


@pytest.fixture
def broken_msgpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a module that fails in front of the real library, and forgets what was imported of it."""

    def put(code: str) -> None:
        (tmp_path / "msgpack.py").write_text(code)
        for module in [name for name in sys.modules if "msgpack" in name]:
            monkeypatch.delitem(sys.modules, module)

    monkeypatch.syspath_prepend(str(tmp_path))
    return put


def test_first_that_can_be_used() -> None:
    """[HS-2]"""
    choice = negotiate(["carrier-pigeon", "json", "msgpack"])
    assert choice.transport == "json"
    assert type(choice.carrier) is JsonCarrier
    assert choice.skipped == [{"transport": "carrier-pigeon", "reason": "not supported by this bridge"}]


def test_missing_library_names_the_command(broken_msgpack: Callable[[str], None]) -> None:
    broken_msgpack("raise ModuleNotFoundError(\"No module named 'msgpack'\")")
    choice = negotiate(["msgpack"])
    assert choice.carrier is None
    assert choice.skipped == [
        {
            "transport": "msgpack",
            "reason": f"No module named 'msgpack'; to install what it needs: {COMMAND}",
        }
    ]


def test_library_that_fails_to_load(broken_msgpack: Callable[[str], None]) -> None:
    broken_msgpack("raise RuntimeError('built for another world')")
    choice = negotiate(["msgpack", "json"])
    assert choice.transport == "json"
    reason = f"RuntimeError: built for another world; to install what it needs: {COMMAND}"
    assert choice.skipped == [{"transport": "msgpack", "reason": reason}]


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("own_carrier:Own", None),
        ("own_carrier:Missing", "AttributeError: .*Missing"),
        ("nowhere:Own", "No module named 'nowhere'"),
        ("own_carrier", "not supported by this bridge"),
    ],
)
def test_transport_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str, reason: str | None
) -> None:
    (tmp_path / "own_carrier.py").write_text(
        "from snakepit_bridge._transports.json_carrier import JsonCarrier\n"
        "class Own(JsonCarrier):\n"
        "    pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("SNAKEPIT_CARRIER_PIGEON", spec)
    choice = negotiate(["pigeon"])
    if reason is None:
        assert type(choice.carrier).__name__ == "Own"
    else:
        assert choice.carrier is None
        assert re.match(reason, choice.skipped[0]["reason"])
