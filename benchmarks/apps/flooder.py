"""One client that gives a server as much to do as it can: `python flooder.py KIND PORT COUNT`.

Prints "go" before the first byte and "sent" after the last, then stays connected until it is ended.
"""

import socket
import struct
import sys
import threading
import time

REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MASK = b"\x01\x02\x03\x04"
#: An unfinished text, then continuations of no bytes.
FRAGMENTS = b"\x01\x80" + MASK, b"\x00\x80" + MASK
#: Whole texts of no bytes.
TEXTS = b"", b"\x81\x80" + MASK


def opened(port: int, path: str = "/ws") -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(REQUEST.format(path=path, port=port).encode())
    assert sock.recv(4096).startswith(b"HTTP/1.1 101"), "the handshake failed"
    return sock


def read_all(sock: socket.socket) -> None:
    while sock.recv(65_536):
        pass


def frames(port: int, first: bytes, repeated: bytes, count: int) -> None:
    sock = opened(port)
    threading.Thread(target=read_all, args=(sock,), daemon=True).start()
    print("go", flush=True)
    sock.sendall(first)
    block = repeated * 1000
    for _ in range(count // 1000):
        sock.sendall(block)
    print("sent", flush=True)


def connects(port: int, count: int, at_once: int = 200) -> None:
    """Handshakes, `at_once` at a time, given up with a reset, so that no port stays taken."""
    print("go", flush=True)
    request = REQUEST.format(path="/ws", port=port).encode()
    for _ in range(count // at_once):
        socks = []
        for _ in range(at_once):
            sock = socket.create_connection(("127.0.0.1", port))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.sendall(request)
            socks.append(sock)
        for sock in socks:
            sock.recv(4096)
            sock.close()
    print("sent", flush=True)


def main(kind: str, port: int, count: int) -> None:
    try:
        if kind == "connects":
            connects(port, count)
        else:
            frames(port, *(FRAGMENTS if kind == "fragments" else TEXTS), count)
        time.sleep(120)
    except OSError:  # the server has ended, which is the point
        print("ended", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
