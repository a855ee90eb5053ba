"""The exit codes of docs/cli.md, and that every error is one line on standard error."""

import os
import pathlib
import subprocess
import unittest

from command import (BUSY, CORRUPT, IO, NO, NO_STORE, STAVE, USAGE, CommandTest, environment)

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
            self.error(*args, expect=BUSY)

    def test_readers_work_beside_the_writer(self):
        for args in READERS:
            self.stave(*args)
        self.assertEqual(self.out("get", "held"), b"open")


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

    def test_path_that_is_a_file(self):
        self.write("store", b"not a directory")
        self.stave("put", "k", "v", expect=IO)


if __name__ == "__main__":
    unittest.main()
