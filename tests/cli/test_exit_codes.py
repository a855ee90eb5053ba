"""The exit codes of docs/cli.md, and that every error is one line on standard error."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

from command import (BUSY, CORRUPT, IO, NO, NO_STORE, STAVE, UNSUPPORTED, USAGE, CommandTest,
                     environment)

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "format"))
from checksums import crc32c  # noqa: E402

READERS = (["get", "k"], ["exists", "k"], ["list"], ["stats"], ["files"], ["verify"])
WRITERS = (["put", "k", "v"], ["delete", "k"], ["load", "-"], ["merge"])


class Usage(CommandTest):
    def test_wrong_command_lines(self):
        for args in ([], ["nonsense"], ["put"], ["get"], ["get", "a", "b"], ["list", "--limit"],
                     ["list", "--no-such-flag"], ["delete"], ["exists"], ["put", "k"],
                     ["put", "k", "v", "--value-file", "f"]):
            line = self.error(*args, expect=USAGE)
            if args and args[0] != "nonsense":
                self.assertTrue(line.startswith(f"stave: {args[0]}: "), line)

    def test_no_directory_named(self):
        for args in READERS + WRITERS:
            self.assertIn("STAVE_DIR", self.error(*args, dir=False, expect=USAGE))

    def test_empty_directory_name_does_not_fall_back_to_the_environment(self):
        self.stave("put", "k", "v")
        line = self.error("--dir", "", "get", "k", dir=False, expect=USAGE,
                          STAVE_DIR=str(self.dir))
        self.assertIn("--dir is empty", line)

    def test_unknown_verb_is_named_and_the_near_one_suggested(self):
        for word, meant in (("gett", "get"), ("del", "delete"), ("lsit", "list"), ("rm", "delete"),
                            ("compact", "merge")):
            line = self.error(word, "k", expect=USAGE)
            self.assertIn(f"no verb '{word}'; did you mean '{meant}'?", line)
        line = self.error("frobnicate", expect=USAGE)
        self.assertIn("no verb 'frobnicate'", line)
        self.assertNotIn("did you mean", line)
        self.assertIn("no flag '--frob'", self.error("--frob", expect=USAGE))
        self.assertIn("no verb given", self.error(expect=USAGE))

    def test_a_flag_without_its_value_is_named(self):
        self.assertIn("--limit needs a value", self.error("list", "--limit", expect=USAGE))

    def test_unknown_flags_and_arguments_are_named(self):
        self.assertIn("'--limt'; did you mean '--limit'?",
                      self.error("list", "--limt", "3", expect=USAGE))
        self.assertIn("'-k'; a key or value that begins with '-' goes after '--'",
                      self.error("put", "-k", "v", expect=USAGE))
        self.assertIn("too many arguments: 'b' 'c'", self.error("get", "a", "b", "c",
                                                                expect=USAGE))

    def test_verbs_that_write_refuse_read_only(self):
        for args in WRITERS:
            self.assertIn("read_only", self.error(*args, "-o", "read_only=true", expect=USAGE))
        self.assertFalse(self.dir.exists())
        self.stave("put", "k", "v")
        for args in WRITERS:
            self.error(*args, "--read_only", "yes", expect=USAGE)
            self.error(*args, "-o", "error_if_exists=true", expect=USAGE)
        self.assertEqual(self.out("list"), b"k\tv\n")

    def test_merge_is_either_capped_or_not(self):
        self.stave("put", "k", "v")
        self.assertIn("--uncapped", self.error("merge", "--capped", "--uncapped", expect=USAGE))
        self.stave("merge", "--capped")
        self.stave("merge", "--uncapped")


class Answers(CommandTest):
    def test_missing_key(self):
        self.stave("put", "k", "v")
        self.assertIn("nope", self.error("get", "nope", expect=NO))
        self.assertEqual(self.stave("-q", "get", "nope", expect=NO).stderr, b"")


class NoStore(CommandTest):
    def test_reading_a_store_that_is_not_there(self):
        for args in list(READERS) + [["delete", "k"], ["merge"]]:
            line = self.error(*args, expect=NO_STORE)
            self.assertIn(str(self.dir), line)
            self.assertIn("--dir", line)
            self.assertFalse(self.dir.exists(), args)

    def test_a_store_is_made_only_in_a_directory_that_is_there(self):
        self.dir = self.tmp / "none" / "store"
        for args in (["put", "k", "v"], ["load"]):
            line = self.error(*args, expect=NO_STORE)
            self.assertIn("parent directory does not exist", line)
            self.assertIn(str(self.dir), line)


class Busy(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("put", "k", "v")
        self.writer = subprocess.Popen(
            [STAVE, "--dir", str(self.dir), "load", "--ack", "--batch", "1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
        self.writer.stdin.write(b"held\topen\n")
        self.writer.stdin.flush()
        self.assertEqual(self.writer.stdout.readline(), b"ACK 1\n")

    def tearDown(self):
        self.writer.communicate()
        self.assertEqual(self.writer.returncode, 0)

    def test_writers_are_refused(self):
        for args in WRITERS:
            self.assertIn("open_timeout", self.error(*args, expect=BUSY))

    def test_stats_tell_of_the_writer_and_do_not_disturb_it(self):
        for _ in range(3):
            self.assertIn(b"last writer           at work\n", self.out("stats"))
        self.assertEqual(json.loads(self.out("stats", "--json"))["last_writer"], "at_work")
        self.error("put", "k", "v", expect=BUSY)

    def test_readers_work_beside_the_writer(self):
        for args in READERS:
            self.stave(*args)
        self.assertEqual(self.out("get", "held"), b"open")


class LastWriter(CommandTest):
    def last_writer(self):
        return json.loads(self.out("stats", "--json"))["last_writer"]

    def test_one_that_closed_and_one_that_was_killed(self):
        self.stave("put", "k", "v")
        self.assertEqual(self.last_writer(), "closed")
        writer = subprocess.Popen(
            [STAVE, "--dir", str(self.dir), "load", "--ack", "--batch", "1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
        writer.stdin.write(b"a\tb\n")
        writer.stdin.flush()
        self.assertEqual(writer.stdout.readline(), b"ACK 1\n")
        writer.kill()
        writer.communicate()
        self.assertEqual(self.last_writer(), "not_closed")
        self.assertIn(b"did not close; the next one recovers\n", self.out("stats"))
        self.stave("put", "k", "w")
        self.assertEqual(self.last_writer(), "closed")


class Newer(CommandTest):
    """A store, or a file of it, of a later format version: refused, and nothing of it changed."""

    def bytes_of_all_files(self):
        return {path.name: path.read_bytes() for path in self.dir.iterdir()
                if path.name != "LOCK"}  # says who looked

    def test_newer_manifest(self):
        self.stave("put", "k", "v")
        manifest = self.dir / "MANIFEST"
        manifest.write_bytes(manifest.read_bytes().replace(b"stave-manifest 1",
                                                           b"stave-manifest 2"))
        before = self.bytes_of_all_files()
        for args in READERS + WRITERS:
            line = self.error(*args, expect=UNSUPPORTED)
            self.assertIn("MANIFEST", line)
        self.assertEqual(self.bytes_of_all_files(), before)

    def test_newer_data_file(self):
        self.stave("load", "-q", stdin=b"a\t1\nb\t2\n")
        log, = self.dir.glob("*.log")
        data = bytearray(log.read_bytes())
        data[8:12] = (2).to_bytes(4, "little")
        data[60:64] = crc32c(0, data[:60]).to_bytes(4, "little")
        log.write_bytes(data)
        before = self.bytes_of_all_files()
        for args in READERS + WRITERS:
            self.assertIn(f"{log.name}: data file format 2", self.error(*args, expect=UNSUPPORTED))
        self.assertEqual(self.bytes_of_all_files(), before)


class Damage(CommandTest):
    ROWS = b"".join(b"key%04d\tvalue%04d\n" % (i, i) for i in range(1000))

    def flip_byte_in_value_500(self):
        for log in pathlib.Path(self.dir).glob("*.log"):
            data = bytearray(log.read_bytes())
            at = data.find(b"value0500")
            if at >= 0:
                data[at] ^= 0x20
                log.write_bytes(data)
                return log.name
        self.fail("no log holds the value")

    def test_damage_in_a_sealed_file_is_found_and_the_other_keys_stay_readable(self):
        for _ in range(2):
            self.stave("load", "-q", stdin=self.ROWS)
        self.stave("merge")  # its output is sealed
        name = self.flip_byte_in_value_500()
        done = self.stave("verify", expect=CORRUPT)
        self.assertIn(b"1 problem: 1 bad record", done.stdout)
        self.assertIn(name.encode(), done.stdout)
        self.assertIn(name, self.error("get", "key0500", expect=CORRUPT))
        self.assertEqual(self.out("get", "key0499"), b"value0499")
        listed = self.stave("list", expect=CORRUPT).stdout
        self.assertTrue(listed.endswith(b"key0499\tvalue0499\n"), listed[-100:])

    def test_damage_in_the_durable_tail_is_reported_with_its_file(self):
        self.stave("load", "-q", "--sync", stdin=self.ROWS)
        name = self.flip_byte_in_value_500()
        for verb in (["get", "key0500"], ["put", "k", "v"]):
            self.assertIn(name, self.error(*verb, expect=CORRUPT))
        self.assertIn(name.encode(), self.stave("verify", expect=CORRUPT).stderr)


class Permission(CommandTest):
    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_directory_that_may_not_be_written(self):
        self.tmp.chmod(0o500)
        self.addCleanup(self.tmp.chmod, 0o700)
        self.error("put", "k", "v", expect=IO)

    @unittest.skipIf(os.geteuid() == 0, "root may read everywhere")
    def test_directory_that_may_not_be_read(self):
        self.dir.mkdir(mode=0)
        for args in READERS + WRITERS:
            self.assertIn("Permission denied", self.error(*args, expect=IO))

    def test_path_that_is_a_file_is_told_by_all_alike(self):
        self.write("store", b"not a directory")
        for path in (self.dir, self.dir / "below"):
            for args in READERS + WRITERS:
                line = self.error("--dir", str(path), *args, dir=False, expect=IO)
                self.assertIn(f"{path} is not a directory", line)

    def test_link_that_leads_nowhere(self):
        self.dir.symlink_to("nowhere")
        self.assertIn("leads nowhere", self.error("put", "k", "v", expect=IO))


if __name__ == "__main__":
    unittest.main()
