"""dump, and load of what it writes: formats, flags, output files, errors."""

import csv
import io
import json
import subprocess
import unittest

from command import BAD_INPUT, IO, NO_SPACE, NO_STORE, STAVE, USAGE, CommandTest, environment

HEADER = b"VERSION=3\nformat=bytevalue\ntype=btree\nHEADER=END\n"
ROWS = {b"a": b"1", b"empty": b"", bytes(range(256)): bytes(reversed(range(256))),
        b"\0": b"\n", b"q\"": b",", b" ": b" lead", b"\\": b"\\00", b"\r": b"\r\n",
        "ключ".encode(): "値".encode(), b"k" * 65535: b"v" * 200000}


class Dumped(CommandTest):
    def setUp(self):
        super().setUp()
        rows = b"".join(k.hex().encode() + b"\t" + v.hex().encode() + b"\n"
                        for k, v in ROWS.items())
        self.stave("load", "-q", "-F", "hex", stdin=rows)

    def listed(self):
        return self.out("list")

    def assert_loads(self, dump, *flags, name=None):
        """What `load` makes of the dump is this store."""
        want, old = self.listed(), self.dir
        self.dir = self.tmp / "copy"
        if name is None:
            self.stave("load", *flags, stdin=dump)
        else:
            self.stave("load", *flags, self.write(name, dump))
        self.assertEqual(self.listed(), want)
        self.stave("verify")
        subprocess.run(["rm", "-r", str(self.dir)], check=True)
        self.dir = old


class RoundTrip(Dumped):
    def test_the_format_is_found(self):
        for flags in ([], ["--print"], ["--for", "lmdb"], ["-F", "jsonl"], ["--json"],
                      ["-F", "csv"], ["-F", "tsv"], ["--output-format", "csv", "-F", "base64"],
                      ["-F", "csv", "--key-format", "hex"]):
            self.assert_loads(self.out("dump", *flags))

    def test_the_format_is_told(self):
        self.assert_loads(self.out("dump", "-F", "csv", "--no-header"), "-F", "csv", "--no-header")
        self.assert_loads(self.out("dump", "-F", "csv", "--no-header"), name="x.csv")
        self.assert_loads(self.out("dump", "-F", "tsv", "--header"), "--header")
        self.assert_loads(self.out("dump"), "--input-format", "dbdump", name="x.tsv")
        self.assert_loads(self.out("dump", "--output-format", "tsv", "-F", "hex"), "-F", "hex")

    def test_encodings_belong_to_tables(self):
        for name in ("jsonl", "dbdump"):
            for flag in ("-F", "--key-format", "--value-format"):
                text = self.error("dump", "--output-format", name, flag, "base64", expect=USAGE)
                self.assertIn(f"the output is {name}", text)
        # There it says how the prefix is written.
        some = self.out("dump", "--for", "bdb", "--key-format", "hex", "--prefix", "61")
        self.assertEqual(some, HEADER + b" 61\n 31\nDATA=END\n")

    def test_raw_tsv_that_would_not_be_read_back_is_refused(self):
        self.dir = self.tmp / "raw"
        self.stave("put", "good", "tab\tand \r")
        raw = ("dump", "--output-format", "tsv", "-F", "raw")
        dump = self.out(*raw)
        self.assert_loads(dump, "-F", "raw")
        self.assertIn("TAB in the value", self.error(*raw, "--expiry", expect=USAGE))
        for key, value, what in (("k\tk", "v", "TAB in the key"), ("k", "v\nw", "newline in the value"),
                                 ("k\nk", "v", "newline in the key")):
            self.stave("put", key, value)
            done = self.stave(*raw, expect=USAGE)
            self.assertEqual(done.stdout, dump)
            self.assertIn(what, done.stderr.decode())
            self.assertIn(key.replace("\t", "\\t").replace("\n", "\\n"), done.stderr.decode())
            self.stave(*raw, "--output", str(self.tmp / "file"), expect=USAGE)
            self.assertFalse((self.tmp / "file").exists())
            self.stave("delete", key)

    def test_no_keys(self):
        self.assertEqual(self.out("dump", "--prefix", "nothing", "--for", "bdb"),
                         HEADER + b"DATA=END\n")
        self.assertEqual(self.out("dump", "--prefix", "nothing", "-F", "csv"), b"key,value\n")
        self.assertEqual(self.out("dump", "--prefix", "nothing", "-F", "jsonl"), b"")

    def test_tsv_is_what_list_prints(self):
        self.assertEqual(self.out("dump", "-F", "tsv"), self.listed())
        self.assertEqual(self.out("dump", "-F", "jsonl"), self.out("list", "--json"))


