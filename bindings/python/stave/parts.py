"""Batches, snapshots and feeds: what a store gives out."""

from typing import Optional
from collections.abc import Mapping

from . import _native
from .arguments import Bytes, Ttl, Until, flags_of, until_ms
from .records import Change, seconds
from .views import Walks

POLL_MS = 200  # a wait in the library cannot be interrupted: Ctrl-C is looked at so often


class Batch:
    """Operations that are written all or not at all. As a context manager it is written at the
    end of the block, and thrown away if the block raises."""

    def __init__(self, db, sync: Optional[bool] = None):
        self._db = db
        self._flags = flags_of(sync)
        self._native = _native.StaveBatch()
        self._native.begin()

    def put(self, key: Bytes, value: Bytes, *, until: Optional[Until] = None) -> None:
        """Store value under key; until: when it expires, Unix time in seconds or a datetime."""
        if until is None:
            self._native.put(key, value)
        else:
            self._native.put_until(key, value, until_ms(until))

    def delete(self, key: Bytes) -> None:
        """Delete key; it need not be there."""
        self._native.remove(key)

    __setitem__ = put
    __delitem__ = delete

    def require_absent(self, key: Bytes) -> None:
        """Write (all of the batch) only if key is not there, else raise Conflict."""
        self._native.require_absent(key)

    def require_present(self, key: Bytes) -> None:
        """Write only if key is there."""
        self._native.require_present(key)

    def require_version(self, key: Bytes, version: int) -> None:
        """Write only if the entry has this version; 0: if key is not there."""
        self._native.require_version(key, version)

    def require_value(self, key: Bytes, value: Bytes) -> None:
        """Write only if key has this value."""
        self._native.require_value(key, value)

    def __len__(self) -> int:
        """Operations, conditions not among them."""
        return self._native.count()

    def __bool__(self) -> bool:
        return True

    def clear(self) -> None:
        """Take all operations and conditions out."""
        self._native.clear()

    def write(self) -> None:
        """Apply all operations; the batch stays as it is. Conflict if a condition fails."""
        self._db._write(self._native, self._flags)

    def close(self) -> None:
        """Throw the batch away. Later calls raise Closed."""
        self._native.close()

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, kind, *exc: object) -> None:
        try:
            if kind is None:
                self.write()
        finally:
            self.close()


class Snapshot(_native.StaveSnapshot, Walks):
    """A held moment of the store, read like a mapping. Close it soon: merged files keep their
    disk space until then."""

    def __init__(self, db):
        super().__init__()
        self._db = db
        self.begin(db)

    get = _native.StaveSnapshot.find
    __getitem__ = _native.StaveSnapshot.require

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __len__(self) -> int:
        """Walks all keys."""
        with self.keys().cursor() as cursor:
            return sum(1 for _ in cursor)

    @property
    def last_seq(self) -> int:
        """Number of the newest operation that it sees."""
        return self.seq()

    def _source(self):
        return None, self  # so that it can be walked past the end of the store

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Feed:
    """The operations of a store in their order. Iterating ends when none came within `timeout`
    seconds (None: never); iterate again to go on."""

    def __init__(self, db, after: int, timeout: Optional[float]):
        self._db = db
        self._timeout = timeout
        self._native = _native.StaveFeed()
        self._native.begin(db, after)

    def next(self, timeout: Optional[float] = 0) -> Optional[Change]:
        """The next operation; None if none came within timeout seconds (None: wait for it)."""
        left = None if timeout is None else round(timeout * 1000)
        while True:
            wait = POLL_MS if left is None else max(min(left, POLL_MS), 0)
            change = self._native.next(wait)
            if change is not None:
                kind, seq, key, value, expires, more = change
                return Change(kind, seq, key, value, seconds(expires), more)
            if left is not None:
                left -= wait
                if left <= 0:
                    return None

    def __iter__(self) -> "Feed":
        return self

    def __next__(self) -> Change:
        change = self.next(self._timeout)
        if change is None:
            raise StopIteration
        return change

    def close(self) -> None:
        """Let go of the store's files. Later calls raise Closed."""
        self._native.close()

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


Mapping.register(Snapshot)
__all__ = ["Batch", "Feed", "Snapshot"]
