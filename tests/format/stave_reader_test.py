#!/usr/bin/env python3
"""The independent reader on stores of a few bytes, built by hand here."""

import io
import struct
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import hints
import stave_reader
from checksums import crc32c, xxh64
from parts import Corrupt, Unsupported, parse_header, parse_manifest, parse_record

SALT = 0x11223344
UUID = "00112233-4455-6677-8899-aabbccddeeff"
UUID_BYTES = bytes.fromhex(UUID.replace("-", ""))
GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "v1"
PUT, TOMBSTONE, RANGE, BATCH, MARK = 1, 2, 3, 4, 5


def record(kind, seq, key=b"", value=b"", flags=0, expires=0, salt=SALT):
    flags |= 1 if expires else 0
    body = struct.pack("<BBHIQ", kind, flags, len(key), len(value), seq)
    body += struct.pack("<Q", expires) if expires else b""
    body += key + value
    body += bytes(-(len(body) + 4) % 8)
    return struct.pack("<I", crc32c(salt, body)) + body


def batch(seq, *inner):
    return record(BATCH, seq, value=struct.pack("<I", len(inner)) + b"".join(inner))


def header(number, origin=1, version=1):
    body = b"\x89STAVEL\n" + struct.pack("<II16sQQIQ", version, origin, UUID_BYTES, 7, number, SALT, 0)
    return body + struct.pack("<I", crc32c(0, body))


def manifest(*lines, version=1):
    text = (f"stave-manifest {version}\nuuid {UUID}\nlineage 0000000000000007\nlock_inode 1\n"
            f"generation 1\nnext_file_id 100\nclean 0\nseq_floor 1000\nfeed_floor 0\n"
            f"clock_high_ms 0\nfiles {len(lines)}\n" + "".join(f"file {x}\n" for x in lines))
    return text.encode() + f"crc32c {crc32c(0, text.encode()):08x}\n".encode()


class Checksums(unittest.TestCase):
    def test_crc32c_vectors(self):
        self.assertEqual(crc32c(0, b"123456789"), 0xE3069283)
        self.assertEqual(crc32c(0, bytes(32)), 0x8A9136AA)
        self.assertEqual(crc32c(crc32c(5, b"12345"), b"6789"), crc32c(5, b"123456789"))

    def test_xxh64_vectors(self):
        self.assertEqual(xxh64(b""), 0xEF46DB3751D8E999)
        self.assertEqual(xxh64(b"a"), 0xD24EC4F1A98C6E5B)
        self.assertEqual(xxh64(b"abc"), 0x44BC2CF5AD770999)
        self.assertEqual(xxh64(b"Nobody inspects the spammish repetition"), 0xFBCEA83C8A378BF1)


