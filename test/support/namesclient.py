# A client of SOCKS5 that asks for names: PORT COMMAND NAME... For each name it prints the address that RESOLVE tells, or what
# the target said over CONNECT or UDP ASSOCIATE, or REP; on one line.
import socket, sys

port, command, names = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
ECHO = b'\0\7'

def ask(code, place):
    client = socket.create_connection(('127.0.0.1', port), 5)
    client.settimeout(15)
    client.sendall(b'\5\1\0\5' + bytes([code, 0]) + place)
    client.recv(2, socket.MSG_WAITALL)
    head = client.recv(4, socket.MSG_WAITALL)
    address = client.recv(16 if head[3] == 4 else 4, socket.MSG_WAITALL)
    return client, head[1], address, int.from_bytes(client.recv(2, socket.MSG_WAITALL), 'big')

def place_of(name, port):
    return b'\3' + bytes([len(name)]) + name.encode() + port

def resolve(name):
    _, rep, address, _ = ask(0xf0, place_of(name, b'\0\0'))
    return str(rep) if rep else socket.inet_ntoa(address)

def connect(name):
    client, rep, _, _ = ask(1, place_of(name, ECHO))
    if rep: return str(rep)
    client.sendall(b'tcp')
    return client.recv(3, socket.MSG_WAITALL).decode()

def udp(name):
    client, rep, _, relay = ask(3, b'\1' + bytes(6))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.settimeout(5)
    sender.sendto(bytes(3) + place_of(name, ECHO) + b'udp', ('127.0.0.1', relay))
    return sender.recv(500)[-3:].decode()

print(*[{'resolve': resolve, 'connect': connect, 'udp': udp}[command](name) for name in names])
