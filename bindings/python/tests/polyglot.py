"""Writes what programs of all languages can read, and reads what they wrote.

    usage: polyglot.py write DIR LANG | hold DIR LANG | read DIR | watch DIR

`hold` writes again and again until there is a file DIR.stop, and says `open` after the first time.
Keys are LANG, a NUL, a number below 200 in four bytes, the highest first, and 1500 bytes of 255
where it is divisible by 7. The value is the key's SHA-256, number modulo 5 times. Numbers that end
in 9 are deleted again.
"""

import hashlib
import re
import sys
from collections import Counter
from pathlib import Path

import stave

NUMBERS = range(200)
KEPT = 180


class Wrong(Exception):
    """What was found is not what was written."""


def key_of(language, number):
    return language + b"\0" + number.to_bytes(4, "big") + (b"\xff" * 1500 if number % 7 == 0
                                                           else b"")


def value_of(key, number):
    return hashlib.sha256(key).digest() * (number % 5)


def write(db, language):
    for number in NUMBERS:
        key = key_of(language, number)
        db[key] = value_of(key, number)
    for number in NUMBERS[9::10]:
        if not db.delete(key_of(language, number)):
            raise Wrong(f"number {number} is not there")


def hold(db, folder, language):
    stop = Path(folder + ".stop")
    write(db, language)
    print("open", flush=True)
    while not stop.exists():
        write(db, language)


def check(key, value):
    """The language of an entry that is as it should be."""
    match = re.match(rb"([!-~]+)\0(....)", key, re.S)
    if not match:
        raise Wrong("a key without language and number")
    language, number = match[1], int.from_bytes(match[2], "big")
    name = language.decode()
    if number not in NUMBERS or number % 10 == 9:
        raise Wrong(f"{name}: a key with the number {number}")
    if key != key_of(language, number):
        raise Wrong(f"{name}: number {number}: another key")
    if value != value_of(key, number):
        raise Wrong(f"{name}: number {number}: another value")
    return name


def read(db):
    counts, last = Counter(), b""
    for key, value in db.items():
        if key <= last:
            raise Wrong("a key is out of order")
        last = key
        counts[check(key, value)] += 1
    for name, count in counts.items():
        if count != KEPT:
            raise Wrong(f"{name}: {count} keys, not {KEPT}")
    return counts


def main():
    verb, *rest = sys.argv[1:] or [""]
    writes = verb in ("write", "hold")
    if len(rest) != 1 + writes or not (writes or verb in ("read", "watch")):
        print("usage: polyglot.py write DIR LANG | hold DIR LANG | read DIR | watch DIR",
              file=sys.stderr)
        return 2
    try:
        with stave.open(rest[0], read_only=not writes) as db:
            if verb == "write":
                write(db, rest[1].encode("ascii"))
            elif verb == "hold":
                hold(db, rest[0], rest[1].encode("ascii"))
            elif verb == "read":
                for name, count in sorted(read(db).items()):
                    print(name, count)
            else:
                print(sum(1 for _ in db.keys()))
    except (Wrong, stave.Error) as error:
        print(f"polyglot.py: {rest[0]}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
