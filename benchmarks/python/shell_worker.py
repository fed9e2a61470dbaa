"""What python-shell talks to, written as its README does: JSON lines on stdin and stdout."""

import json
import os
import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_IGN)

for line in sys.stdin:
    request = json.loads(line)
    if "count" in request:
        for value in range(request["count"]):
            print(json.dumps({"value": value}), flush=True)
    elif "pid" in request:
        print(json.dumps({"value": os.getpid()}), flush=True)
    else:
        # Bytes arrive as base64 text; a tool that works on them would have to decode, and encode its answer.
        print(json.dumps({"value": request["echo"]}), flush=True)
