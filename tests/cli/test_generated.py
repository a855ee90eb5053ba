"""Manual pages and shell completions: complete, and sound where the tools to tell are there."""

import json
import os
import re
import shutil
import subprocess
import unittest

from command import STAVE, USAGE, CommandTest, environment


class Generated(CommandTest):
    def verbs(self):
        text = self.out("--help", dir=False).decode()
        verbs = re.findall(r"(?m)^  ([a-z]+)  +[A-Z]", text[text.index("Verbs:"):])
        self.assertGreater(len(verbs), 20)
        return verbs

    def flags(self, verb):
        text = self.out(verb, "--help", dir=False).decode()
        flags = re.findall(r"(?m)^  (?:-\w,)?(--[a-z-]+)", text)
        return [flag for flag in flags if flag != "--help"]

    def options(self):
        lines = self.out("options", "--json", dir=False).splitlines()
        return [json.loads(line) for line in lines]


class Manual(Generated):
    def page(self, name):
        return self.out("man", name, dir=False).decode()

    def test_command_page_has_every_verb_flag_and_exit_code(self):
        page = self.page("stave").replace("\\-", "-")
        self.assertEqual(page, self.out("man", dir=False).decode().replace("\\-", "-"))
        for verb in self.verbs():
            start = re.search(rf"(?m)^\.BR {verb} ", page)
            self.assertIsNotNone(start, verb)
            part = page[start.start():]
            part = part[:part.find("\n.RE\n")]
            for flag in self.flags(verb):
                self.assertIn(f"\\fB{flag}\\fR", part, verb)
        for code in re.findall(r"(?m)^  (\d+) +\S", self.out("--help", dir=False).decode()):
            self.assertRegex(page, rf"(?m)^\.B {code}$")

    def test_option_page_has_every_option(self):
        page = self.page("stave-options").replace("\\-", "-")
        for option in self.options():
            part = page[page.index(f"\n.B {option['name']}\n"):]
            part = part[:part.find("\n.TP")]
            self.assertIn(f"Default: {option['default']}.", part)
            self.assertIn(f"Unit: {option['unit']}.", part)
            if option["maximum"]:
                self.assertIn(f"Bounds: {option['minimum']}..{option['maximum']}.", part)
            self.assertIn(option["description"].replace('"', "\\(dq"), part)

    @unittest.skipUnless(shutil.which("groff"), "groff not found")
    def test_troff_has_nothing_to_complain_of(self):
        for name in ("stave", "stave-options"):
            done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-z"],
                                  input=self.page(name).encode(), capture_output=True)
            self.assertEqual((done.returncode, done.stderr), (0, b""))

    @unittest.skipUnless(shutil.which("lexgrog"), "lexgrog (man-db) not found")
    def test_whatis_finds_the_names(self):
        for name in ("stave", "stave-options"):
            path = self.write(f"{name}.1", self.page(name).encode())
            done = subprocess.run(["lexgrog", path], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn(f'"{name} - ', done.stdout)

    def test_no_other_page(self):
        self.error("man", "staved", dir=False, expect=USAGE)


class Bash(Generated):
    def complete(self, *words):
        """What bash offers for the last word, as readline would have taken the words apart."""
        apart = []
        for word in words:
            apart += [part for part in re.split("(=)", word) if part]
        if not words[-1] or words[-1].endswith("="):
            apart += [] if words[-1] else [""]
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _stave; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "--norc", "-c", script, "bash", self.script, "stave",
                               *apart], capture_output=True, cwd=self.tmp, text=True,
                              env=environment())
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.split("\n")[:-1] if done.stdout != "\n" else []

    def setUp(self):
        super().setUp()
        self.script = self.write("completions", self.out("completions", "bash", dir=False))

    def test_syntax(self):
        done = subprocess.run(["bash", "-n", self.script], capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        script = 'source "$1"; complete -p stave'
        done = subprocess.run(["bash", "-c", script, "bash", self.script], capture_output=True)
        self.assertEqual(done.stdout, b"complete -F _stave stave\n")

    def test_verbs(self):
        self.assertEqual(self.complete(""), self.verbs())
        self.assertEqual(self.complete("ver"), ["verify", "version"])
        self.assertEqual(self.complete("--dir", "x", "-q", "pe"), ["persist"])
        self.assertEqual(self.complete("-o", "io=mapped", "--max_file_size", "1MiB", "exi"),
                         ["exists"])

    def test_flags_of_each_verb(self):
        for verb in self.verbs():
            offered = self.complete(verb, "--")
            for flag in self.flags(verb) + ["--dir", "--json"]:
                self.assertIn(flag, offered, verb)
        self.assertEqual(self.complete("put", "k", "v", "--u"), ["--until"])
        self.assertNotIn("--until", self.complete("get", "--"))

    def test_words_of_flags(self):
        formats = ["raw", "escaped", "hex", "base64"]
        for words in (["put", "--format", ""], ["put", "-F", ""], ["put", "--format="],
                      ["put", "k", "--key-format", ""]):
            self.assertEqual(self.complete(*words), formats, words)
        self.assertEqual(self.complete("put", "--format=h"), ["hex"])
        self.assertEqual(self.complete("dump", "--output-format", "j"), ["jsonl"])
        self.assertEqual(self.complete("put", "--ttl", ""), [])

    def test_arguments(self):
        (self.tmp / "folder").mkdir()
        (self.tmp / "file.csv").write_bytes(b"")
        self.assertEqual(sorted(self.complete("load", "f")), ["file.csv", "folder"])
        self.assertEqual(self.complete("load", "a", "-q", "fi"), ["file.csv"])
        self.assertEqual(self.complete("backup", "f"), ["folder"])
        self.assertEqual(self.complete("--dir", "f"), ["folder"])
        self.assertEqual(self.complete("put", "k", "--value-file", "fi"), ["file.csv"])
        self.assertEqual(self.complete("import", ""), ["bitcask"])
        self.assertEqual(self.complete("import", "bitcask", "f"), ["folder"])
        self.assertEqual(self.complete("completions", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.complete("get", "k"), [])

    def test_engine_options(self):
        names = [option["name"] for option in self.options()]
        self.assertEqual(self.complete("get", "-o", ""), [f"{name}=" for name in names])
        self.assertEqual(self.complete("-o", "merge.pol"), ["merge.policy="])
        self.assertEqual(self.complete("-o", "merge.policy="), ["always", "never", "window"])
        self.assertEqual(self.complete("-o", "merge.policy=n"), ["never"])
        self.assertEqual(self.complete("--verify_reads", ""), ["true", "false"])
        self.assertEqual(self.complete("--verify_r"), ["--verify_reads"])
        # --sync of put is a switch, not the option of that name.
        self.assertEqual(self.complete("put", "--sync", "--value-fi"), ["--value-file"])


class OtherShells(Generated):
    def text(self, shell):
        return self.out("completions", shell, dir=False).decode()

    def test_all_is_there(self):
        for shell in ("zsh", "fish"):
            text = self.text(shell)
            for verb in self.verbs():
                self.assertRegex(text, rf"\b{verb}\b", shell)
                for flag in self.flags(verb):
                    self.assertIn(flag if shell == "zsh" else f"-l {flag[2:]} ", text)
            for option in self.options():
                self.assertIn(option["name"], text)

    @unittest.skipUnless(shutil.which("zsh"), "zsh not found")
    def test_zsh_syntax(self):
        done = subprocess.run(["zsh", "-n", self.write("_stave", self.text("zsh").encode())],
                              capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    @unittest.skipUnless(shutil.which("fish"), "fish not found")
    def test_fish(self):
        path = self.write("stave.fish", self.text("fish").encode())
        script = f"source {path}; complete -C 'stave ver'; complete -C 'stave put --unt'"
        path = os.pathsep.join((os.path.dirname(STAVE), os.environ["PATH"]))
        done = subprocess.run(["fish", "-c", script], capture_output=True, text=True,
                              env=environment(PATH=path, HOME=str(self.tmp)))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^verify\t.*\nversion\t.*\n--until\t")

    def test_no_other_shell(self):
        self.error("completions", "tcsh", dir=False, expect=USAGE)


if __name__ == "__main__":
    unittest.main()
