"""Views, cursors and snapshots."""

import random
import unittest

import stave
from support import StoreCase, in_threads


class Walks(StoreCase):
    def test_ranges_are_those_of_a_sorted_list(self):
        seed = random.randrange(1 << 30)
        rng = random.Random(seed)
        keys = sorted({bytes(rng.choices(b"ab\xff", k=rng.randint(1, 4))) for _ in range(60)})
        with self.open() as db:
            db.update((key, b"v" + key) for key in keys)
            for _ in range(300):
                where = {name: bytes(rng.choices(b"ab\xff", k=rng.randint(0, 2)))
                         for name in ("prefix", "start", "end") if rng.random() < 0.5}
                if where.get("end") and where.get("start", b"") > where["end"]:
                    where["start"], where["end"] = where["end"], where["start"]
                expected = [key for key in keys
                            if key.startswith(where.get("prefix", b""))
                            and key >= where.get("start", b"")
                            and (not where.get("end") or key < where["end"])]
                with self.subTest(seed=seed, **where):
                    self.assertEqual(db.count(**where), len(expected))
                    limit = rng.choice((None, 0, 1, 5))
                    self.assertEqual(list(db.keys(**where, limit=limit)), expected[:limit])
                    self.assertEqual(list(db.keys(**where, reverse=True)), expected[::-1])
                    self.assertEqual(list(db.values(**where)), [b"v" + k for k in expected])
                    self.assertEqual([(i.key, i.value) for i in db.entries(**where)],
                                     list(db.items(**where)))

    def test_a_view_is_walked_anew_each_time(self):
        with self.open() as db:
            view = db.items(prefix=b"a")
            self.assertEqual(list(view), [])
            db[b"a"], db[b"b"] = b"1", b"2"
            self.assertEqual(list(view), [(b"a", b"1")])

    def test_a_walk_sees_one_moment(self):
        with self.open() as db:
            db.update((b"%04d" % i, b"old") for i in range(2000))
            walked = 0
            for key, value in db.items():
                self.assertEqual(value, b"old")
                walked += 1
                db[key] = b"new"
                db[b"x" + key] = b"new"
                db.delete(b"%04d" % (1999 - walked // 2))
                if walked == 900:
                    db.merge()
                if walked == 1000:
                    break
            self.assertEqual(walked, 1000)

    def test_seek(self):
        with self.open() as db:
            db.update((b"%04d" % i, b"") for i in range(0, 2000, 2))
            with db.keys().cursor() as cursor:
                for target, found in ((b"0500", b"0500"), (b"0501", b"0502"), (b"", b"0000")):
                    cursor.seek(target)
                    self.assertEqual(next(cursor), found)
                cursor.seek(b"9")
                self.assertEqual(next(cursor, None), None)
                cursor.seek(b"1997")
                self.assertEqual(list(cursor), [b"1998"])
            with db.keys(reverse=True).cursor() as cursor:
                cursor.seek(b"0501")
                self.assertEqual([next(cursor), next(cursor)], [b"0500", b"0498"])

    def test_seek_to_values_of_any_size(self):
        with self.open() as db:
            values = {b"%d" % i: bytes([i]) * size
                      for i, size in enumerate((0, 7, 100_000, 3, 40_000))}
            db.update(values)
            with db.items().cursor() as cursor:
                for key, value in values.items():
                    cursor.seek(key)
                    self.assertEqual(next(cursor), (key, value))
                cursor.seek(b"2")
                self.assertEqual(dict(cursor), {k: v for k, v in values.items() if k >= b"2"})
            with db.items(limit=2).cursor() as cursor:
                cursor.seek(b"1")
                self.assertEqual([key for key, _ in cursor], [b"1", b"2"])

    def test_the_store_may_be_closed_inside_a_walk(self):
        with self.open() as db:
            db.update((b"%04d" % i, b"v") for i in range(1000))
            seen = []
            for key in db:
                seen.append(key)
                if len(seen) == 10:
                    db.close()
            # An iterator outlives its store: it holds what it needs of the files.
            self.assertEqual(len(seen), 1000)
            self.assert_error(stave.Closed, stave.Code.CLOSED, "closed", iter, db)
            del key

    def test_a_closed_cursor_says_so(self):
        with self.open() as db:
            db.update((b"%04d" % i, b"v") for i in range(100))
            cursor = iter(db)
            next(cursor)
            cursor.close()
            cursor.close()
            self.assert_error(stave.Closed, stave.Code.CLOSED, "iterator is closed", next, cursor)
            self.assert_error(stave.Closed, stave.Code.CLOSED, "iterator", cursor.seek, b"x")

    def test_one_cursor_shared_by_4_threads_gives_each_entry_once(self):
        with self.open() as db:
            db.update((b"%05d" % i, b"v%d" % i) for i in range(20000))
            parts = [[] for _ in range(4)]
            with db.items().cursor() as cursor:
                in_threads(4, lambda number: parts[number].extend(cursor))
            self.assertEqual(sorted(sum(parts, [])), list(db.items()))

    def test_the_native_iterator_shared_by_4_threads_is_in_use_never_a_crash(self):
        with self.open() as db:
            db.update((b"%05d" % i, b"v%d" % i) for i in range(20000))
            with db.items().cursor() as cursor:
                native, seen = cursor._native, [0] * 4

                def walk(number):
                    while True:
                        try:
                            batch = native.next(3)
                        except stave.InUse:
                            continue
                        if not batch:
                            return
                        seen[number] += len(batch)
                in_threads(4, walk)
            self.assertEqual(sum(seen), 20000)

    def test_a_cursor_closed_under_its_walkers(self):
        with self.open() as db:
            db.update((b"%05d" % i, b"v%d" % i) for i in range(5000))
            for _ in range(20):
                cursor = db.items().cursor()

                def walk(number):
                    try:
                        for count, _ in enumerate(cursor):
                            if number == 0 and count == 200:
                                cursor.close()
                    except stave.Closed:
                        pass
                in_threads(4, walk)


class Snapshots(StoreCase):
    def test_it_keeps_its_moment(self):
        with self.open() as db:
            db.update((b"%d" % i, b"old") for i in range(10))
            with db.snapshot() as snapshot:
                last = snapshot.last_seq
                db[b"1"] = b"new"
                db[b"more"] = b"new"
                del db[b"2"]
                db.merge()
                self.assertEqual(snapshot[b"1"], b"old")
                self.assertEqual(snapshot.get(b"2"), b"old")
                self.assertEqual(snapshot.get(b"more", 0), 0)
                self.assertIn(b"2", snapshot)
                self.assertEqual(len(snapshot), 10)
                self.assertEqual(set(snapshot.values()), {b"old"})
                self.assertEqual(list(snapshot.keys(prefix=b"2")), [b"2"])
                self.assertLess(last, db.stats().last_seq)

    def test_it_outlives_the_store(self):
        with self.open() as db:
            db[b"k"] = b"v"
            snapshot = db.snapshot()
        self.assertEqual(snapshot[b"k"], b"v")
        self.assertEqual(list(snapshot), [b"k"])
        snapshot.close()
        snapshot.close()
        for call in (snapshot.get, snapshot.__getitem__, snapshot.__contains__,
                     lambda key: list(snapshot)):
            self.assert_error(stave.Closed, stave.Code.CLOSED, "snapshot is closed", call, b"k")


if __name__ == "__main__":
    unittest.main()
