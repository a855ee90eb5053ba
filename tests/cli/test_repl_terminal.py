"""repl at a terminal: prompts, editing, TAB, history, Ctrl-C, Ctrl-D."""

import os
import stat
import unittest

from command import OK, CommandTest
from dialogue import CTRL_C, CTRL_D, ENTER, TAB, UP, Dialogue


class Terminal(CommandTest):
    def setUp(self):
        super().setUp()
        self.state = self.tmp / "state"
        self.history = self.state / "stave" / "history"

    def talk(self, *flags, **env):
        env.setdefault("XDG_STATE_HOME", str(self.state))
        dialogue = Dialogue("repl", str(self.dir), *flags, HOME=str(self.tmp), **env)
        self.addCleanup(dialogue.kill)
        dialogue.expect(b"stave> ")
        return dialogue

    def end(self, dialogue, keys=CTRL_D):
        dialogue.type(keys)
        self.assertEqual(dialogue.end(), OK)


class Talk(Terminal):
    def test_commands_and_errors_and_the_end(self):
        talk = self.talk()
        self.assertEqual(talk.ask(b"put a 1"), b"")
        self.assertEqual(talk.ask(b"get a"), b"1\n")
        self.assertIn(b"stave: get: no such key: b", talk.ask(b"get b"))
        self.assertIn(b"did you mean 'get'", talk.ask(b"gett b"))
        self.assertIn(b"there is no escape", talk.ask(rb"get \q"))
        self.assertEqual(talk.ask(b"get a"), b"1\n")
        self.end(talk)
        talk = self.talk()
        self.end(talk, b"quit" + ENTER)
        self.assertEqual(self.out("list"), b"a\t1\n")

    def test_an_open_quote_asks_for_more(self):
        talk = self.talk()
        talk.ask(b"put k 'one", prompt=b"  ...> ")
        talk.ask(b"", prompt=b"  ...> ")
        talk.ask(b"two'")
        self.assertEqual(talk.ask(b"get k"), b"one\\n\\ntwo\n")
        self.end(talk)
        self.assertEqual(self.out("get", "k"), b"one\n\ntwo")
        self.assertIn("put k 'one\\n\\ntwo'\n", self.history.read_text())

    def test_a_batch_has_its_own_prompt(self):
        talk = self.talk()
        talk.ask(b"begin", prompt=b"batch> ")
        talk.ask(b"put a 1", prompt=b"batch> ")
        self.assertIn(b"1 operation written", talk.ask(b"commit"))
        self.end(talk)
        self.assertEqual(self.out("list"), b"a\t1\n")

    def test_ctrl_c_drops_the_line_also_within_quotes(self):
        talk = self.talk()
        talk.ask(b"put a 1")
        talk.type(b"delete a")
        talk.expect(b"delete a")
        talk.type(CTRL_C)
        talk.expect(b"^C\nstave> ")
        talk.ask(b"put a 'x", prompt=b"  ...> ")
        talk.type(CTRL_C)
        talk.expect(b"^C\nstave> ")
        self.assertEqual(talk.ask(b"get a"), b"1\n")
        talk.ask(b"put a 'x", prompt=b"  ...> ")
        talk.type(CTRL_D)
        self.assertIn(b"the input ends within quotes", talk.expect(b"stave> "))
        self.assertEqual(talk.ask(b"get a"), b"1\n")
        self.end(talk)

    def test_ctrl_c_ends_a_command_and_not_the_session(self):
        talk = self.talk()
        talk.ask(b"put a 1")
        talk.type(b"watch --after 0" + ENTER)
        talk.expect(b"put\ta\t1")
        talk.type(CTRL_C)
        self.assertIn(b"stave: watch: interrupted", talk.expect(b"stave> "))
        self.assertEqual(talk.ask(b"get a"), b"1\n")
        self.end(talk)

    def test_letters_of_several_bytes_are_edited_as_one(self):
        talk = self.talk()
        talk.ask("put ké".encode() + b"\x7f" + "è v".encode())
        self.end(talk)
        self.assertEqual(self.out("list", "--keys-only"), "kè\n".encode())


