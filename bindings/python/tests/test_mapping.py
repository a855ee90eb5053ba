"""Keys and values of all kinds, and the ways of a mapping."""

import os
import unittest
from array import array
from collections.abc import Mapping, MutableMapping

import stave
from support import StoreCase

ALL_BYTES = bytes(range(256))


class Bytes(StoreCase):
    def test_binary_keys_and_values_come_back_as_they_were(self):
        with self.open() as db:
            for key in (b"\0", b"\0\0", ALL_BYTES, b"\xff" * 9, "käse".encode()):
                db[key] = ALL_BYTES + key
            for key in db:
                self.assertEqual(db[key], ALL_BYTES + key)
            self.assertEqual(len(db), 5)

    def test_long_keys(self):
        with self.open() as db:
            for length in (1025, 4097, stave.KEY_SIZE_MAX):
                db[b"k" * length] = b"%d" % length
                self.assertEqual(db[b"k" * length], b"%d" % length)
            self.assertEqual([len(key) for key in db], [1025, 4097, stave.KEY_SIZE_MAX])
            self.assert_error(stave.InvalidArgument, stave.Code.KEY_TOO_LARGE, "65536 bytes",
                              db.put, b"k" * (stave.KEY_SIZE_MAX + 1), b"")

    def test_the_empty_key_is_refused_by_every_call(self):
        with self.open() as db:
            for call in (db.get, db.__getitem__, db.__contains__, db.__delitem__, db.delete,
                         db.increment, db.ttl, db.entry, lambda key: db.put(key, b"")):
                with self.subTest(call=call):
                    self.assert_error(stave.InvalidArgument, stave.Code.EMPTY_KEY, "empty",
                                      call, b"")

    def test_values_from_empty_to_larger_than_every_buffer(self):
        # 4096: the scratch memory of a get; 32768: the buffer of an iterator.
        lengths = (0, 1, 4095, 4096, 4097, 32767, 32769, 3 << 20)
        with self.open() as db:
            for length in lengths:
                db[b"%08d" % length] = os.urandom(1) * length
            for length, (key, value) in zip(lengths, db.items()):
                self.assertEqual(len(value), length)
                self.assertEqual(db[key], value)
                self.assertEqual(db.get(key), value)
            with db.snapshot() as snapshot:
                self.assertEqual([len(value) for value in snapshot.values()], list(lengths))
                self.assertEqual(snapshot[b"00000000"], b"")
            self.assertEqual([len(v) for v in db.get_many(db.keys())], list(lengths))

    def test_whatever_has_the_buffer_protocol_goes_in(self):
        with self.open() as db:
            for key in (bytearray(b"key1"), memoryview(b"xkey2")[1:], array("B", b"key3")):
                db[key] = key
                self.assertEqual(db[bytes(key)], bytes(key))
                self.assertIn(key, db)
                grown = bytearray(key)
                db[grown] = b""
                grown.append(1)  # would raise BufferError if the call still held it
            self.assertRaises(BufferError, db.get, memoryview(b"abcdef")[::2])

    def test_none_and_other_types_are_type_errors(self):
        with self.open() as db:
            for wrong in (None, "text", 5, object(), [1]):
                for call in (db.get, db.__getitem__, db.__contains__, db.delete,
                             lambda it: db.put(it, b"x"), lambda it: db.put(b"x", it),
                             lambda it: db.get_many([it]), lambda it: db.put_many([(b"x", it)]),
                             lambda it: db.compare_and_set(b"x", it, b"")):
                    self.assertRaises(TypeError, call, wrong)
            self.assertEqual(list(db), [])
            self.assertRaises(ValueError, db.put_many, [(b"no pair",)])
        self.assertRaises(TypeError, stave.open, None)

    def test_paths_of_all_kinds(self):
        for path in (self.folder / "zu Ä ü 漢字", os.fsencode(self.folder / "bytes"),
                     str(self.folder / "str"), os.fsencode(self.folder) + b"/no utf \xff\xfe"):
            with stave.open(path) as db:
                db[b"k"] = b"v"
                self.assertTrue(os.path.isdir(path))
                copy = os.fsencode(path) + b" copy"
                db.backup(copy)
                self.assertTrue(os.path.isdir(copy))
        self.assertRaises(ValueError, stave.open, "a\0b")
        error = self.assert_error(stave.NoStore, stave.Code.NO_STORE, "漢字", stave.open,
                                  self.folder / "漢字", create_if_missing=False)
        self.assertIsInstance(error, FileNotFoundError)


