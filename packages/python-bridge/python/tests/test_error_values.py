"""What an exception carries, as it travels."""

from __future__ import annotations

import struct

from conftest import Launch


def test_details_go_by_the_rules_of_all_values(launch: Launch) -> None:
    """[ER-1] [VA-2] [VA-3]"""
    host = launch("laden:Laden")
    assert host.error(host.call("fail", {"kind": "odd"}))["details"] == {
        "load": [
            {"1": "1.10", "n": {"$": "bigint", "value": str(2**60)}},
            [5],
            {"$": "float", "value": "NaN"},
            1.0,
        ]
    }


def test_the_binary_data_of_details_follows_the_line(launch: Launch) -> None:
    """[JS-2] [JS-7] [VA-4]"""
    host = launch("laden:Laden")
    frame = host.next_of(host.call("fail", {"kind": "bytes"}))
    assert frame["error"]["details"] == {"load": [{"$": "bytes", "at": 0}, {"$": "bytes", "at": 1}]}
    assert frame["attachments"] == [b"ab", b"c"]
    frame = host.next_of(host.call("fail", {"kind": "numbers"}))
    assert frame["error"]["details"] == {"load": {"$": "list", "dtype": "float64", "at": 0}}
    assert struct.unpack("<1281d", frame["attachments"][0])[:2] == (0.5, 1.5)


def test_an_error_whose_details_cannot_travel_arrives_without_them(launch: Launch) -> None:
    """[ER-3]"""
    host = launch("laden:Laden")
    error = host.error(host.call("fail", {"kind": "impossible"}))
    assert (error["type"], error["message"]) == ("Overload", "too much")
    assert "details" not in error
    assert host.error(host.call("fail", {"kind": "odd"}))["details"]
