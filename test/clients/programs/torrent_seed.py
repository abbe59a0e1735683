# Offers a file: torrent_seed.py PORT. Writes seed.torrent when it is there to be had.
import os
import sys
import time

import libtorrent

port = sys.argv[1]
os.makedirs("seed", exist_ok=True)
with open("seed/greeting", "w") as file:
    file.write("hello through the proxy\n" * 1000)
files = libtorrent.file_storage()
libtorrent.add_files(files, "seed/greeting")
torrent = libtorrent.create_torrent(files, 16384, libtorrent.create_torrent.v1_only)
libtorrent.set_piece_hashes(torrent, "seed")
encoded = libtorrent.bencode(torrent.generate())
session = libtorrent.session({"listen_interfaces": "0.0.0.0:" + port + ",[::]:" + port, "enable_dht": False, "enable_lsd": False})
handle = session.add_torrent({"ti": libtorrent.torrent_info(libtorrent.bdecode(encoded)), "save_path": "seed"})
while not handle.status().is_seeding:
    time.sleep(0.05)
with open("seed.torrent.part", "wb") as file:
    file.write(encoded)
os.rename("seed.torrent.part", "seed.torrent")
while True:
    time.sleep(60)
