"""import bitcask: records in order, tombstones, expiry, damage."""

import json
import time
import unittest

import bitcask_dir
from bitcask_dir import record, tombstone
from command import BAD_INPUT, IO, USAGE, CommandTest


class Import(CommandTest):
    def setUp(self):
        super().setUp()
        self.source = self.tmp / "riak"

    def run_import(self, files, *flags, **more):
        path = bitcask_dir.write(self.source, files)
        return self.stave("import", "bitcask", path, *flags, **more)

    def refused(self, files, *flags):
        path = bitcask_dir.write(self.source, files)
        done = self.stave("import", "bitcask", path, *flags, expect=BAD_INPUT)
        self.assertEqual(done.stdout, b"")
        return done.stderr.decode()

    def rows(self):
        return dict(line.split("\t") for line in self.out("list").decode().splitlines())


class Records(Import):
    def test_the_newest_of_a_key_wins(self):
        done = self.run_import({
            9: record(b"a", b"1") + record(b"b", b"1") + record(b"a", b"2"),
            10: record(b"a", b"3") + record(b"c", b"1"),
            100: record(b"b", b"2")})
        self.assertEqual(self.rows(), {"a": "3", "b": "2", "c": "1"})
        self.assertEqual(done.stderr, b"3 files: 6 puts, 0 deletes; the store holds 3 keys\n")

    def test_deletes(self):
        self.run_import({
            1: record(b"a", b"1") + record(b"b", b"1") + record(b"c", b"1"),
            2: tombstone(b"a") + tombstone(b"b", file=1) + record(b"b", b"2"),
            3: record(b"d", b"bitcask_tombstone?") + tombstone(b"nowhere", file=7)})
        self.assertEqual(self.rows(), {"b": "2", "c": "1", "d": "bitcask_tombstone?"})

    def test_any_bytes(self):
        every = bytes(range(256))
        riak_key = b"\x02\x00\x06bucketkey"
        self.run_import({1: record(every, every) + record(riak_key, b"") +
                            record(b"k" * 65535, b"v" * 100000)})
        for key, value in ((every, every), (riak_key, b"")):
            self.assertEqual(self.out("get", "--key-format", "hex", key.hex()), value)
        self.assertEqual(self.out("get", "k" * 65535), b"v" * 100000)
        self.stave("verify")

    def test_many_records_in_small_batches(self):
        data = b"".join(record(b"k%d" % (i % 700), b"%d" % i) for i in range(2000))
        done = self.run_import({1: data}, "--batch", "7", "--json")
        self.assertEqual(json.loads(done.stdout), {
            "files": 1, "puts": 2000, "deletes": 0, "expired": 0, "damaged": 0,
            "torn_bytes": 0, "keys": 700})
        rows = self.rows()
        self.assertEqual(rows, {f"k{i % 700}": str(i) for i in range(2000)})

    def test_quiet(self):
        done = self.run_import({1: record(b"a", b"1")}, "-q", "--sync")
        self.assertEqual((done.stdout, done.stderr), (b"", b""))

    def test_into_a_store_that_holds_keys(self):
        self.stave("load", "-q", stdin=b"a\told\nb\told\nc\told\n")
        self.run_import({1: record(b"a", b"new") + tombstone(b"b")})
        self.assertEqual(self.rows(), {"a": "new", "c": "old"})


class Expiry(Import):
    def test_old_records_are_left_out(self):
        now = int(time.time())
        done = self.run_import({
            1: record(b"old", b"1", now - 100000) + record(b"young", b"1", now - 10),
            2: record(b"both", b"1", now - 10) + record(b"both", b"2", now - 100000)},
            "--expire-after", "3600")
        self.assertEqual(self.rows(), {"young": "1"})
        self.assertIn(b"2 expired", done.stderr)

    def test_durations(self):
        now = int(time.time())
        rows = {1: record(b"old", b"1", now - 7000) + record(b"young", b"1", now - 10)}
        self.run_import(rows, "--expiry", "1h30m")
        self.assertEqual(self.rows(), {"young": "1"})
        left = json.loads(self.out("ttl", "young", "--json"))["ttl_ms"]
        self.assertTrue(3600_000 < left <= 5400_000, left)

    def test_bounds(self):
        path = bitcask_dir.write(self.source, {1: b""})
        for text in ("0", "-1", "x", "1.5", "4294967296", "500ms"):
            self.error("import", "bitcask", path, "--expire-after", text, expect=USAGE)


class Damage(Import):
    def test_a_torn_end_of_the_last_file_is_told(self):
        for cut in (1, 8, 20):
            whole = record(b"torn", b"value")
            done = self.run_import({1: record(b"a", b"1"), 2: record(b"b", b"1") + whole[:-cut]})
            self.assertEqual(self.rows(), {"a": "1", "b": "1"})
            first = done.stderr.decode().splitlines()[0]
            self.assertIn("2.bitcask.data: byte 16: ", first)
            self.assertIn("cut off", first)

    def test_elsewhere_it_ends_the_import(self):
        text = self.refused({1: record(b"a", b"1") + record(b"b", b"1")[:-1],
                             2: record(b"c", b"1")})
        self.assertIn("1.bitcask.data: byte 16: ", text)
        self.assertIn("--skip-damaged", text)
        self.assertIn("imported before the error: 1 record\n", text)
        self.assertEqual(self.rows(), {"a": "1"})

    def test_a_wrong_checksum(self):
        bad = bytearray(record(b"b", b"value"))
        bad[-1] ^= 1
        files = {1: record(b"a", b"1") + bytes(bad) + record(b"c", b"1")}
        self.assertIn("byte 16: a checksum does not fit (20 bytes)", self.refused(files))
        self.assertEqual(self.rows(), {"a": "1"})
        done = self.run_import(files, "--skip-damaged")
        self.assertEqual(self.rows(), {"a": "1", "c": "1"})
        self.assertIn("left out 1 damaged place", done.stderr.decode())

    def test_an_empty_key_cannot_be_stored(self):
        files = {1: record(b"", b"1") + record(b"a", b"1")}
        text = self.refused(files)
        self.assertIn("byte 0: ", text)
        self.assertIn("imported before the error: 0 records", text)
        self.run_import(files, "--skip-damaged")
        self.assertEqual(self.rows(), {"a": "1"})


class Sources(Import):
    def test_no_files_make_no_store(self):
        self.source.mkdir()
        text = self.error("import", "bitcask", str(self.source), expect=BAD_INPUT)
        self.assertIn("no *.bitcask.data", text)
        self.error("import", "bitcask", str(self.tmp / "missing"), expect=IO)
        self.assertFalse(self.dir.exists())

    def test_usage(self):
        self.error("import", expect=USAGE)
        self.error("import", "bitcask", expect=USAGE)
        self.error("import", "leveldb", str(self.source), expect=USAGE)


if __name__ == "__main__":
    unittest.main()
