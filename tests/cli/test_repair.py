"""repair: what it prints, what it leaves, and how it exits."""

import json
import subprocess
import unittest

from command import BUSY, CORRUPT, NO_STORE, OK, STAVE, USAGE, CommandTest, environment


class Repair(CommandTest):
    def setUp(self):
        super().setUp()
        self.rows = b"".join(b"key%04d\t%s\n" % (i, b"v" * 100) for i in range(2000))
        self.stave("load", "-q", "-o", "max_file_size=64KiB", "-o", "merge.policy=never",
                   stdin=self.rows)
        self.logs = sorted(self.dir.glob("*.log"))

    def flip(self, path, at):
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(data)

    def test_no_need(self):
        text = self.out("repair", str(self.dir), dir=False)
        self.assertEqual(text, b"the store needs no repair\n")
        self.assertEqual(self.out("repair", "-q"), b"")
        self.assertFalse((self.dir / "quarantine").exists())

    def test_damage_is_told_and_repaired(self):
        self.flip(self.logs[1], 5000)
        text = self.stave("verify", expect=CORRUPT).stdout.decode()
        self.assertIn("stave repair", text)
        before = {p.name: p.read_bytes() for p in self.dir.iterdir() if p.is_file()}
        look = self.stave("repair", "--dry-run", expect=CORRUPT).stdout.decode()
        self.assertIn("nothing was changed", look)
        self.assertIn(self.logs[1].name, look)
        after = {p.name: p.read_bytes() for p in self.dir.iterdir() if p.is_file()}
        self.assertEqual(before, after)
        report = json.loads(self.out("repair", "--json"))
        self.assertEqual(report["lost_regions"], 1)
        self.assertEqual(report["lost_keys"], 1)
        self.assertEqual(report["files_rewritten"], 1)
        self.assertTrue(any("lost: operation" in line for line in report["report"]))
        kept = self.dir / "quarantine" / "repair-1"
        self.assertEqual((kept / self.logs[1].name).read_bytes(), before[self.logs[1].name])
        self.assertEqual((kept / "report.txt").read_text().splitlines(), report["report"])
        self.stave("verify")
        left = self.out("list").splitlines()
        self.assertEqual(len(left), 1999)
        self.assertLess(set(left), set(self.rows.splitlines()))

    def test_damage_found_after_the_open(self):
        self.flip(self.logs[1], 5000)
        for verb in (["scan"], ["dump"], ["merge"]):
            if verb == ["merge"]:
                self.stave("delete", "key0000", "-o", "merge.policy=never")
            done = self.stave(*verb, expect=CORRUPT)
            text = done.stderr.decode()
            self.assertIn("'stave repair' saves what can be read", text, verb)
            self.assertEqual(text.count(self.logs[1].name), 1, text)

    def test_salvage_warns_of_damaged_files_alone(self):
        data = bytearray(self.logs[1].read_bytes())
        data[0] ^= 1  # the header refuses the opening
        self.logs[1].write_bytes(data)
        text = self.stave("stats", "-o", "salvage=true").stderr.decode()
        self.assertIn(self.logs[1].name, text)
        for log in self.logs[2:]:
            self.assertNotIn(log.name, text)
        text = self.stave("-v", "stats", "-o", "salvage=true").stderr.decode()
        self.assertIn(f"{self.logs[2].name}: kept with ", text)

    def test_a_salvaged_store_is_backed_up(self):
        self.flip(self.logs[1], 5000)
        left = self.stave("list", "-o", "salvage=true").stdout
        self.assertEqual(len(left.splitlines()), 1999)
        to = str(self.tmp / "sound")
        self.assertIn(" 0 linked, ", self.out("-o", "salvage=true", "backup", to).decode())
        self.stave("verify", "--dir", to, dir=False)
        self.assertEqual(self.out("list", "--dir", to, dir=False), left)
        self.stave("verify", expect=CORRUPT)  # the store itself is as it was

    def test_manifest(self):
        (self.dir / "MANIFEST").write_bytes(b"garbage")
        line = self.error("list", expect=CORRUPT)
        self.assertIn("stave repair", line)
        self.assertEqual(self.out("list", "-o", "salvage=true"), self.rows)
        self.assertEqual((self.dir / "MANIFEST").read_bytes(), b"garbage")
        self.assertIn(b"repaired: ", self.out("repair"))
        self.assertEqual(self.out("list"), self.rows)

    def test_hints(self):
        hints = sorted(self.dir.glob("*.hint"))
        whole = hints[0].read_bytes()
        hints[0].unlink()
        text = self.out("repair", "--hints", str(self.dir), dir=False).decode()
        self.assertRegex(text, r"^\d+ hint files written\n$")
        self.assertEqual(hints[0].read_bytes(), whole)
        report = json.loads(self.out("repair", "--hints", "--json"))
        self.assertGreaterEqual(report["hints"], len(hints))

    def test_refusals(self):
        self.error("repair", str(self.tmp / "nothing"), expect=NO_STORE)
        self.error("repair", expect=USAGE, dir=False)
        self.error("repair", "--hints", "--dry-run", expect=USAGE)
        # The writer waits for the lock where a repair of the loop below is faster.
        writer = subprocess.Popen([STAVE, "--dir", str(self.dir), "-o", "open_timeout=60s", "load",
                                   "-q"], stdin=subprocess.PIPE, env=environment())
        self.addCleanup(writer.wait)
        self.addCleanup(writer.stdin.close)
        writer.stdin.write(b"a\t1\n" * 10000)
        writer.stdin.flush()
        # Until the writer has the lock the repair finds nothing to do.
        while True:
            done = subprocess.run([STAVE, "repair", str(self.dir)], capture_output=True,
                                  env=environment())
            if done.returncode != OK:
                break
        self.assertEqual(done.returncode, BUSY)


if __name__ == "__main__":
    unittest.main()
