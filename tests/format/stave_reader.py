#!/usr/bin/env python3
"""Reads a stave store without the library, written from docs/format.md alone.

usage: stave_reader.py DIR dump [--now-ms N]    live keys as "hexkey hexvalue", sorted by key
       stave_reader.py DIR check                every checksum, hints against data, filters,
                                                order; one line for each problem
exit status: 0 well, 1 corrupt, 2 wrong usage, 3 written by a newer version
"""

import argparse
import sys
import time
from pathlib import Path

import hints
from parts import (DURABLE, HEADER_SIZE, MARK, PUT, RANGE_TOMBSTONE, TOMBSTONE, Corrupt,
                   Unsupported, parse_header, parse_manifest, parse_record, require, walk)


class DataFile:
    def __init__(self, line, data, header):
        self.line, self.data, self.header = line, data, header
        self.operations = []  # of the part that counts, in order


class Store:
    """Everything MANIFEST names, read and checked; see docs/format.md, sections 3 to 6."""

    def __init__(self, directory):
        self.directory = Path(directory)
        try:
            self.manifest = parse_manifest((self.directory / "MANIFEST").read_bytes())
        except Corrupt as error:
            raise Corrupt(f"MANIFEST: {error}") from error
        self.files = [self._load(line) for line in self.manifest.files]
        for file in self.files:
            if file.line.state != "open":
                self._read_whole(file)
        self._read_log([f for f in self.files if f.line.state == "open"])

    def path(self, number, suffix):
        return self.directory / f"{number:010d}.{suffix}"

    def _load(self, line):
        path = self.path(line.id, "log")
        require(path.is_file(), f"{path.name}: listed, but missing")
        data = path.read_bytes()
        require(len(data) >= line.length, f"{path.name}: shorter than MANIFEST says")
        try:
            header = parse_header(data)
            require(header.uuid == self.manifest.uuid and header.id == line.id
                    and header.origin == line.origin, "the header is another file's")
        except Corrupt as error:
            raise Corrupt(f"{path.name}: {error}") from error
        return DataFile(line, data, header)

    @staticmethod
    def _read_whole(file):
        name, length = f"{file.line.id:010d}.log", file.line.length
        end = HEADER_SIZE
        try:
            for frame in walk(file.data, length, file.header.salt):
                end = frame[-1].end
                file.operations += [r for r in frame if r.kind != MARK]
        except Corrupt as error:
            raise Corrupt(f"{name}: {error}") from error
        require(end == length, f"{name}: records end at {end}, not at {length}")
        seqs = [r.seq for r in file.operations]
        require(max(seqs, default=0) == file.line.last_seq, f"{name}: last number")
        if file.line.origin == "log":
            require(all(a < b for a, b in zip(seqs, seqs[1:])), f"{name}: numbers do not ascend")

    def _read_log(self, files):
        """The open files up to where the log ends, and whether it may end there."""
        last = max((f.line.last_seq for f in self.files), default=0)
        first = True
        cut = None
        for i, file in enumerate(files):
            end, complete = HEADER_SIZE, False
            try:
                for frame in walk(file.data, len(file.data), file.header.salt):
                    operations = [r for r in frame if r.kind != MARK]
                    if operations:
                        seq = operations[0].seq
                        in_order = seq > last if first and i == 0 else seq == last + 1
                        if not in_order:
                            break
                        first, last = False, operations[-1].seq
                    file.operations += operations
                    end = frame[-1].end
                else:
                    complete = not any(file.data[end:])
            except Corrupt:
                pass
            if not complete:
                cut = (i, end)
                break
        if cut:
            self._check_cut(files, cut, last)

    def _check_cut(self, files, cut, last):
        for i, file in enumerate(files[cut[0]:]):
            start = cut[1] if i == 0 else HEADER_SIZE
            for at in range(start, len(file.data) - 19, 8):
                if file.data[at + 4] != MARK and not file.data[at + 5] & DURABLE:
                    continue
                try:
                    record = parse_record(file.data, at, len(file.data), file.header.salt)
                except Corrupt:
                    continue
                durable = record.seq if record.kind == MARK else record.seq - 1
                if durable >= self.manifest.numbers["seq_floor"]:
                    continue
                require(durable <= last, f"{file.line.id:010d}.log: the log ends after operation "
                                         f"{last}, but {durable} was durable")

    def live(self, now_ms):
        newest, ranges = {}, []
        for file in self.files:
            for r in file.operations:
                if r.kind == RANGE_TOMBSTONE:
                    ranges.append(r)
                else:
                    newest[r.key] = r
        for key, r in sorted(newest.items()):
            covered = any(t.seq > r.seq and t.key <= key and (not t.value or key < t.value)
                          for t in ranges)
            if r.kind == PUT and not covered and not 0 < r.expires <= now_ms:
                yield key, r.value

    def problems(self):
        """What loading does not look at: order across files, hints, KEYDIR."""
        seen = {}
        for file in self.files:
            for r in file.operations:
                if r.kind != RANGE_TOMBSTONE:
                    if seen.get(r.key, 0) >= r.seq:
                        yield f"{file.line.id:010d}.log: at {r.offset}: breaks Invariant R"
                    seen[r.key] = r.seq
        for file in self.files:
            path = self.path(file.line.id, "hint")
            if file.line.state == "sealed" and path.is_file():
                try:
                    check_hint(file, hints.parse_hint(path.read_bytes()))
                except Corrupt as error:
                    yield f"{path.name}: {error}"
        keydir = self.directory / "KEYDIR"
        if keydir.is_file():
            try:
                hints.check_keydir(keydir.read_bytes())
            except Corrupt as error:
                yield str(error)


def check_hint(file, hint):
    f = hint.footer
    require((f.salt, f.id, f.data_length) == (file.header.salt, file.line.id, file.line.length),
            "belongs to other data")
    plain = [r for r in file.operations if r.kind in (PUT, TOMBSTONE)]
    newest = {r.key: r for r in plain}
    expected = [hints.Entry(r.key, r.kind, r.seq, r.offset, len(r.value), r.expires)
                for _, r in sorted(newest.items())]
    require(hint.entries == expected, "entries differ from the data")
    ranges = {hints.Range(r.key, r.value, r.seq, r.offset)
              for r in file.operations if r.kind == RANGE_TOMBSTONE}
    require(set(hint.ranges) == ranges and len(hint.ranges) == len(ranges),
            "range tombstones differ from the data")
    seqs = [r.seq for r in file.operations]
    counted = (min(seqs, default=0), max(seqs, default=0), len(plain),
               sum(r.end - r.offset for r in plain), len(newest),
               sum(r.kind == TOMBSTONE for r in newest.values()),
               sum(r.end - r.offset for r in newest.values()), len(ranges))
    require(f[4:12] == counted, f"footer says {f[4:12]}, the data {counted}")
    for key in newest:
        require(hints.may_contain(hint.filter, f.salt, key), f"filter denies {key.hex()}")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("dir")
    parser.add_argument("verb", choices=["dump", "check"])
    parser.add_argument("--now-ms", type=int, default=None, help="decides what has expired")
    given = parser.parse_args(arguments)
    now_ms = int(time.time() * 1000) if given.now_ms is None else given.now_ms
    try:
        store = Store(given.dir)
        if given.verb == "dump":
            for key, value in store.live(now_ms):
                print(key.hex(), value.hex())
            return 0
        problems = list(store.problems())
        for problem in problems:
            print(problem)
        return 1 if problems else 0
    except Corrupt as error:
        print(error, file=sys.stderr)
        return 1
    except Unsupported as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
