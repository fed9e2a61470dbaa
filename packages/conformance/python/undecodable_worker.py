"""A worker without the bridge, some of whose values are not of this protocol."""

from __future__ import annotations

import json
import sys

FUTURE = '{"$":"fraction","value":[1,3]}'
CHUNKS = ('"good"', FUTURE, f'[1, {{"a": {FUTURE}}}]', '{"$":"float","value":"NaN"}')


def say(line: str) -> None:
    print(line, flush=True)


say(json.dumps({"snakepit": 1, "transport": "json", "features": ["stream"]}))
sys.stdin.readline()
for line in sys.stdin:
    frame = json.loads(line)
    if frame["type"] == "ping":
        say(json.dumps({"type": "pong", "nonce": frame["nonce"]}))
    elif frame["type"] == "call" and not frame.get("stream"):
        say(f'{{"type":"result","id":{frame["id"]},"value":{FUTURE}}}')
    elif frame["type"] == "call":
        for seq, text in enumerate((*CHUNKS, FUTURE)):
            final = str(seq == len(CHUNKS)).lower()
            say(f'{{"type":"chunk","id":{frame["id"]},"seq":{seq},"value":{text},"final":{final}}}')
