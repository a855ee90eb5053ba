"""put, get, delete, exists, options and version."""

import json
import unittest

from command import NO, USAGE, CommandTest


class PutAndGet(CommandTest):
    def test_value_comes_back(self):
        self.assertEqual(self.stave("put", "k", "v").stdout, b"")
        self.assertEqual(self.out("get", "k"), b"v")

    def test_later_put_wins(self):
        self.stave("put", "k", "old")
        self.stave("put", "k", "new")
        self.assertEqual(self.out("get", "k"), b"new")

    def test_value_from_standard_input(self):
        self.stave("put", "k", "-", stdin=b"a\0b\n")
        self.assertEqual(self.out("get", "k"), b"a\0b\n")

    def test_value_from_file(self):
        self.stave("put", "k", "--value-file", self.write("v", b"from a file"))
        self.assertEqual(self.out("get", "k"), b"from a file")

    def test_empty_value(self):
        self.stave("put", "k", "")
        self.assertEqual(self.out("get", "k"), b"")
        self.assertEqual(self.stave("exists", "k").stdout, b"")

    def test_sync_flag(self):
        self.stave("put", "--sync", "k", "v")
        self.stave("delete", "--sync", "k")
        self.stave("exists", "k", expect=NO)

    def test_get_newline(self):
        self.stave("put", "k", "v")
        self.assertEqual(self.out("get", "--newline", "k"), b"v\n")

    def test_get_to_file(self):
        self.stave("put", "k", "v")
        target = self.tmp / "out"
        self.assertEqual(self.out("get", "k", "--output", str(target)), b"")
        self.assertEqual(target.read_bytes(), b"v")

    def test_get_on_a_terminal_ends_the_line(self):
        self.stave("put", "k", "v")
        self.assertEqual(self.on_terminal("get", "k"), b"v\r\n")

    def test_get_json(self):
        self.stave("put", "k", "-", stdin=b"\xff")
        self.assertEqual(json.loads(self.out("--json", "get", "k")),
                         {"key": "k", "value_base64": "/w=="})

    def test_directory_from_environment(self):
        self.stave("put", "k", "v", dir=False, STAVE_DIR=str(self.dir))
        self.assertEqual(self.out("get", "k"), b"v")

    def test_flag_beats_environment(self):
        self.stave("put", "k", "v", STAVE_DIR="/nonexistent")
        self.assertEqual(self.out("get", "k"), b"v")

    def test_global_flags_stand_on_either_side(self):
        self.stave("put", "k", "v", "--dir", str(self.dir), dir=False)
        self.assertEqual(json.loads(self.out("get", "k", "--json"))["value"], "v")


class Delete(CommandTest):
    def test_deleted_keys_are_gone(self):
        for key in "abc":
            self.stave("put", key, "v")
        self.stave("delete", "a", "b")
        self.assertEqual(self.out("list", "--keys-only"), b"c\n")

    def test_missing_key_is_told_and_the_others_go(self):
        self.stave("put", "a", "v")
        line = self.error("delete", "nope", "a", expect=NO)
        self.assertIn("nope", line)
        self.assertEqual(self.out("list"), b"")

    def test_json(self):
        self.stave("put", "a", "v")
        done = self.stave("--json", "-q", "delete", "a", "b", expect=NO)
        self.assertEqual(json.loads(done.stdout), {"deleted": 1, "missing": 1})
        self.assertEqual(done.stderr, b"")

    def test_store_is_not_made(self):
        self.error("delete", "a", expect=7)
        self.assertFalse(self.dir.exists())

    def test_range_without_its_end(self):
        for key in "abcd":
            self.stave("put", key, "v")
        self.assertEqual(self.stave("delete", "--range", "b", "d").stdout, b"")
        self.assertEqual(self.out("list", "--keys-only"), b"a\nd\n")
        self.stave("delete", "--sync", "--range", "b", "")
        self.assertEqual(self.out("list", "--keys-only"), b"a\n")
        self.stave("delete", "--range", "", "b")
        self.assertEqual(self.out("list"), b"")

    def test_prefix(self):
        for key in ["a", "user:1", "user:2", "user;"]:
            self.stave("put", key, "v")
        self.stave("delete", "--prefix", "user:")
        self.assertEqual(self.out("list", "--keys-only"), b"a\nuser;\n")
        self.stave("delete", "--key-format", "hex", "--prefix", "75")
        self.assertEqual(self.out("list", "--keys-only"), b"a\n")

    def test_what_makes_no_sense_is_refused(self):
        self.stave("put", "a", "v")
        self.assertIn("--prefix", self.error("delete", expect=USAGE))
        self.error("delete", "a", "--prefix", "b", expect=USAGE)
        self.error("delete", "--prefix", "b", "--range", "a", "b", expect=USAGE)
        self.assertIn("clear", self.error("delete", "--prefix", "", expect=USAGE))
        self.assertIn("less than", self.error("delete", "--range", "b", "a", expect=USAGE))
        self.assertEqual(self.out("list", "--keys-only"), b"a\n")


