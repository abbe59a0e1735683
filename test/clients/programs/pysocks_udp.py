# python3-socks: a datagram and its answer.
import socks

sock = socks.socksocket(type=socks.socket.SOCK_DGRAM)
sock.set_proxy(socks.SOCKS5, "192.0.2.1", 1080)
sock.settimeout(5)
sock.sendto(b"hello", ("198.51.100.80", 7))
print(sock.recv(100).decode())
