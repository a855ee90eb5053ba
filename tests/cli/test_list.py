"""list: order, prefixes, limits, encodings, pipes."""

import json
import subprocess
import unittest

from command import IO, NO_SPACE, OK, STAVE, USAGE, CommandTest, environment

ROWS = b"b\t2\na\t1\naa\t3\nc\t4\n"


class List(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("load", "-q", stdin=ROWS)

    def test_key_order(self):
        self.assertEqual(self.out("list"), b"a\t1\naa\t3\nb\t2\nc\t4\n")

    def test_keys_only(self):
        self.assertEqual(self.out("list", "--keys-only"), b"a\naa\nb\nc\n")

    def test_values_is_the_default(self):
        self.assertEqual(self.out("list", "--values"), self.out("list"))
        self.error("list", "--values", "--keys-only", expect=USAGE)

    def test_prefix(self):
        self.assertEqual(self.out("list", "--prefix", "a"), b"a\t1\naa\t3\n")
        self.assertEqual(self.out("list", "--prefix", "zz"), b"")
        self.assertEqual(self.out("list", "--prefix="), self.out("list"))

    def test_prefix_in_the_encoding_of_keys(self):
        self.assertEqual(self.out("list", "--prefix", "6161", "--key-format", "hex"),
                         b"6161\t3\n")

    def test_limit(self):
        self.assertEqual(self.out("list", "--limit", "2"), b"a\t1\naa\t3\n")
        self.assertEqual(self.out("list", "--limit", "0"), b"")
        for text in ("-1", "x", "1.5", "", "99999999999999999999"):
            line = self.error("list", "--limit", text, expect=USAGE)
            self.assertIn(f"--limit: '{text}' is not a whole number from 0 to 2^64 - 1", line)

    def test_json_lines(self):
        rows = [json.loads(line) for line in self.out("list", "--json").splitlines()]
        self.assertEqual(rows[0], {"key": "a", "value": "1"})
        self.assertEqual(len(rows), 4)
        keys = [json.loads(line) for line in self.out("list", "--json", "--keys-only").splitlines()]
        self.assertEqual(keys[0], {"key": "a"})


class Text(CommandTest):
    def shown(self, value, *flags):
        self.stave("put", "k", "-", stdin=value)
        return self.out("list", *flags)[2:-1]

    def test_control_bytes_are_escaped(self):
        self.assertEqual(self.shown(b"\0\t\n\r\\\x1b[2J\x7f"),
                         rb"\x00\t\n\r\\\x1b[2J\x7f")

    def test_utf8_stays_and_all_else_is_escaped(self):
        self.assertEqual(self.shown("é€😀".encode()), "é€😀".encode())
        self.assertEqual(self.shown(b"\xff\xc3"), rb"\xff\xc3")
        # Overlong, a surrogate, and a C1 control character that terminals obey.
        self.assertEqual(self.shown(b"\xc0\x80\xed\xa0\x80\xc2\x9b"),
                         rb"\xc0\x80\xed\xa0\x80\xc2\x9b")

    def test_other_encodings(self):
        self.assertEqual(self.shown(b"\0\xff", "--value-format", "hex"), b"00ff")
        self.assertEqual(self.shown(b"\0\xff", "--value-format", "base64"), b"AP8=")
        self.assertEqual(self.shown(b"a\\b", "--value-format", "raw"), b"a\\b")


class Pipes(CommandTest):
    def setUp(self):
        super().setUp()
        rows = b"".join(b"key%06d\tvalue%06d\n" % (i, i) for i in range(30000))
        self.stave("load", "-q", stdin=rows)

    def test_head_ends_the_listing_quietly(self):
        command = f"'{STAVE}' --dir '{self.dir}' list | head -n 1; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60,
                              env=environment())
        self.assertEqual(done.stdout, b"key000000\tvalue000000\n141\n")
        self.assertEqual(done.stderr, b"")

    def into(self, redirection):
        done = subprocess.run(["bash", "-c", f"'{STAVE}' --dir '{self.dir}' list {redirection}"],
                              capture_output=True, timeout=60, env=environment())
        return done.returncode, done.stderr.decode()

    def test_full_disk_is_reported(self):
        code, text = self.into("> /dev/full")
        self.assertEqual(code, NO_SPACE, text)
        self.assertIn("standard output", text)

    def test_closed_output_is_reported_and_never_a_store_file(self):
        code, text = self.into(">&-")
        self.assertEqual(code, IO, text)
        self.assertEqual(self.stave("verify", expect=OK).stderr, b"")


if __name__ == "__main__":
    unittest.main()