class Clear(CommandTest):
    def test_everything_goes_and_is_counted(self):
        for key in "abc":
            self.stave("put", key, "v")
        self.assertEqual(json.loads(self.out("--json", "clear", "--yes", "--sync")),
                         {"deleted": 3})
        self.assertEqual(self.out("list"), b"")
        self.stave("put", "d", "v")
        self.assertEqual(self.out("list", "--keys-only"), b"d\n")

    def test_nothing_goes_unless_it_is_meant(self):
        self.stave("put", "a", "v")
        self.assertIn("--yes", self.error("clear", expect=USAGE))
        self.assertEqual(self.out("list", "--keys-only"), b"a\n")

    def test_a_terminal_is_asked(self):
        self.stave("put", "a", "v")
        shown = self.on_terminal("clear", after=b"[y/N]", answer=b"n\n", expect=NO)
        self.assertIn(b"Delete all 1 keys", shown)
        self.assertEqual(self.out("list", "--keys-only"), b"a\n")
        self.on_terminal("clear", after=b"[y/N]", answer=b"y\n")
        self.assertEqual(self.out("list"), b"")


class Exists(CommandTest):
    def test_exit_code_answers(self):
        self.stave("put", "k", "v")
        self.assertEqual(self.stave("exists", "k").stdout, b"")
        self.assertEqual(self.stave("exists", "x", expect=NO).stderr, b"")

    def test_json(self):
        self.stave("put", "k", "v")
        self.assertEqual(json.loads(self.out("exists", "k", "--json")), {"exists": True})
        self.assertEqual(json.loads(self.out("exists", "x", "--json", expect=NO)),
                         {"exists": False})


class Options(CommandTest):
    def table(self):
        lines = self.out("options", "--json", dir=False).splitlines()
        return {row["name"]: row for row in map(json.loads, lines)}

    def test_table(self):
        table = self.table()
        for name in ("read_only", "create_if_missing", "sync"):
            self.assertIn(name, table)
            self.assertTrue(table[name]["description"])
        text = self.out("options", dir=False).decode()
        for name, row in table.items():
            self.assertIn(f"\n{name}={row['default']}", "\n" + text)

    def test_every_default_is_accepted(self):
        self.stave("put", "k", "v")
        for name, row in self.table().items():
            if row["default"] and name != "create_if_missing":
                self.stave("get", "k", "-o", f"{name}={row['default']}")

    def test_option_as_a_flag(self):
        self.error("put", "--create_if_missing", "false", "k", "v", expect=7)
        self.assertFalse(self.dir.exists())
        self.stave("put", "k", "v")
        self.stave("--create_if_missing", "false", "put", "k", "v")

    def test_bad_options(self):
        self.stave("put", "k", "v")
        line = self.error("get", "k", "-o", "nonsense=1", expect=USAGE)
        self.assertIn("nonsense", line)
        self.assertIn("stave options", line)
        self.assertNotIn("did you mean", self.error("get", "k", "-o", "nope=1", expect=USAGE))
        self.assertIn("did you mean max_file_size?",
                      self.error("get", "k", "-o", "max_file_siz=1MiB", expect=USAGE))
        self.assertIn("within 4KiB to 4GiB",
                      self.error("get", "k", "-o", "max_file_size=-1", expect=USAGE))
        self.assertIn("max_file_size",
                      self.error("get", "k", "-o", "max_file_size=many", expect=USAGE))
        self.assertIn("NAME=VALUE", self.error("get", "k", "-o", "sync", expect=USAGE))

    def test_reading_verb_never_writes(self):
        self.stave("put", "k", "v")
        self.stave("get", "k", "-o", "read_only=false")
        self.assertTrue(json.loads(self.out("stats", "--json", "-o", "read_only=false"))
                        ["read_only"])


class Version(CommandTest):
    def test_version(self):
        text = self.out("version", dir=False)
        self.assertRegex(text, rb"^stave \d+\.\d+\.\d+\n$")
        self.assertEqual(self.out("--version", dir=False), text)
        row = json.loads(self.out("version", "--json", dir=False))
        self.assertEqual(text.decode(), f"stave {row['version']}\n")


if __name__ == "__main__":
    unittest.main()
