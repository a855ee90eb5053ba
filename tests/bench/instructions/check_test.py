#!/usr/bin/env python3
"""check.py tells what is off, in both directions, and nothing else; a slower call does not pass."""

import json
import os
import shutil
import unittest

import check

PROGRAM = os.environ.get("INSTRUCTION_OPS", "")
CAN_COUNT = PROGRAM and shutil.which("valgrind") and check.PROCESSOR <= check.processor_flags()


class Differences(unittest.TestCase):
    def off(self, now, before, tolerance=5):
        return list(check.differences({"get": now}, {"get": before}, {"get": tolerance}))

    def test_within_the_tolerance(self):
        for now in (950, 1000, 1050):
            self.assertEqual(self.off(now, 1000), [])

    def test_more_and_less(self):
        self.assertIn("+5.1 %", self.off(1051, 1000)[0])
        self.assertIn("-5.1 %", self.off(949, 1000)[0])

    def test_each_kind_has_a_tolerance_of_its_own(self):
        counts, before = {"get": 1020, "put": 1020}, {"get": 1000, "put": 1000}
        self.assertEqual(list(check.differences(counts, before, {"get": 1, "put": 3})),
                         ["get: 1020 instructions, 1000 expected (+2.0 %, allowed are 1 %)"])

    def test_a_kind_without_an_expectation(self):
        self.assertEqual(len(list(check.differences({"new": 7}, {"get": 7}, {"get": 5}))), 1)
        self.assertEqual(len(list(check.differences({"get": 7}, {"get": 7}, {}))), 1)


class Stored(unittest.TestCase):
    def setUp(self):
        self.expected = json.loads(check.EXPECTED.read_text(encoding="utf-8"))

    def test_every_kind_is_judged(self):
        self.assertEqual(set(self.expected["instructions"]), set(check.KINDS))
        self.assertEqual(set(self.expected["tolerance_percent"]), set(check.KINDS))

    def test_three_percent_more_of_any_kind_fail(self):
        for kind, before in self.expected["instructions"].items():
            found = check.differences({kind: before * 1.031}, self.expected["instructions"],
                                      self.expected["tolerance_percent"])
            self.assertEqual(len(list(found)), 1, kind)

    @unittest.skipUnless(CAN_COUNT, "no release build, no valgrind, or another processor")
    def test_ten_more_instructions_in_a_get_into_fail(self):
        before = round(check.count(PROGRAM, "get_into"))
        slower = check.count(PROGRAM, "slower_get_into")
        found = check.differences({"get_into": slower}, {"get_into": before},
                                  self.expected["tolerance_percent"])
        self.assertEqual(len(list(found)), 1, (before, slower))


if __name__ == "__main__":
    unittest.main()
