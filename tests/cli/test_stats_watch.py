"""stats --watch: lines of a pipe, redrawn tables of a terminal, and its end."""

import json
import os
import pty
import signal
import subprocess
import unittest

from command import OK, STAVE, USAGE, CommandTest, environment


class Watch(CommandTest):
    def setUp(self):
        super().setUp()
        self.stave("put", "k", "v")

    def watching(self, *args):
        process = subprocess.Popen([STAVE, "--dir", str(self.dir), "stats", "--watch", *args],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def test_a_line_each_time(self):
        lines = self.out("stats", "--watch", "0.05", "--times", "3").decode().splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual(lines[0].split()[:4], ["keys", "ops/s", "puts/s", "del/s"])
        for line in lines[1:]:
            self.assertRegex(line, r"^ +1 +0 +0 +0 .* B +\d+ % +1 +-$")
        self.assertEqual(len(self.out("-q", "stats", "--watch=0.05", "--times=1").splitlines()), 1)

    def test_merges_of_another_process_are_seen(self):
        process = self.watching("0.02", "--json")
        rows = [json.loads(process.stdout.readline())]
        self.stave("load", "-q", stdin=b"".join(b"%d\tv\n" % i for i in range(100)))
        self.stave("delete", *map(str, range(30)))
        self.stave("merge")
        while sum(row["files_merged"] for row in rows) == 0 or rows[-1]["keys"] != 71:
            rows.append(json.loads(process.stdout.readline()))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(50), OK)
        self.assertGreaterEqual(sum(row["files_made"] for row in rows), 1)

    def test_puts_and_deletes_are_told_apart(self):
        process = self.watching("0.02", "--json")
        rows = [json.loads(process.stdout.readline())]
        self.stave("load", "-q", stdin=b"".join(b"%d\tv\n" % i for i in range(100)))
        self.stave("delete", *map(str, range(30)))
        while sum(row["operations"] for row in rows) < 130:
            rows.append(json.loads(process.stdout.readline()))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(50), OK)
        self.assertEqual(sum(row["puts"] for row in rows), 100)
        self.assertEqual(sum(row["deletes"] for row in rows), 30)
        self.assertEqual(process.stderr.read(), b"")

    def test_interrupt_ends_it_cleanly(self):
        process = self.watching("3600")
        process.stdout.readline()  # the heading: it is at work
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(50), OK)
        self.assertEqual((process.stdout.read(), process.stderr.read()), (b"", b""))

    def test_a_terminal_is_drawn_over(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(STAVE, [STAVE, "--dir", str(self.dir), "stats", "--watch", "0.02", "--times",
                              "2"], environment(TERM="xterm"))
        shown = b""
        try:
            while True:
                shown += os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the other side is closed
            pass
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), OK, shown)
        self.assertEqual(shown.count(b"operations per second"), 3)
        self.assertRegex(shown, rb"\x1b\[\d+A")

    def test_usage(self):
        for args in (["--times", "3"], ["--watch", "0"], ["--watch", "soon"],
                     ["--watch", "--times", "x"]):
            self.error("stats", *args, expect=USAGE)


if __name__ == "__main__":
    unittest.main()
