"""menu: every choice from a pipe and at a terminal; bad input is refused, nothing is lost."""

import unittest

from command import OK, USAGE, CommandTest
from dialogue import CTRL_C, CTRL_D, ENTER, Dialogue


class Menu(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("load", "-q", stdin=b"apple\tred\nlime\tgreen\nplum\tblue\n")

    def menu(self, *lines, expect=OK):
        text = "".join(line + "\n" for line in lines)
        return self.stave("menu", stdin=text.encode(), expect=expect).stdout.decode()

    def rows(self):
        return self.out("list").decode().splitlines()

    def test_choices_are_listed_and_0_quits(self):
        shown = self.menu("0")
        for words in ("1  Add", "2  View", "3  Change", "4  Delete", "5  List", "6  Search",
                      "7  Statistics", "8  Compact", "9  Back up", "0  Quit", "Your choice: "):
            self.assertIn(words, shown)

    def test_bad_choices_are_refused_with_what_to_do(self):
        for text in ("x", "10", "-1", " 1", "\x1b[2J"):
            shown = self.menu(text, "0")
            self.assertRegex(shown, "There is no choice '.*': type one of the numbers 0 to 9, then Enter.")
            self.assertNotIn("\x1b", shown)

    def test_add(self):
        self.assertIn("Stored: kiwi = brown", self.menu("1", "kiwi", "brown", "0"))
        self.assertIn("kiwi\tbrown", self.rows())

    def test_add_does_not_replace(self):
        self.assertIn("There is an entry 'apple' already", self.menu("1", "apple", "0"))
        self.assertIn("apple\tred", self.rows())

    def test_escapes_and_the_empty_value(self):
        shown = self.menu("1", r"a\tb", r"c:\\x\n", "1", "none", '""', "1", r"quotes", r"\x22\x22",
                          "0")
        self.assertIn(r"Stored: a\tb = c:\\x\n", shown)
        self.assertEqual(self.out("get", "a\tb"), b"c:\\x\n")
        self.assertEqual(self.out("get", "none"), b"")
        self.assertEqual(self.out("get", "quotes"), b'""')

    def test_bad_escapes_are_asked_again(self):
        shown = self.menu("1", r"c:\q", "key", r"\x1", "value", "0")
        self.assertEqual(shown.count("That cannot be read: "), 2)
        self.assertEqual(self.out("get", "key"), b"value")

    def test_a_key_that_is_too_long_is_asked_again(self):
        shown = self.menu("1", "k" * 65536, "key", "value", "0")
        self.assertIn("That key has 65,536 bytes; keys have 65,535 at most.", shown)
        self.assertEqual(self.out("get", "key"), b"value")

    def test_view(self):
        shown = self.menu("2", "apple", "2", "pear", "0")
        self.assertIn("Key:   apple\nValue: red\n       3 bytes\n", shown)
        self.assertIn("There is no entry 'pear'. 5 in the menu lists what there is.", shown)

    def test_change(self):
        shown = self.menu("3", "apple", "yellow", "3", "pear", "0")
        self.assertIn("Value: red", shown)
        self.assertIn("Stored: apple = yellow", shown)
        self.assertIn("There is no entry 'pear'", shown)
        self.assertEqual(self.rows(), ["apple\tyellow", "lime\tgreen", "plum\tblue"])

    def test_enter_alone_changes_nothing(self):
        before = self.rows()
        shown = self.menu("1", "", "1", "new", "", "2", "", "3", "", "3", "apple", "", "4", "",
                          "9", "", "0")
        self.assertEqual(shown.count("Nothing was changed."), 5)
        self.assertEqual(self.rows(), before)

    def test_delete_asks(self):
        shown = self.menu("4", "apple", "n", "4", "lime", "perhaps", "y", "4", "pear", "0")
        self.assertIn("Delete it for good? (y or n): ", shown)
        self.assertIn("Type y for yes or n for no, then Enter.", shown)
        self.assertIn("Deleted: lime", shown)
        self.assertIn("There is no entry 'pear'", shown)
        self.assertEqual(self.rows(), ["apple\tred", "plum\tblue"])

    def test_list_all_or_by_prefix(self):
        shown = self.menu("5", "", "", "0")
        self.assertIn("    1  apple = red\n    2  lime = green\n    3  plum = blue\n", shown)
        shown = self.menu("5", "l", "1", "", "5", "x", "0")
        self.assertIn("    1  lime = green\n", shown)
        self.assertNotIn("apple", shown)
        self.assertIn("Key:   lime\nValue: green\n", shown)
        self.assertIn("There are none.", shown)

    def test_list_comes_in_pages(self):
        self.stave("load", "-q", stdin=b"".join(b"n%03d\t%d\n" % (i, i) for i in range(45)))
        shown = self.menu("5", "n", "", "40", "41", "x", "", "45", "", "0")
        for number in (1, 20, 21, 45):
            self.assertEqual(shown.count(f"{number:5}  n{number - 1:03} = {number - 1}\n"), 1)
        self.assertEqual(shown.count("Enter for more, q to go back"), 5)
        self.assertIn("Key:   n039\n", shown)
        self.assertIn("Key:   n044\n", shown)
        self.assertEqual(shown.count("That is no number on this page: type one of 21 to 40"), 2)
        self.assertNotIn("n020", self.menu("5", "n", "q", "0"))

    def test_long_and_binary_entries_are_cut_to_the_line_and_shown_whole_on_demand(self):
        self.stave("put", "long", "-", stdin="é".encode() * 500 + b"\0\x1b")
        shown = self.menu("5", "lo", "1", "", "0")
        row, = (line for line in shown.splitlines() if "long = " in line)
        self.assertTrue(row.endswith("é..."), row)
        self.assertLessEqual(len(row[row.index("    1  long"):]), 80)
        self.assertIn("é" * 500 + r"\x00\x1b", shown)

    def test_search_in_keys_and_values(self):
        shown = self.menu("6", "lu", "", "6", "green", "", "6", "Red", "0")
        self.assertIn("    1  plum = blue\n", shown)
        self.assertIn("    1  lime = green\n", shown)
        self.assertNotIn("apple", shown)
        self.assertIn("There are none.", shown)

    def test_enter_alone_shows_the_menu_again(self):
        shown = self.menu("", "0")
        self.assertEqual(shown.count("8  Compact"), 2)
        self.assertNotIn("There is no choice", shown)

    def test_statistics_compact_and_backup(self):
        self.stave("put", "apple", "green")
        copy = self.tmp / "copy"
        shown = self.menu("7", "8", "9", str(copy), "0")
        self.assertIn("keys                  3\n", shown)
        self.assertIn("reclaimed: ", shown)
        self.assertEqual(self.out("--dir", str(copy), "list", dir=False), self.out("list"))
        done = self.stave("menu", stdin=f"9\n{self.tmp}\n0\n".encode())
        self.assertIn(b"stave: backup: ", done.stderr)

    def test_the_end_of_the_input_at_any_place_changes_nothing(self):
        before = self.rows()
        for lines in ([], ["1"], ["1", "new"], ["3", "apple"], ["4"], ["4", "apple"], ["5"],
                      ["5", ""], ["6"], ["9"]):
            self.assertIn("all is kept", self.menu(*lines))
            self.assertEqual(self.rows(), before, lines)
        self.assertIn('"last_writer":"closed"', self.out("stats", "--json").decode())

    def test_when_an_entry_expires_stays(self):
        self.stave("put", "later", "1", "-o", "expiry.default_ttl=1h")
        shown = self.menu("3", "later", "2", "2", "later", "0")
        self.assertEqual(shown.count("1 byte, expires 20"), 2)
        self.assertEqual(len(set(line for line in shown.splitlines() if "expires" in line)), 1)

    def test_a_store_is_made_only_on_request(self):
        self.dir = self.tmp / "new"
        for lines in ([], ["n"]):
            self.assertIn(f"There is no store in '{self.dir}'. Make one? (y or n): ",
                          self.menu(*lines))
            self.assertFalse(self.dir.exists())
        self.menu("y", "1", "a", "b", "0")
        self.assertEqual(self.rows(), ["a\tb"])

    def test_refusals_of_the_store_itself(self):
        self.error("menu", dir=False, expect=USAGE)
        self.assertIn("twice", self.error("menu", str(self.dir), expect=USAGE))


class Terminal(CommandTest):
    def talk(self):
        self.stave("put", "apple", "red")
        dialogue = Dialogue("menu", str(self.dir), HOME=str(self.tmp))
        self.addCleanup(dialogue.kill)
        dialogue.expect(b"Your choice: ")
        return dialogue

    def answer(self, talk, text, prompt):
        talk.type(text + ENTER)
        return talk.expect(prompt)

    def test_ctrl_c_goes_back_to_the_menu_and_ends_there(self):
        talk = self.talk()
        self.answer(talk, b"3", b"to change: ")
        self.answer(talk, b"apple", b"as it is): ")
        talk.type(b"yellow" + CTRL_C)
        self.assertIn(b"Nothing was changed.", talk.expect(b"Your choice: "))
        talk.type(CTRL_C)
        talk.expect(b"all is kept.")
        self.assertEqual(talk.end(), 130)
        self.assertEqual(self.out("list"), b"apple\tred\n")
        self.assertIn('"last_writer":"closed"', self.out("stats", "--json").decode())

    def test_ctrl_d_ends(self):
        talk = self.talk()
        self.answer(talk, b"4", b"to delete: ")
        talk.type(CTRL_D)
        self.assertEqual(talk.end(), OK)
        self.assertEqual(self.out("list"), b"apple\tred\n")

    def test_a_whole_dialogue(self):
        talk = self.talk()
        self.answer(talk, b"1", b"new entry: ")
        self.answer(talk, b"pear", b"empty one): ")
        self.assertIn(b"Stored: pear = green", self.answer(talk, b"green", b"Your choice: "))
        talk.type(b"0" + ENTER)
        self.assertEqual(talk.end(), OK)
        self.assertEqual(self.out("list"), b"apple\tred\npear\tgreen\n")


if __name__ == "__main__":
    unittest.main()
