"""Writes directories as Riak's Bitcask leaves them."""

import struct
import zlib

TOMBSTONE = b"bitcask_tombstone"


def record(key, value, tstamp=1):
    body = struct.pack(">IHI", tstamp, len(key), len(value)) + key + value
    return struct.pack(">I", zlib.crc32(body)) + body


def tombstone(key, tstamp=1, file=None):
    value = TOMBSTONE if file is None else TOMBSTONE + b"2" + struct.pack(">I", file)
    return record(key, value, tstamp)


def write(directory, files):
    """`files`: number -> bytes of N.bitcask.data. Hints and locks lie about, as they do there."""
    directory.mkdir(exist_ok=True)
    for number, data in files.items():
        (directory / f"{number}.bitcask.data").write_bytes(data)
        (directory / f"{number}.bitcask.hint").write_bytes(b"not read")
    (directory / "bitcask.write.lock").write_bytes(b"4711 ./12.bitcask.data\n")
    return str(directory)
