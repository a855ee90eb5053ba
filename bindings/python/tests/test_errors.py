"""The right exception, code and text; use after close; forks."""

import os
import pickle
import signal
import subprocess
import sys
import unittest

import stave
from stave import _native
from support import StoreCase, in_threads

FORKING = """
import gc, os, sys, warnings
import stave
warnings.simplefilter("ignore")
db = stave.open(sys.argv[1])
db[b"k"] = b"v"
snapshot, cursor, feed, batch = db.snapshot(), iter(db), db.feed(), db.batch()
batch.put(b"late", b"v")
child = os.fork()
if child == 0:
    for call in (lambda: db[b"k"], lambda: db.put(b"k", b"child"), db.sync, lambda: list(db),
                 lambda: snapshot[b"k"], lambda: next(cursor), feed.next, batch.write, db.close):
        try:
            call()
        except stave.Forked as error:
            assert error.code == stave.Code.FORKED
        else:
            os._exit(3)
    other = stave.open(sys.argv[1] + "-child")
    other[b"k"] = b"own"
    other.close()
    del db, snapshot, cursor, feed, batch, call
    gc.collect()
    sys.exit(0)  # with all finalizers
assert os.waitpid(child, 0)[1] == 0, "the child failed"
assert db[b"k"] == b"v" and next(cursor) == b"k" and snapshot[b"k"] == b"v"
batch.write()
assert len(db) == 2
for handle in (snapshot, cursor, feed, batch, db):
    handle.close()
del snapshot, cursor, feed, batch, db, handle
print("done", stave.live_handles())
"""


class Errors(StoreCase):
    def test_codes_are_those_of_the_library(self):
        self.assertEqual(stave.Code.OK, 0)
        self.assertEqual(stave.Code.BUSY, 200)
        self.assertEqual(stave.Code(400), stave.Code.CORRUPT)
        native = {name: value for name, value in vars(_native).items()
                  if isinstance(value, int) and value < 1000
                  and _native.status_name(value) == name}
        self.assertEqual(native, {f"STAVE_{code.name}": code.value for code in stave.Code})
        self.assertGreater(len(native), 30)

    def test_opening(self):
        code = stave.Code
        with self.open():
            self.assert_error(stave.Busy, code.BUSY, str(self.path), self.open)
        self.assert_error(stave.Exists, code.EXISTS, "store", self.open, error_if_exists=True)
        self.assert_error(stave.NoStore, code.NO_STORE, "nothing", stave.open,
                          self.folder / "nothing", create_if_missing=False)
        file = self.folder / "file"
        file.touch()
        error = self.assert_error(stave.StorageError, code.IO, str(file), stave.open, file)
        self.assertIsInstance(error, OSError)
        self.assert_error(stave.InvalidArgument, code.UNKNOWN_OPTION, '"sink"', self.open,
                          sink="always")
        self.assert_error(stave.InvalidArgument, code.BAD_OPTION, "sync", self.open, sync="oft")
        self.assertRaises(ValueError, self.open, sync="no\0ne")

    def test_damage(self):
        with self.open() as db:
            db.update((b"%d" % i, b"value" * 100) for i in range(100))
            db.sync()
            log = min(self.path.glob("*.log"))
            with open(log, "r+b") as file:
                at = file.read().index(b"value")
                file.seek(at)
                file.write(b"V")
            self.assert_error(stave.Corrupt, stave.Code.CORRUPT, log.name, lambda: db[b"0"])
            self.assert_error(stave.Corrupt, stave.Code.CORRUPT, log.name, list, db.items())
            error = self.assert_error(stave.Corrupt, stave.Code.CORRUPT, "", db.verify)
            self.assertGreater(error.report.problems, 0)
            self.assertEqual(db[b"1"], b"value" * 100)
        self.assert_error(stave.Corrupt, stave.Code.CORRUPT, log.name, self.open)
        self.assertEqual(stave.repair(self.path, read_only=True).changed, 1)
        self.assertEqual(stave.repair(self.path).lost_regions, 1)
        with self.open() as db:
            self.assertEqual(len(db), 99)

    def test_read_only(self):
        with self.open() as db:
            db[b"k"] = b"v"
            with self.open(read_only=True) as other:
                self.assertEqual(other[b"k"], b"v")
                self.assert_error(stave.ReadOnly, stave.Code.READ_ONLY, "", other.put, b"k", b"")
                db[b"k"] = b"w"
                other.refresh()
                self.assertEqual(other[b"k"], b"w")

    def test_they_can_be_pickled(self):
        error = stave.Busy("text", stave.Code.BUSY)
        copy = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(copy), copy.code, str(copy)), (stave.Busy, 200, "text"))

    def test_32_threads_failing_at_once_get_their_own_texts(self):
        files = [self.folder / f"file-{number}-" for number in range(32)]
        for file in files:
            file.touch()
        closed = stave.open(self.folder / "closed")
        closed.close()
        with self.open() as db:
            db[b"word"] = b"no number"

            def fail(number):
                too_long = b"k" * (70000 + number)
                absent = b"absent %d" % number
                for _ in range(100):
                    self.assert_error(stave.InvalidArgument, stave.Code.KEY_TOO_LARGE,
                                      f"{70000 + number} bytes", db.put, too_long, b"")
                    self.assert_error(stave.NotFound, stave.Code.NOT_FOUND, repr(absent),
                                      db.__getitem__, absent)
                    self.assert_error(stave.NotANumber, stave.Code.NOT_A_NUMBER, "not a number",
                                      db.increment, b"word")
                    self.assert_error(stave.Closed, stave.Code.CLOSED, "closed", closed.get,
                                      absent)
                    self.assert_error(stave.StorageError, stave.Code.IO, files[number].name,
                                      stave.open, files[number])
                    with db.batch() as batch:
                        batch.require_present(absent)
                        self.assert_error(stave.Conflict, stave.Code.CONFLICT, absent.decode(),
                                          batch.write)
                        batch.clear()
            in_threads(32, fail)


