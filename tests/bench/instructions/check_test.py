#!/usr/bin/env python3
"""check.py tells what is off, in both directions, and nothing else."""

import unittest

import check


class Differences(unittest.TestCase):
    def off(self, now, before):
        return list(check.differences({"get": now}, {"get": before}, 5))

    def test_within_the_tolerance(self):
        for now in (950, 1000, 1050):
            self.assertEqual(self.off(now, 1000), [])

    def test_more_and_less(self):
        self.assertIn("+5.1 %", self.off(1051, 1000)[0])
        self.assertIn("-5.1 %", self.off(949, 1000)[0])

    def test_a_kind_without_an_expectation(self):
        self.assertEqual(len(list(check.differences({"new": 7}, {"get": 7}, 5))), 1)


if __name__ == "__main__":
    unittest.main()
