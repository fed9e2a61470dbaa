"""The same tools behind FastAPI: one process, one event loop, uvloop and httptools."""

import os
import socket
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from lifeline import announce, when_host_is_gone
from pydantic import BaseModel


class Number(BaseModel):
    value: int


app = FastAPI()


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


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(app, loop="uvloop", http="httptools", ws="none", log_level="warning", access_log=False))
    when_host_is_gone(server.stop)
    announce(listener.getsockname()[1])
    server.run(sockets=[listener])
