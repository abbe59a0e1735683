"""Active FTP through a SOCKS5 proxy: CONNECT for the commands, BIND for each file.

socksftp.py PROXY_PORT FTP_PORT get|put NAME FILE
"""
import ftplib
import socket
import struct
import sys

PROXY_PORT, FTP_PORT = int(sys.argv[1]), int(sys.argv[2])
CONNECT, BIND = 1, 2


def take(sock, size):
    data = b""
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise EOFError("the proxy closed")
        data += piece
    return data


def take_reply(sock):
    version, rep, _, atyp, host, port = struct.unpack("!BBBB4sH", take(sock, 10))
    if (version, rep, atyp) != (5, 0, 1):
        raise OSError("REP %d" % rep)
    return socket.inet_ntoa(host), port


def ask(command):
    sock = socket.create_connection(("127.0.0.1", PROXY_PORT), timeout=20)
    sock.sendall(b"\x05\x01\x00" + struct.pack("!BBBB4sH", 5, command, 0, 1, bytes([127, 0, 0, 1]), FTP_PORT))
    take(sock, 2)
    return sock, take_reply(sock)


class SocksFtp(ftplib.FTP):
    def open(self):
        self.sock, _ = ask(CONNECT)
        self.af = socket.AF_INET
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self

    def ntransfercmd(self, cmd, rest=None):
        data, (host, port) = ask(BIND)
        self.sendport(host, port)
        if not self.sendcmd(cmd).startswith("1"):
            raise ftplib.error_reply(cmd)
        take_reply(data)
        return data, None


how, name, path = sys.argv[3:6]
ftp = SocksFtp().open()
ftp.login()
if how == "get":
    with open(path, "wb") as file:
        ftp.retrbinary("RETR " + name, file.write)
else:
    with open(path, "rb") as file:
        ftp.storbinary("STOR " + name, file)
ftp.quit()
