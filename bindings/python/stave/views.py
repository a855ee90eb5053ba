"""Walks over keys: a View says which, a Cursor goes along them batch by batch."""

import threading
from typing import Any, Generic, Iterator, List, Optional, TypeVar

from . import _native
from .arguments import Bytes
from .records import Item, seconds

T = TypeVar("T")
BATCH_MOST = 128  # the native iterator begins with few, and grows


class Cursor(Generic[T]):
    """An iterator over one moment of the store, also while others write. Threads may share it:
    each entry goes to one of them. close() (or `with`) lets go of the store's files at once."""

    def __init__(self, view: "View[T]"):
        self._native = _native.StaveIter()
        self._native.begin(view._db, view._snapshot, view._start, view._end, view._prefix,
                           view._limit, view._flags)
        self._source = view._db, view._snapshot  # they live as long as their cursors
        self._fetch = getattr(self._native, view._method)
        self._shape = view._shape
        self._batch: Iterator[Any] = iter(())
        self._lock = threading.Lock()

    def __iter__(self) -> "Cursor[T]":
        return self

    def __next__(self) -> T:
        for entry in self._batch:
            return entry
        with self._lock:
            # Another thread may have fetched meanwhile, and the others have taken it all.
            while True:
                for entry in self._batch:
                    return entry
                batch: List[Any] = self._fetch(BATCH_MOST)
                if not batch:
                    raise StopIteration
                self._batch = iter(self._shape(batch) if self._shape else batch)

    def seek(self, key: Bytes) -> None:
        """Go to the first entry at or after key (in a reverse walk: at or before it)."""
        with self._lock:
            self._native.seek(key)
            self._batch = iter(())

    def close(self) -> None:
        """End the walk. Later calls raise Closed."""
        self._native.close()
        self._batch = iter(())

    def __enter__(self) -> "Cursor[T]":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class View(Generic[T]):
    """What keys(), values(), items() and entries() give: each iter() of it begins a new walk."""

    _method = "next"
    _shape: Any = None
    _flags = 0

    def __init__(self, db, snapshot, *, prefix: Optional[Bytes] = None,
                 start: Optional[Bytes] = None, end: Optional[Bytes] = None,
                 reverse: bool = False, limit: Optional[int] = None):
        self._db, self._snapshot = db, snapshot
        self._start, self._end = start or b"", end or b""
        self._prefix = prefix or b""
        if limit is not None and limit < 0:
            raise ValueError(f"limit {limit}: it must not be negative")
        self._empty = limit == 0
        self._limit = limit or 0
        if reverse:
            self._flags = self._flags | _native.STAVE_ITER_REVERSE

    def cursor(self) -> Cursor[T]:
        """A walk that can be closed, and moved by seek()."""
        cursor: Cursor[T] = Cursor(self)
        if self._empty:
            cursor._fetch = lambda size: []
        return cursor

    def __iter__(self) -> Cursor[T]:
        return self.cursor()


class KeysView(View[bytes]):
    _method = "next_keys"
    _flags = _native.STAVE_ITER_KEYS_ONLY


class ItemsView(View["tuple[bytes, bytes]"]):
    _method = "next"


class ValuesView(View[bytes]):
    _method = "next"
    _shape = staticmethod(lambda batch: [value for _, value in batch])


class EntriesView(View[Item]):
    _method = "next_entries"
    _shape = staticmethod(
        lambda batch: [Item(key, value, version, seconds(expires))
                       for key, value, version, expires in batch])


class Walks:
    """The views of all that can be walked: a store, a snapshot. `_source` is what they see."""

    def _source(self):
        raise NotImplementedError

    def keys(self, **where: Any) -> KeysView:
        """Keys in byte order. where: prefix, start, end (exclusive), reverse, limit."""
        return KeysView(*self._source(), **where)

    def values(self, **where: Any) -> ValuesView:
        """Values in the order of their keys; where: as keys()."""
        return ValuesView(*self._source(), **where)

    def items(self, **where: Any) -> ItemsView:
        """(key, value) in the order of the keys; where: as keys()."""
        return ItemsView(*self._source(), **where)

    def entries(self, **where: Any) -> EntriesView:
        """Item(key, value, version, expires) in the order of the keys; where: as keys()."""
        return EntriesView(*self._source(), **where)

    def __iter__(self) -> Cursor[bytes]:
        return iter(self.keys())

    def __reversed__(self) -> Cursor[bytes]:
        return iter(self.keys(reverse=True))

    def __bool__(self) -> bool:
        with self.keys(limit=1).cursor() as cursor:
            return next(cursor, None) is not None
