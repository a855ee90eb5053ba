"""put --ttl, ttl, touch, persist, get --entry, incr, append and cas."""

import concurrent.futures
import json
import re
import time
import unittest

from command import BAD_INPUT, CONFLICT, NO, NO_STORE, USAGE, CommandTest


class Expiry(CommandTest):
    def ttl_ms(self, key):
        return json.loads(self.out("ttl", key, "--json"))["ttl_ms"]

    def test_put_with_a_ttl(self):
        self.stave("put", "k", "v", "--ttl", "1h30m")
        self.assertRegex(self.out("ttl", "k"), rb"^(1h30m|1h29m\d+(\.\d+)?s)\n$")
        row = json.loads(self.out("ttl", "k", "--json"))
        self.assertTrue(0 < row["ttl_ms"] <= 5400_000, row)
        left = row["expires_at_ms"] - time.time() * 1000
        self.assertTrue(0 < left <= 5400_000, left)

    def test_put_until_a_time(self):
        self.stave("put", "k", "v", "--until", "2100-01-01T00:00:00Z")
        self.assertEqual(json.loads(self.out("ttl", "k", "--json"))["expires_at_ms"],
                         4102444800_000)
        self.stave("put", "k", "v", "--until", "2020-01-01")
        self.assertIn("no such key", self.error("get", "k", expect=NO))

    def test_never_is_stronger_than_the_default_of_the_store(self):
        self.stave("put", "a", "v", "-o", "expiry.default_ttl=1h")
        self.assertLessEqual(self.ttl_ms("a"), 3600_000)
        self.stave("put", "b", "v", "-o", "expiry.default_ttl=1h", "--until", "never")
        self.assertEqual(self.out("ttl", "b"), b"never\n")

    def test_touch_and_persist(self):
        self.stave("put", "k", "v")
        self.assertEqual(self.out("ttl", "k"), b"never\n")
        self.assertEqual(json.loads(self.out("ttl", "k", "--json")),
                         {"ttl_ms": None, "expires_at_ms": None})
        self.stave("touch", "k", "10d", "--sync")
        self.assertTrue(9 * 86400_000 < self.ttl_ms("k") <= 10 * 86400_000)
        self.assertEqual(self.out("get", "k"), b"v")
        self.stave("persist", "k")
        self.assertEqual(self.out("ttl", "k"), b"never\n")
        self.stave("touch", "-F", "hex", "6b", "1ms")
        while self.stave("exists", "k", expect=None).returncode != NO:
            pass

    def test_missing_keys(self):
        self.stave("put", "k", "v")
        for args in (["ttl", "x"], ["touch", "x", "1h"], ["persist", "x"], ["get", "--entry", "x"]):
            self.assertIn("no such key: x", self.error(*args, expect=NO))
            self.assertEqual(self.stave("-q", *args, expect=NO).stderr, b"")

    def test_no_store_is_made_by_those_that_need_a_key(self):
        for args in (["ttl", "x"], ["touch", "x", "1h"], ["persist", "x"], ["cas", "x", "a", "b"]):
            self.error(*args, expect=NO_STORE)
        self.assertFalse(self.dir.exists())

    def test_wrong_times(self):
        for args in (["put", "k", "v", "--ttl", "60"], ["put", "k", "v", "--ttl", "0s"],
                     ["put", "k", "v", "--until", "tomorrow"], ["touch", "k", "soon"],
                     ["touch", "k", "0s"], ["put", "k", "v", "--ttl", "1s", "--until", "never"]):
            self.error(*args, expect=USAGE)
        self.assertFalse(self.dir.exists())


class Entry(CommandTest):
    def test_text(self):
        self.stave("put", "k", "value")
        self.assertEqual(self.out("get", "--entry", "k"),
                         b"version  1\nexpires  never\nlength   5 bytes\n")
        self.stave("put", "k", "v", "--until", "2100-01-01T00:00:00.250Z")
        self.assertEqual(self.out("get", "--entry", "k"),
                         b"version  2\nexpires  2100-01-01T00:00:00.250Z\nlength   1 byte\n")

    def test_json(self):
        self.stave("put", "k", "--value-format", "hex", "ff")
        self.assertEqual(json.loads(self.out("get", "--entry", "k", "--json")),
                         {"key": "k", "value_base64": "/w==", "version": 1, "expires_at_ms": 0})


class Increment(CommandTest):
    def test_sums_are_printed_and_kept(self):
        for args, sum_ in ((["n"], b"1"), (["n", "41"], b"42"), (["n", "-50"], b"-8"),
                           (["n", "+3"], b"-5"), (["n", "-5", "--sync"], b"-10")):
            self.assertEqual(self.out("incr", *args), sum_ + b"\n")
            self.assertEqual(self.out("get", "n"), sum_)
        self.assertEqual(json.loads(self.out("incr", "n", "10", "--json")), {"value": 0})

    def test_binary(self):
        self.assertEqual(self.out("incr", "n", "--binary", "-2"), b"-2\n")
        self.assertEqual(self.out("get", "n"), b"\xfe" + b"\xff" * 7)
        self.stave("put", "m", "1")
        self.assertIn("8 bytes", self.error("incr", "m", "--binary", expect=USAGE))

    def test_what_is_no_number(self):
        self.stave("put", "k", "many")
        self.assertIn("not a number", self.error("incr", "k", expect=USAGE))
        self.assertEqual(self.out("get", "k"), b"many")
        for by in ("x", "", "1.5", "9223372036854775808", "+-1"):
            self.error("incr", "n", by, expect=USAGE)
        self.stave("put", "k", "9223372036854775807")
        self.error("incr", "k", expect=USAGE)
        self.assertEqual(self.out("get", "k"), b"9223372036854775807")

    def test_processes_do_not_lose_each_others_sums(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: self.stave("incr", "n", "-o", "open_timeout=50s"), range(8)))
        self.assertEqual(self.out("get", "n"), b"8")


