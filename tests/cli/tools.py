"""The dump and load tools of LMDB and Berkeley DB, for the tests that need the real ones."""

import random
import shutil
import subprocess
import sys

SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def skip_unless(package, *tools):
    """Ends the test, and says so, if the tools are not installed."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        print(f"skipped: {', '.join(missing)} not found (apt-get install {package})")
        sys.exit(SKIPPED)


def run(command, stdin=b""):
    """Runs a tool, which must succeed; returns its standard output."""
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=300)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode} {done.stderr[:500]!r}")
    return done.stdout


def records(dump):
    """The lines of a dump's records, without its header."""
    return dump[dump.index(b"HEADER=END\n"):]


def awkward_rows(key_size_max):
    """Keys and values in which text formats go wrong."""
    every = bytes(range(256))
    pieces = [b"\0", b"\n", b"\r\n", b"\\", b"\\\\", b"\\41", b"\\n", b" ", b" a ", b"\t", b"\"",
              b"DATA=END", b"HEADER=END", b"=", b"\xff", "ключ".encode(), every, every[::-1]]
    rows = {b"k" + piece: piece for piece in pieces}
    rows |= {piece: b"" for piece in pieces if len(piece) <= key_size_max}
    rows[b"L" * key_size_max] = b"longest key"
    rows[bytes(key_size_max)] = b"\0"
    rows[b"long value"] = every * 4096
    return rows


def many_rows(count):
    """Random keys and values of 0 to 60 bytes, with a fixed seed."""
    source = random.Random(4)
    rows = {}
    while len(rows) < count:
        key = source.randbytes(source.randrange(1, 40))
        rows[key] = source.randbytes(source.randrange(0, 60))
    return rows


def as_hex_tsv(rows):
    return b"".join(k.hex().encode() + b"\t" + v.hex().encode() + b"\n" for k, v in rows.items())
