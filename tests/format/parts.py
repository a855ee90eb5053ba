"""Parsers for MANIFEST and data files: docs/format.md, sections 3 and 4. Bytes in, values out."""

import re
import struct
from collections import namedtuple

from checksums import crc32c

VERSION = 1
PUT, TOMBSTONE, RANGE_TOMBSTONE, BATCH, MARK = 1, 2, 3, 4, 5
EXPIRY, DURABLE, INNER = 1, 2, 4
KEY_MAX = 65535
VALUE_MAX = (4 << 30) - (128 << 10) - 1
FILE_MAX = 4 << 30
FILE_ID_MAX = 9_999_999_999
HEADER_SIZE = 64


class Corrupt(Exception):
    pass


class Unsupported(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Corrupt(what)


def check_version(version, what):
    if version > VERSION:
        raise Unsupported(f"{what}: format version {version}")


FileLine = namedtuple("FileLine", "id origin state length last_seq")
Manifest = namedtuple("Manifest", "uuid numbers files")
Header = namedtuple("Header", "origin uuid lineage id salt")
# offset and end are the record's own, also inside a batch; frame is where its batch starts.
Record = namedtuple("Record", "kind flags seq expires key value offset end frame")

_NUMBER = "(0|[1-9][0-9]{0,19})"
_MANIFEST_LINES = [
    ("uuid", "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"), ("lineage", "([0-9a-f]{16})"),
    ("lock_inode", _NUMBER), ("generation", _NUMBER), ("next_file_id", _NUMBER),
    ("clean", "([01])"), ("seq_floor", _NUMBER), ("feed_floor", _NUMBER),
    ("clock_high_ms", _NUMBER), ("files", _NUMBER)]
_FILE_LINE = re.compile(
    f"file {_NUMBER} (log|merge) (?:(open)|(sealed|closed) {_NUMBER} {_NUMBER})")


def _number(text):
    value = int(text)
    require(value < 1 << 64, f"number over 64 bits: {text}")
    return value


def parse_manifest(data):
    title = re.match(rb"stave-manifest ([1-9][0-9]{0,19})\n", data)
    require(title, "line 1 is not 'stave-manifest <version>'")
    check_version(_number(title[1].decode()), "MANIFEST")
    last = re.search(rb"(?<=\n)crc32c ([0-9a-f]{8})\n\Z", data)
    require(last, "the last line is not 'crc32c <8 hex digits>'")
    require(int(last[1], 16) == crc32c(0, data[:last.start()]), "wrong checksum")
    try:
        lines = data[:last.start()].decode("ascii").split("\n")[1:-1]
    except UnicodeDecodeError as error:
        raise Corrupt("not ASCII") from error
    require(len(lines) >= len(_MANIFEST_LINES), "lines are missing")
    values = {}
    for line, (key, shape) in zip(lines, _MANIFEST_LINES):
        found = re.fullmatch(f"{key} {shape}", line)
        require(found, f"expected '{key} ...', found '{line}'")
        values[key] = found[1] if key in ("uuid", "lineage") else _number(found[1])
    require(1 <= values["next_file_id"] <= FILE_ID_MAX + 1, "next_file_id out of range")
    files = [_file_line(line, values["next_file_id"]) for line in lines[len(_MANIFEST_LINES):]]
    require(len(files) == values["files"], "wrong number of file lines")
    require(len({f.id for f in files}) == len(files), "a file is listed twice")
    return Manifest(bytes.fromhex(values["uuid"].replace("-", "")), values, files)


def _file_line(line, next_file_id):
    found = _FILE_LINE.fullmatch(line)
    require(found, f"malformed: '{line}'")
    number = _number(found[1])
    require(1 <= number < next_file_id, f"id out of range: '{line}'")
    if found[3]:
        return FileLine(number, found[2], "open", 0, 0)
    length = _number(found[5])
    require(HEADER_SIZE <= length <= FILE_MAX and length % 8 == 0, f"length: '{line}'")
    return FileLine(number, found[2], found[4], length, _number(found[6]))


def parse_header(data):
    require(len(data) >= HEADER_SIZE, "shorter than its header")
    magic, version, origin, uuid, lineage, number, salt, zeros, crc = struct.unpack(
        "<8sII16sQQIQI", data[:HEADER_SIZE])
    require(magic == b"\x89STAVEL\n", "wrong magic")
    require(crc == crc32c(0, data[:60]), "wrong checksum of the header")
    check_version(version, "data file")
    require(version == VERSION and origin in (1, 2) and salt != 0 and zeros == 0
            and 1 <= number <= FILE_ID_MAX, "a field of the header is out of range")
    return Header("log" if origin == 1 else "merge", uuid, lineage, number, salt)


def _shape_valid(kind, flags, key_len, value_len, seq):
    if flags & ~(EXPIRY | DURABLE | INNER) or (flags & EXPIRY and kind != PUT):
        return False
    if flags & INNER and kind not in (PUT, TOMBSTONE):
        return False
    if kind == PUT:
        return key_len >= 1 and value_len <= VALUE_MAX and seq >= 1
    if kind == TOMBSTONE:
        return key_len >= 1 and value_len == 0 and seq >= 1
    if kind == RANGE_TOMBSTONE:
        return value_len <= KEY_MAX and seq >= 1
    if kind == BATCH:
        return (key_len == 0 and 4 <= value_len <= VALUE_MAX + 5 and (20 + value_len) % 8 == 0
                and seq >= 1)
    return kind == MARK and key_len == 0 and value_len == 0


def parse_record(data, at, end, salt):
    """The record at data[at:end], None at the end of what was written; Corrupt if invalid."""
    head = data[at:min(at + 20, end)]
    if not any(head):
        return None
    require(len(head) == 20, f"at {at}: cut within a header")
    crc, kind, flags, key_len, value_len, seq = struct.unpack("<IBBHIQ", head)
    require(_shape_valid(kind, flags, key_len, value_len, seq), f"at {at}: malformed record")
    start = at + (28 if flags & EXPIRY else 20)
    used = start + key_len + value_len
    padded = (used + 7) // 8 * 8
    require(padded <= end, f"at {at}: reaches beyond the file's bytes")
    require(not any(data[used:padded]), f"at {at}: padding is not zero")
    require(crc == crc32c(salt, data[at + 4:padded]), f"at {at}: wrong checksum")
    expires = int.from_bytes(data[at + 20:at + 28], "little") if flags & EXPIRY else 0
    require(expires != 0 or not flags & EXPIRY, f"at {at}: expiry 0")
    key, value = bytes(data[start:start + key_len]), bytes(data[start + key_len:used])
    require(kind != RANGE_TOMBSTONE or not value or key < value, f"at {at}: empty range")
    return Record(kind, flags, seq, expires, key, value, at, padded, at)


def open_batch(data, batch, salt):
    """The records inside; Corrupt unless all of the batch is right."""
    at = batch.offset + 24
    records = []
    count = int.from_bytes(batch.value[:4], "little")
    while at < batch.end:
        inner = parse_record(data, at, batch.end, salt)
        require(inner and inner.kind in (PUT, TOMBSTONE) and inner.flags & INNER
                and not inner.flags & DURABLE and inner.seq == batch.seq + len(records),
                f"at {at}: does not belong into a batch")
        records.append(inner._replace(frame=batch.offset))
        at = inner.end
    require(count >= 1 and len(records) == count, f"at {batch.offset}: wrong count in a batch")
    return records


def walk(data, end, salt):
    """Yields the operations and marks of each frame as a list, until the end or Corrupt."""
    at = HEADER_SIZE
    while at < end:
        record = parse_record(data, at, end, salt)
        if record is None:
            return
        require(not record.flags & INNER, f"at {at}: a batch's record without its batch")
        yield open_batch(data, record, salt) if record.kind == BATCH else [record]
        at = record.end
