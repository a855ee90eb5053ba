"""Expiry, conditions, ranges, batches, feeds, backups, reports."""

import time
import unittest
from datetime import datetime, timedelta, timezone

import stave
from support import StoreCase


class Expiry(StoreCase):
    def test_times_to_live(self):
        with self.open() as db:
            db.put(b"s", b"v", ttl=3600)
            db.put(b"d", b"v", ttl=timedelta(hours=1))
            db.put(b"u", b"v", until=time.time() + 3600)
            db.put(b"z", b"v", until=datetime.now(timezone.utc) + timedelta(hours=1))
            with db.batch() as batch:
                batch.put(b"b", b"v", until=time.time() + 3600)
            for key in b"s", b"d", b"u", b"z", b"b":
                self.assertTrue(3000 < db.ttl(key) <= 3601)
                self.assertTrue(abs(db.entry(key).expires - time.time() - 3600) < 600)
            db.touch(b"s", 7200)
            self.assertGreater(db.ttl(b"s"), 3600)
            db.persist(b"s")
            self.assertIsNone(db.ttl(b"s"))
            self.assertIsNone(db.entry(b"s").expires)
            db.put(b"gone", b"v", until=1)
            db.put(b"gone at once", b"v", until=0)
            self.assertNotIn(b"gone at once", db)
            self.assertNotIn(b"gone", db)
            self.assert_error(stave.NotFound, stave.Code.NOT_FOUND, "key", db.ttl, b"gone")
            self.assertRaises(ValueError, db.put, b"k", b"", ttl=-1)
            self.assertRaises(ValueError, db.put, b"k", b"", ttl=0)
            self.assertRaises(ValueError, db.put, b"k", b"", ttl=float("inf"))
            self.assertRaises(ValueError, db.put, b"k", b"", ttl=float("nan"))
            self.assertRaises(TypeError, db.put, b"k", b"", ttl="5")
            self.assertRaises(ValueError, db.put, b"k", b"", ttl=1, until=1)
            self.assertRaises(OverflowError, db.put, b"k", b"", ttl=1e30)


class Conditions(StoreCase):
    def test_each(self):
        with self.open() as db:
            self.assertTrue(db.put_if_absent(b"k", b"1"))
            self.assertFalse(db.put_if_absent(b"k", b"2"))
            self.assertFalse(db.compare_and_set(b"k", b"2", b"3"))
            self.assertTrue(db.compare_and_set(b"k", b"1", b"3"))
            self.assert_error(stave.NotFound, stave.Code.NOT_FOUND, "", db.compare_and_set, b"q",
                              b"", b"")
            entry = db.entry(b"k")
            self.assertEqual(entry.value, b"3")
            version = db.put_if_version(b"k", entry.version, b"4")
            self.assertGreater(version, entry.version)
            self.assert_error(stave.Conflict, stave.Code.CONFLICT, "nothing was written",
                              db.put_if_version, b"k", entry.version, b"5")
            self.assertFalse(db.delete_if(b"k", value=b"3"))
            self.assertFalse(db.delete_if(b"k", version=entry.version))
            self.assertTrue(db.delete_if(b"k", version=version))
            self.assertGreater(db.put_if_version(b"k", 0, b"6"), version)
            self.assertTrue(db.delete_if(b"k", value=b"6"))
            self.assertRaises(ValueError, db.delete_if, b"k")
            self.assertIsNone(db.swap(b"k", b"7"))
            self.assertEqual(db.swap(b"k", b""), b"7")
            self.assertEqual(db.pop(b"k"), b"")
            self.assertIsNone(db.entry(b"k"))
            self.assertFalse(db.delete(b"k"))

    def test_numbers_and_appends(self):
        with self.open() as db:
            self.assertEqual(db.increment(b"n"), 1)
            self.assertEqual(db.increment(b"n", -43), -42)
            self.assertEqual(db[b"n"], b"-42")
            self.assertEqual(db.increment(b"b", 258, binary=True), 258)
            self.assertEqual(db[b"b"], (258).to_bytes(8, "little"))
            db[b"n"] = b"%d" % (2**63 - 2)
            self.assertEqual(db.increment(b"n"), 2**63 - 1)
            self.assert_error(stave.Overflow, stave.Code.OVERFLOW, "", db.increment, b"n")
            self.assertRaises(OverflowError, db.increment, b"n", 2**63)
            self.assertEqual(db.append(b"a", b"one,"), 4)
            self.assertEqual(db.append(b"a", b"two", sync=True), 7)
            self.assertEqual(db[b"a"], b"one,two")

    def test_batches(self):
        with self.open() as db:
            db[b"old"] = b"1"
            with db.batch(sync=True) as batch:
                batch[b"new"] = b"2"
                del batch[b"old"]
                batch.require_absent(b"new")
                batch.require_value(b"old", b"1")
                batch.require_version(b"old", db.entry(b"old").version)
                self.assertEqual(len(batch), 2)
            self.assertEqual(dict(db), {b"new": b"2"})
            with self.assertRaises(stave.Conflict) as caught:
                with db.batch() as batch:
                    batch.put(b"other", b"3")
                    batch.require_absent(b"new")
            self.assertIn('"new"', str(caught.exception))
            with self.assertRaises(ZeroDivisionError):
                with db.batch() as batch:
                    batch.put(b"other", b"3")
                    raise ZeroDivisionError
            self.assertEqual(dict(db), {b"new": b"2"})