class Completion(Terminal):
    def setUp(self):
        super().setUp()
        self.stave("load", "-q", stdin=b"user:anna\t1\nuser:annabel\t2\nuser:bert\t3\n"
                                       b"two words\t4\n-dash\t5\nb\\x00\\xff\t6\n")
        self.dialogue = self.talk()

    def complete(self, typed, line, answer=None, choices=None):
        """Types and presses TAB; the line becomes `line` below the choices, and Enter shows
        `answer`."""
        self.dialogue.type(typed + TAB)
        if choices is not None:
            self.dialogue.expect(b"\n" + choices + b"\n")
        self.dialogue.expect_line(b"stave> " + line)
        if answer is not None:
            self.assertEqual(self.dialogue.ask(b""), answer)

    def drop_line(self):
        self.dialogue.type(CTRL_C)
        self.dialogue.expect(b"^C\nstave> ")

    def tearDown(self):
        self.end(self.dialogue)

    def test_commands(self):
        self.complete(b"exi", b"exi", choices=b"exists  exit")
        self.complete(b"s", b"exists")
        self.assertEqual(self.dialogue.ask(b"-- -dash"), b"yes\n")

    def test_the_commands_for_help(self):
        self.complete(b"help abo", b"help abort")
        self.assertIn(b"Drop the batch", self.dialogue.ask(b""))

    def test_flags(self):
        self.complete(b"list --prefix two --keys-o", b"list --prefix two --keys-only",
                      b"two words\n")

    def test_keys_by_prefix(self):
        self.complete(b"get user:b", b"get user:bert", b"3\n")
        self.complete(b"get us", b"get user:")
        self.complete(b"", b"get user:", choices=b"user:anna     user:annabel  user:bert")
        self.complete(b"a", b"get user:anna", b"1\n")

    def test_keys_are_quoted_as_they_must_be(self):
        self.complete(b"get tw", b'get "two words"', b"4\n")
        self.complete(b"get 'two w", b'get "two words"', b"4\n")
        self.complete(b"get '-", b'get "-dash"', b"5\n")
        self.complete(b"get b", rb'get "b\x00\xff"', b"6\n")

    def test_every_key_of_delete_and_prefixes_but_not_values(self):
        self.complete(b"delete b tw", b'delete b "two words"')
        self.drop_line()
        self.complete(b"list --prefix user:b", b"list --prefix user:bert", b"user:bert\t3\n")
        self.complete(b"put x user:b", b"put x user:b", b"")
        self.assertEqual(self.dialogue.ask(b"get x"), b"user:b\n")

    def test_of_very_many_keys_some_are_shown_and_none_is_made_up(self):
        self.drop_line()
        rows = b"".join(b"many%04d\tv\n" % i for i in range(300)) + b"manyzz\tv\n"
        self.dialogue.ask(b"load -q '" + self.write("rows.tsv", rows).encode() + b"'")
        self.dialogue.type(b"get many" + TAB)
        self.dialogue.expect(b"...")
        self.assertIn(b"many0099  ...", self.dialogue.screen.text())
        self.dialogue.expect_line(b"stave> get many")
        self.assertEqual(self.dialogue.ask(b"0299"), b"v\n")


class History(Terminal):
    def test_arrows_find_lines_of_this_session_and_the_last(self):
        talk = self.talk()
        talk.ask(b"put a 1")
        talk.type(UP)
        talk.expect(b"put a 1")
        talk.type(b"2" + ENTER)
        talk.expect(b"stave> ")
        self.end(talk)
        self.assertEqual(self.history.read_text(), "put a 1\nput a 12\n")
        talk = self.talk()
        talk.type(UP + UP)
        talk.expect(b"put a 1")
        talk.type(ENTER)
        talk.expect(b"stave> ")
        self.end(talk)
        self.assertEqual(self.out("get", "a"), b"1")

    def test_only_the_owner_may_read_it(self):
        self.end(self.talk())
        self.assertEqual(stat.S_IMODE(os.stat(self.history).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.state).st_mode), 0o700)
        self.history.chmod(0o644)
        self.end(self.talk())
        self.assertEqual(stat.S_IMODE(os.stat(self.history).st_mode), 0o600)

    def test_in_the_home_directory_without_xdg_state_home(self):
        for unset in ("", "relative/path"):
            talk = self.talk(XDG_STATE_HOME=unset)
            talk.ask(b"put a 1")
            self.end(talk)
        path = self.tmp / ".local" / "state" / "stave" / "history"
        self.assertEqual(path.read_text(), "put a 1\nput a 1\n")

    def test_no_history(self):
        talk = self.talk("--no-history")
        talk.ask(b"put a 1")
        self.end(talk)
        self.assertFalse(self.state.exists())

    def test_a_command_behind_a_blank_is_not_kept(self):
        talk = self.talk()
        talk.ask(b" put a secret")
        talk.ask(b"get a")
        self.end(talk)
        self.assertEqual(self.history.read_text(), "get a\n")

    def test_a_file_that_cannot_be_had_is_told_and_the_session_goes_on(self):
        self.state.write_bytes(b"no directory")
        dialogue = Dialogue("repl", str(self.dir), HOME=str(self.tmp),
                            XDG_STATE_HOME=str(self.state))
        self.addCleanup(dialogue.kill)
        self.assertIn(b"stave: ", dialogue.expect(b"stave> "))
        self.assertEqual(dialogue.ask(b"put a 1"), b"")
        self.assertEqual(dialogue.ask(b"get a"), b"1\n")
        self.end(dialogue)

    def test_the_newest_thousand_are_kept(self):
        self.history.parent.mkdir(parents=True)
        self.history.write_text("".join(f"get {i}\n" for i in range(2001)))
        talk = self.talk()
        talk.ask(b"put a 1")
        self.end(talk)
        lines = self.history.read_text().splitlines()
        self.assertEqual((lines[0], lines[-2], lines[-1], len(lines)),
                         ("get 1001", "get 2000", "put a 1", 1001))


if __name__ == "__main__":
    unittest.main()
