"""Many threads: none waits for the GIL behind a call, and none can crash the others."""

import gc
import sys
import threading
import time
import unittest

import stave
from support import StoreCase, in_threads


class Threads(StoreCase):
    def test_another_thread_makes_progress_during_sync(self):
        # Switching by time is put off, so only a call that lets go of the GIL lets others run.
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1000)
        self.addCleanup(sys.setswitchinterval, interval)
        ended, count = threading.Event(), [0]

        def run():
            while not ended.is_set():
                count[0] += 1
                time.sleep(0)

        with self.open(sync="none") as db:
            other = threading.Thread(target=run)
            other.start()
            try:
                for _ in range(500):
                    db[b"k"] = b"v" * 100000
                    before = count[0]
                    db.sync()
                    if count[0] > before:
                        break
                else:
                    self.fail("sync() never let another thread run")
            finally:
                ended.set()
                other.join()

    def test_another_thread_can_put_what_a_feed_waits_for(self):
        with self.open() as db, db.feed() as feed:
            waits = threading.Event()

            def put():
                waits.wait()
                db[b"k"] = b"v"

            other = threading.Thread(target=put)
            other.start()
            waits.set()
            change = feed.next(timeout=None)
            other.join()
            self.assertEqual((change.kind, change.key, change.value), (stave.PUT, b"k", b"v"))

    def test_a_feed_closed_while_it_waits_ends_the_wait(self):
        with self.open() as db:
            feed = db.feed()
            ended = []

            def wait():
                try:
                    feed.next(timeout=None)
                except stave.Closed:
                    ended.append(True)

            other = threading.Thread(target=wait)
            other.start()
            feed.close()
            other.join()
            self.assertEqual(ended, [True])

    def test_increments_of_8_threads_are_all_counted(self):
        with self.open() as db:
            in_threads(8, lambda number: [db.increment(b"n") for _ in range(500)])
            self.assertEqual(db[b"n"], b"4000")

    def test_close_during_the_traffic_of_8_threads(self):
        for _ in range(5):
            db = self.open(sync="none")
            begun = threading.Barrier(9)

            def traffic(number):
                begun.wait()
                count = 0
                while True:
                    key = b"%d-%d" % (number, count % 50)
                    db[key] = key * 20
                    self.assertEqual(db[key], key * 20)
                    with db.batch() as batch:
                        batch.put(key, key * 30)
                        batch.delete(b"other" + key)
                    for _ in db.items(prefix=b"%d" % number, limit=20):
                        pass
                    db.get_many([key, b"none"])
                    with db.snapshot() as snapshot:
                        snapshot.get(key)
                    count += 1

            def work(number):
                if number == 8:
                    begun.wait()
                    for _ in range(20):
                        db.get(b"0-0")
                        time.sleep(0)
                    db.close()
                    return
                try:
                    traffic(number)
                except (stave.Closed, stave.Cancelled):
                    pass
            in_threads(9, work)
            del db
            gc.collect()

    def test_garbage_collections_during_blocking_calls(self):
        thresholds = gc.get_threshold()
        gc.set_threshold(1)
        self.addCleanup(gc.set_threshold, *thresholds)
        with self.open() as db:
            def work(number):
                for count in range(60):
                    key = bytearray(b"%d-%d" % (number, count))
                    db.put(key, bytearray(5000), sync=count % 10 == 0)
                    self.assertEqual(len(db.get(key)), 5000)
                    cycle = [iter(db), db.snapshot(), db.batch(), db.feed()]
                    cycle.append(cycle)  # handles that only the collector frees
                    next(cycle[0])
                    del cycle
                    gc.collect(0)
            in_threads(4, work)
            self.assertEqual(len(db), 240)

    def test_a_batch_of_many_threads_is_whole(self):
        with self.open() as db, db.batch() as batch:
            def work(number):
                for count in range(200):
                    key = b"%d-%d" % (number, count)
                    while True:
                        try:
                            batch.put(key, key)
                            break
                        except stave.InUse:
                            pass
                    if count % 50 == 0:
                        try:
                            batch.write()
                        except stave.InUse:
                            pass
            in_threads(4, work)
            self.assertEqual(len(batch), 800)
            batch.write()
            self.assertEqual(len(db), 800)


if __name__ == "__main__":
    unittest.main()
