"""A client of UDP ASSOCIATE that shares no code with the product. Prints what it saw as JSON.

argv: proxy port, port of a DNS server on 127.0.0.1, port of an echo server on ::1
"""

import ipaddress
import json
import socket
import struct
import sys

PROXY, DNS, ECHO6 = (int(text) for text in sys.argv[1:4])


def header(host, port):
    try:
        address = ipaddress.ip_address(host)
        atyp = 1 if address.version == 4 else 4
        return bytes([0, 0, 0, atyp]) + address.packed + struct.pack("!H", port)
    except ValueError:
        name = host.encode()
        return bytes([0, 0, 0, 3, len(name)]) + name + struct.pack("!H", port)


def parse(datagram):
    """Source and payload of an answer."""
    assert datagram[:3] == b"\0\0\0", datagram
    size = {1: 4, 4: 16}[datagram[3]]
    source = str(ipaddress.ip_address(datagram[4 : 4 + size]))
    (port,) = struct.unpack("!H", datagram[4 + size : 6 + size])
    return [source, port], datagram[6 + size :]


def associate(control):
    control.sendall(b"\5\1\0")
    assert control.recv(2) == b"\5\0"
    control.sendall(b"\5\3\0\1\0\0\0\0\0\0")
    reply = control.recv(10)
    assert reply[:4] == b"\5\0\0\1", reply
    return socket.inet_ntoa(reply[4:8]), struct.unpack("!H", reply[8:])[0]


def query(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"


control = socket.create_connection(("127.0.0.1", PROXY), timeout=10)
relay = associate(control)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(10)
udp.bind(("127.0.0.1", 0))


def ask(host, port, payload):
    udp.sendto(header(host, port) + payload, relay)
    return parse(udp.recv(65536))


source, answer = ask("127.0.0.1", DNS, query("host.test"))
saw = {"dns": {"source": source, "address": socket.inet_ntoa(answer[-4:])}}
source, answer = ask("localhost", DNS, query("other.test"))
saw["byName"] = {"source": source, "address": socket.inet_ntoa(answer[-4:])}
source, answer = ask("::1", ECHO6, b"six")
saw["echo6"] = {"source": source, "payload": answer.decode()}

stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
stranger.bind(("127.0.0.2", 0))
stranger.sendto(header("127.0.0.1", DNS) + query("stolen.test"), relay)
source, answer = ask("::1", ECHO6, b"still here")
saw["after"] = answer.decode()
print(json.dumps(saw))
