"""Runs the `stave` command for the tests: a fresh store directory per test case."""

import os
import pathlib
import pty
import shutil
import subprocess
import tempfile
import unittest

STAVE = os.environ["STAVE_BIN"]

OK, NO, USAGE, BUSY, CORRUPT, NO_SPACE, IO, NO_STORE, UNSUPPORTED, BAD_INPUT, OTHER, \
    CONFLICT = range(12)


def environment(**changes):
    env = {k: v for k, v in os.environ.items() if k not in ("STAVE_DIR", "NO_COLOR", "COLUMNS")}
    env["LC_ALL"] = "C.UTF-8"
    env.update(changes)
    return env


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix="stave-cli-"))
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)
        self.dir = self.tmp / "store"

    def stave(self, *args, stdin=b"", expect=OK, dir=True, **env):
        """Runs a command; returns the finished process. `expect` is the exit code wanted; None: any."""
        command = [STAVE] + (["--dir", str(self.dir)] if dir else []) + list(args)
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=60,
                              env=environment(**env))
        self.assertEqual(done.returncode, done.returncode if expect is None else expect,
                         f"{args}: stdout {done.stdout[:500]!r} stderr {done.stderr[:500]!r}")
        return done

    def out(self, *args, **more):
        return self.stave(*args, **more).stdout

    def error(self, *args, expect, **more):
        """Runs a command that must fail with one line on standard error; returns the line."""
        text = self.stave(*args, expect=expect, **more).stderr.decode()
        self.assertTrue(text.startswith("stave: "), text)
        self.assertEqual(text.count("\n"), 1, text)
        return text.rstrip("\n")

    def write(self, name, data):
        path = self.tmp / name
        path.write_bytes(data)
        return str(path)

    def on_terminal(self, *args, after=None, then=None, answer=None, expect=OK, **env):
        """Runs a command whose three standard streams are a terminal; returns what it shows.
        When `after` has been shown, `then` is called, or `answer` typed, once."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(STAVE, [STAVE, "--dir", str(self.dir), *args],
                      environment(TERM="xterm", **env))
        shown = b""
        while True:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # Linux says EIO when the other side is closed
                break
            if after is not None and after in shown:
                after = None
                if answer is not None:
                    os.write(terminal, answer)
                else:
                    then()
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), expect, shown)
        self.assertIsNone(after, shown)
        return shown
