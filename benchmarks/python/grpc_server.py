"""The same tools behind a gRPC service written by hand: see bench.proto, whose messages protobuf itself ships."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import BytesValue, Int32Value
from lifeline import announce, when_host_is_gone

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def echo(request: Int32Value, context: grpc.ServicerContext) -> Int32Value:
    return request


def echo_bytes(request: BytesValue, context: grpc.ServicerContext) -> BytesValue:
    return request


def count(request: Int32Value, context: grpc.ServicerContext) -> Iterator[Int32Value]:
    for value in range(request.value):
        yield Int32Value(value=value)


def pid(request: Empty, context: grpc.ServicerContext) -> Int32Value:
    return Int32Value(value=os.getpid())

def unary(f, t): return grpc.unary_unary_rpc_method_handler(f, t.FromString, lambda m: m.SerializeToString())

if __name__ == "__main__":
    import sys
    if os.environ.get("AIO"):
        import asyncio
        async def main():
            async def aecho(r, c): return r
            async def abytes(r, c): return r
            async def acount(r, c):
                for v in range(r.value): yield Int32Value(value=v)
            async def apid(r, c): return pid(r, c)
            server = grpc.aio.server(options=UNLIMITED)
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Tools", {
              "Echo": unary(aecho, Int32Value), "EchoBytes": unary(abytes, BytesValue), "Pid": unary(apid, Empty),
              "Count": grpc.unary_stream_rpc_method_handler(acount, Int32Value.FromString, Int32Value.SerializeToString)}),))
            port = server.add_insecure_port("127.0.0.1:0")
            await server.start()
            loop = asyncio.get_running_loop()
            done = asyncio.Event()
            when_host_is_gone(lambda: loop.call_soon_threadsafe(done.set))
            announce(port)
            await done.wait()
            await server.stop(0)
        asyncio.run(main())
        sys.exit()
    server = grpc.server(ThreadPoolExecutor(int(os.environ.get("THREADS", "10"))), options=UNLIMITED)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Tools", {
              "Echo": unary(echo, Int32Value), "EchoBytes": unary(echo_bytes, BytesValue), "Pid": unary(pid, Empty),
              "Count": grpc.unary_stream_rpc_method_handler(count, Int32Value.FromString, Int32Value.SerializeToString)}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    gone = threading.Event()
    when_host_is_gone(gone.set)
    announce(port)
    gone.wait()
    server.stop(0)
