"""A client of SOCKS5 behind a balancer, from an address of its own; the target is on its host. Prints what it saw as JSON.

argv: our address, balancer, port, address of the target, then
  hold COUNT PORT   opens sessions to a port of the target and holds them: how many were granted
  udp               sends one datagram to an echo at the target: the told address, and what came back
  bind              waits for the target with BIND, which connects: the told address, and what it said
"""

import json
import socket
import struct
import sys
import threading

OURS, BALANCER, PORT, TARGET, MODE = sys.argv[1:6]
LIMIT_S = 20


def enter(command, host, port):
    """The control connection after its first reply, the reply code and the told endpoint."""
    control = socket.create_connection((BALANCER, int(PORT)), LIMIT_S, (OURS, 0))
    control.settimeout(LIMIT_S)
    try:
        control.sendall(b"\5\1\0")
        if take(control, 2) != b"\5\0":
            return control, "closed", None
        control.sendall(bytes([5, command, 0, 1]) + socket.inet_aton(host) + struct.pack("!H", port))
        return control, *reply(control)
    except OSError:
        return control, "closed", None


def reply(control):
    answer = take(control, 10)
    if len(answer) < 10:
        return "closed", None
    return answer[1], [socket.inet_ntoa(answer[4:8]), struct.unpack("!H", answer[8:])[0]]


def take(control, size):
    taken = b""
    while len(taken) < size:
        more = control.recv(size - len(taken))
        if not more:
            break
        taken += more
    return taken


def hold(count, port):
    held = [enter(1, TARGET, port) for _ in range(count)]
    return {"granted": sum(code == 0 for _, code, _ in held)}


def udp():
    echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    echo.bind((TARGET, 0))

    def answer():
        said, sender = echo.recvfrom(100)
        echo.sendto(said.upper(), sender)

    threading.Thread(target=answer, daemon=True).start()
    control, code, told = enter(3, "0.0.0.0", 0)
    if code != 0:
        return {"code": code}
    ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ours.bind((OURS, 0))
    ours.settimeout(LIMIT_S)
    header = b"\0\0\0\1" + socket.inet_aton(TARGET) + struct.pack("!H", echo.getsockname()[1])
    ours.sendto(header + b"hello", tuple(told))
    return {"code": code, "told": told[0], "answer": ours.recv(100)[10:].decode()}


def bind():
    control, code, told = enter(2, TARGET, 0)
    if code != 0:
        return {"code": code}
    peer = socket.create_connection(tuple(told), LIMIT_S, (TARGET, 0))
    peer.sendall(b"hello")
    second, who = reply(control)
    return {"code": second, "told": told[0], "peer": who[0], "said": take(control, 5).decode()}


print(json.dumps({"hold": lambda: hold(*map(int, sys.argv[6:8])), "udp": udp, "bind": bind}[MODE]()))
