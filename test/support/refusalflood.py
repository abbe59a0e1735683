# Clients by the thousand that ask for what is refused, and go when the server closes. Half of them come from 127.0.3.1, the
# others from 200 addresses of 127.0.4.0/24. Prints how often each kind of request was refused, in the order of the arguments.
# usage: refusalflood.py PORT COUNT HEX...
import json, selectors, socket, sys

AT_ONCE = 32
port, count = int(sys.argv[1]), int(sys.argv[2])
requests = [bytes.fromhex(each) for each in sys.argv[3:]]
refused = [0] * len(requests)
waiting = selectors.DefaultSelector()
begun = 0


def begin():
    global begun
    kind = begun % len(requests)
    client = socket.socket()
    client.bind(("127.0.3.1" if begun % 2 == 0 else f"127.0.4.{1 + begun % 200}", 0))
    client.connect(("127.0.0.1", port))
    client.sendall(requests[kind])
    waiting.register(client, selectors.EVENT_READ, kind)
    begun += 1


while sum(refused) < count:
    while begun < count and len(waiting.get_map()) < AT_ONCE:
        begin()
    for key, _ in waiting.select():
        try:
            if key.fileobj.recv(4096) != b"":
                continue
        except ConnectionResetError:
            pass
        waiting.unregister(key.fileobj)
        key.fileobj.close()
        refused[key.data] += 1
print(json.dumps(refused))
