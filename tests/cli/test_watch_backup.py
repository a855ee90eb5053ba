"""watch and backup: what they print, beside a writer and without one."""

import json
import subprocess
import threading
import unittest

from command import NO_STORE, OK, OTHER, STAVE, USAGE, CommandTest, environment


class Watch(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("put", "a", "1")
        self.stave("put", "b\t", "2")
        self.stave("delete", "a")

    def test_operations_since_a_number(self):
        self.assertEqual(self.out("watch", "--after", "0", "--no-wait"),
                         b"1\tput\ta\t1\n2\tput\tb\\t\t2\n3\tdelete\ta\n")
        self.assertEqual(self.out("watch", "--after", "2", "--no-wait"), b"3\tdelete\ta\n")
        self.assertEqual(self.out("watch", "--no-wait"), b"")
        self.assertEqual(self.out("watch", "--after", "0", "--limit", "1"), b"1\tput\ta\t1\n")

    def test_json(self):
        rows = [json.loads(line)
                for line in self.out("watch", "--after=0", "--no-wait", "--json").splitlines()]
        self.assertEqual(rows[0], {"seq": 1, "op": "put", "key": "a", "value": "1"})
        self.assertEqual(rows[2], {"seq": 3, "op": "delete", "key": "a"})

    def test_it_waits_for_a_writer(self):
        watching = subprocess.Popen([STAVE, "--dir", str(self.dir), "watch", "--limit", "2"],
                                    stdout=subprocess.PIPE, env=environment())
        timer = threading.Timer(50, watching.kill)
        timer.start()
        self.addCleanup(timer.cancel)
        seen = []
        reader = threading.Thread(target=lambda: seen.extend(watching.stdout))
        reader.start()
        # It begins with what comes after its opening, and nothing says when that was: put on.
        n = 0
        while watching.poll() is None:
            self.stave("put", "c", str(n))
            n += 1
        reader.join()
        watching.stdout.close()
        self.assertEqual(watching.returncode, OK)
        self.assertEqual(len(seen), 2)
        for line in seen:
            self.assertRegex(line, rb"^\d+\tput\tc\t\d+\n$")

    def test_numbers_that_are_gone_or_to_come(self):
        for i in range(5):
            self.stave("put", "c", str(i))
        self.stave("merge")
        line = self.error("watch", "--after", "1", "--no-wait", expect=OTHER)
        self.assertIn("after number 1 are no longer all in the files", line)
        line = self.error("watch", "--after", "999", "--no-wait", expect=USAGE)
        self.assertIn("999", line)
        self.error("watch", "--after", "x", expect=USAGE)


class Backup(CommandTest):
    def test_a_backup_is_a_store(self):
        rows = b"".join(b"key%04d\t%d\n" % (i, i) for i in range(1000))
        self.stave("load", "-q", stdin=rows)
        to = str(self.tmp / "backup")
        text = self.out("backup", to).decode()
        self.assertRegex(text, r"(?s)1 file, .*up to operation 1,000\n")
        self.stave("put", "new", "1")
        self.assertEqual(self.out("list", "--dir", to, dir=False), rows)
        report = json.loads(self.out("backup", to, "--json", "--copy"))
        self.assertEqual(report["last_seq"], 1001)
        self.assertEqual(report["files_linked"], 0)
        self.assertEqual(self.out("backup", to, "--quiet"), b"")
        self.assertIn(b"new\t1\n", self.out("list", "--dir", to, dir=False))
        self.stave("verify", "--dir", to, dir=False)

    def test_refusals(self):
        self.error("backup", str(self.tmp / "b"), expect=NO_STORE)
        self.stave("put", "a", "1")
        self.error("backup", expect=USAGE)
        self.write("letter", b"x")
        line = self.error("backup", str(self.tmp), expect=USAGE)
        self.assertIn("no backup", line)
        line = self.error("backup", str(self.dir / "LOCK"), expect=USAGE)
        self.assertIn("has files named like LOCK", line)


if __name__ == "__main__":
    unittest.main()
