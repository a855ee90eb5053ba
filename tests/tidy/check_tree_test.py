#!/usr/bin/env python3
"""Each check is shown a tree that breaks its rule, and one that keeps it."""

import tempfile
import unittest
from pathlib import Path

import check_tree as subject


class CheckTree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)

    def write(self, path, text=""):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def assert_problem(self, words):
        found = subject.problems(self.root)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def assert_clean(self):
        self.assertEqual(subject.problems(self.root), [])

    def test_agreed_names_dot_files_and_build_output_pass(self):
        for name in ("README.md", "src/base/a.h", ".ci/run", "build/x.c", "build-asan/x.c"):
            self.write(name)
        self.assert_clean()

    def test_other_names_at_the_top_level_are_seen(self):
        self.write("notes/idea.txt")
        self.assert_problem("notes: not one of the agreed names")

    def test_a_file_of_400_lines_passes_and_one_of_401_does_not(self):
        self.write("src/base/a.cc", "\n" * 400)
        self.assert_clean()
        self.write("src/base/a.cc", "\n" * 401)
        self.assert_problem("401 lines")

    def test_the_public_header_may_be_long(self):
        self.write("include/stave/stave.h", "\n" * 900)
        self.assert_clean()

    def test_what_swig_wrote_may_be_long_and_have_marks_in_its_own_folder_alone(self):
        text = "\n" * 5000 + "TO" + "DO"
        self.write("bindings/python/generated/wrap.c", text)
        self.assert_clean()
        self.write("src/generated/wrap.h", text)
        self.assertEqual(len(subject.problems(self.root)), 2)

    def test_open_marks_are_seen_in_what_ships_alone(self):
        mark = "TO" + "DO"
        self.write("tests/README.md", mark)
        self.assert_clean()
        self.write("src/base/a.h", f"int x;  // {mark}: later")
        self.assert_problem("src/base/a.h:1: an open mark")

    def test_an_unregistered_test_source_is_seen(self):
        self.write("tests/unit/io/file_test.cc")
        self.write("tests/unit/CMakeLists.txt", "# file_test.cc is only a comment here")
        self.assert_problem("tests/unit/io/file_test.cc: named by no CMakeLists.txt")

    def test_registration_counts_in_the_folder_and_above(self):
        self.write("tests/unit/io/file_test.cc")
        self.write("tests/unit/io/other_test.cc")
        self.write("tests/unit/io/CMakeLists.txt", "stave_unit(file file_test.cc)")
        self.write("tests/unit/CMakeLists.txt", "stave_unit(other io/other_test.cc)")
        self.assert_clean()

    def test_a_longer_name_does_not_register_a_shorter_one(self):
        self.write("tests/unit/file_test.cc")
        self.write("tests/unit/CMakeLists.txt", "stave_unit(file big_file_test.cc)")
        self.assert_problem("named by no CMakeLists.txt")

    def test_a_stem_registers_where_a_function_adds_the_suffix(self):
        self.write("tests/capi/merge.c")
        self.write("tests/capi/CMakeLists.txt", "foreach(s merge)\n  add_test_of(${s}.c)\nendforeach()")
        self.assert_clean()
        self.write("tests/cli/rows_test.cc")
        self.write("tests/cli/CMakeLists.txt", "foreach(s rows)\n  add_test_of(${s}_test.cc)")
        self.assert_clean()
        self.write("tests/capi/CMakeLists.txt", "foreach(s merge)\n  add_test_of(${s})\nendforeach()")
        self.assert_problem("named by no CMakeLists.txt")

    def test_a_script_beside_a_sample_registers_it(self):
        self.write("tests/samples/hello.c")
        self.write("tests/samples/check.sh", "cc hello.c")
        self.assert_clean()

    def test_includes_go_down_only(self):
        self.write("src/engine/a.cc", '#include "io/fs.h"\n#include "engine/a.h"\n#include <vector>')
        self.assert_clean()
        self.write("src/io/b.cc", '#include "engine/a.h"')
        self.assert_problem("io includes engine/a.h, which stands above it")

    def test_an_include_names_its_layer(self):
        self.write("src/io/b.cc", '#include "fs.h"')
        self.assert_problem("without its layer")

    def test_the_command_includes_only_itself_and_the_public_header(self):
        self.write("src/cli/a.cc", '#include <stave/stave.h>\n#include "cli/b.h"\n#include <CLI/CLI.hpp>')
        self.assert_clean()
        self.write("src/cli/b.cc", '#include "base/status.h"')
        self.assert_problem("cli may include only")

    def test_no_layer_includes_the_command(self):
        self.write("src/capi/a.cc", '#include "cli/b.h"')
        self.assert_problem("capi includes cli/b.h")

    def test_links_must_lead_somewhere(self):
        self.write("docs/a.md", "# One: two\n[self](#one-two) [web](https://example.org/x)")
        self.write("README.md", "[a](docs/a.md) [deep](docs/a.md#one-two)")
        self.assert_clean()
        self.write("docs/b.md", "[gone](c.md)")
        self.assert_problem("links to c.md, which does not exist")

    def test_anchors_must_exist(self):
        self.write("docs/a.md", "# One\n[two](#two)")
        self.assert_problem("no such heading")


if __name__ == "__main__":
    unittest.main()
