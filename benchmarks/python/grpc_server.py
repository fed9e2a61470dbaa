"""The tools behind a gRPC service written by hand. Its messages come with protobuf, see bench.proto."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import BytesValue, Int32Value
from lifeline import announce, ignore_interrupt, when_host_is_gone

# As in gRPC's own examples; one thread, four threads and asyncio were as fast.
THREADS = 10
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def echo(request: Int32Value, context: grpc.ServicerContext) -> Int32Value:
    return request


def echo_bytes(request: BytesValue, context: grpc.ServicerContext) -> BytesValue:
    return request


def count(request: Int32Value, context: grpc.ServicerContext) -> Iterator[Int32Value]:
    for value in range(request.value):
        yield Int32Value(value=value)


def pid(request: Empty, context: grpc.ServicerContext) -> Int32Value:
    return Int32Value(value=os.getpid())


HANDLERS = {
    "Echo": grpc.unary_unary_rpc_method_handler(echo, Int32Value.FromString, Int32Value.SerializeToString),
    "EchoBytes": grpc.unary_unary_rpc_method_handler(
        echo_bytes, BytesValue.FromString, BytesValue.SerializeToString
    ),
    "Count": grpc.unary_stream_rpc_method_handler(count, Int32Value.FromString, Int32Value.SerializeToString),
    "Pid": grpc.unary_unary_rpc_method_handler(pid, Empty.FromString, Int32Value.SerializeToString),
}

if __name__ == "__main__":
    ignore_interrupt()
    server = grpc.server(ThreadPoolExecutor(THREADS), options=OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Tools", HANDLERS),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    host_is_gone = threading.Event()
    when_host_is_gone(host_is_gone.set)
    announce(port)
    host_is_gone.wait()
    server.stop(grace=None).wait()
