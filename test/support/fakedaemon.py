"""A daemon that is not what it says, for a process that takes over from it: argv is one JSON object.

control: where it listens, made as the real one makes it; port: its TCP listener, on 127.0.0.1; uid: whom it becomes; pid: what it says it
is (null: the truth); sends: "control", or "tcp" for another TCP listener in the place of its control socket; keeps: whether it goes on with its
copy of the listener when it should retire, and makes it listen again; binds: whether it has bound it to the loopback
interface, which nobody but root can change. Prints "ready PID", and at the end of standard input how many clients it took.
"""

import array
import json
import os
import socket
import sys
import threading

orders = json.loads(sys.argv[1])
taken = 0


def listener():
    tcp = socket.socket()
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind(("127.0.0.1", orders["port"]))
    tcp.listen(64)
    if orders["binds"]:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    return tcp


def take_clients(tcp):
    global taken
    while True:
        try:
            client, _ = tcp.accept()
        except OSError:
            # A thief does not give up: the socket is still bound.
            try:
                tcp.listen(64)
                continue
            except OSError:
                return
        taken += 1
        client.close()


def answer(peer, **fields):
    peer.sendall((json.dumps({"version": 1, "ok": True, **fields}) + "\n").encode())


def hand_over(control, tcp):
    peer, _ = control.accept()
    peer.recv(4096)
    extra = control if orders["sends"] == "control" else socket.create_server(("127.0.0.1", 0))
    fds = array.array("i", [tcp.fileno(), extra.fileno()])
    peer.sendmsg([b" "], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
    pid = orders["pid"] if orders["pid"] is not None else os.getpid()
    answer(peer, command="takeover", pid=pid, listen=["127.0.0.1:%d" % orders["port"]])
    if not peer.recv(4096):
        return
    answer(peer, command="retire", sessions=0, seconds=0)
    if not orders["keeps"]:
        tcp.close()


tcp = listener()
control = socket.socket(socket.AF_UNIX)
control.bind(orders["control"] + ".new")
control.listen(8)
os.rename(orders["control"] + ".new", orders["control"])
os.chown(orders["control"], orders["uid"], -1)
os.setgroups([])
os.setgid(orders["uid"])
os.setuid(orders["uid"])
threading.Thread(target=hand_over, args=(control, tcp), daemon=True).start()
if orders["keeps"]:
    threading.Thread(target=take_clients, args=(tcp,), daemon=True).start()
print("ready", os.getpid(), flush=True)
sys.stdin.read()
print(taken, flush=True)
os._exit(0)
