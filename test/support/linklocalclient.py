# A client, fe80::2, that reaches its proxy by a link-local address only: PROXY%ZONE PORT, then the IPv4 target and its port. Prints what
# became of CONNECT, BIND (somebody on the same link comes), UDP ASSOCIATE, of a destination on the proxy's host, and of names
# that spell a link-local address, as words on one line.
import socket, sys

proxy, port, target, target_port = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
TARGET = b'\1' + socket.inet_aton(target) + target_port.to_bytes(2, 'big')
NOWHERE = b'\4' + bytes(18)

ZONE = socket.if_nametoindex(proxy.split('%')[1])

def dial(address, port):
    client = socket.socket(socket.AF_INET6)
    client.settimeout(10)
    client.bind(('fe80::2', 0, 0, ZONE))
    client.connect((address, port, 0, ZONE))
    return client

def take(client, size):
    taken = b''
    while len(taken) < size:
        more = client.recv(size - len(taken))
        if not more: break
        taken += more
    return taken

def ask(command, place):
    client = dial(proxy.split('%')[0], port)
    client.sendall(b'\5\1\0\5' + bytes([command, 0]) + place)
    take(client, 2)
    return client, *reply(client)

def reply(client):
    head = take(client, 4)
    size = 16 if head[3:] == b'\4' else 4
    address = socket.inet_ntop(socket.AF_INET6 if size == 16 else socket.AF_INET, take(client, size))
    return head[1], address, int.from_bytes(take(client, 2), 'big')

def connect():
    client, rep, _, _ = ask(1, TARGET)
    client.sendall(b'tcp')
    return f'{rep}:{take(client, 3).decode()}'

def bind():
    client, rep, told, told_port = ask(2, NOWHERE)
    peer = dial(told, told_port)
    second, came, _ = reply(client)
    peer.sendall(b'bind')
    return f'{rep}{second}:{told}:{came}:{take(client, 4).decode()}'

def associate():
    client, rep, told, told_port = ask(3, NOWHERE)
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    udp.settimeout(10)
    udp.bind(('fe80::2', 0, 0, ZONE))
    udp.sendto(bytes(3) + TARGET + b'udp', (told, told_port, 0, ZONE))
    return f'{rep}:{told}:{udp.recv(100)[10:].decode()}'

def name(text):
    return str(ask(1, b'\3' + bytes([len(text)]) + text + target_port.to_bytes(2, 'big'))[1])

link_local = b'\4' + socket.inet_pton(socket.AF_INET6, 'fe80::1') + target_port.to_bytes(2, 'big')
print(connect(), bind(), associate(), ask(1, b'\1\x7f\0\0\1' + target_port.to_bytes(2, 'big'))[1],
      ask(1, link_local)[1], name(b'fe80::1%cable'), name(b'[fe80::1%2]'))
