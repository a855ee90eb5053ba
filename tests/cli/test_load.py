"""load: formats, bad lines, batches, acknowledgements, round trips with list."""

import json
import os
import signal
import subprocess
import unittest

from command import BAD_INPUT, IO, STAVE, USAGE, CommandTest, environment


class Formats(CommandTest):
    def test_tsv_from_standard_input(self):
        done = self.stave("load", stdin=b"a\t1\nb\t\\x00\\t\\n\\r\\\\\n")
        self.assertEqual(done.stdout, b"")
        self.assertRegex(done.stderr.decode(), r"^2 records, 8 B in .* records/s\n$")
        self.assertEqual(self.out("get", "b"), b"\0\t\n\r\\")

    def test_last_line_needs_no_newline(self):
        self.stave("load", "-", stdin=b"a\t1\nb\t2")
        self.assertEqual(self.out("get", "b"), b"2")

    def test_jsonl_by_extension(self):
        rows = (b'{"key":"a","value":"1"}\n{"key_base64":"/w==","value":"\\u0000"}\n'
                b'{"key":"c","value_base64":"AP8="}\n')
        self.stave("load", self.write("rows.jsonl", rows))
        self.assertEqual(self.out("list"), b"a\t1\nc\t\\x00\\xff\n\\xff\t\\x00\n")

    def test_input_format_beats_extension(self):
        path = self.write("x.tsv", b'{"key":"a","value":""}')
        self.stave("load", "--input-format", "jsonl", path)
        self.assertEqual(self.out("list"), b"a\t\n")

    def test_several_files(self):
        self.stave("load", self.write("1.tsv", b"a\t1\n"), self.write("2.tsv", b"b\t2\n"))
        self.assertEqual(self.out("list"), b"a\t1\nb\t2\n")

    def test_encodings_belong_to_tables(self):
        row = b'{"key":"YQ==","value":"Yg=="}\n'
        for flag in ("-F", "--key-format", "--value-format"):
            text = self.error("load", flag, "base64", "--input-format", "jsonl", "-", stdin=row,
                              expect=USAGE)
            self.assertIn("standard input is jsonl", text)
            self.error("load", flag, "hex", self.write("x.jsonl", row), expect=USAGE)
            self.assertFalse(self.dir.exists())
        self.stave("load", "-F", "hex", stdin=row, expect=USAGE)  # by its first line
        self.stave("load", "--header", "--input-format", "dbdump", stdin=b"", expect=USAGE)
        self.assertEqual(self.out("list"), b"")

    def test_lines_from_windows(self):
        self.stave("load", stdin=b"a\t1\r\nb\t2\\r\r\n")
        self.assertEqual((self.out("get", "a"), self.out("get", "b")), (b"1", b"2\r"))
        self.stave("load", "-F", "raw", stdin=b"a\t1\r\n")
        self.assertEqual(self.out("get", "a"), b"1\r")
        self.stave("load", "--header", stdin=b"value_hex\tkey\r\n7a\tc\r\n")
        self.assertEqual(self.out("get", "c"), b"z")

    def test_hex_and_raw_columns(self):
        self.stave("load", "--key-format", "hex", "--value-format", "raw", stdin=b"00ff\ta\\b\n")
        self.assertEqual(self.out("get", "00ff", "--key-format", "hex"), b"a\\b")

    def test_later_duplicate_wins_within_and_across_batches(self):
        self.stave("load", "--batch", "2", stdin=b"k\t1\nk\t2\nk\t3\nk\t4\nk\t5\n")
        self.assertEqual(self.out("list"), b"k\t5\n")

    def test_summary_as_json(self):
        done = self.stave("load", "--json", stdin=b"a\t1\n")
        summary = json.loads(done.stdout)
        self.assertEqual((summary["records"], summary["bytes"], summary["skipped"]), (1, 2, 0))

    def test_quiet(self):
        done = self.stave("load", "--quiet", stdin=b"a\t1\n")
        self.assertEqual((done.stdout, done.stderr), (b"", b""))


