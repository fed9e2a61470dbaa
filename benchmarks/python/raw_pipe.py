"""The least that Python can do on a socket: one thread, length-prefixed frames, no codec.

A frame is a 4-byte little-endian payload size, a kind byte and the payload. An echo comes back as it came.
"""

import os
import signal
import socket
import struct

HEADER = struct.Struct("<IB")
ECHO, COUNT, PID = 0, 1, 2
CHUNK = b'{"type":"chunk","id":1,"seq":%06d,"value":%06d}'
# Snakepit's bridge asks for the same, so the kernel treats both alike.
SOCKET_BUFFER = 4 * 1024 * 1024


def frame(kind: int, payload: bytes) -> bytes:
    return HEADER.pack(len(payload), kind) + payload


def answer(channel: socket.socket, kind: int, whole: memoryview) -> None:
    if kind == ECHO:
        channel.sendall(whole)
    elif kind == COUNT:
        for value in range(int(bytes(whole[HEADER.size :]))):
            channel.sendall(frame(COUNT, CHUNK % (value, value)))
    else:
        channel.sendall(frame(PID, b"%d" % os.getpid()))


def serve(channel: socket.socket) -> None:
    buffer = memoryview(bytearray(256 * 1024))
    filled = 0
    while True:
        received = channel.recv_into(buffer[filled:])
        if received == 0:
            return
        filled += received
        start = 0
        needed = HEADER.size
        while filled - start >= HEADER.size:
            size, kind = HEADER.unpack_from(buffer, start)
            needed = HEADER.size + size
            if filled - start < needed:
                break
            answer(channel, kind, buffer[start : start + needed])
            start += needed
        filled -= start
        kept = buffer[start : start + filled]
        if needed > len(buffer):
            buffer = memoryview(bytearray(needed))
        buffer[:filled] = kept


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=3) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
        serve(channel)
