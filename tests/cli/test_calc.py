"""calc: its estimate held against real stores."""

import json
import random
import unittest

from command import USAGE, CommandTest


class Calc(CommandTest):
    def needs(self, keys, key, value, *flags):
        return json.loads(self.out("calc", "--keys", str(keys), "--key-size", str(key),
                                   "--value-size", str(value), "--json", *flags, dir=False))

    def compare(self, keys, key, value, *flags):
        rng = random.Random(7)
        rows = b"".join(rng.randbytes(key).hex().encode() + b"\t" + b"76" * value + b"\n"
                        for _ in range(keys))
        self.stave("load", "-q", "--format", "hex", *flags, stdin=rows)
        needs = self.needs(keys, key, value, *flags)
        stats = json.loads(self.out("stats", "--json"))
        self.assertEqual(stats["keys"], keys)
        self.assertEqual(stats["live_bytes"], keys * needs["record_bytes"])
        hints = sum(f.stat().st_size for f in self.dir.glob("*.hint"))
        sealed = [json.loads(line) for line in self.out("files", "--json").splitlines()]
        hinted = sum(f["live_records"] for f in sealed if f["has_hint"])
        self.assertGreater(hinted, keys // 2)
        per_key = needs["hint_bytes"] / keys
        self.assertLess(abs(hints / hinted / per_key - 1), 0.1, (hints / hinted, per_key))
        return needs, stats

    def test_units(self):
        self.assertEqual(self.needs("5M", 16, "1KiB"), self.needs(5000000, 16, 1024))
        self.assertEqual(self.needs("1e6", 16, 0), self.needs("1000k", 16, 0))
        for keys in ("0", "1.5", "5Mi", "x", "-1", "5G", "1e30"):
            self.error("calc", "--keys", keys, "--key-size", "8", "--value-size", "8", dir=False,
                       expect=USAGE)
        seconds = self.needs(33, 16, 100)["open_killed_seconds"]
        self.assertEqual(seconds, float(f"{seconds:.3g}"))

    def test_short_keys(self):
        needs, stats = self.compare(60000, 16, 100, "-o", "max_file_size=1MiB")
        # The keydir of a small store is a block or two of 2 MiB.
        self.assertLessEqual(abs(stats["keydir_bytes"] - needs["keydir_bytes"]), 2 << 20)

    def test_long_keys_and_empty_values(self):
        self.compare(20000, 100, 0, "-o", "max_file_size=512KiB")

    def test_the_keydir_of_a_million_keys(self):
        self.assertEqual(self.needs(10**6, 16, 100)["keydir_bytes"], 20 * (1 << 20))
        self.assertEqual(self.needs(10**9, 16, 100)["keydir_bytes"] // 10**9, 20)

    def test_table_and_refusals(self):
        text = self.out("calc", "--keys", "1000000", "--key-size", "16", "--value-size", "100",
                        dir=False).decode()
        self.assertRegex(text, r"(?m)^memory +52.0 MiB ")
        self.assertRegex(text, r"(?m)^a record +136 bytes")
        for flags in (["--keys", "0"], ["--key-size", "0"], ["--key-size", "65536"]):
            base = {"--keys": "1", "--key-size": "1", "--value-size": "1"}
            base.update(dict([flags]))
            self.error("calc", *[x for pair in base.items() for x in pair], expect=USAGE, dir=False)


if __name__ == "__main__":
    unittest.main()
