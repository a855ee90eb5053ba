"""Keys and values on the command line arrive byte for byte, whatever the parser thinks of them."""

import random
import unittest

from command import USAGE, CommandTest

# What CLI11, shells and option parsers treat in their own way.
ODD = ["[a,b]", "[]", "[[a]]", "[x", "{}", "%%", "++", "--", "-x", "-5", "--dir", "=", "a=b", " ",
       "'q'", '"q"', "a\\b", "get", "put", "@file", "/x", "\x01", "\x01[", "é", "#", "-"]


class OddArguments(CommandTest):
    def test_as_keys_and_values(self):
        for text in ODD:
            if text == "-":  # as a value it means standard input
                continue
            self.stave("put", "--", text, text)
            self.assertEqual(self.out("get", "--", text), text.encode(), text)
            self.stave("exists", "--", text)

    def test_many_keys_of_one_delete(self):
        for text in ODD:
            self.stave("put", "--value-format", "hex", "--", text, "00")
        self.stave("delete", "--", *ODD)
        self.assertEqual(self.out("list"), b"")

    def test_as_prefix(self):
        self.stave("put", "[a]b", "v")
        self.assertEqual(self.out("list", "--prefix", "[a]"), b"[a]b\tv\n")

    def test_argument_that_is_not_utf8(self):
        self.stave("put", b"\xff\xfe", b"\x80")
        self.assertEqual(self.out("get", b"\xff\xfe"), b"\x80")


class Encoded(CommandTest):
    def test_random_bytes_through_every_encoding(self):
        seed = random.randrange(2**32)
        rng = random.Random(seed)
        with self.subTest(seed=seed):
            for _ in range(10):
                key = rng.randbytes(rng.randint(1, 40))
                value = rng.randbytes(rng.randint(0, 40))
                self.stave("put", "-F", "hex", key.hex(), value.hex())
                escaped = "".join(f"\\x{byte:02x}" for byte in key)
                self.assertEqual(
                    self.out("get", "--key-format", "escaped", "--value-format", "raw", escaped),
                    value)

    def test_file_in_hex_may_have_line_breaks(self):
        self.stave("put", "k", "--value-format", "hex", "--value-file",
                   self.write("v", b"00 ff\n10\n"))
        self.assertEqual(self.out("get", "k"), b"\x00\xff\x10")

    def test_wrong_encodings(self):
        self.assertIn("hex", self.error("get", "--key-format", "hex", "xyz", expect=USAGE))
        self.assertIn("base64", self.error("get", "-F", "base64", "a", expect=USAGE))
        self.error("get", "--key-format", "rot13", "a", expect=USAGE)


class Sizes(CommandTest):
    def test_large_value(self):
        value = random.Random(1).randbytes(20_000_000)
        self.stave("put", "big", "-", stdin=value)
        self.assertEqual(self.out("get", "big"), value)

    def test_longest_key_and_one_more(self):
        key = "k" * 65535
        self.stave("put", key, "v")
        self.assertEqual(self.out("get", key), b"v")
        self.error("put", key + "k", "v", expect=USAGE)
        self.error("put", "", "v", expect=USAGE)


if __name__ == "__main__":
    unittest.main()
