#!/usr/bin/env python3
"""Runs the commands of a guide and compares what they print with what the guide says.

usage: check_guide.py GUIDE.md

Indented lines that begin with "$ " are commands, the lines below them their output; "..." stands
for anything, and "(exit code N)" for a status other than 0. A block of C is written to the file
that its first line names, before the commands that follow. All of it happens in an empty directory.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

MARK = "=== end of output, status "


def steps_of(text):
    """(command, expected output) or (file name, text of C) in the order of the guide."""
    steps = []
    fence = None
    for line in text.splitlines():
        if line == "```c":
            fence = []
        elif line == "```":
            name = re.fullmatch(r"/\* (\S+\.c) \*/", fence[0]).group(1)
            steps.append(("file", name, "\n".join(fence) + "\n"))
            fence = None
        elif fence is not None:
            fence.append(line)
        elif line.startswith("    $ "):
            steps.append(("command", line[6:], []))
        elif line.startswith("    ") and steps and steps[-1][0] == "command":
            steps[-1][2].append(line[4:])
    return steps


def run(steps, directory):
    """The output of each command, in one shell."""
    script = ["exec 2>&1"]
    for kind, name, content in steps:
        if kind == "file":
            (directory / name).write_text(content)
        else:
            script += [name, f'printf "\\n{MARK}%s\\n" $?']
    done = subprocess.run(["bash"], input="\n".join(script) + "\n", cwd=directory, text=True,
                          stdout=subprocess.PIPE, timeout=100)
    parts = re.split(rf"\n{MARK}(\d+)\n", done.stdout)
    outputs = []
    for text, status in zip(parts[0::2], parts[1::2]):
        lines = text.rstrip("\n").split("\n") if text.rstrip("\n") else []
        outputs.append(lines + ([f"(exit code {status})"] if status != "0" else []))
    return outputs


def matches(wanted, line):
    return re.fullmatch(".*".join(map(re.escape, wanted.split("..."))), line) is not None


def main():
    steps = steps_of(pathlib.Path(sys.argv[1]).read_text())
    commands = [(command, wanted) for kind, command, wanted in steps if kind == "command"]
    with tempfile.TemporaryDirectory(prefix="stave-guide-") as directory:
        outputs = run(steps, pathlib.Path(directory))
    wrong = abs(len(outputs) - len(commands))
    for (command, wanted), got in zip(commands, outputs):
        if len(wanted) == len(got) and all(map(matches, wanted, got)):
            continue
        wrong += 1
        print(f"$ {command}\n  the guide says: {wanted}\n  it printed:     {got}")
    print(f"{len(commands)} commands, {wrong} otherwise than the guide says")
    return 1 if wrong or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