class Ranges(StoreCase):
    def test_deletes_and_counts(self):
        with self.open() as db:
            db.update((b"%s%d" % (letter, i), b"v" * 100)
                      for letter in (b"a", b"b", b"c", b"\xff") for i in range(10))
            self.assertEqual(db.count(), 40)
            self.assertEqual(db.count(prefix=b"b"), 10)
            self.assertEqual(db.count(prefix=b"\xff"), 10)
            self.assertEqual(db.count(start=b"c5", prefix=b"c"), 5)
            self.assertEqual(db.count(start=b"d", prefix=b"c"), 0)
            self.assertGreater(db.approximate_size(prefix=b"b"), 0)
            db.delete_prefix(b"b")
            db.delete_range(b"a5", b"c5", sync=True)
            self.assertEqual(list(db.keys(prefix=b"a")), [b"a%d" % i for i in range(5)])
            self.assertEqual(len(db), 20)
            db.delete_range(b"c", b"")
            self.assertEqual(len(db), 5)
            db.clear()
            self.assertEqual(list(db), [])


class Feeds(StoreCase):
    def test_operations_come_in_their_order(self):
        with self.open() as db, db.feed(timeout=0) as feed:
            db[b"a"] = b"1"
            db.put(b"b", b"2", until=4e9)
            with db.batch() as batch:
                batch.put(b"c", b"3")
                batch.delete(b"a")
            db.delete_range(b"x", b"z")
            changes = list(feed)
            self.assertEqual([(c.kind, c.key, c.value, c.more) for c in changes], [
                (stave.PUT, b"a", b"1", False), (stave.PUT, b"b", b"2", False),
                (stave.PUT, b"c", b"3", True), (stave.DELETE, b"a", b"", False),
                (stave.DELETE_RANGE, b"x", b"z", False)])
            self.assertEqual([c.expires for c in changes], [None, 4e9, None, None, None])
            self.assertEqual(list(feed), [])
            db[b"later"] = b"x" * 100000
            self.assertEqual([c.value for c in feed], [b"x" * 100000])
            with db.feed(after=changes[-1].seq) as other:
                self.assertEqual([c.key for c in other], [b"later"])
                self.assertIsNone(other.next(timeout=0.01))
            self.assertRaises(stave.InvalidArgument, db.feed, after=1 << 40)


class Care(StoreCase):
    def test_backup_checkpoint_and_repair(self):
        with self.open() as db:
            db.update((b"%d" % i, b"v") for i in range(100))
            report = db.backup(self.folder / "backup", copy=True)
            self.assertEqual(report.last_seq, db.stats().last_seq)
            self.assertGreater(report.files_copied, 0)
            db.checkpoint(self.folder / "checkpoint")
            self.assert_error(stave.Exists, stave.Code.EXISTS, "checkpoint", db.checkpoint,
                              self.folder / "checkpoint")
            for name in "backup", "checkpoint":
                with stave.open(self.folder / name) as copy:
                    self.assertEqual(dict(copy), dict(db))
        self.assertEqual(stave.repair(self.path).changed, 0)
        self.assertRaises(stave.NoStore, stave.repair, self.folder / "nothing")

    def test_reports(self):
        with self.open(read_only=False, options={"merge.triggers.dead_bytes": "1GiB"}) as db:
            db[b"k"] = b"v"
            db[b"k"] = b"w"
            db.merge()
            stats = db.stats()
            self.assertEqual((stats.keys, stats.puts, stats.merges), (1, 2, 1))
            self.assertEqual(stats.merge_last_error, "")
            self.assertEqual(db.verify().problems, 0)
            self.assertTrue(all(file.merge_note for file in db.files()))
            self.assertEqual(db.progress().active, 0)
            db.merge(uncapped=True, sort=True)
            self.assertEqual(dict(db), {b"k": b"w"})
            db.merge_pause()
            self.assertEqual(db.stats().merge_paused, 1)
            db.merge_resume()
            db.rebuild_hints()

    def test_log_events(self):
        with self.open() as db:
            db[b"k"] = b"v"
        log = min(self.path.glob("*.log"))
        (self.path / "0000009999.log").write_bytes(log.read_bytes())
        with self.open() as db:
            events = list(db.log_events())
            self.assertTrue(any("0000009999.log" in event.message for event in events), events)
            self.assertEqual(list(db.log_events()), [])

    def test_options_are_listed_and_taken(self):
        names = {option.name: option for option in stave.options()}
        self.assertEqual(names["create_if_missing"].default_value, "true")
        self.assertIn("merge.triggers.dead_bytes", names)
        with self.open(merge__triggers__dead_bytes="1GiB", sync="always") as db:
            db[b"k"] = b"v"
            self.assertEqual(db.stats().durable_seq, db.stats().last_seq)


if __name__ == "__main__":
    unittest.main()
