"""A dialogue with a command at a terminal (a pty): types, and waits for what is shown."""

import os
import pty
import re
import select
import signal

from command import STAVE, environment

CTRL_C, CTRL_D, TAB, UP, ENTER = b"\x03", b"\x04", b"\t", b"\x1b[A", b"\r"


class Screen:
    """What a terminal shows of the bytes that it gets; as much as libedit asks of one."""

    TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z@])|([\s\S])")

    def __init__(self):
        self.lines = [""]
        self.column = 0
        self.pending = b""

    def feed(self, data):
        self.pending += data
        text = self.pending.decode(errors="ignore")
        # A sequence, or a letter of several bytes, that is not all there waits for the rest.
        if "\x1b" in text[-8:] and not re.search(r"\x1b\[[0-9;?]*[A-Za-z@][^\x1b]*$", text):
            return
        if self.pending[-1] >= 0x80 and text.encode() != self.pending:
            return
        self.pending = b""
        for number, kind, letter in self.TOKEN.findall(text):
            if letter:
                self.put(letter)
            else:
                self.control(kind, int(number) if number.isdigit() else 1)

    def put(self, letter):
        line = self.lines[-1]
        if letter == "\n":
            self.lines.append("")
            self.column = 0
        elif letter == "\r":
            self.column = 0
        elif letter == "\b":
            self.column = max(0, self.column - 1)
        elif letter >= " " or letter == "\t":  # a TAB stays one, for comparisons
            line = line.ljust(self.column)
            self.lines[-1] = line[: self.column] + letter + line[self.column + 1:]
            self.column += 1

    def control(self, kind, number):
        line = self.lines[-1]
        if kind == "G":
            self.column = number - 1
        elif kind == "C":
            self.column += number
        elif kind == "D":
            self.column = max(0, self.column - number)
        elif kind in "KJ":
            self.lines[-1] = line[: self.column]
        elif kind == "P":
            self.lines[-1] = line[: self.column] + line[self.column + number:]
        elif kind == "@":
            self.lines[-1] = line[: self.column] + " " * number + line[self.column:]

    def text(self):
        return "\n".join(self.lines).encode()


class Dialogue:
    WAIT = 60  # seconds without a sign of life, after which the test has failed

    def __init__(self, *args, **env):
        self.screen = Screen()
        self.seen = 0  # so much of the screen's text has been expected
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(STAVE, [STAVE, *args], environment(TERM="xterm", **env))

    def read_on(self):
        """False at the end of the process."""
        ready, _, _ = select.select([self.terminal], [], [], self.WAIT)
        if not ready:
            raise AssertionError(f"nothing more was shown after {self.screen.text()[-500:]!r}")
        try:
            self.screen.feed(os.read(self.terminal, 65536))
        except OSError:  # Linux says EIO when the other side is closed
            return False
        return True

    def expect(self, text):
        """Waits for `text`; returns what is shown since the last one up to its end."""
        while text not in self.screen.text()[self.seen:]:
            if not self.read_on():
                raise AssertionError(f"{text!r} was not shown, but {self.screen.text()!r}")
        shown = self.screen.text()
        begin, self.seen = self.seen, shown.index(text, self.seen) + len(text)
        return shown[begin:self.seen]

    def expect_line(self, text):
        """Waits until the last line, blanks at its end left out, is `text`; returns what stands
        above it, since the last expectation."""
        while self.screen.lines[-1].rstrip().encode() != text:
            if not self.read_on():
                raise AssertionError(f"the line was not {text!r}: {self.screen.text()!r}")
        shown = self.screen.text()
        begin, self.seen = self.seen, shown.rindex(b"\n") + 1
        return shown[begin:self.seen]

    def type(self, keys):
        os.write(self.terminal, keys)

    def ask(self, line, prompt=b"stave> "):
        """Types a line; returns what was shown until the next prompt, without the echo."""
        self.type(line + ENTER)
        self.expect(b"\n")
        return self.expect(prompt)[: -len(prompt)]

    def end(self):
        """Reads to the end; returns the exit code."""
        while self.read_on():
            pass
        os.close(self.terminal)
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def kill(self):
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.terminal)
            self.pid = None
