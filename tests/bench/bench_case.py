"""What the tests of the benchmark programs share: a place for stores, and runs that leave none."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

STAVE_BENCH = os.environ["STAVE_BENCH"]
STAVE = os.environ.get("STAVE_BIN", "")
TINY = ["--num-ops", "100", "--repeat", "1"]


class BenchTest(unittest.TestCase):
    def setUp(self):
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix="stave-bench-"))
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)
        self.data = self.tmp / "data"
        self.data.mkdir()

    def run_bench(self, *args, expect=0, command=(STAVE_BENCH,)):
        """Runs a command; its stores must be gone afterwards, whatever happened."""
        done = subprocess.run([*command, *args, "--data-dir", str(self.data)],
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, expect, f"{args}: {done.stdout} {done.stderr}")
        self.assertEqual(list(self.data.iterdir()), [])
        return done

    def json_lines(self, *args, **more):
        text = self.run_bench(*args, **more).stdout
        return [json.loads(line) for line in text.splitlines()]
