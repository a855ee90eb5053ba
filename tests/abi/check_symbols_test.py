#!/usr/bin/env python3
"""The checker must see what it is there to see."""

import unittest

import check_symbols as subject

HEADER = """
#define STAVE_API __attribute__((visibility("default")))
STAVE_API int stave_one(void);
STAVE_API const void* stave_two(const stave_x* x,
                                size_t n);
"""


class CheckSymbols(unittest.TestCase):
    def test_declared_names_are_functions_marked_with_the_macro(self):
        self.assertEqual(subject.declared(HEADER), {"stave_one", "stave_two"})

    def test_mapped_names_are_the_global_ones_of_every_node(self):
        text = "/* global: no; */ A { global: a; b; local: *; }; B { global: c; local: *; } A;"
        self.assertEqual(subject.mapped(text), {"a", "b", "c"})

    def test_exported_names_leave_out_version_nodes(self):
        text = "0000 A STAVE_0.1\n0010 T stave_one@@STAVE_0.1\n0020 W _ZSt3foo\n"
        self.assertEqual(subject.exported(text), {"stave_one", "_ZSt3foo"})

    def test_each_difference_is_a_problem(self):
        same = {"stave_one"}
        self.assertEqual(list(subject.problems(same, same, same)), [])
        for lists in ((same, set(), same), (same, same, set()), (set(), same, set()),
                      (set(), set(), same)):
            self.assertTrue(list(subject.problems(*lists)), lists)

    def test_a_foreign_name_is_a_problem(self):
        names = {"other_one"}
        self.assertEqual(len(list(subject.problems(names, names, names))), 1)


if __name__ == "__main__":
    unittest.main()