class Append(CommandTest):
    def test_values_grow(self):
        self.stave("append", "log", "one")
        self.stave("append", "log", ",two", "--sync")
        self.stave("append", "log", "-", stdin=b"\0three")
        self.stave("append", "log", "--value-file", self.write("f", b"!"))
        self.assertEqual(self.out("get", "log"), b"one,two\0three!")
        done = self.out("append", "log", "--value-format", "hex", "ff", "--json")
        self.assertEqual(json.loads(done), {"length": 15})

    def test_expiry_stays(self):
        self.stave("put", "k", "v", "--until", "2100-01-01")
        self.stave("append", "k", "w")
        self.assertIn(b"2100-01-01", self.out("get", "--entry", "k"))

    def test_no_value(self):
        self.assertIn("no value", self.error("append", "k", expect=USAGE))
        self.error("append", "k", "--value-format", "hex", "-", stdin=b"x", expect=BAD_INPUT)


class CompareAndSet(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("put", "k", "old")

    def conflict(self, *args):
        line = self.error("cas", *args, expect=CONFLICT)
        self.assertIn("the condition does not hold for 'k': nothing was written", line)
        self.assertEqual(self.stave("-q", "cas", *args, expect=CONFLICT).stderr, b"")

    def test_by_value(self):
        self.assertEqual(self.stave("cas", "k", "old", "new").stdout, b"")
        self.assertEqual(self.out("get", "k"), b"new")
        self.conflict("k", "old", "newer")
        self.assertEqual(self.out("get", "k"), b"new")
        self.assertIn("no such key: x", self.error("cas", "x", "a", "b", expect=NO))

    def test_by_absence(self):
        self.conflict("k", "--absent", "new")
        self.conflict("--version", "0", "k", "new")
        self.stave("cas", "--absent", "j", "first", "--sync")
        self.stave("cas", "--version", "0", "i", "second")
        self.assertEqual(self.out("list"), b"i\tsecond\nj\tfirst\nk\told\n")

    def test_by_version(self):
        version = json.loads(self.out("get", "--entry", "k", "--json"))["version"]
        done = json.loads(self.out("cas", "k", "new", "--version", str(version), "--json"))
        self.assertEqual(done, {"done": True, "version": version + 1})
        self.conflict("k", "newer", "--version", str(version))
        self.assertEqual(self.out("get", "k"), b"new")

    def test_delete(self):
        self.conflict("k", "other", "--delete")
        self.conflict("k", "--version", "99", "--delete")
        self.stave("cas", "k", "old", "--delete")
        self.error("cas", "k", "old", "--delete", expect=NO)
        self.stave("put", "k", "v")
        self.stave("cas", "k", "--delete", "--version", "3")
        self.assertEqual(self.out("list"), b"")

    def test_values_from_elsewhere(self):
        self.stave("cas", "k", "-F", "hex", "--key-format", "raw", "6f6c64", "00ff")
        self.assertEqual(self.out("get", "k"), b"\x00\xff")
        self.stave("cas", "k", "--expected-file", self.write("a", b"\x00\xff"), "-", stdin=b"in")
        self.stave("cas", "k", "in", "--value-file", self.write("b", b"from\nfile"))
        self.assertEqual(self.out("get", "k"), b"from\nfile")

    def test_wrong_usage(self):
        for args in ([], ["old"], ["a", "b", "c"], ["--absent"], ["--absent", "a", "b"],
                     ["--absent", "--version", "1", "a"], ["--delete"], ["--delete", "a", "b"],
                     ["--delete", "--version", "0"], ["--version", "x", "a"]):
            self.error("cas", "k", *args, expect=USAGE)
        self.assertEqual(self.out("list"), b"k\told\n")


class Durations(CommandTest):
    def test_what_ttl_prints_is_read_back(self):
        self.stave("put", "k", "v", "--ttl", "2d3h")
        text = self.out("ttl", "k").decode().strip()
        self.assertTrue(re.fullmatch(r"2d(3h|2h59m[\d.]+s)", text), text)
        self.stave("touch", "k", text)


class Errors(CommandTest):
    def test_incr_names_key_and_value(self):
        self.stave("put", "fruit", "apple\n")
        text = self.error("incr", "fruit", expect=USAGE)
        self.assertIn("key 'fruit' with value 'apple\\n'", text)
        self.assertEqual(self.out("get", "fruit"), b"apple\n")


if __name__ == "__main__":
    unittest.main()
