#!/usr/bin/env python3
"""The stave command and the independent reader must say the same of the same store.

usage: agree.py STAVE [SHAPE...]

Each shape is a run of commands that leaves a store of its own kind; after every step what
`stave list` prints, what stave_reader.py dumps and a plain dict that followed the same steps
must be equal, and the reader's check must find nothing.
"""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import stave_reader

SEED = 20240601
SMALL_FILES = ["-o", "max_file_size=8KiB"]


class Bench:
    """One store, driven by the command, and the dict that it ought to equal."""

    def __init__(self, stave, directory, options=()):
        self.stave, self.dir, self.options = stave, Path(directory), list(options)
        self.model = {}
        self.random = random.Random(SEED)

    def run(self, *arguments, rows=None, accepted=(0,)):
        done = subprocess.run(
            [self.stave, "--dir", str(self.dir), "-q", *self.options, *arguments], input=rows,
            capture_output=True, check=False)
        if done.returncode not in accepted:
            raise SystemExit(f"stave {' '.join(arguments)}: exit {done.returncode}: "
                             f"{done.stderr.decode(errors='replace')}")
        return done.stdout

    def put(self, key, value):
        self.run("put", "--format", "hex", key.hex(), value.hex())
        self.model[key] = value

    def delete(self, *keys):
        self.run("delete", "--format", "hex", *[key.hex() for key in keys], accepted=(0, 1))
        for key in keys:
            self.model.pop(key, None)

    def delete_range(self, low, high):
        self.run("delete", "--format", "hex", "--range", low.hex(), high.hex())
        self.model = {key: value for key, value in self.model.items()
                      if key < low or high and key >= high}

    def clear(self):
        self.run("clear", "--yes")
        self.model = {}

    def load(self, pairs, batch):
        rows = "".join(f"{key.hex()}\t{value.hex()}\n" for key, value in pairs).encode()
        self.run("load", "--format", "hex", "--batch", str(batch), rows=rows)
        self.model.update(pairs)

    def merge(self):
        self.run("merge")

    def kill_while_loading(self, acks):
        """Loads rows without end, and kills the command after some were acknowledged."""
        child = subprocess.Popen(
            [self.stave, "--dir", str(self.dir), "-q", *self.options, "load", "--format", "hex",
             "--batch", "3", "--ack"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        rows = []
        for _ in range(acks):
            batch = [(self.key(), self.value()) for _ in range(3)]
            rows += batch
            child.stdin.write(b"".join(b"%s\t%s\n" % (k.hex().encode(), v.hex().encode())
                                       for k, v in batch))
            child.stdin.flush()
            if not child.stdout.readline().startswith(b"ACK"):
                raise SystemExit(f"load --ack ended: {child.wait()}")
        child.kill()
        child.communicate()
        self.model.update(rows)

    def list(self):
        listed = {}
        for line in self.run("list", "--format", "hex").decode().splitlines():
            key, value = line.split("\t")
            listed[bytes.fromhex(key)] = bytes.fromhex(value)
        return listed

    def compare(self, step):
        # The reader first: the command may recover the store.
        before = dict(stave_reader.Store(self.dir).live(0))
        listed = self.list()
        store = stave_reader.Store(self.dir)
        read = dict(store.live(0))
        for name, got in (("the reader", before), ("stave list", listed),
                          ("the reader, then", read)):
            if got != self.model:
                wrong = sorted(set(got.items()) ^ set(self.model.items()))[:5]
                raise SystemExit(f"after {step}: {name} differs from the model: {wrong}")
        problems = list(store.problems())
        if problems:
            raise SystemExit(f"after {step}: the reader's check: {problems}")
        return store

    def key(self, among=200):
        number = self.random.randrange(among)
        return (b"key%06d" % number) if number % 3 else bytes([number, 0, 255, number])

    def value(self, largest=300):
        return self.random.randbytes(self.random.randrange(largest))


def empty(bench):
    bench.put(b"k", b"v")
    bench.delete(b"k")
    bench.compare("put and delete")
    bench.merge()
    bench.compare("merge to nothing")


def single_operations(bench):
    for _ in range(60):
        if bench.random.random() < 0.7:
            bench.put(bench.key(20), bench.value())
        else:
            bench.delete(bench.key(20))
    bench.compare("puts and deletes")


def odd_keys_and_values(bench):
    bench.load([(b"\0", b""), (b"\xff" * 300, b"\0" * 5), (b"a\tb\n", b"\n"),
                ("schlüssel".encode(), "wert".encode()), (b"k" * 65535, b"v" * 100000)], 2)
    bench.compare("odd keys")
    bench.merge()
    bench.compare("merge")


def batches(bench):
    for size in (1, 2, 3, 7, 100):
        bench.load([(bench.key(), bench.value()) for _ in range(120)], size)
        bench.compare(f"batches of {size}")


def rotations(bench):
    bench.options += SMALL_FILES
    for turn in range(4):
        bench.load([(bench.key(), bench.value()) for _ in range(200)], 10)
        bench.delete(*{bench.key() for _ in range(20)})
        store = bench.compare(f"rotations, turn {turn}")
    if len(store.files) < 4:
        raise SystemExit(f"only {len(store.files)} files: rotation was not met")


def merges(bench):
    bench.options += SMALL_FILES
    for turn in range(4):
        bench.load([(bench.key(), bench.value()) for _ in range(200)], 5)
        bench.delete(*{bench.key() for _ in range(40)})
        bench.compare(f"writes before merge {turn}")
        bench.merge()
        store = bench.compare(f"merge {turn}")
        if turn == 0 and not any(f.line.origin == "merge" for f in store.files):
            raise SystemExit("a merge left no merged file")
        bench.delete(*{bench.key() for _ in range(10)})
        bench.compare(f"deletes after merge {turn}")


def ranges(bench):
    bench.options += SMALL_FILES
    for turn in range(5):
        bench.load([(bench.key(), bench.value()) for _ in range(200)], 5)
        low, high = sorted((bench.key(), bench.key()))
        bench.delete_range(low, high)
        bench.load([(bench.key(), bench.value()) for _ in range(60)], 5)
        bench.compare(f"range delete {turn}")
        bench.merge()
        bench.compare(f"merge {turn}")
        low, high = sorted((bench.key(), bench.key()))
        bench.delete_range(*((low, high) if turn % 2 else (b"", low)))
        bench.compare(f"second range delete {turn}")
    bench.clear()
    bench.compare("clear")
    bench.put(b"k", b"v")
    bench.compare("put after clear")


def killed(bench):
    bench.options += SMALL_FILES
    for acks in (1, 5, 60):
        bench.kill_while_loading(acks)
        bench.compare(f"kill after {acks} batches")
        bench.put(b"after", b"%d" % acks)  # opens for writing, so recovers
        bench.compare(f"recovery after {acks} batches")


def torn(bench):
    """Damage in what no sync ever covered: the reader must cut where recovery does."""
    bench.options += ["-o", "sync=none"]
    cuts = 0
    for place in range(0, 40, 6):
        bench.kill_while_loading(20)
        whole = bench.model
        tail = max((f for f in stave_reader.Store(bench.dir).files if f.line.state == "open"),
                   key=lambda f: len(f.operations))
        hit = tail.operations[-1 - place]
        path = bench.dir / f"{tail.line.id:010d}.log"
        with path.open("r+b") as file:
            file.seek(hit.offset + bench.random.randrange(hit.end - hit.offset))
            byte = file.read(1)
            file.seek(-1, 1)
            file.write(bytes([byte[0] ^ 1 << bench.random.randrange(8)]))
        bench.model = dict(stave_reader.Store(bench.dir).live(0))
        cuts += bench.model != whole
        bench.compare(f"damage {place} operations before the end")
        bench.put(b"after", b"%d" % place)
        bench.compare(f"recovery, {place} operations before the end")
    if cuts == 0:
        raise SystemExit("no damage was met")


SHAPES = {shape.__name__: shape for shape in (
    empty, single_operations, odd_keys_and_values, batches, rotations, merges, ranges, killed, torn)}


def main(arguments):
    if not arguments or not set(arguments[1:]) <= set(SHAPES):
        print(__doc__, "shapes:", " ".join(SHAPES), file=sys.stderr)
        return 2
    for name in arguments[1:] or SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            SHAPES[name](Bench(arguments[0], Path(folder) / "store"))
        print(f"{name}: agreed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
