"""repl from a pipe: quoting, batches, errors and exit codes, commands on the one open store."""

import base64
import json
import os
import random
import subprocess
import unittest

from command import BAD_INPUT, NO, NO_STORE, OK, STAVE, USAGE, CommandTest, environment


class Repl(CommandTest):
    def repl(self, script, *flags, expect=OK):
        if isinstance(script, str):
            script = script.encode()
        return self.stave("-q", "repl", *flags, stdin=script, expect=expect)

    def lines(self, script, *flags, expect=OK):
        return self.repl(script, *flags, expect=expect).stdout.decode().splitlines()


class Commands(Repl):
    def test_no_prompt_no_colours_only_what_the_commands_print(self):
        done = self.repl("put a 1\nget a\nlist\nexists a\n")
        self.assertEqual(done.stdout, b"1\na\t1\nyes\n")
        self.assertEqual(done.stderr, b"")

    def test_the_verbs_work_on_the_one_open_store(self):
        out = self.lines("put a 1\nput b 2\ndelete a\nmerge\nsync\nlist\n"
                         "verify\nfiles\nstats --json\noptions\nversion\n")
        self.assertIn("b\t2", out)
        self.assertIn(f"stave {self.out('version').decode().split()[1]}", out)
        stats, = (json.loads(line) for line in out if line.startswith("{"))
        self.assertEqual((stats["keys"], stats["last_writer"]), (1, "at_work"))
        self.assertEqual(json.loads(self.out("stats", "--json"))["last_writer"], "closed")

    def test_the_lock_is_held_after_stats(self):
        script = f"stats\nput a 1\nbackup '{self.tmp}/copy'\n"
        reader, writer = os.pipe()
        session = subprocess.Popen([STAVE, "repl", str(self.dir)], stdin=reader,
                                   stdout=subprocess.PIPE, env=environment())
        os.close(reader)
        os.write(writer, script.encode())
        while b"up to operation" not in session.stdout.readline():
            pass
        self.stave("put", "b", "2", expect=3)
        os.close(writer)
        session.communicate()
        self.assertEqual(session.returncode, OK)
        self.assertEqual(self.out("--dir", str(self.tmp / "copy"), "list", dir=False), b"a\t1\n")

    def test_answers_come_at_once_and_not_at_the_end(self):
        session = subprocess.Popen([STAVE, "repl", str(self.dir)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env=environment())
        for i in range(3):
            session.stdin.write(b"put k %d\nget k\n" % i)
            session.stdin.flush()
            self.assertEqual(session.stdout.readline(), b"%d\n" % i)
        session.communicate()
        self.assertEqual(session.returncode, OK)

    def test_directory_as_argument_or_flag_but_not_both(self):
        self.stave("-q", "repl", str(self.dir), stdin=b"put a 1\n", dir=False)
        self.assertEqual(self.lines("get a\n"), ["1"])
        self.assertIn("twice", self.error("repl", str(self.dir), expect=USAGE))
        self.assertIn("DIR is empty", self.error("repl", "", dir=False, expect=USAGE))

    def test_a_new_store_is_told(self):
        done = self.stave("repl", stdin=b"")
        self.assertIn(f"a new store was made in '{self.dir}'".encode(), done.stderr)
        self.assertEqual(self.stave("repl", stdin=b"").stderr, b"")

    def test_read_only_makes_nothing_and_changes_nothing(self):
        self.assertIn(str(self.dir), self.error("repl", "--read-only", expect=NO_STORE))
        self.assertFalse(self.dir.exists())
        self.stave("put", "a", "1")
        done = self.repl("get a\nput a 2\nbegin\nmerge\nget a\n", "--read-only", "--keep-going",
                         expect=USAGE)
        self.assertEqual(done.stdout, b"1\n1\n")
        self.assertEqual(done.stderr.count(b"opened read-only"), 3)

    def test_a_reader_sees_what_a_writer_does_meanwhile(self):
        self.stave("put", "a", "1")
        session = subprocess.Popen([STAVE, "repl", "--read-only", str(self.dir)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   env=environment())
        for value in (b"1", b"2"):
            self.stave("put", "a", value)
            session.stdin.write(b"get a\n")
            session.stdin.flush()
            self.assertEqual(session.stdout.readline(), value + b"\n")
        session.communicate()

    def test_help(self):
        text = self.repl("help\n").stdout.decode()
        for name in ("put", "get", "delete", "list", "begin", "commit", "abort", "sync", "quit"):
            self.assertRegex(text, rf"(?m)^  {name} +\w")
        for name in ("repl", "menu", "bench"):
            self.assertNotRegex(text, rf"(?m)^  {name} ")
        text = self.repl("help list\n").stdout.decode()
        self.assertIn("--prefix", text)
        self.assertEqual(self.repl("list --help\n").stdout.decode(), text)
        self.assertIn(b"no command 'nope'", self.repl("help nope\n", expect=USAGE).stderr)

    def test_json_for_all_or_for_one(self):
        self.assertEqual(self.lines("put a 1\nget a --json\n--json exists a\nget a\n"),
                         ['{"key":"a","value":"1"}', '{"exists":true}', "1"])
        done = self.stave("--json", "repl", stdin=b"get a\n")
        self.assertEqual(json.loads(done.stdout), {"key": "a", "value": "1"})

    def test_standard_input_holds_commands_and_no_values(self):
        self.assertEqual(self.lines("put dash \"-\"\nget dash\nput - x\nget -\ndelete -\n"),
                         ["-", "x"])
        for line in ("put a -\n", "append a -\n", "cas a - b\n", "put -q a -\n",
                     "put a --value-file -\n", "load\n", "load -\n"):
            self.assertIn(b"standard input holds the commands", self.repl(line + "put a 1\n",
                                                                         expect=USAGE).stderr)
        self.assertEqual(self.lines("list --keys-only\n"), ["dash"])
        path = self.write("rows.tsv", b"x\t1\ny\t2\n")
        self.assertEqual(self.lines(f"load {path}\nlist --prefix x\n"), ["x\t1"])


class Batches(Repl):
    def test_commit_writes_all_and_reads_do_not_see_it_before(self):
        self.stave("put", "old", "1")
        out = self.lines("begin\nput a 1\ndelete old\nexists old\nlist\ncommit\nlist\n")
        self.assertEqual(out, ["yes", "old\t1", "a\t1"])
        self.assertEqual(json.loads(self.out("stats", "--json"))["last_seq"], 3)

    def test_abort_drops_all(self):
        self.assertEqual(self.lines("begin\nput a 1\nabort\nput b 2\nlist\n"), ["b\t2"])

    def test_commit_tells_how_many(self):
        self.assertEqual(self.lines("begin\nput a 1\nput b 2\n--json commit --sync\n"),
                         ['{"operations":2}'])

    def test_an_open_batch_at_the_end_is_dropped_and_told(self):
        done = self.repl("put a 1\nbegin\nput b 2\n", expect=USAGE)
        self.assertIn(b"not committed", done.stderr)
        self.assertEqual(self.out("list"), b"a\t1\n")

    def test_what_cannot_be_part_of_a_batch_is_refused(self):
        done = self.repl("begin\nput a 1\nmerge\nbegin\ncommit\ncommit\nabort\nlist\n",
                         "--keep-going", expect=USAGE)
        for text in (b"line 3: merge: only put and delete", b"line 4: begin: a batch is open",
                     b"line 6: commit: no batch is open", b"line 7: abort: no batch is open"):
            self.assertIn(text, done.stderr)
        self.assertEqual(done.stdout, b"a\t1\n")

    def test_a_bad_key_is_refused_and_the_batch_stays(self):
        done = self.repl("begin\nput a 1\nput '' 2\ncommit\nlist\n", "--keep-going", expect=USAGE)
        self.assertEqual(done.stdout, b"a\t1\n")


class Errors(Repl):
    def test_the_first_error_ends_it_with_its_code_and_line(self):
        done = self.repl("put a 1\n\nget nope --quiet\nput b 2\n", expect=NO)
        self.assertEqual(self.out("list"), b"a\t1\n")
        done = self.repl("# a comment\ngett a\nput b 2\n", expect=USAGE)
        self.assertIn(b"stave: line 2: there is no command 'gett'; did you mean 'get'?",
                      done.stderr)

    def test_keep_going_runs_all_and_ends_with_the_first_code(self):
        done = self.stave("repl", "--keep-going", stdin=b"get nope\nput\nput a 1\n", expect=NO)
        self.assertIn(b"stave: line 1: get: no such key: nope", done.stderr)
        self.assertIn(b"stave: line 2: put: KEY is required (see 'help put')", done.stderr)
        self.assertEqual(self.out("list"), b"a\t1\n")

    def test_unfinished_input_runs_nothing_of_the_command(self):
        for script in ("put a 'x\nput b 2\n", 'put a "x', "put a x\\"):
            done = self.repl(script, expect=BAD_INPUT)
            self.assertIn(b"line 1: the input ends within quotes or after a backslash",
                          done.stderr)
        self.assertEqual(self.out("list"), b"")

    def test_bad_escapes_are_told(self):
        for text in (r"put a \q", r"put a '\x4'", r'put a "\xzz"'):
            done = self.repl(text + "\n", expect=USAGE)
            self.assertIn(b"there is no escape \\", done.stderr)
            self.assertIn(b"write \\\\ for a backslash", done.stderr)

    def test_quit_ends_before_the_rest(self):
        self.assertEqual(self.lines("put a 1\nquit\nnonsense\n"), [])
        self.assertEqual(self.lines("get a\nexit\nnonsense\n"), ["1"])

    def test_a_closed_pipe_ends_quietly_and_closes_the_store(self):
        rows = b"".join(b"put key%d %s\n" % (i, b"v" * 1000) for i in range(300))
        script = self.write("script", rows + b"list\n" * 20)
        command = (f"'{STAVE}' -q repl '{self.dir}' < '{script}' | head -n 1; "
                   "echo ${PIPESTATUS[0]}")
        done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60,
                              env=environment())
        self.assertTrue(done.stdout.endswith(b"\n141\n"), done.stdout[-200:])
        self.assertEqual(done.stderr, b"")
        self.assertEqual(json.loads(self.out("stats", "--json"))["last_writer"], "closed")


class Quoting(Repl):
    def test_words(self):
        rows = (("'a b'", b"a b"), ('"a b"', b"a b"), ("a' 'b", b"a b"), (r"a\ b", b"a b"),
                ("'\"'", b'"'), ('"\'"', b"'"), (r'"\""', b'"'), (r"'\''", b"'"),
                (r"\n\t\r\0\x00\xfF\\", b"\n\t\r\0\0\xff\\"), (r"'\x41'", b"A"), ("''", b""),
                ("a#b", b"a#b"), (r"\#b", b"#b"), ("'#'", b"#"), ("\x01x", b"\x01x"),
                ("[a,b]", b"[a,b]"), ("'++'", b"++"), ("a\\\nb", b"ab"), ("'a\nb'", b"a\nb"),
                ('"a\\\nb"', b"ab"), ("'a\n\nb' # c'", b"a\n\nb"), ("é", "é".encode()),
                ("v\r", b"v"), ("'-x'", b"-x"), (r"\-", None))
        for text, value in rows:
            if value is None:
                self.repl(f"put k {text}\n", expect=USAGE)
                continue
            self.repl(f"put k {text}\n")
            self.assertEqual(self.out("get", "k"), value, text)

    def test_bytes_that_are_no_text_pass(self):
        value = bytes(b for b in range(256) if b not in b" \t\r\n\\'\"")
        self.repl(b"put k x" + value + b"\n")
        self.assertEqual(self.out("get", "k"), b"x" + value)

    def test_quoted_words_are_never_flags(self):
        self.assertEqual(self.lines("put '-key' '--json'\nget '-key'\nlist --prefix '-'\n"
                                    "put '--' '-q'\nget '--'\ndelete '-key' '--'\nlist\n"),
                         ["--json", "-key\t--json", "-q"])

    def test_a_prefix_is_quoted_like_all_else(self):
        self.assertEqual(self.lines(r"put 'a\\b' 1" "\n" r"put 'a\nb' 2" "\n"
                                    r"list --prefix 'a\\'" "\n" r"list --prefix='a\n'" "\n"
                                    "list --prefix 615c --key-format hex\n"),
                         [r"a\\b" "\t1", r"a\nb" "\t2", "615c62\t1"])

    @staticmethod
    def quoted(rng, data):
        """One of the many ways to write these bytes."""
        def escape(byte, quote):
            names = {9: b"\\t", 10: b"\\n", 13: b"\\r", 0: b"\\0", 92: b"\\\\", 39: b"\\'",
                     34: b'\\"', 32: b"\\ ", 35: b"\\#"}
            raw = bytes([byte])
            must = raw == b"\\" or (raw == quote if quote else raw in b" \t\r\n'\"#-[+")
            if rng.random() < 0.3 or must:
                if byte in names and rng.random() < 0.7:
                    return names[byte]
                return b"\\x%02x" % byte if rng.random() < 0.5 else b"\\x%02X" % byte
            return raw

        quote = rng.choice([b"'", b'"', None]) if data else b"'"
        body = b""
        for byte in data:
            if rng.random() < 0.02:
                body += b"\\\n"
            body += escape(byte, quote)
        return (quote or b"") + body + (quote or b"")

    def test_round_trip_of_random_bytes(self):
        seed = int(os.environ.get("STAVE_TEST_SEED", random.randrange(1 << 32)))
        print(f"STAVE_TEST_SEED={seed}")
        rng = random.Random(seed)
        alphabets = (bytes(range(256)), b" \\'\"#-\n\t\0x", b"ab", "é€😀 ".encode())

        def some_bytes(least):
            alphabet = rng.choice(alphabets)
            return bytes(rng.choice(alphabet) for _ in range(rng.randrange(least, 30)))

        for _ in range(4):
            entries = {some_bytes(1): some_bytes(0) for _ in range(200)}
            script = b"".join(b"put %s %s\n" % (self.quoted(rng, k), self.quoted(rng, v))
                              for k, v in entries.items())
            keys = list(entries)
            script += b"".join(b"get %s\n" % self.quoted(rng, key) for key in keys)
            got = self.repl(script).stdout.split(b"\n")[:-1]
            # What get prints can be typed again, in quotes.
            again = b"".join(b'put again%d "%s"\n' % (i, line.replace(b'"', b'\\"'))
                             for i, line in enumerate(got))
            self.repl(again)
            rows = [json.loads(line) for line in self.out("--json", "list").splitlines()]
            stored = {self.part(row, "key"): self.part(row, "value") for row in rows}
            for i, key in enumerate(keys):
                self.assertEqual(stored[key], entries[key])
                self.assertEqual(stored[b"again%d" % i], entries[key])
            self.repl(b"".join(b"delete %s\n" % self.quoted(rng, key) for key in keys))
            left = self.out("list", "--keys-only").splitlines()
            self.assertTrue(all(key.startswith(b"again") for key in left), left)
            self.repl(b"delete " + b" ".join(left) + b"\n")

    @staticmethod
    def part(row, name):
        return (row[name].encode() if name in row
                else base64.b64decode(row[name + "_base64"]))


if __name__ == "__main__":
    unittest.main()
