"""stats, files, merge and verify: text, JSON, terminals."""

import json
import os
import pathlib
import re
import unittest

from command import CommandTest

HEADER = pathlib.Path(__file__).parents[2] / "include/stave/stave.h"


def fields(struct):
    """Names of the fields of a struct of stave.h, without the leading `size`."""
    body = re.search(rf"typedef struct {struct} {{(.*?)}} {struct};", HEADER.read_text(),
                     re.S).group(1)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    return [n for n in re.findall(r"\w+ (\w+)(?:\[\d+\])?;", body) if n != "size"]


class WithDeadRecords(CommandTest):
    def setUp(self):
        super().setUp()
        rows = b"".join(b"key%04d\t%s\n" % (i, b"v" * 500) for i in range(2000))
        self.stave("load", "-q", stdin=rows)
        self.stave("load", "-q", stdin=rows)


class Stats(WithDeadRecords):
    def test_json_holds_every_field_of_the_header(self):
        stats = json.loads(self.out("stats", "--json"))
        self.assertEqual(list(stats), fields("stave_stats"))
        self.assertEqual(stats["keys"], 2000)
        self.assertGreater(stats["dead_bytes"], 2000 * 500)

    def test_table(self):
        text = self.out("stats").decode()
        self.assertRegex(text, r"(?m)^keys +2,000$")
        self.assertRegex(text, r"(?m)^  dead +1\.\d MiB \(\d+ %\)$")


class Files(WithDeadRecords):
    def test_json_holds_every_field_of_the_header(self):
        rows = [json.loads(line) for line in self.out("files", "--json").splitlines()]
        names = set(fields("stave_file_info")) | {"file"}
        for row in rows:
            self.assertEqual(set(row), names)
            self.assertTrue((self.dir / row["file"]).is_file())
        self.assertEqual(sum(row["live_records"] for row in rows), 2000)

    def test_bars(self):
        text = self.out("files").decode()
        self.assertIn("█", text)
        self.assertIn("░", text)
        self.assertIn("total", text)
        self.assertNotIn("\x1b", text)
        for ascii_only in (self.out("files", "--ascii"), self.out("files", LC_ALL="C")):
            self.assertTrue(ascii_only.isascii())
            self.assertIn(b"#", ascii_only)

    def test_lines_fit_the_width(self):
        for columns in (70, 80, 132):
            lines = self.out("files", COLUMNS=str(columns)).decode().splitlines()
            self.assertLessEqual(max(map(len, lines)), columns)

    def test_why(self):
        with_note, without = self.out("files", "--why"), self.out("files")
        notes = len(self.out("files", "--json").splitlines())
        self.assertEqual(with_note.count(b"\n"), without.count(b"\n") + notes)

    def test_colours_only_on_a_terminal_that_wants_them(self):
        self.assertIn(b"\x1b[32m", self.on_terminal("files"))
        self.assertNotIn(b"\x1b", self.on_terminal("files", NO_COLOR="1"))


class Merge(WithDeadRecords):
    def test_space_comes_back(self):
        result = json.loads(self.out("merge", "--json"))
        self.assertEqual(result["reclaimed_bytes"],
                         result["disk_bytes_before"] - result["disk_bytes_after"])
        self.assertGreater(result["reclaimed_bytes"], 2000 * 400)
        self.assertEqual(len(self.out("list", "--keys-only").splitlines()), 2000)
        self.assertEqual(json.loads(self.out("stats", "--json"))["dead_bytes"], 0)

    def test_text(self):
        text = self.out("merge", "--capped").decode()
        self.assertRegex(text, r"^before: .* in \d+ files?\nafter: .*\nreclaimed: .*\n$")
        self.assertEqual(self.out("merge", "--quiet"), b"")

    def test_no_bar_without_a_terminal(self):
        self.assertEqual(self.stave("merge", "--uncapped").stderr, b"")


class Verify(WithDeadRecords):
    def test_sound_store(self):
        self.assertIn(b"no damage found\n", self.out("verify"))
        report = json.loads(self.out("verify", "--json"))
        self.assertEqual(list(report)[0], "problems")
        self.assertEqual(set(report), set(fields("stave_verify_report")))
        self.assertEqual((report["problems"], report["first_problem"]), (0, ""))
        self.assertGreaterEqual(report["records"], 4000)
        self.assertEqual(self.out("verify", "--quiet"), b"")


class Terminal(CommandTest):
    def test_load_shows_and_clears_its_bar(self):
        fifo = self.tmp / "fifo"
        os.mkfifo(fifo)
        # The loader waits for the fifo, which is fed when the bar has been seen.
        shown = self.on_terminal("load", self.write("in.tsv", b"k\tv\n" * 5000), str(fifo),
                                 after=b"load  [", then=lambda: fifo.write_bytes(b"last\tv\n"))
        self.assertIn(b"\r\x1b[K5,001 records", shown)
        self.assertTrue(shown.rstrip().endswith(b"records/s"), shown[-200:])


if __name__ == "__main__":
    unittest.main()
