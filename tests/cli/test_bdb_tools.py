"""dump and load against db_load and db_dump of db-util."""

import unittest

import tools
from command import BAD_INPUT, STAVE, CommandTest


class BerkeleyDb(CommandTest):
    def setUp(self):
        super().setUp()
        self.count = 0

    def fill(self, rows):
        self.stave("load", "-q", "-F", "hex", stdin=tools.as_hex_tsv(rows))

    def db_load(self, dump, *flags):
        self.count += 1
        file = str(self.tmp / f"{self.count}.db")
        tools.run(["db_load", *flags, file], stdin=dump)
        return file

    def assert_round_trip(self, dump_flags=(), load_flags=(), db_flags=()):
        """stave dump | db_load; db_dump | stave load: the same store."""
        want, first, old = self.out("list"), self.out("dump"), self.dir
        theirs = tools.run(
            ["db_dump", *db_flags, self.db_load(self.out("dump", "--for", "bdb", *dump_flags),
                                                *load_flags)])
        if not db_flags and not load_flags:
            self.assertEqual(tools.records(theirs), tools.records(first))
        self.count += 1
        self.dir = self.tmp / f"copy{self.count}"
        self.stave("load", "-q", stdin=theirs)
        self.assertEqual(self.out("list"), want)
        self.dir = old

    def test_awkward_bytes(self):
        self.fill(tools.awkward_rows(65535))
        self.assert_round_trip()
        self.assert_round_trip(["--print"])
        self.assert_round_trip(db_flags=["-p"])
        self.assert_round_trip(["--print"], load_flags=["-t", "hash"], db_flags=["-p"])

    def test_many_records(self):
        self.fill(tools.many_rows(100000))
        self.assert_round_trip()

    def test_as_a_pipe(self):
        self.fill({b"a": b"1", b"b": b""})
        copy, file = self.tmp / "copy", self.tmp / "x.db"
        command = (f"set -e -o pipefail; '{STAVE}' --dir '{self.dir}' dump | db_load '{file}'; "
                   f"db_dump '{file}' | '{STAVE}' --dir '{copy}' load -q")
        tools.run(["bash", "-c", command])
        self.dir = copy
        self.assertEqual(self.out("list"), b"a\t1\nb\t\n")

    def test_named_databases(self):
        self.fill({b"a": b"1"})
        dump = self.out("dump")
        file = self.db_load(b"".join(dump.replace(b"type=", b"database=%s\ntype=" % name)
                                     for name in (b"one", b"two")))
        both = tools.run(["db_dump", file])
        self.dir = self.tmp / "copy"
        done = self.stave("load", "-q", stdin=both, expect=BAD_INPUT)
        self.assertIn(b"'two' after 'one'", done.stderr)
        self.stave("load", "-q", "--database", "two", stdin=both)
        self.stave("load", "-q", stdin=tools.run(["db_dump", "-s", "one", file]))
        self.assertEqual(self.out("list"), b"a\t1\n")

    def test_several_values_of_a_key(self):
        dump = (b"VERSION=3\nformat=bytevalue\ntype=btree\nduplicates=1\nHEADER=END\n"
                b" 6b\n 31\n 6b\n 32\nDATA=END\n")
        theirs = tools.run(["db_dump", self.db_load(dump)])
        done = self.stave("load", "-q", stdin=theirs, expect=BAD_INPUT)
        self.assertIn(b"--last-duplicate", done.stderr)
        self.stave("load", "-q", "--last-duplicate", stdin=theirs)
        self.assertEqual(self.out("list"), b"k\t2\n")

    def test_numbered_records(self):
        file = self.db_load(b"VERSION=3\nformat=bytevalue\ntype=recno\nHEADER=END\n"
                            b" 61\n 62\nDATA=END\n")
        done = self.stave("load", "-q", stdin=tools.run(["db_dump", file]), expect=BAD_INPUT)
        self.assertIn(b"db_dump -k", done.stderr)
        self.stave("load", "-q", stdin=tools.run(["db_dump", "-k", file]))
        self.assertEqual(self.out("list"), b"1\ta\n2\tb\n")


if __name__ == "__main__":
    tools.skip_unless("db-util", "db_dump", "db_load")
    unittest.main()
