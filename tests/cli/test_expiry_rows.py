"""Expiry through dump and load in every format, and from Riak's Bitcask."""

import json
import time
import unittest

import bitcask_dir
from command import BAD_INPUT, NO, USAGE, CommandTest

UNTIL = 4102444800_000  # 2100-01-01


class Dump(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("put", "a", "stays")
        self.stave("put", "b", "goes", "--until", "2100-01-01")
        self.stave("put", "c", "gone", "--until", "2020-01-01")

    def reloaded(self, *flags, data):
        self.dir = self.tmp / "second"
        self.stave("-q", "load", *flags, stdin=data)
        return {key: json.loads(self.out("get", key, "--entry", "--json"))["expires_at_ms"]
                for key in self.out("list", "--keys-only").decode().split()}

    def test_json_lines(self):
        done = self.stave("dump", "--output-format", "jsonl")
        self.assertEqual(done.stdout,
                         b'{"key":"a","value":"stays"}\n'
                         b'{"key":"b","value":"goes","expires_at_ms":%d}\n' % UNTIL)
        self.assertEqual(done.stderr, b"")
        self.assertEqual(self.reloaded(data=done.stdout), {"a": 0, "b": UNTIL})

    def test_list_and_scan_as_json(self):
        for verb in ("list", "scan"):
            self.assertEqual(self.out(verb, "--json"), self.out("dump", "--json"))

    def test_csv(self):
        done = self.stave("dump", "--output-format", "csv", "--expiry")
        self.assertEqual(done.stdout, b"key,value,expires_at_ms\na,stays,\nb,goes,%d\n" % UNTIL)
        self.assertEqual(done.stderr, b"")
        self.assertEqual(self.reloaded(data=done.stdout), {"a": 0, "b": UNTIL})

    def test_tsv(self):
        text = self.out("dump", "--output-format", "tsv", "--expiry")
        self.assertEqual(text, b"a\tstays\t\nb\tgoes\t%d\n" % UNTIL)
        self.assertEqual(self.reloaded("--expiry", data=text), {"a": 0, "b": UNTIL})

    def test_tsv_with_a_header(self):
        text = self.out("dump", "--output-format", "tsv", "--expiry", "--header")
        self.assertEqual(self.reloaded("--header", data=text), {"a": 0, "b": UNTIL})

    def test_what_loses_the_time_says_so(self):
        for flags in ([], ["--print"], ["--output-format", "csv"], ["--output-format", "tsv"]):
            done = self.stave("dump", *flags)
            self.assertIn(b"warning: 1 expiring record written without the time of expiry",
                          done.stderr)
            self.assertNotIn(b"gone", done.stdout)
        self.assertEqual(self.stave("dump", "--prefix", "a").stderr, b"")

    def test_expiry_is_of_tables(self):
        for name in ("dbdump", "jsonl"):
            self.assertIn("--expiry", self.error("dump", "--expiry", "--output-format", name,
                                                 expect=USAGE))


class Load(CommandTest):
    def test_a_row_that_has_expired_hides_its_key(self):
        self.stave("put", "k", "old")
        self.stave("-q", "load", stdin=b'{"key":"k","value":"v","expires_at_ms":1000}\n')
        self.stave("exists", "k", expect=NO)

    def test_never_beats_the_default_of_the_store_and_silence_does_not(self):
        self.stave("-q", "load", "-o", "expiry.default_ttl=1h",
                   stdin=b'{"key":"a","value":"","expires_at_ms":0}\n{"key":"b","value":""}\n')
        self.assertEqual(self.out("ttl", "a"), b"never\n")
        self.assertNotEqual(self.out("ttl", "b"), b"never\n")

    def test_bad_times(self):
        for data in (b'{"key":"a","value":"","expires_at_ms":"soon"}\n',
                     b"key,value,expires_at_ms\na,b,soon\n"):
            line = self.error("-q", "load", stdin=data, expect=BAD_INPUT)
            self.assertIn("expires_at_ms", line)


class Bitcask(CommandTest):
    def expiry_of(self, key):
        return json.loads(self.out("get", key, "--entry", "--json"))["expires_at_ms"]

    def test_records_expire_at_the_age_given(self):
        now = int(time.time())
        source = bitcask_dir.write(self.tmp / "riak", {1: b"".join((
            bitcask_dir.record(b"young", b"1", now - 10),
            bitcask_dir.record(b"old", b"2", now - 8000)))})
        done = self.stave("import", "bitcask", source, "--expiry", "7200", "--json")
        self.assertEqual(json.loads(done.stdout)["expired"], 1)
        self.assertEqual(self.expiry_of("young"), (now - 10 + 7200) * 1000)
        self.stave("exists", "old", expect=NO)
        self.dir = self.tmp / "second"
        self.stave("import", "bitcask", source, "--expire-after", "7200", "-q")
        self.assertEqual(self.expiry_of("young"), 0)
        self.error("import", "bitcask", source, "--expire-after", "1", "--expiry", "1",
                   expect=USAGE)


if __name__ == "__main__":
    unittest.main()
