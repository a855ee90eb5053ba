"""stats, files, merge and verify: text, JSON, terminals."""

import json
import os
import pathlib
import re
import sys
import unittest

from command import CORRUPT, CommandTest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "format"))
from checksums import crc32c  # noqa: E402

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
        self.assertEqual(list(stats), fields("stave_stats") + ["last_writer"])
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

    def notes(self, *options):
        rows = self.out("files", "--json", *options).splitlines()
        return [json.loads(row)["merge_note"] for row in rows]

    def test_why_answers_as_a_writer_with_these_options_would(self):
        self.dir = self.tmp / "several"
        files = ["-o", "max_file_size=64KiB"]
        rows = b"".join(b"key%04d\t%s\n" % (i, b"v" * 500) for i in range(1000))
        batch = rows[:256 * len(rows) // 1000]  # more than a file's size: fills one alone
        for part in (rows, batch):
            self.stave("load", "-q", *files, "-o", "merge.policy=never", stdin=part)
        notes = self.notes(*files)
        self.assertIn("starts a merge: dead 100 % >= 60 %", notes[0])
        self.assertIn("dead 0 % < 40 %", notes)
        self.assertIn("not sealed yet", notes[-1])
        self.assertIn("starts a merge: dead 100 % >= 60 %", self.out("files", "--why", *files)
                      .decode())
        self.assertIn("merge.policy is never", self.notes(*files, "-o", "merge.policy=never")[0])
        self.assertIn("dead 100 % >= 99 %",
                      self.notes(*files, "-o", "merge.triggers.fragmentation=99")[0])

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

    def test_files_are_counted_as_they_are_when_it_is_over(self):
        text = self.out("merge", "-o", "max_file_size=256KiB").decode()
        listed = [json.loads(row) for row in self.out("files", "--json").splitlines()]
        self.assertEqual(len(listed), len(list(self.dir.glob("*.log"))))
        self.assertIn(f" in {len(listed)} files\nreclaimed: ", text)
        self.stave("delete", *(f"key{i:04d}" for i in range(1000)))
        result = json.loads(self.out("merge", "--json"))
        logs = list(self.dir.glob("*.log"))
        self.assertEqual(result["files_after"], len(logs))
        self.assertEqual(result["disk_bytes_after"], sum(log.stat().st_size for log in logs))

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


class Hints(WithDeadRecords):
    """Derived files: without them, or with damaged ones, nothing is lost."""

    def setUp(self):
        super().setUp()
        self.stave("merge")
        self.hint, = self.dir.glob("*.hint")

    def told_as_derived(self, list_warns):
        listed = self.stave("list", "--keys-only")
        self.assertEqual(listed.stdout.count(b"\n"), 2000)
        warned = b"stave: warning: the index of " in listed.stderr
        self.assertEqual((warned, listed.stderr == b""), (list_warns, not list_warns))
        done = self.stave("verify")
        self.assertIn(self.hint.name.encode(), done.stderr)
        self.assertIn(b"no damage found\n1 hint file missing or damaged: derived", done.stdout)
        report = json.loads(self.out("verify", "--json"))
        self.assertEqual((report["problems"], report["bad_hints"]), (0, 1))

    def test_missing(self):
        before = self.hint.read_bytes()
        self.hint.unlink()
        self.told_as_derived(list_warns=False)
        self.assertFalse(self.hint.exists())
        self.stave("put", "k", "v")
        self.assertEqual(self.hint.read_bytes(), before)

    def test_damaged(self):
        whole = self.hint.read_bytes()
        for at in (20, len(whole) // 2, len(whole) - 1):
            damaged = bytearray(whole)
            damaged[at] ^= 1
            self.hint.write_bytes(damaged)
            self.told_as_derived(list_warns=True)
        self.hint.write_bytes(whole[:100])
        self.told_as_derived(list_warns=True)
        self.hint.write_bytes(whole)
        self.assertEqual(self.stave("verify").stderr, b"")


class MisleadingHint(CommandTest):
    """One that differs from the data though its checksums hold would be believed: a problem."""

    def test_is_damage_until_it_is_removed(self):
        self.stave("put", "k", "old")
        self.stave("put", "k", "v")
        self.stave("merge")
        hint, = self.dir.glob("*.hint")
        data = bytearray(hint.read_bytes())
        ranges_at = int.from_bytes(data[-104:-96], "little")
        self.assertEqual((data[5], data[6:7]), (1, b"k"))  # the length of the value, and the key
        data[5] = 2
        data[ranges_at - 4:ranges_at] = crc32c(0, data[:ranges_at - 4]).to_bytes(4, "little")
        hint.write_bytes(data)
        done = self.stave("verify", expect=CORRUPT)
        self.assertIn(b"1 problem: 0 bad records, 1 bad hint file, 0 bad keydir slots\n",
                      done.stdout)
        self.assertIn(hint.name.encode() + b": differs from the data for the record at offset 64",
                      done.stdout)
        hint.unlink()
        self.stave("put", "other", "v")
        self.assertEqual(self.stave("verify").stderr, b"")


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