class Close(StoreCase):
    def test_twice(self):
        db = self.open()
        self.assertFalse(db.closed)
        db.close()
        db.close()
        self.assertTrue(db.closed)
        self.assertIn("closed", repr(db))
        self.assert_error(stave.Closed, stave.Code.CLOSED, str(self.path), db.__enter__)

    def test_a_native_handle_is_opened_once_and_used_only_then(self):
        with self.open() as db, db.snapshot() as snapshot:
            for handle in (db, snapshot):
                arguments = (self.folder / "other", b"") if handle is db else (db,)
                self.assert_error(stave.InvalidArgument, stave.Code.INVALID_ARGUMENT,
                                  "was opened before", handle.begin, *arguments)
            fresh = _native.StaveIter()
            self.assert_error(stave.Closed, stave.Code.CLOSED, "iterator", fresh.next, 1)
            del fresh
        for kind in (_native.StaveDb, _native.StaveFiles, stave.Store):
            empty = kind.__new__(kind)  # without __init__
            self.assertRaises((stave.Error, AttributeError), lambda: empty.get(b"k"))
            self.assertRaises((stave.Error, AttributeError), lambda: empty.at(0, None))

    def test_every_call_says_closed_afterwards(self):
        with self.open() as db:
            batch, feed = db.batch(), db.feed()
        calls = [
            lambda: db[b"k"], lambda: db.get(b"k"), lambda: b"k" in db, lambda: db.put(b"k", b""),
            lambda: db.__setitem__(b"k", b""), lambda: db.delete(b"k"), lambda: list(db),
            lambda: db.__delitem__(b"k"), lambda: len(db), lambda: db.get_many([b"k"]),
            lambda: db.put_many([(b"k", b"")]), lambda: db.entry(b"k"), lambda: db.ttl(b"k"),
            lambda: db.touch(b"k", 1), lambda: db.persist(b"k"), lambda: db.swap(b"k", b""),
            lambda: db.increment(b"k"), lambda: db.append(b"k", b""), lambda: db.pop(b"k"),
            lambda: db.put_if_absent(b"k", b""), lambda: db.compare_and_set(b"k", b"", b""),
            lambda: db.put_if_version(b"k", 0, b""), lambda: db.delete_if(b"k", version=1),
            lambda: db.put(b"k", b"", ttl=1), lambda: db.put(b"k", b"", until=1e9),
            lambda: db.delete_range(b"a", b"b"), lambda: db.delete_prefix(b"a"), db.clear,
            db.sync, db.merge, db.merge_pause, db.refresh, db.verify, db.stats, db.files,
            db.progress, lambda: db.backup(self.folder / "b"), db.rebuild_hints,
            lambda: db.checkpoint(self.folder / "c"), db.snapshot, db.feed, db.approximate_size,
            batch.write, feed.next, lambda: list(db.log_events()),
        ]
        for number, call in enumerate(calls):
            with self.subTest(number=number):
                self.assert_error(stave.Closed, stave.Code.CLOSED, "closed", call)

    def test_closed_batches_and_feeds(self):
        with self.open() as db:
            batch = db.batch()
            batch.close()
            batch.close()
            for call in (batch.write, batch.clear, lambda: len(batch),
                         lambda: batch.put(b"k", b""), lambda: batch.delete(b"k"),
                         lambda: batch.require_absent(b"k")):
                self.assert_error(stave.Closed, stave.Code.CLOSED, "batch is closed", call)
            feed = db.feed()
            feed.close()
            self.assert_error(stave.Closed, stave.Code.CLOSED, "feed is closed", feed.next)

    def test_a_store_that_is_only_dropped_is_closed(self):
        db = self.open()
        db[b"k"] = b"v"
        del db
        with self.open() as db:
            self.assertEqual(db[b"k"], b"v")


class Processes(StoreCase):
    def run_python(self, script, *arguments):
        return subprocess.Popen([sys.executable, "-B", "-c", script, *map(str, arguments)],
                                stdout=subprocess.PIPE, text=True)

    def test_fork_with_an_open_store(self):
        with self.run_python(FORKING, self.path) as process:
            self.assertEqual(process.stdout.read(), "done 0\n")
        self.assertEqual(process.returncode, 0)

    def test_ctrl_c_ends_a_wait_for_a_feed(self):
        script = ("import stave, sys\nwith stave.open(sys.argv[1]) as db:\n"
                  "  with db.feed() as feed:\n    try:\n"
                  "      print('waits', flush=True)\n      feed.next(timeout=None)\n"
                  "    except KeyboardInterrupt: print('ended')\n")
        with self.run_python(script, self.path) as process:
            self.assertEqual(process.stdout.readline(), "waits\n")
            os.kill(process.pid, signal.SIGINT)
            self.assertEqual(process.stdout.read(), "ended\n")
        self.assertEqual(process.returncode, 0)

    def test_a_process_may_end_without_closing(self):
        script = "import stave, sys\ndb = stave.open(sys.argv[1])\ndb[b'k'] = b'v'\nit = iter(db)\n"
        with self.run_python(script, self.path) as process:
            process.wait()
        self.assertEqual(process.returncode, 0)
        with self.open() as db:
            self.assertEqual(db[b"k"], b"v")


if __name__ == "__main__":
    unittest.main()