class AsMapping(StoreCase):
    def test_it_is_one(self):
        with self.open() as db, db.snapshot() as snapshot:
            self.assertIsInstance(db, MutableMapping)
            self.assertIsInstance(snapshot, Mapping)

    def test_it_answers_like_a_dict(self):
        with self.open() as db:
            model = {}
            for mapping in (db, model):
                mapping.update({b"%d" % i: b"v%d" % i for i in range(300)})
                mapping |= {b"300": b"v300"}
                mapping[b"7"] = b"seven"
                del mapping[b"8"]
                self.assertEqual(mapping.pop(b"9"), b"v9")
                self.assertEqual(mapping.pop(b"9", None), None)
                self.assertRaises(KeyError, mapping.pop, b"9")
                self.assertRaises(KeyError, mapping.__getitem__, b"9")
                self.assertRaises(KeyError, mapping.__delitem__, b"9")
                self.assertEqual(mapping.get(b"9"), None)
                self.assertEqual(mapping.get(b"9", b"x"), b"x")
                self.assertEqual(mapping.setdefault(b"9", b"d"), b"d")
                self.assertEqual(mapping.setdefault(b"9", b"e"), b"d")
                self.assertNotIn(b"8", mapping)
                self.assertTrue(mapping)
            self.assertEqual(dict(db.items()), model)
            self.assertEqual(dict(db), model)
            self.assertEqual(len(db), len(model))
            self.assertEqual(list(reversed(db)), sorted(model, reverse=True))
            self.assertEqual(db.popitem(), (b"0", b"v0"))
            db.clear()
            self.assertFalse(db)
            self.assertRaises(KeyError, db.popitem)

    def test_not_found_names_the_key(self):
        with self.open() as db, db.snapshot() as snapshot:
            for call in (db.__getitem__, db.__delitem__, db.pop, snapshot.__getitem__):
                error = self.assert_error(stave.NotFound, stave.Code.NOT_FOUND, r"b'\x00q'",
                                          call, b"\0q")
                self.assertEqual(error.key, b"\0q")

    def test_many_at_once(self):
        with self.open() as db:
            self.assertEqual(db.put_many((b"%d" % i, b"v%d" % i) for i in range(1000)), 1000)
            found = db.get_many([b"5", b"none", b"999", b"5"])
            self.assertEqual(found, [b"v5", None, b"v999", b"v5"])
            self.assertEqual(db.get_many([]), [])
            self.assertEqual(db.put_many([]), 0)
            self.assert_error(stave.InvalidArgument, stave.Code.EMPTY_KEY, "key 1 of 2",
                              db.put_many, [(b"new", b""), (b"", b"")])
            self.assertNotIn(b"new", db)

    def test_an_iterator_is_stored_in_pieces(self):
        with self.open() as db:
            def pairs():
                for i in range(40):
                    yield b"%d" % i, b"v" * 100_000
                    self.assertLess(i - len(db), 11)
                raise ZeroDivisionError
            self.assertRaises(ZeroDivisionError, db.put_many, pairs())
            self.assertEqual(db.get_many([b"0", b"32"]), [b"v" * 100_000] * 2)
            self.assertEqual(db.put_many(((b"%d" % i, b"w" * 100_000) for i in range(40)),
                                         sync=True), 40)
            self.assertEqual(set(db.values()), {b"w" * 100_000})
            self.assertRaises(TypeError, db.put_many, None)
            self.assertRaises(TypeError, db.put_many, (5 for _ in range(1)))


if __name__ == "__main__":
    unittest.main()
