"""One store, written by programs of all languages in turn and read by all; and readers of all
beside a writer of each.

usage: polyglot_test.py NAME=COMMAND... [unittest's own arguments]

What the commands write and print stands at the head of common/polyglot.c."""

import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

KEPT = 180  # keys that one `write` leaves
MOST = 200  # and has at times
SECONDS = 120

programs = {}


def run(name, *arguments):
    done = subprocess.run(
        [*programs[name], *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        raise AssertionError(
            f"{name}: {' '.join(arguments)}: status {done.returncode}: {done.stderr.strip()}"
        )
    return done.stdout


class Writer:
    """A program that writes the same keys again and again, until it is told to stop."""

    def __init__(self, name, store):
        self.name = name
        self.stop = pathlib.Path(store + ".stop")
        self.process = subprocess.Popen(
            [*programs[name], "hold", store, name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        first = self.process.stdout.readline()
        if first != "open\n":
            self.process.kill()
            raise AssertionError(f"{self.name}: hold: {first!r}: {self.process.stderr.read()}")
        return self

    def __exit__(self, *_):
        self.stop.touch()
        _, errors = self.process.communicate(timeout=SECONDS)
        if self.process.returncode != 0:
            raise AssertionError(f"{self.name}: hold: {errors.strip()}")


class Polyglot(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="stave-polyglot-")
        self.addCleanup(scratch.cleanup)
        self.store = str(pathlib.Path(scratch.name) / "store")

    def test_what_each_writes_all_can_read(self):
        written = set()
        for writer in programs:
            run(writer, "write", self.store, writer)
            written.add(writer)
            expected = "".join(f"{name} {KEPT}\n" for name in sorted(written))
            for reader in programs:
                with self.subTest(writer=writer, reader=reader):
                    self.assertEqual(run(reader, "read", self.store), expected)

    def test_readers_of_all_languages_beside_a_writer_of_each(self):
        for number, writer in enumerate(programs):
            store = f"{self.store}{number}"
            run(writer, "write", store, writer)
            with Writer(writer, store):
                for reader in programs:
                    with self.subTest(writer=writer, reader=reader):
                        count = int(run(reader, "watch", store))
                        self.assertTrue(KEPT <= count <= MOST, count)
            self.assertEqual(run(writer, "read", store), f"{writer} {KEPT}\n")

    def test_one_writer_at_a_time(self):
        first, second = list(programs)[:2]
        run(first, "write", self.store, first)
        with Writer(first, self.store):
            with self.assertRaisesRegex(AssertionError, f"{second}: write .*status 1: .*in use"):
                run(second, "write", self.store, second)


if __name__ == "__main__":
    while len(sys.argv) > 1 and "=" in sys.argv[1]:
        language, command = sys.argv.pop(1).split("=", 1)
        programs[language] = shlex.split(command)
    if len(programs) < 2:
        sys.exit("polyglot_test.py: give at least two languages: NAME=COMMAND NAME=COMMAND")
    unittest.main(verbosity=2)
