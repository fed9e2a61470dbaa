"""The tools behind FastAPI: one process with uvloop and httptools, no access log, no compression."""

import os
import signal
import socket
from collections.abc import AsyncIterator
from types import FrameType
from typing import Optional

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from lifeline import announce, ignore_interrupt, when_host_is_gone
from pydantic import BaseModel

app = FastAPI()


class Number(BaseModel):
    value: int


@app.post("/echo")
async def echo(body: Number) -> Number:
    return body


@app.post("/bytes")
async def echo_bytes(request: Request) -> Response:
    return Response(await request.body(), media_type="application/octet-stream")


@app.post("/count")
async def count(body: Number) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        for value in range(body.value):
            yield f'{{"value":{value}}}\n'

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@app.get("/pid")
async def pid() -> Number:
    return Number(value=os.getpid())


class Server(uvicorn.Server):
    def stop(self) -> None:
        self.should_exit = True

    def handle_exit(self, sig: int, frame: Optional[FrameType]) -> None:
        if sig != signal.SIGINT:
            super().handle_exit(sig, frame)


if __name__ == "__main__":
    ignore_interrupt()
    config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False)
    server = Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        when_host_is_gone(server.stop)
        announce(listener.getsockname()[1])
        server.run(sockets=[listener])
