#!/usr/bin/env python3
"""Makes the demo's records from what a Debian machine has, and judges a store after a crash.

usage: demo_records.py make             real records as TSV: one per package of the Debian index
       demo_records.py share FILE N K   every N-th record from the K-th, with a new value
       demo_records.py rounds FILE N    all records N times over, keys prefixed by the round
       demo_records.py check FILE N     `stave list` of such a load on standard input: are the
                                        first N records there, and is every value right?

TSV: key, TAB, value, with backslash, TAB, newline and carriage return written as \\\\ \\t \\n \\r.
"""

import itertools
import os
import re
import subprocess
import sys

WANTED = 20_000  # fewer packages than this, and paragraphs of documentation are added
ESCAPES = {b"\\": b"\\\\", b"\t": b"\\t", b"\n": b"\\n", b"\r": b"\\r"}


def escaped(raw):
    return re.sub(rb"[\\\t\n\r]", lambda match: ESCAPES[match.group()], raw)


def unescaped(text):
    plain = {b"\\\\": b"\\", b"\\t": b"\t", b"\\n": b"\n", b"\\r": b"\r"}
    return re.sub(rb"\\(?:x([0-9a-fA-F]{2})|.)",
                  lambda m: bytes.fromhex(m[1].decode()) if m[1] else plain[m[0]], text)


def package_index():
    """The index of the last apt-get update, else what is installed."""
    try:
        text = subprocess.run(["apt-cache", "dumpavail"], check=True, capture_output=True).stdout
        if text.count(b"\n\n") > 1000:
            return text
    except (OSError, subprocess.CalledProcessError):
        pass
    try:
        with open("/var/lib/dpkg/status", "rb") as status:
            return status.read()
    except OSError:
        return b""


def packages():
    for stanza in package_index().split(b"\n\n"):
        if stanza.startswith(b"Package: "):
            yield stanza[9:stanza.index(b"\n")], stanza


def paragraphs():
    """Where there is no package index: whatever text this machine carries."""
    for folder, folders, files in os.walk("/usr/share"):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            try:
                with open(path, "rb") as file:
                    text = file.read(1 << 20)
            except OSError:
                continue
            if b"\0" not in text:
                for number, paragraph in enumerate(text.split(b"\n\n")):
                    yield b"%s:%d" % (os.fsencode(path), number), paragraph


def make(out):
    seen = set()
    supplement = itertools.takewhile(lambda _: len(seen) < WANTED, paragraphs())
    for key, value in itertools.chain(packages(), supplement):
        if key not in seen:
            seen.add(key)
            out.write(b"%s\t%s\n" % (escaped(key), escaped(value)))


def share(out, path, step, first):
    with open(path, "rb") as file:
        for line in itertools.islice(file, first, None, step):
            key, _, value = line.rstrip(b"\n").partition(b"\t")
            out.write(b"%s\tReviewed: yes\\n%s\n" % (key, value))


def rounds(out, path, count):
    with open(path, "rb") as file:
        lines = file.readlines()
    for number in range(count):
        prefix = b"%d/" % number
        out.write(prefix + prefix.join(lines))


def check(listing, path, acknowledged):
    """True if the store holds the first `acknowledged` records and no wrong value."""
    values, order = {}, []
    with open(path, "rb") as file:
        for line in file:
            key, _, value = line.rstrip(b"\n").partition(b"\t")
            order.append(unescaped(key))
            values[order[-1]] = unescaped(value)
    place = {key: index for index, key in enumerate(order)}
    found = 0
    kept = set()
    for line in listing:
        key, _, value = line.rstrip(b"\n").partition(b"\t")
        number, _, name = unescaped(key).partition(b"/")
        if values.get(name) != unescaped(value):
            print(f"WRONG: {key.decode(errors='replace')} has a value that was never written")
            return False
        found += 1
        kept.add(int(number) * len(order) + place[name])
    lost = sum(1 for index in range(acknowledged) if index not in kept)
    print(f"acknowledged {acknowledged:,}; of them missing {lost:,}; "
          f"in the store {found:,}, every value right")
    return lost == 0


def main(arguments):
    out = sys.stdout.buffer
    match arguments:
        case ["make"]:
            make(out)
        case ["share", path, step, first]:
            share(out, path, int(step), int(first))
        case ["rounds", path, count]:
            try:
                rounds(out, path, int(count))
                out.flush()
            except BrokenPipeError:  # the loader was killed, as the demo means it to be
                os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        case ["check", path, acknowledged]:
            return 0 if check(sys.stdin.buffer, path, int(acknowledged)) else 1
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
