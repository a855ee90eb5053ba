"""Help texts name every verb, exit code and engine option; the manual agrees."""

import json
import pathlib
import re
import unittest

from command import USAGE, CommandTest

VERBS = ["put", "get", "delete", "clear", "exists", "ttl", "touch", "persist", "incr", "append",
         "cas", "list", "scan", "count", "dump", "load", "import", "merge", "stats", "files", "verify",
         "backup", "watch", "repl", "menu", "calc", "bench", "options", "man", "completions", "version",
         "help"]
MANUAL = pathlib.Path(__file__).parents[2] / "docs/cli.md"


class Help(CommandTest):
    def test_main_help(self):
        text = self.out("--help", dir=False).decode()
        for verb in VERBS:
            self.assertRegex(text, rf"(?m)^  {verb} ")
        self.assertIn("Exit codes:", text)
        self.assertNotIn("--create_if_missing", text)

    def test_help_of_each_verb(self):
        for verb in VERBS:
            text = self.out(verb, "-h", dir=False).decode()
            self.assertIn(f"stave {verb}", text)
            self.assertEqual(text, self.out(verb, "--help", dir=False).decode())

    def test_help_all_lists_the_engine_options(self):
        text = self.out("--help-all", dir=False).decode()
        for line in self.out("options", "--json", dir=False).splitlines():
            name = json.loads(line)["name"]
            self.assertIn(f"--{name} ", text)

    def test_help_as_a_verb(self):
        self.assertEqual(self.out("help", dir=False), self.out("--help", dir=False))
        self.assertEqual(self.out("help", "put", dir=False), self.out("put", "--help", dir=False))
        self.assertIn("did you mean 'put'?", self.error("help", "putt", dir=False, expect=USAGE))

    def test_what_cannot_stand_together(self):
        text = self.out("list", "--help", dir=False).decode()
        self.assertIn("--values (not with --keys-only)", text)

    def test_options_of_tests_are_not_offered(self):
        for args in (["options"], ["--help-all"], ["man", "stave-options"], ["completions", "bash"]):
            self.assertNotIn(b"hash_bits", self.out(*args, dir=False))
        self.stave("put", "k", "v", "-o", "test.hash_bits=8")

    def test_sync_is_an_option_before_a_verb(self):
        self.stave("--sync", "always", "put", "k", "v")
        self.stave("get", "k", "--sync", "always")
        self.stave("put", "--sync", "k", "v")
        for args in (["put", "k", "v", "--sync=always"], ["--sync=bad", "put", "k", "v"]):
            text = self.error(*args, expect=USAGE)
            self.assertNotIn("did you mean '--sync'", text)
            self.assertIn("sync", text)


class Manual(CommandTest):
    def test_exit_codes_agree_with_the_help(self):
        text = self.out("--help", dir=False).decode()
        helped = dict(re.findall(r"(?m)^  (\d+) +(.+)$", text))
        manual = dict(re.findall(r"(?m)^\| (\d+) \| (.+?) \|$", MANUAL.read_text()))
        self.assertEqual(manual, helped)

    def test_every_long_flag_is_documented(self):
        manual = MANUAL.read_text()
        for verb in VERBS:
            text = self.out(verb, "--help", dir=False).decode()
            for flag in re.findall(r"(?m)^  (?:-\w,)?(--[a-z-]+)", text):
                self.assertIn(flag, manual, verb)


if __name__ == "__main__":
    unittest.main()