class Parts(unittest.TestCase):
    """The same bytes stand in tests/unit/format: two programs agree on them."""

    def test_golden_records(self):
        self.assertEqual(record(PUT, 1, b"key", b"value").hex(),
                         "b63f9adb010003000500000001000000000000006b657976616c756500000000")
        self.assertEqual(record(PUT, 0x0102030405060708, b"k", flags=2, expires=1700000000000).hex(),
                         "c5bfcf5f010301000000000008070605040302010068e5cf8b0100006b000000")
        self.assertEqual(record(MARK, 3).hex(), "6759546c0500000000000000030000000000000000000000")
        self.assertEqual(batch(4, record(PUT, 4, b"a", b"1", 4), record(TOMBSTONE, 5, b"b", b"", 4))
                         .hex(), "2e73aa5404000000340000000400000000000000020000009c8f3fa001040100"
                         "010000000400000000000000613100004cd3036c020401000000000005000000"
                         "0000000062000000")

    def test_golden_header(self):
        data = bytes.fromhex("8953544156454c0a010000000200000000112233445566778899aabbccddeeff"
                             "a8a7a6a5a4a3a2a10c00000000000000443322110000000000000000b2577a15")
        self.assertEqual(parse_header(data), ("merge", UUID_BYTES, 0xA1A2A3A4A5A6A7A8, 12, SALT))

    def test_every_flipped_bit_of_a_record_is_seen(self):
        good = record(PUT, 1, b"key", b"value", expires=9)
        for bit in range(len(good) * 8):
            bad = bytearray(good)
            bad[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(Corrupt):
                parse_record(bytes(bad), 0, len(bad), SALT)

    def test_malformed_records_with_a_right_checksum(self):
        for bad in (record(6, 1, b"k"), record(PUT, 1), record(PUT, 0, b"k"),
                    record(PUT, 1, b"k", flags=8), record(TOMBSTONE, 1, b"k", b"v"),
                    record(RANGE, 1, b"b", b"a"), record(MARK, 1, b"k"), record(MARK, 1, flags=4)):
            with self.assertRaises(Corrupt):
                parse_record(bad, 0, len(bad), SALT)

    def test_manifest_is_strict(self):
        good = manifest("3 log sealed 64 0")
        self.assertEqual(parse_manifest(good).files[0], (3, "log", "sealed", 64, 0))
        for bit in range(len(good) * 8):
            bad = bytearray(good)
            bad[bit // 8] ^= 1 << bit % 8
            with self.assertRaises((Corrupt, Unsupported)):
                parse_manifest(bytes(bad))
        for line in ("0 log open", "100 log open", "3 log open ", "3 log sealed 65 0",
                     "3 log sealed 064 0", "3 lag open", "3 log sealed 64"):
            with self.assertRaises(Corrupt):
                parse_manifest(manifest(line))
        with self.assertRaises(Corrupt):
            parse_manifest(manifest("3 log open", "3 log open"))
        with self.assertRaises(Unsupported):
            parse_manifest(b"stave-manifest 2\nwhatever")

    def test_golden_hint(self):
        hint = hints.parse_hint(golden_hint())
        self.assertEqual([e.key for e in hint.entries], [b"apple", b"apply", b"b"])
        self.assertEqual(hint.entries[2], (b"b", PUT, 8, 128, 300, 4000000000000))
        self.assertEqual(hint.entries[1].kind, TOMBSTONE)
        self.assertEqual(hint.ranges, [(b"x", b"y", 10, 464)])
        self.assertEqual(hint.footer.entry_bytes, 400)
        for entry in hint.entries:
            self.assertTrue(hints.may_contain(hint.filter, SALT, entry.key))
        self.assertFalse(all(hints.may_contain(hint.filter, SALT, b"%d" % i) for i in range(20)))

    def test_every_flipped_bit_of_a_hint_is_seen(self):
        good = golden_hint()
        for bit in range(len(good) * 8):
            bad = bytearray(good)
            bad[bit // 8] ^= 1 << bit % 8
            with self.assertRaises((Corrupt, Unsupported)):
                hints.parse_hint(bytes(bad))


def golden_hint():
    return (GOLDEN / "0000000012.hint").read_bytes()


class Stores(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name)

    def make(self, **files):
        """Files by name, f3 for 0000000003.log, each (line of MANIFEST without id, records)."""
        lines = []
        for name, (line, data) in files.items():
            number = int(name[1:])
            origin = 2 if line.startswith("merge") else 1
            whole = header(number, origin) + data
            (self.dir / f"{number:010d}.log").write_bytes(whole)
            lines.append(f"{number} " + line.replace("LENGTH", str(len(whole))))
        (self.dir / "MANIFEST").write_bytes(manifest(*lines))

    def dump(self, now_ms=0):
        return dict(stave_reader.Store(self.dir).live(now_ms))

    def run_main(self, *arguments):
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            status = stave_reader.main([str(self.dir), *arguments])
        return status, out.getvalue()

    def test_later_files_win_in_the_order_of_the_manifest(self):
        self.make(f9=("merge sealed LENGTH 2", record(PUT, 2, b"a", b"old") + record(PUT, 1, b"b")),
                  f3=("log sealed LENGTH 4", record(PUT, 3, b"a", b"new") +
                      record(TOMBSTONE, 4, b"b")))
        self.assertEqual(self.dump(), {b"a": b"new"})
        self.assertEqual(self.run_main("dump"), (0, "61 6e6577\n"))
        self.assertEqual(self.run_main("check"), (0, ""))

    def test_broken_order_is_a_problem(self):
        self.make(f3=("log sealed LENGTH 3", record(PUT, 3, b"a")),
                  f9=("merge sealed LENGTH 2", record(PUT, 2, b"a")))
        status, text = self.run_main("check")
        self.assertEqual((status, "Invariant R" in text), (1, True))

    def test_expiry(self):
        self.make(f3=("log sealed LENGTH 1", record(PUT, 1, b"a", b"v", expires=500)))
        self.assertEqual(self.dump(499), {b"a": b"v"})
        self.assertEqual(self.dump(500), {})
        self.assertEqual(self.run_main("dump", "--now-ms", "499"), (0, "61 76\n"))

    def test_range_tombstones_go_by_seq(self):
        self.make(f9=("merge sealed LENGTH 5", record(PUT, 5, b"b", b"after")),
                  f3=("log sealed LENGTH 4", record(PUT, 2, b"a") + record(PUT, 3, b"c", b"out") +
                      record(RANGE, 4, b"a", b"c")))
        self.assertEqual(self.dump(), {b"b": b"after", b"c": b"out"})

    def test_batches(self):
        self.make(f3=("log closed LENGTH 3", batch(
            1, record(PUT, 1, b"a", b"1", 4), record(PUT, 2, b"b", b"2", 4),
            record(TOMBSTONE, 3, b"a", b"", 4))))
        self.assertEqual(self.dump(), {b"b": b"2"})

    def test_wrong_batches_are_refused(self):
        inner = record(PUT, 1, b"a", b"", 4)
        for bad in (batch(2, inner), batch(1, inner, inner), batch(1, record(PUT, 1, b"a")), inner,
                    record(BATCH, 1, value=b"\2\0\0\0" + inner), batch(1, record(MARK, 1))):
            self.make(f3=("log sealed LENGTH 1", bad))
            with self.assertRaises(Corrupt):
                self.dump()

    def test_sealed_files_are_whole(self):
        for data in (record(PUT, 1, b"a")[:-8], record(PUT, 1, b"a") + bytes(24),
                     record(PUT, 1, b"a", salt=SALT + 1), record(PUT, 2, b"a")):
            self.make(f3=("log sealed LENGTH 1", data))
            with self.assertRaises(Corrupt):
                self.dump()

    def test_what_stands_behind_the_length_is_ignored(self):
        self.make(f3=("log sealed 88 1", record(PUT, 1, b"a") + b"anything"))
        self.assertEqual(self.dump(), {b"a": b""})

    def test_missing_file_and_other_stores_file(self):
        self.make(f3=("log sealed LENGTH 0", b""))
        (self.dir / "0000000003.log").write_bytes(header(4))
        with self.assertRaises(Corrupt):
            self.dump()
        (self.dir / "0000000003.log").unlink()
        self.assertEqual(self.run_main("dump")[0], 1)

    def test_newer_versions_are_told_apart(self):
        (self.dir / "MANIFEST").write_bytes(manifest(version=2))
        self.assertEqual(self.run_main("dump")[0], 3)
        self.make(f3=("log sealed LENGTH 0", b""))
        (self.dir / "0000000003.log").write_bytes(header(3, version=2))
        self.assertEqual(self.run_main("dump")[0], 3)
        damaged = bytearray(header(3))
        damaged[8] ^= 2
        (self.dir / "0000000003.log").write_bytes(damaged)
        self.assertEqual(self.run_main("dump")[0], 1)

    def test_open_tail_ends_in_zeros(self):
        self.make(f3=("log open", record(PUT, 7, b"a") + record(MARK, 7) + bytes(100)))
        self.assertEqual(self.dump(), {b"a": b""})

    def test_torn_tail_is_left_out(self):
        lost = record(PUT, 3, b"c")
        for torn in (b"garbage!" * 4 + lost, bytes(24) + lost, record(PUT, 2, b"b")[:-3],
                     lost, batch(2, record(PUT, 2, b"b", b"", 4))[:-8]):
            self.make(f3=("log open", record(PUT, 1, b"a") + torn))
            self.assertEqual(self.dump(), {b"a": b""})

    def test_after_a_cut_later_files_do_not_count(self):
        self.make(f3=("log open", record(PUT, 1, b"a") + b"garbage!" * 4),
                  f4=("log open", record(PUT, 2, b"b")))
        self.assertEqual(self.dump(), {b"a": b""})

    def test_missing_number_between_files_ends_the_log(self):
        self.make(f3=("log open", record(PUT, 1, b"a")), f4=("log open", record(PUT, 3, b"b")))
        self.assertEqual(self.dump(), {b"a": b""})

    def test_damaged_header_of_an_open_file_is_refused(self):
        self.make(f3=("log open", record(PUT, 1, b"a")), f4=("log open", b""))
        (self.dir / "0000000004.log").write_bytes(header(4)[:30])
        with self.assertRaises(Corrupt):
            self.dump()

    def test_behind_an_empty_open_file_the_next_number_follows(self):
        for seq, live in ((2, {b"a": b"", b"b": b""}), (3, {b"a": b""})):
            self.make(f2=("log sealed LENGTH 1", record(PUT, 1, b"a")), f3=("log open", b""),
                      f4=("log open", record(PUT, seq, b"b")))
            self.assertEqual(self.dump(), live)

    def test_damage_below_a_durable_mark_is_refused(self):
        flagged = record(PUT, 3, b"c", flags=2)
        for later in (record(MARK, 2), flagged):
            self.make(f3=("log open", record(PUT, 1, b"a") + b"garbage!" * 3 + later))
            with self.assertRaises(Corrupt):
                self.dump()
        for harmless in (1, 1000):  # nothing above the end; no number of this store
            tail = b"garbage!" * 3 + record(MARK, harmless)
            self.make(f3=("log open", record(PUT, 1, b"a") + tail))
            self.assertEqual(self.dump(), {b"a": b""})



class GoldenStore(unittest.TestCase):
    """The store of tests/golden/v1, which the library's encoders wrote."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name)
        for path in GOLDEN.iterdir():
            (self.dir / path.name).write_bytes(path.read_bytes())

    def problems(self):
        return list(stave_reader.Store(self.dir).problems())

    def change(self, name, place, new):
        path = self.dir / name
        data = bytearray(path.read_bytes())
        data[place:place + len(new)] = new
        path.write_bytes(bytes(data))

    def test_dump(self):
        live = dict(stave_reader.Store(self.dir).live(0))
        self.assertEqual(live, {b"b": b"v" * 300, b"c": b"in a batch", b"d": b"",
                                b"x1": b"covered no more"})
        self.assertNotIn(b"b", dict(stave_reader.Store(self.dir).live(4000000000000)))

    def test_check(self):
        self.assertEqual(self.problems(), [])

    def test_hint_that_differs_from_its_data_is_a_problem(self):
        data = (self.dir / "0000000012.log").read_bytes()
        put = record(PUT, 7, b"apple", b"1234")  # a byte less, with all checksums right
        (self.dir / "0000000012.log").write_bytes(data[:64] + put + data[96:])
        self.assertIn("entries differ", self.problems()[0])

    def test_hint_of_other_data_is_a_problem(self):
        manifest_path = self.dir / "MANIFEST"
        self.change("0000000012.hint", 0, b"\xff")
        self.assertIn("wrong checksum of the block", self.problems()[0])
        manifest_path.write_bytes(manifest("12 merge sealed 464 9"))
        (self.dir / "0000000012.hint").write_bytes(golden_hint())
        self.assertIn("belongs to other data", self.problems()[0])

    def test_filter_that_denies_a_key_is_a_problem(self):
        footer = hints.parse_footer(golden_hint())
        bits = bytes(64) + b"\6\0\0\0"
        part = bits + struct.pack("<I", crc32c(0, bits))
        self.change("0000000012.hint", footer.filter_at, part)
        self.assertIn("filter denies 6170706c65", self.problems()[0])

    def test_damaged_keydir_is_a_problem(self):
        self.change("KEYDIR", 4100, b"x")
        self.assertEqual(self.problems(), ["KEYDIR: wrong checksum of shard 0"])
        self.change("KEYDIR", 20, b"x")
        self.assertEqual(self.problems(), ["KEYDIR: wrong checksum of the header"])


if __name__ == "__main__":
    sys.exit(unittest.main())
