# A log daemon's end of /dev/log: each datagram becomes one JSON string on standard output.
# usage: logsocket.py PATH now|later|RATE    (later: reads nothing until a line arrives on standard input; RATE: records a second)
import json, os, socket, sys, time

path, when = sys.argv[1:]
if os.path.exists(path):
    os.unlink(path)
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind(path)
os.chmod(path, 0o666)
print(json.dumps("ready"), flush=True)
if when == "later":
    sys.stdin.readline()
rate = int(when) if when.isdigit() else 0
batch = max(1, rate // 20)
number = 0
while True:
    print(json.dumps(log.recv(65536).decode("utf-8", "replace")), flush=True)
    number += 1
    if rate > 0 and number % batch == 0:
        time.sleep(batch / rate)
