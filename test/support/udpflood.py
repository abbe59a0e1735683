"""Floods a UDP port as fast as it can until it is told to stop, 10 s at most.

usage: udpflood.py SOURCE HEX...; prints its port, waits for the port to flood on a line of standard input, stops at the
end of standard input, and prints how many datagrams it sent.
"""

import select
import socket
import sys
import time

source, payloads = sys.argv[1], [bytes.fromhex(each) for each in sys.argv[2:]]
flooder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
flooder.bind((source, 0))
print(flooder.getsockname()[1], flush=True)
target = ("127.0.0.1", int(sys.stdin.readline()))
print("begun", flush=True)
sent, stop_at = 0, time.monotonic() + 10
while time.monotonic() < stop_at and not select.select([sys.stdin], [], [], 0)[0]:
    for _ in range(64):
        flooder.sendto(payloads[sent % len(payloads)], target)
        sent += 1
print(sent, flush=True)
