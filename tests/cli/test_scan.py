"""scan and count: ranges, both orders, limits, encodings."""

import json
import unittest

from command import USAGE, CommandTest

ROWS = b"b\t2\na\t1\naa\t3\nc\t4\n"


class Scan(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("load", "-q", stdin=ROWS)

    def keys(self, *flags):
        return self.out("scan", "--keys-only", *flags).decode().split()

    def test_all_of_it_is_what_list_prints(self):
        self.assertEqual(self.out("scan"), self.out("list"))
        self.assertEqual(self.out("scan", "--json"), self.out("list", "--json"))
        self.assertEqual(self.out("scan", "--values"), self.out("list"))
        self.error("scan", "--values", "--keys-only", expect=USAGE)

    def test_from_is_in_and_to_is_out(self):
        self.assertEqual(self.keys("--from", "aa"), ["aa", "b", "c"])
        self.assertEqual(self.keys("--to", "b"), ["a", "aa"])
        self.assertEqual(self.keys("--from", "aa", "--to", "c"), ["aa", "b"])
        self.assertEqual(self.keys("--from", "c", "--to", "a"), [])
        self.assertEqual(self.keys("--from", "ab", "--to", "ab"), [])

    def test_prefix_and_range_together(self):
        self.assertEqual(self.keys("--prefix", "a"), ["a", "aa"])
        self.assertEqual(self.keys("--prefix", "a", "--from", "aa"), ["aa"])
        self.assertEqual(self.keys("--prefix", "a", "--to", "aa"), ["a"])

    def test_reverse(self):
        self.assertEqual(self.keys("--reverse"), ["c", "b", "aa", "a"])
        self.assertEqual(self.keys("--reverse", "--from", "aa", "--to", "c"), ["b", "aa"])
        self.assertEqual(self.keys("--reverse", "--prefix", "a", "--limit", "1"), ["aa"])

    def test_limit(self):
        self.assertEqual(self.keys("--limit", "2"), ["a", "aa"])
        self.assertEqual(self.keys("--limit", "0"), [])
        line = self.error("scan", "--limit", "x", expect=USAGE)
        self.assertIn("--limit: 'x' is not a whole number from 0 to 2^64 - 1", line)

    def test_bounds_are_in_the_encoding_of_keys(self):
        self.assertEqual(self.keys("--from", "6161", "--to", "63", "--key-format", "hex"),
                         ["6161", "62"])

    def test_count(self):
        self.assertEqual(self.out("count"), b"4\n")
        self.assertEqual(self.out("count", "--from", "aa", "--to", "c"), b"2\n")
        self.assertEqual(self.out("count", "--prefix", "a"), b"2\n")
        self.assertEqual(self.out("count", "--prefix", "zz"), b"0\n")
        self.assertEqual(json.loads(self.out("count", "--json")), {"keys": 4})


if __name__ == "__main__":
    unittest.main()
