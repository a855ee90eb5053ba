"""The store itself."""

import os
from collections.abc import Mapping, MutableMapping
from typing import Any, Iterable, Iterator, List, Optional, Tuple

from . import _native
from .arguments import Bytes, Path, Ttl, Until, bounds, flags_of, ttl_ms, until_ms
from .errors import Closed, Code, Conflict, Corrupt, NotFound
from .parts import Batch, Feed, Snapshot
from .records import Entry, LogEvent, Record, record, seconds
from .views import Walks


class Store(_native.StaveDb, Walks):
    """An open store: a mapping of bytes to bytes, kept in a directory. Any number of threads may
    use it at once; the GIL is released while the library works. See stave.open()."""

    def __init__(self, path: Path, options: bytes):
        super().__init__()
        self.path = os.fsdecode(path)
        self._closed = False
        self.begin(path, options)

    # The mapping. These are the native methods themselves.
    get = _native.StaveDb.find
    __getitem__ = _native.StaveDb.require
    __setitem__ = _native.StaveDb.store
    __delitem__ = _native.StaveDb.erase
    __contains__ = _native.StaveDb.exists

    def __len__(self) -> int:
        """Counts all keys, in time proportional to them; stats().keys is a fast figure."""
        return self.count_range(b"", b"")

    def _source(self) -> Tuple["Store", None]:
        return self, None

    def setdefault(self, key: Bytes, default: Bytes = b"") -> bytes:
        """The value of key; where there is none, default is stored first, in one step."""
        while True:
            value = self.get(key)
            if value is not None:
                return value
            if self.put_if_absent(key, default):
                return bytes(default)

    _RAISE = object()

    def pop(self, key: Bytes, default: Any = _RAISE) -> Any:
        """Delete key and give its value back, in one step; default if it is not there."""
        value = self.get_and_delete(key, 0)
        if value is not None:
            return value
        if default is self._RAISE:
            error = NotFound(f"no such key: {bytes(key)!r}", Code.NOT_FOUND)
            error.key = bytes(key)
            raise error
        return default

    def popitem(self) -> Tuple[bytes, bytes]:
        """Delete the first key and give it back with its value."""
        while True:
            with self.keys(limit=1).cursor() as cursor:
                key = next(cursor, None)
            if key is None:
                raise NotFound("the store is empty", Code.NOT_FOUND)
            value = self.get_and_delete(key, 0)
            if value is not None:
                return key, value

    def update(self, other: Any = (), *, sync: Optional[bool] = None) -> None:
        """put_many() of a mapping or of pairs."""
        self.put_many(other.items() if isinstance(other, Mapping) else other, sync=sync)

    def __ior__(self, other: Any) -> "Store":
        self.update(other)
        return self

    # Writing. sync: None as the store's option says; True: durable on return; False: do not wait.
    def put(self, key: Bytes, value: Bytes, *, ttl: Optional[Ttl] = None,
            until: Optional[Until] = None, sync: Optional[bool] = None) -> None:
        """Store value under key. ttl: seconds (or timedelta) until it expires; until: when, Unix
        time in seconds or a datetime."""
        if ttl is None and until is None and sync is None:
            self[key] = value
        elif ttl is not None and until is not None:
            raise ValueError("ttl and until: give one of them")
        elif ttl is not None:
            self.put_ttl(key, value, ttl_ms(ttl), flags_of(sync))
        elif until is not None:
            self.put_until(key, value, until_ms(until), flags_of(sync))
        else:
            super().put(key, value, flags_of(sync))

    def put_many(self, pairs: Iterable[Tuple[Bytes, Bytes]], *,
                 sync: Optional[bool] = None) -> int:
        """Store pairs in their order, faster than one by one, but not all or none: see batch().
        What is no list or tuple is taken and stored in pieces of 1 MiB. Gives back how many."""
        if isinstance(pairs, (list, tuple)):
            return super().put_many(pairs, flags_of(sync))
        rest, stored = iter(pairs), 0
        while piece := super().put_many(rest, flags_of(sync)):
            stored += piece
        return stored

    def delete(self, key: Bytes, *, sync: Optional[bool] = None) -> bool:
        """Delete key; whether it was there."""
        try:
            self.remove(key, flags_of(sync))
            return True
        except NotFound:
            return False

    def batch(self, *, sync: Optional[bool] = None) -> Batch:
        """`with db.batch() as batch:` writes what is put into it at the end, all or nothing."""
        return Batch(self, sync)

    def _write(self, batch: _native.StaveBatch, flags: int) -> None:
        self.write(batch, flags)

    # Reading.
    def get_many(self, keys: Iterable[Bytes]) -> List[Optional[bytes]]:
        """The values of many keys, None for those that are not there; faster than one by one."""
        return self.multi_get(keys)

    def entry(self, key: Bytes) -> Optional[Entry]:
        """The value with its version and time of expiry; None if key is not there."""
        native = _native.StaveEntry()
        value = self.get_entry(key, native)
        if value is None:
            return None
        return Entry(value, native.version, seconds(native.expires_at_ms))

    # Expiry.
    def ttl(self, key: Bytes) -> Optional[float]:
        """Seconds until key expires; None: never. NotFound if it is not there."""
        left = super().ttl(key)
        return None if left < 0 else left / 1000

    def touch(self, key: Bytes, ttl: Ttl, *, sync: Optional[bool] = None) -> None:
        """Let key expire ttl seconds from now."""
        super().touch(key, ttl_ms(ttl), flags_of(sync))

    def persist(self, key: Bytes, *, sync: Optional[bool] = None) -> None:
        """Let key never expire."""
        super().persist(key, flags_of(sync))

    # Conditional writes: one step each, whatever other threads do.
    def put_if_absent(self, key: Bytes, value: Bytes, *, sync: Optional[bool] = None) -> bool:
        """Store value if key is not there; whether it was stored. With an expiry: a batch() with
        require_absent(key) and put(key, value, until=...), which raises Conflict."""
        return self._unless_conflict(super().put_if_absent, key, value, flags_of(sync))

    def compare_and_set(self, key: Bytes, expected: Bytes, value: Bytes, *,
                        sync: Optional[bool] = None) -> bool:
        """Replace the value if it is `expected`; whether it was. NotFound without a value."""
        return self._unless_conflict(super().compare_and_set, key, expected, value, flags_of(sync))

    def put_if_version(self, key: Bytes, version: int, value: Bytes, *,
                       sync: Optional[bool] = None) -> int:
        """Store value if the entry has this version (0: is not there); the new version."""
        return super().put_if_version(key, version, value, flags_of(sync))

    def delete_if(self, key: Bytes, *, value: Optional[Bytes] = None,
                  version: Optional[int] = None, sync: Optional[bool] = None) -> bool:
        """Delete key if it has this value or version; whether it had. NotFound if not there."""
        if (value is None) == (version is None):
            raise ValueError("value and version: give one of them")
        if value is not None:
            return self._unless_conflict(self.delete_if_value, key, value, flags_of(sync))
        return self._unless_conflict(self.delete_if_version, key, version, flags_of(sync))

    @staticmethod
    def _unless_conflict(call, *arguments) -> bool:
        try:
            call(*arguments)
            return True
        except Conflict:
            return False

    def swap(self, key: Bytes, value: Bytes, *, sync: Optional[bool] = None) -> Optional[bytes]:
        """Store value and give back what was there, or None."""
        return self.get_and_set(key, value, flags_of(sync))

    def increment(self, key: Bytes, delta: int = 1, *, binary: bool = False,
                  sync: Optional[bool] = None) -> int:
        """Add to the number that the value is (decimal text, or 8 bytes if binary); the sum. A
        key that is not there counts as 0."""
        flags = flags_of(sync) | (_native.STAVE_INCREMENT_BINARY if binary else 0)
        return super().increment(key, delta, flags)

    def append(self, key: Bytes, suffix: Bytes, *, sync: Optional[bool] = None) -> int:
        """Add bytes to the end of the value; its new length."""
        return super().append(key, suffix, flags_of(sync))

    # Ranges.
    def count(self, *, prefix: Optional[Bytes] = None, start: Optional[Bytes] = None,
              end: Optional[Bytes] = None) -> int:
        """How many keys begin with prefix, and lie from start on and before end."""
        both = bounds(prefix, start, end)
        return self.count_range(*both) if both else 0

    def approximate_size(self, *, prefix: Optional[Bytes] = None, start: Optional[Bytes] = None,
                         end: Optional[Bytes] = None) -> int:
        """About how many bytes of disk the records of these keys take."""
        both = bounds(prefix, start, end)
        return super().approximate_size(*both) if both else 0

    def delete_range(self, start: Bytes, end: Bytes, *, sync: Optional[bool] = None) -> None:
        """Delete all keys from start on and before end (empty: no bound), in one step."""
        super().delete_range(start, end, flags_of(sync))

    def delete_prefix(self, prefix: Bytes, *, sync: Optional[bool] = None) -> None:
        """Delete all keys that begin with prefix, in one step."""
        super().delete_prefix(prefix, flags_of(sync))

    def clear(self, *, sync: Optional[bool] = None) -> None:
        """Delete everything, in one step."""
        super().clear(flags_of(sync))

    # Moments and changes.
    def snapshot(self) -> Snapshot:
        """The store as of now, whatever is written afterwards."""
        return Snapshot(self)

    def feed(self, after: int = 0, *, timeout: Optional[float] = 0) -> Feed:
        """The operations with numbers above `after`, in their order (stats().last_seq: those to
        come). timeout: how many seconds iteration waits for the next; None: for ever."""
        return Feed(self, after, timeout)

    # Care.
    def merge(self, *, uncapped: bool = False, sort: bool = False) -> None:
        """Rewrite all files that hold dead records, now. sort: put all keys in order as well,
        which makes walks faster and writes all of the store anew."""
        super().merge((_native.STAVE_MERGE_UNCAPPED if uncapped else 0)
                      | (_native.STAVE_MERGE_SORT if sort else 0))

    def backup(self, path: Path, *, copy: bool = False) -> Record:
        """Make a directory into a copy of the store as of now, or bring one up to date. copy:
        share no block with the store."""
        report = _native.StaveBackupReport()
        super().backup(path, _native.STAVE_BACKUP_COPY if copy else 0, report)
        return record(report)

    def verify(self) -> Record:
        """Read every byte of every file. Corrupt if something is wrong; it has the report, too."""
        report = _native.StaveVerifyReport()
        try:
            super().verify(report)
        except Corrupt as error:
            error.report = record(report)
            raise
        return record(report)

    def stats(self) -> Record:
        """Figures: keys, disk_bytes, last_seq and so on."""
        native = _native.StaveStats()
        self.get_stats(native)
        return record(native)

    def progress(self) -> Record:
        """Of the merge, verify or backup that another thread has at work."""
        native = _native.StaveProgress()
        self.get_progress(native)
        return record(native)

    def files(self) -> List[Record]:
        """The data files, oldest first."""
        files = _native.StaveFiles()
        found = []
        for index in range(files.begin(self)):
            info = _native.StaveFileInfo()
            files.at(index, info)
            found.append(record(info))
        return found

    def log_events(self) -> Iterator[LogEvent]:
        """Take what the store had to say since the last time."""
        native = _native.StaveLogEvent()
        while self.next_log_event(native):
            yield LogEvent(native.level, native.time_ms / 1000, native.message, native.dropped)

    # The end.
    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    def close(self) -> None:
        """Wait for calls at work, make everything durable and close. Later calls raise Closed;
        a second close does nothing."""
        self._closed = True
        super().close()

    def __enter__(self) -> "Store":
        if self._closed:
            raise Closed(f"the store {self.path!r} is closed", Code.CLOSED)
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<stave.Store {self.path!r}{' closed' if self._closed else ''}>"


MutableMapping.register(Store)