class Text(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("load", "-q", stdin=b"a\t1\nb\\x00\t\\\\\\n\n")

    def test_bytevalue(self):
        self.assertEqual(self.out("dump"), HEADER + b" 61\n 31\n 6200\n 5c0a\nDATA=END\n")

    def test_print(self):
        self.assertEqual(self.out("dump", "--print"), HEADER.replace(b"bytevalue", b"print") +
                         b" a\n 1\n b\\00\n \\5c\\0a\nDATA=END\n")

    def test_map_size(self):
        self.assertNotIn(b"mapsize", self.out("dump"))
        self.assertIn(b"\nmapsize=1048576\n", self.out("dump", "--for", "lmdb"))
        self.stave("put", "large", "-", stdin=bytes(3 << 20))
        self.assertIn(b"\nmapsize=13631488\n", self.out("dump"))
        self.assertNotIn(b"mapsize", self.out("dump", "--for", "bdb"))

    def test_a_key_that_is_too_long_for_lmdb_is_told(self):
        self.stave("load", "-q", stdin=b"c" * 511 + b"\t1\n" + b"d" * 512 + b"\t2\n" +
                   b"e" * 513 + b"\t3\n")
        done = self.stave("dump", "--for", "lmdb")
        self.assertEqual(done.stderr.decode(),
                         "stave: dump: warning: the key '" + "d" * 32 + "...' has 512 bytes, and "
                         "LMDB takes 511 at most: mdb_load stops there\n")
        self.assertEqual(self.stave("dump", "--for", "bdb").stderr, b"")

    def test_prefix_in_the_encoding_of_keys(self):
        self.assertIn(b" 6200\n", self.out("dump", "--prefix", "b\\x00"))
        self.assertEqual(self.out("dump", "--prefix", "6200", "--key-format", "hex"),
                         self.out("dump", "--prefix", "b"))

    def test_csv_as_others_read_it(self):
        text = self.out("dump", "-F", "csv").decode()
        rows = list(csv.reader(io.StringIO(text, newline="")))
        self.assertEqual(rows, [["key", "value"], ["a", "1"], ["b\0", "\\\n"]])
        self.assertEqual(self.out("dump", "-F", "csv", "--no-header", "--value-format", "hex",
                                  "--prefix", "a"), b"a,31\n")

    def test_usage(self):
        for flags in (["--print", "-F", "csv"], ["--for", "bdb", "-F", "jsonl"], ["--header"],
                      ["-F", "jsonl", "--no-header"], ["-F", "xml"], ["--for", "redis"],
                      ["--output-format", "hex"]):
            self.error("dump", *flags, expect=USAGE)

    def test_no_store(self):
        self.dir = self.tmp / "missing"
        self.error("dump", expect=NO_STORE)


class Output(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("load", "-q", stdin=b"a\t1\nb\t2\n")
        self.file = self.tmp / "out"

    def test_file(self):
        done = self.stave("dump", "--output", str(self.file))
        self.assertEqual(done.stdout, b"")
        self.assertIn(b"2 records, 4 B in '", done.stderr)
        self.assertEqual(self.file.read_bytes(), self.out("dump"))
        self.assertEqual(self.stave("dump", "-q", "--output", str(self.file)).stderr, b"")

    def test_what_fails_leaves_the_old_file(self):
        self.file.write_bytes(b"old")
        for log in self.dir.glob("*.log"):
            data = bytearray(log.read_bytes())
            at = data.find(b"b2")
            if at >= 0:
                data[at + 1] ^= 1
                log.write_bytes(data)
        self.assertNotEqual(self.stave("dump", "--output", str(self.file), expect=4).stderr, b"")
        self.assertEqual(self.file.read_bytes(), b"old")
        self.assertEqual([path.name for path in self.tmp.glob("out*")], ["out"])

    def test_devices_are_written_in_place(self):
        self.stave("dump", "--output", "/dev/null")
        self.assertIn("/dev/full", self.error("dump", "--output", "/dev/full", expect=NO_SPACE))
        self.assertIn("missing", self.error("dump", "--output", str(self.tmp / "missing" / "x"),
                                            expect=IO))

    def test_head_ends_it_quietly(self):
        rows = b"".join(b"key%06d\tvalue%06d\n" % (i, i) for i in range(30000))
        self.stave("load", "-q", stdin=rows)
        command = f"'{STAVE}' --dir '{self.dir}' dump | head -n 1; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60,
                              env=environment())
        self.assertEqual((done.stdout, done.stderr), (b"VERSION=3\n141\n", b""))

    def test_on_a_terminal(self):
        self.assertIn(b" 61\r\n", self.on_terminal("dump"))
        self.assertIn(b"2 records", self.on_terminal("dump", "--output", str(self.file)))


class Load(CommandTest):
    def refused(self, text, *flags, part, line):
        path = self.write("in", text)
        done = self.stave("load", "-q", *flags, path, expect=BAD_INPUT).stderr.decode()
        self.assertTrue(done.startswith(f"stave: load: {path}:{line}: "), done)
        self.assertIn(part, done)
        return done

    def test_a_dump_that_did_not_finish(self):
        text = self.refused(HEADER + b" 61\n 31\n", part="DATA=END", line=6)
        self.assertIn("the row before it is stored", text)
        self.assertEqual(self.out("list"), b"a\t1\n")
        # Nothing to leave out: what is missing cannot be told.
        self.refused(HEADER + b" 61\n 31\n", "--skip-bad", part="DATA=END", line=6)

    def test_bad_rows_of_a_dump(self):
        dump = HEADER + b" 61\n 31\n 6g\n 32\n 63\n 33\nDATA=END\n"
        self.refused(dump, part="column 3: not a hex digit", line=7)
        self.assertEqual(self.out("list"), b"a\t1\n")
        done = self.stave("load", "--skip-bad", stdin=dump).stderr.decode()
        self.assertIn("standard input:7: column 3", done)
        self.assertIn("skipped 1 bad line", done)
        self.assertEqual(self.out("list"), b"a\t1\nc\t3\n")

    def test_rows_that_the_store_refuses(self):
        self.refused(HEADER + b" \n 31\nDATA=END\n", part="key", line=6)

    def test_json_names_the_column(self):
        self.refused(b'{"key":"a",}\n', part="column 12: not valid JSON", line=1)

    def test_csv_over_several_lines(self):
        text = b'key,value\n"a","1\n2"\nb,x"\n'
        self.refused(text, part="column 4: a quote", line=4)
        self.assertEqual(self.out("list"), b"a\t1\\n2\n")

    def test_one_of_several_databases(self):
        def section(name):
            return b"VERSION=3\ndatabase=%s\nHEADER=END\n 6b\n %s\nDATA=END\n" % (
                name, name.hex().encode())
        dump = section(b"one") + section(b"two")
        self.refused(dump, part="--database NAME", line=9)
        self.stave("load", "-q", "--database", "two", stdin=dump)
        self.assertEqual(self.out("list"), b"k\ttwo\n")
        self.refused(dump, "--database", "three", part="'one', 'two'", line=12)

    def test_several_values_of_a_key(self):
        dump = HEADER.replace(b"HEADER", b"duplicates=1\nHEADER") + (
            b" 6b\n 31\n 6b\n 32\nDATA=END\n")
        self.refused(dump, part="--last-duplicate", line=9)
        self.assertEqual(self.out("list"), b"k\t1\n")
        self.stave("load", "-q", "--last-duplicate", stdin=dump)
        self.assertEqual(self.out("list"), b"k\t2\n")

    def test_acknowledgements_and_summary(self):
        dump = HEADER + b"".join(b" 6b%02x\n \n" % i for i in range(5)) + b"DATA=END\n"
        self.assertEqual(self.out("load", "--ack", "--batch", "2", stdin=dump),
                         b"ACK 2\nACK 4\nACK 5\n")
        summary = json.loads(self.out("load", "--json", stdin=dump))
        self.assertEqual((summary["records"], summary["bytes"]), (5, 10))


if __name__ == "__main__":
    unittest.main()
