"""Many associations of one client, each of which sends to many targets of its own.

usage: udpcrowd.py PROXY-PORT SOURCE ASSOCIATIONS TARGETS PORT; the targets are addresses of 127.0.0.0/8 with PORT. Prints a line
when all was sent, and holds the associations until the end of standard input.
"""

import socket
import struct
import sys

proxy, source = int(sys.argv[1]), sys.argv[2]
associations, targets, port = (int(text) for text in sys.argv[3:])

# Datagrams to one association in a row, which its socket has room for.
ROW = 128


def read(control, size):
    data = b""
    while len(data) < size:
        part = control.recv(size - len(data))
        if not part:
            raise SystemExit("the proxy has closed")
        data += part
    return data


def associate():
    control = socket.create_connection(("127.0.0.1", proxy), 30, (source, 0))
    control.sendall(b"\5\1\0\5\3\0\1\0\0\0\0\0\0")
    reply = read(control, 12)
    assert reply[:4] == b"\5\0\5\0", reply
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((source, 0))
    udp.connect((socket.inet_ntoa(reply[6:10]), struct.unpack("!H", reply[10:])[0]))
    return control, udp


crowd = [associate() for _ in range(associations)]
ports = struct.pack("!H", port)
for first in range(0, targets, ROW):
    for at, (_, udp) in enumerate(crowd):
        for target in range(first, min(first + ROW, targets)):
            number = at * targets + target
            udp.send(b"\0\0\0\1\x7f" + (0x100000 + number).to_bytes(3, "big") + ports + b"x")
print("sent", flush=True)
sys.stdin.read()
