"""The benchmark's command lines: what is refused, what help and list say, what a terminal shows."""

import os
import pathlib
import re
import subprocess
import unittest

from bench_case import BenchTest, STAVE, STAVE_BENCH, TINY


class Arguments(BenchTest):
    def refused(self, *args):
        text = self.run_bench(*args, expect=2).stderr
        self.assertNotEqual(text, "")
        return text

    def test_names(self):
        self.assertIn("no engine 'stvae'; did you mean 'stave'?\n",
                      self.refused("--engines", "stvae"))
        self.assertIn("no workload 'readrandon'; did you mean 'readrandom'?\n",
                      self.refused("--workloads", "readrandon"))
        self.assertIn("no engine 'sqlite'; there are: all stave",
                      self.refused("--engines", "sqlite"))
        self.assertIn("no workload 'verify'; there are: all core fillseq",
                      self.refused("--workloads", "verify"))
        self.assertIn("--engines", self.refused("--engines", ","))

    def test_blanks_around_names(self):
        lines = self.json_lines(*TINY, "--engines", " stave , limit-write", "--workloads",
                                " fillseq", "--no-latency", "--json", "-")
        self.assertEqual([line["engine"] for line in lines[1:]], ["stave", "limit-write"])

    def test_words_that_are_no_command(self):
        self.assertIn("compare was given twice", self.refused("compare", "compare"))
        self.assertIn("there is no command 'compair'; did you mean 'compare'?",
                      self.refused("compair"))
        self.assertIn("there is no flag '--num-op'; did you mean '--num-ops'?",
                      self.refused("--num-op", "5"))

    def test_the_help_is_written_for_people(self):
        for program in self.programs():
            text = subprocess.run([*program, "--help"], capture_output=True, text=True,
                                  timeout=60).stdout
            for raw in ("UINT", "TEXT", "{", "["):
                self.assertNotIn(raw, text.partition("ptions:\n")[2])
            self.assertIn("Bytes of a key, 8 to 1024 (default 16)", text)
            rounds, workloads, engines, all_of_them = map(int, re.search(
                r"is (\d+) rounds of (\d+) workloads on (\d+) engines: (\d+) measurements",
                text).groups())
            self.assertEqual(rounds * workloads * engines, all_of_them)
            self.assertEqual(workloads, 7)
            self.assertNotIn("selftest", text)

    def test_the_list_has_what_engines_names(self):
        for program in self.programs():
            text = subprocess.run([*program, "--list"], capture_output=True, text=True,
                                  timeout=60).stdout
            self.assertIn("\n  limit-honest  (limit", text)
            self.assertNotIn("selftest", text)
        text = self.run_bench("--list", "--engines", "selftest-none").stdout
        self.assertIn("\n  selftest-none  (selftest", text)
        self.assertNotIn("limit-honest", text)

    def test_numbers(self):
        for flag, value in (("--num-ops", "0"), ("--num-ops", "many"), ("--key-size", "7"),
                            ("--value-size", "15"), ("--threads", "0"), ("--repeat", "0")):
            self.assertIn(flag, self.refused(flag, value))
        self.assertIn("16 GiB", self.refused("--num-ops", "4000000000"))
        self.assertIn("--key-size: file-per-key takes keys of at most 120 bytes",
                      self.refused("--engines", "file-per-key", "--key-size", "121"))

    def test_places(self):
        for program in self.programs():
            done = subprocess.run([*program, "--data-dir", ""], capture_output=True, text=True,
                                  timeout=60)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--data-dir is empty: name a directory", done.stderr)
        self.assertIn("is no directory",
                      subprocess.run([STAVE_BENCH, "--data-dir", str(self.tmp / "none")],
                                     capture_output=True, text=True, timeout=60).stderr)
        self.assertIn("is no cgroup that can limit memory",
                      self.refused(*TINY, "--memory-group", str(self.tmp)))
        self.assertIn("--json: cannot write",
                      self.refused(*TINY, "--json", str(self.tmp / "none" / "file")))

    def programs(self):
        return [(STAVE_BENCH,)] + ([(STAVE, "bench")] if STAVE else [])

    def test_every_error_names_the_program(self):
        for program in self.programs():
            prefix = pathlib.Path(program[0]).name + ": "
            for args in (["--num-op", "5"], ["--num-ops", "many"], ["--json"], ["--engines", "no"]):
                text = self.run_bench(*args, expect=2, command=program).stderr
                self.assertTrue(text.startswith(prefix), text)
                self.assertEqual(text.count("\n"), 1, text)

    def test_a_flag_that_is_given_twice(self):
        for program in self.programs():
            text = self.run_bench("--data-dir", str(self.tmp), expect=2, command=program).stderr
            self.assertIn("--data-dir was given twice: give it once", text)


class OnATerminal(BenchTest):
    def test_a_short_run_does_not_tell_the_time_that_is_left(self):
        ours, theirs = os.openpty()
        run = subprocess.Popen(
            [STAVE_BENCH, *TINY, "--engines", "selftest-none", "--data-dir", str(self.data)],
            stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        shown = b""
        while chunk := self.read(ours):
            shown += chunk
        os.close(ours)
        self.assertEqual(run.wait(timeout=300), 0)
        self.assertIn(b"0/14  round 1  fillrandom, selftest-none", shown)
        self.assertNotIn(b"0:00 left", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-80:])

    @staticmethod
    def read(terminal):
        try:
            return os.read(terminal, 65536)
        except OSError:  # the other end is closed
            return b""


if __name__ == "__main__":
    unittest.main()
