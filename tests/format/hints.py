"""Parsers for hint files and KEYDIR: docs/format.md, sections 7 and 8."""

import struct
from collections import namedtuple

from checksums import crc32c, xxh64
from parts import (FILE_MAX, HEADER_SIZE, KEY_MAX, PUT, TOMBSTONE, VALUE_MAX, VERSION,
                   check_version, require)

FOOTER_SIZE = 192
Footer = namedtuple(
    "Footer", "salt zero id data_length first_seq last_seq operations record_bytes entries "
    "tombstones entry_bytes range_tombstones ranges_at ranges_len index_at index_len filter_at "
    "filter_len zeros version crc magic")
Entry = namedtuple("Entry", "key kind seq offset value_length expires")
Range = namedtuple("Range", "first end seq offset")
Hint = namedtuple("Hint", "footer entries ranges filter")


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def done(self):
        return self.at == len(self.data)

    def byte(self):
        require(self.at < len(self.data), "hint: cut short")
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                require((byte or not shift) and value < 1 << 64, "hint: malformed varint")
                return value
        return require(False, "hint: malformed varint")

    def take(self, size):
        require(size <= len(self.data) - self.at, "hint: cut short")
        self.at += size
        return self.data[self.at - size:self.at]

    def sized(self):
        size = self.varint()
        require(size <= KEY_MAX, "hint: key too long")
        return self.take(size)


def _checked(data, start, length, what):
    """A part's bytes without its checksum, which must be right."""
    part = data[start:start + length]
    require(len(part) == length >= 4, f"hint: {what} is cut short")
    require(int.from_bytes(part[-4:], "little") == crc32c(0, part[:-4]),
            f"hint: wrong checksum of {what}")
    return part[:-4]


def parse_footer(data):
    require(len(data) >= FOOTER_SIZE, "hint: shorter than its footer")
    f = Footer(*struct.unpack("<II10Q6Q40sII8s", data[-FOOTER_SIZE:]))
    require(f.magic == b"\x89STAVEH\n", "hint: wrong magic")
    check_version(f.version, "hint")
    require(f.version == VERSION, "hint: version 0")
    require(f.crc == crc32c(0, data[-FOOTER_SIZE:-12]), "hint: wrong checksum of the footer")
    require(f.zero == 0 and not any(f.zeros), "hint: reserved bytes are not zero")
    require(f.index_at == f.ranges_at + f.ranges_len and f.filter_at == f.index_at + f.index_len
            and f.filter_at + f.filter_len == len(data) - FOOTER_SIZE, "hint: parts do not adjoin")
    return f


def _parse_block(part):
    cursor, key, seq = Cursor(part), b"", 0
    while not cursor.done():
        head = cursor.byte()
        shared, rest, step, offset = (cursor.varint() for _ in range(4))
        kind, has_expiry = head & 15, head & 16
        require(head < 32 and (kind == PUT or kind == TOMBSTONE and not has_expiry),
                "hint: unknown kind of entry")
        value_length = cursor.varint() if kind == PUT else 0
        expires = cursor.varint() if has_expiry else 0
        require(shared <= len(key) and rest >= 1 and shared + rest <= KEY_MAX, "hint: key length")
        previous, key = key, key[:shared] + cursor.take(rest)
        require(previous < key, "hint: keys do not ascend")
        seq = (seq + (step >> 1 ^ -(step & 1))) % (1 << 64)
        offset *= 8
        require(seq and HEADER_SIZE <= offset < FILE_MAX and value_length <= VALUE_MAX
                and bool(expires) == bool(has_expiry), "hint: entry out of range")
        yield Entry(key, kind, seq, offset, value_length, expires)


def parse_hint(data):
    f = parse_footer(data)
    index = Cursor(_checked(data, f.index_at, f.index_len, "the index"))
    entries, at = [], 0
    for _ in range(index.varint()):
        length, first_key = index.varint(), index.sized()
        block = list(_parse_block(_checked(data, at, length, f"the block at {at}")))
        require(block and block[0].key == first_key, f"hint: first key of the block at {at}")
        require(not entries or entries[-1].key < first_key, "hint: keys do not ascend")
        entries += block
        at += length
    require(index.done() and at == f.ranges_at, "hint: blocks and index differ")
    cursor = Cursor(_checked(data, f.ranges_at, f.ranges_len, "the ranges"))
    ranges = [Range(cursor.sized(), cursor.sized(), cursor.varint(), cursor.varint() * 8)
              for _ in range(cursor.varint())]
    require(cursor.done(), "hint: more ranges than counted")
    bits = _checked(data, f.filter_at, f.filter_len, "the filter")
    require(len(bits) >= 68 and len(bits) % 64 == 4 and bits[-4:] == b"\6\0\0\0", "hint: filter")
    return Hint(f, entries, ranges, bits[:-4])


def may_contain(bits, salt, key):
    h = xxh64(key, salt)
    block = h * (len(bits) // 64) >> 64
    g = h * 0x9E3779B97F4A7C15 % (1 << 64)
    places = [g >> 10 + 9 * i & 511 for i in range(6)]
    return all(bits[block * 64 + bit // 8] >> bit % 8 & 1 for bit in places)


def check_keydir(data):
    """Every checksum of a KEYDIR file."""
    require(len(data) >= 16 and data[:8] == b"\x89STAVEK\n", "KEYDIR: wrong magic")
    version, size = struct.unpack("<II", data[8:16])
    check_version(version, "KEYDIR")
    require(size % 4096 == 0 and 4096 <= size <= len(data), "KEYDIR: header size")
    require(int.from_bytes(data[size - 4:size], "little") == crc32c(0, data[:size - 4]),
            "KEYDIR: wrong checksum of the header")
    files, shards = struct.unpack("<II", data[80:88])
    require(88 + files * 608 + shards * 32 + 4 <= size, "KEYDIR: counts")
    for i in range(shards):
        at = 88 + files * 608 + i * 32
        length, _, _, crc = struct.unpack("<4Q", data[at:at + 32])
        require(size + (length + 4095) // 4096 * shards * 4096 <= len(data),
                f"KEYDIR: length of shard {i}")
        first = size + i * 4096
        units = [data[unit:unit + 4096] for unit in range(first, len(data), shards * 4096)]
        require(crc == crc32c(0, b"".join(units)[:length]),
                f"KEYDIR: wrong checksum of shard {i}")
