#!/usr/bin/python3
"""A client of SOCKS5 with GSSAPI (RFC 1961), by the library of MIT. One JSON object of settings as argument, one with what it saw on stdout.

do: "token" prints a fresh first token; "talk" logs in, asks for CONNECT to an echo server and has `bytes` come back;
"pause" does so, and waits for a line on stdin before that; "tamper" changes a bit of its messages to the server."""
import hashlib
import json
import os
import socket
import sys

import gssapi
from gssapi import RequirementFlag as Flag

settings = json.loads(sys.argv[1])
service = settings.get("service", "rcmd@localhost")
kind = gssapi.NameType.kerberos_principal if "/" in service else gssapi.NameType.hostbased_service
flags = Flag.mutual_authentication | Flag.replay_detection | Flag.integrity | Flag.confidentiality
if settings.get("sequence", True):
    flags |= Flag.out_of_sequence_detection
context = gssapi.SecurityContext(name=gssapi.Name(service, kind), usage="initiate", flags=flags)
first = context.step()


def end(**seen):
    print(json.dumps(seen))
    sys.exit(0)


if settings["do"] == "token":
    end(token=first.hex())

proxy = socket.create_connection(("127.0.0.1", settings["port"]), timeout=20)
held = b""


def read(size):
    global held
    while len(held) < size:
        try:
            more = proxy.recv(65536)
        except ConnectionResetError:
            end(reset=True, **seen)
        if not more:
            end(closed=held.hex(), **seen)
        held += more
    taken, held = held[:size], held[size:]
    return taken


def message():
    head = read(2)
    if head == b"\x01\xff":
        end(refused=True, **seen)
    length = int.from_bytes(read(2), "big")
    return head[1], read(length)


def frame(kind, token):
    return bytes([1, kind]) + len(token).to_bytes(2, "big") + token


seen = {}
proxy.sendall(bytes([5, 1, 1]))
seen["method"] = read(2)[1]
if seen["method"] != 1:
    end(**seen)
proxy.sendall(frame(1, first))
context.step(message()[1])
assert context.complete
asked = bytes([settings.get("level", 0)])
proxy.sendall(frame(2, asked if settings.get("nec") else context.wrap(asked, False).message))
_, answer = message()
seen["plain"] = len(answer) == 1
level = (answer if seen["plain"] else context.unwrap(answer).message)[0]
seen["level"] = level
most = 32768


def send(data):
    if level == 0:
        proxy.sendall(data)
        return
    for at in range(0, len(data), most):
        token = context.wrap(data[at : at + most], level == 2).message
        if settings["do"] == "tamper":
            token = token[:20] + bytes([token[20] ^ 1]) + token[21:]
        proxy.sendall(frame(3, token))


plain = b""


def receive(size):
    global plain
    if level == 0:
        return read(size)
    while len(plain) < size:
        kind, token = message()
        opened = context.unwrap(token)
        assert kind == 3 and opened.encrypted == (level == 2), (kind, opened.encrypted)
        plain += opened.message
    taken, plain = plain[:size], plain[size:]
    return taken


target = socket.inet_aton("127.0.0.1") + settings.get("target", 9).to_bytes(2, "big")
send(bytes([5, settings.get("command", 1), 0, 1]) + target)
reply = receive(4)
seen["rep"] = reply[1]
if reply[1] != 0:
    end(**seen)
receive(6)
if settings["do"] == "pause":
    print("paused", flush=True)
    sys.stdin.readline()
data = os.urandom(settings.get("bytes", 1))
if settings.get("tiny"):
    for at in range(len(data)):
        send(data[at : at + 1])
        send(b"")
else:
    pid = os.fork()
    if pid == 0:
        send(data)
        os._exit(0)
echo = receive(len(data))
seen["same"] = hashlib.md5(echo).digest() == hashlib.md5(data).digest()
proxy.shutdown(socket.SHUT_WR)
rest = proxy.recv(1) if level == 0 else held + proxy.recv(1)
seen["fin"] = rest == b""
end(**seen)
