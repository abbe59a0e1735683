# Fetches what torrent_seed.py offers: torrent_fetch.py tcp|utp ADDRESS PORT PROXY PORT [USER PASSWORD]
import sys
import time

import libtorrent

kind, address, port, proxy, proxy_port, *login = sys.argv[1:]
proxy_type = libtorrent.proxy_type_t.socks5_pw if login else libtorrent.proxy_type_t.socks5
user, password = login or ("", "")
session = libtorrent.session({
    "proxy_type": proxy_type, "proxy_hostname": proxy, "proxy_port": int(proxy_port),
    "proxy_username": user, "proxy_password": password,
    "proxy_peer_connections": True, "proxy_hostnames": True,
    "enable_outgoing_tcp": kind == "tcp", "enable_outgoing_utp": kind == "utp",
    "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
})
handle = session.add_torrent({"ti": libtorrent.torrent_info("seed.torrent"), "save_path": "got"})
deadline = time.time() + 30
tried = 0
while not handle.status().is_seeding and time.time() < deadline:
    if time.time() > tried + 3:
        handle.connect_peer((address, int(port)))
        tried = time.time()
    time.sleep(0.1)
print(handle.status().state, [peer.ip for peer in handle.get_peer_info()])
