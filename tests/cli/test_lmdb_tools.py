"""dump and load against mdb_load and mdb_dump of lmdb-utils."""

import subprocess
import unittest

import tools
from command import BAD_INPUT, STAVE, CommandTest, environment


class Lmdb(CommandTest):
    def setUp(self):
        super().setUp()
        self.count = 0

    def fill(self, rows):
        self.stave("load", "-q", "-F", "hex", stdin=tools.as_hex_tsv(rows))

    def mdb_load(self, dump):
        self.count += 1
        env = self.tmp / f"env{self.count}"
        env.mkdir()
        tools.run(["mdb_load", str(env)], stdin=dump)
        return str(env)

    def assert_round_trip(self, dump_flags=(), mdb_flags=()):
        """stave dump | mdb_load; mdb_dump | stave load: the same store."""
        want, first, old = self.out("list"), self.out("dump"), self.dir
        env = self.mdb_load(self.out("dump", *dump_flags))
        theirs = tools.run(["mdb_dump", *mdb_flags, env])
        if not mdb_flags:
            self.assertEqual(tools.records(theirs), tools.records(first))
        self.count += 1
        self.dir = self.tmp / f"copy{self.count}"
        self.stave("load", "-q", stdin=theirs)
        self.assertEqual(self.out("list"), want)
        self.dir = old

    def test_awkward_bytes(self):
        self.fill(tools.awkward_rows(511))
        self.assert_round_trip()
        self.assert_round_trip(["--print"])

    def test_what_mdb_dump_prints(self):
        self.fill({k: v for k, v in tools.awkward_rows(511).items() if b"\\" not in k + v})
        self.assert_round_trip(mdb_flags=["-p"])

    def test_a_backslash_that_mdb_dump_does_not_escape(self):
        self.fill({b"a": b"x\\y"})
        theirs = tools.run(["mdb_dump", "-p", self.mdb_load(self.out("dump"))])
        if b"x\\\\y" in theirs or b"x\\5cy" in theirs:
            self.skipTest("this mdb_dump escapes backslashes")
        self.dir = self.tmp / "copy"
        done = self.stave("load", "-q", stdin=theirs, expect=BAD_INPUT)
        self.assertIn(b"dump without -p", done.stderr)

    def test_as_a_pipe(self):
        self.fill({b"a": b"1", b"b": b""})
        env, copy = self.tmp / "env", self.tmp / "copy"
        env.mkdir()
        command = (f"set -e -o pipefail; '{STAVE}' --dir '{self.dir}' dump | mdb_load '{env}'; "
                   f"mdb_dump '{env}' | '{STAVE}' --dir '{copy}' load -q")
        tools.run(["bash", "-c", command])
        self.dir = copy
        self.assertEqual(self.out("list"), b"a\t1\nb\t\n")

    def test_many_records_fit_the_map(self):
        self.fill(tools.many_rows(100000))
        self.assert_round_trip()

    def test_the_map_has_room_for_values_that_fill_pages_badly(self):
        for value_size in (1, 700, 1400, 2030, 4100):
            rows = {b"%06d" % i + b"k" * 500: bytes(value_size) for i in range(2000)}
            self.dir = self.tmp / f"store{value_size}"
            self.fill(rows)
            self.mdb_load(self.out("dump"))

    def test_a_small_store_fits_the_usual_map(self):
        # As much as is dumped without a line for the map.
        rows, dump = {}, b""
        for i in range(0, 4000, 100):
            rows = {b"%06d" % n + b"k" * 500: b"" for n in range(i + 1)}
            self.fill(rows)
            following = self.out("dump")
            if b"mapsize" in following:
                break
            dump = following
        self.assertIn(b"mapsize", following)
        self.mdb_load(dump)

    def test_a_key_too_long_for_lmdb(self):
        self.fill({b"a": b"1", b"k" * 512: b"2", b"z": b"3"})
        env = self.tmp / "env"
        env.mkdir()
        command = (f"'{STAVE}' --dir '{self.dir}' dump --for lmdb | mdb_load '{env}'; "
                   "echo ${PIPESTATUS[1]}")
        done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60,
                              env=environment())
        self.assertNotEqual(done.stdout, b"0\n")
        self.assertIn(b"MDB_BAD_VALSIZE", done.stderr)
        self.assertIn(b"has 512 bytes, and LMDB takes 511", done.stderr)

    def test_named_databases(self):
        self.fill({b"a": b"1"})
        dump = self.out("dump")
        named = b"".join(dump.replace(b"type=", b"database=%s\ntype=" % name)
                         for name in (b"one", b"two"))
        env = self.mdb_load(named)
        both = tools.run(["mdb_dump", "-a", env])
        self.dir = self.tmp / "copy"
        done = self.stave("load", "-q", stdin=both, expect=BAD_INPUT)
        self.assertIn(b"'two' after 'one'", done.stderr)
        self.stave("load", "-q", "--database", "two", stdin=both)
        self.stave("load", "-q", stdin=tools.run(["mdb_dump", "-s", "one", env]))
        self.assertEqual(self.out("list"), b"a\t1\n")


if __name__ == "__main__":
    tools.skip_unless("lmdb-utils", "mdb_dump", "mdb_load")
    unittest.main()