class BadLines(CommandTest):
    def refused(self, line, *flags, name="in.tsv"):
        path = self.write(name, line + b"\n")
        text = self.error("load", "-q", *flags, path, expect=BAD_INPUT)
        self.assertTrue(text.startswith(f"stave: load: {path}:1: "), text)
        return text

    def test_tsv(self):
        self.assertIn("no TAB", self.refused(b"no tab"))
        self.assertIn("no TAB", self.refused(b""))
        self.assertIn("second TAB", self.refused(b"a\tb\tc"))
        self.assertIn("value: unknown escape", self.refused(b"a\t\\q"))
        self.assertIn("key: ", self.refused(b"\\x4\tb"))
        self.assertIn("backslash", self.refused(b"a\tb\\"))
        self.refused(b"\tempty key")
        self.refused(b"k" * 65536 + b"\tkey too long")
        self.assertIn("hex", self.refused(b"6\tb", "--format", "hex"))
        self.assertIn("base64", self.refused(b"YQ==\t*", "--format", "base64"))

    def test_jsonl(self):
        for line, part in ((b"{", "not valid JSON"), (b"[]", "not a JSON object"),
                           (b"", "not valid JSON"),
                           (b'{"key":"a"}', '"value"'),
                           (b'{"key":"a","key_base64":"YQ==","value":""}', '"key_base64"'),
                           (b'{"key":1,"value":""}', "not a string"),
                           (b'{"key_base64":"?","value":""}', "base64"),
                           (b'{"key":"a","value":"","ttl":1}', '"ttl"'),
                           (b'{"key":"\xff","value":""}', "not valid JSON")):
            self.assertIn(part, self.refused(line, name="in.jsonl"), line)

    def test_what_stands_before_is_stored_and_what_follows_is_not(self):
        done = self.stave("load", stdin=b"a\t1\nbad\nc\t3\n", expect=BAD_INPUT)
        self.assertIn(b"stave: load: standard input:2: ", done.stderr)
        self.assertIn(b"1 record,", done.stderr)
        self.assertEqual(self.out("list"), b"a\t1\n")

    def test_bad_line_in_the_middle(self):
        path = self.write("in.tsv", b"a\t1\nb\t2\nbad\nd\t4\n")
        done = self.stave("load", path, expect=BAD_INPUT)
        summary, error = done.stderr.decode().splitlines()
        self.assertTrue(summary.startswith("2 records"), summary)
        self.assertIn(f"{path}:3: no TAB between key and value", error)
        self.assertIn("--skip-bad", error)
        self.assertEqual(self.out("list"), b"a\t1\nb\t2\n")

    def test_key_of_too_many_bytes_is_a_bad_line(self):
        self.assertIn("65535", self.refused(b"k" * 65536 + b"\tv"))
        self.stave("load", "-q", stdin=b"k" * 65535 + b"\tv\n")
        self.assertEqual(self.out("get", "k" * 65535), b"v")

    def test_skip_bad_counts_and_goes_on(self):
        done = self.stave("load", "--skip-bad", stdin=b"a\t1\nbad\n\\q\t2\nc\t3\n")
        lines = done.stderr.decode().splitlines()
        self.assertIn("standard input:2: ", lines[0])
        self.assertIn("standard input:3: ", lines[1])
        self.assertIn("2 records", lines[2])
        self.assertIn("skipped 2 bad lines", lines[2])
        self.assertEqual(self.out("list"), b"a\t1\nc\t3\n")

    def test_terminal_escapes_in_a_bad_line_are_not_shown(self):
        self.assertNotIn("\x1b", self.refused(b"a\t\\\x1b[2J"))


class Inputs(CommandTest):
    def test_nothing_on_standard_input_is_no_error(self):
        self.assertIn(b"0 records", self.stave("load").stderr)
        self.assertEqual(self.out("list"), b"")

    def test_missing_file_makes_no_store(self):
        self.assertIn("nope", self.error("load", str(self.tmp / "nope"), expect=IO))
        self.assertFalse(self.dir.exists())

    def test_directory_is_refused(self):
        self.assertIn("directory", self.error("load", str(self.tmp), expect=IO))

    def test_batch_bounds(self):
        self.error("load", "--batch", "0", expect=USAGE)
        self.error("load", "--ack", "--json", expect=USAGE)


class Acknowledgements(CommandTest):
    def test_one_line_per_batch(self):
        rows = b"".join(b"k%d\tv\n" % i for i in range(10))
        self.assertEqual(self.out("load", "--ack", "--batch", "4", "--sync", stdin=rows),
                         b"ACK 4\nACK 8\nACK 10\n")

    def test_acknowledged_rows_survive_a_kill(self):
        loader = subprocess.Popen(
            [STAVE, "--dir", str(self.dir), "load", "--ack", "--batch", "10"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
        loader.stdin.write(b"".join(b"k%03d\tv\n" % i for i in range(25)))
        loader.stdin.flush()
        self.assertEqual(loader.stdout.readline(), b"ACK 10\n")
        self.assertEqual(loader.stdout.readline(), b"ACK 20\n")
        os.kill(loader.pid, signal.SIGKILL)
        loader.communicate()
        self.assertEqual(loader.returncode, -signal.SIGKILL)
        keys = self.out("list", "--keys-only").splitlines()
        self.assertEqual(keys[:20], [b"k%03d" % i for i in range(20)])


class RoundTrip(CommandTest):
    def rows(self):
        every_byte = bytes(range(256))
        return {b"all": every_byte, every_byte: b"", b"\n": b"\t", b"\\": b"\\x00",
                "ключ".encode(): "値".encode(), b"\xff\xfe": b"\r\n", b"[a]": b"{}", b" ": b" "}

    def reload(self, list_flags, load_flags):
        for key, value in self.rows().items():
            self.stave("put", "--key-format", "hex", key.hex(), "-", stdin=value)
        dump = self.out("list", *list_flags)
        self.assertEqual(dump.count(b"\n"), len(self.rows()))
        before, self.dir = self.out("list"), self.tmp / "copy"
        self.stave("load", *load_flags, stdin=dump)
        self.assertEqual(self.out("list"), before)
        for key, value in self.rows().items():
            self.assertEqual(self.out("get", "--key-format", "hex", key.hex()), value)

    def test_text(self):
        self.reload([], [])

    def test_json(self):
        self.reload(["--json"], ["--input-format", "jsonl"])

    def test_hex(self):
        self.reload(["-F", "hex"], ["-F", "hex"])

    def test_base64(self):
        self.reload(["-F", "base64"], ["-F", "base64"])


if __name__ == "__main__":
    unittest.main()
