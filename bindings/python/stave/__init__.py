"""stave: an embedded key-value store.

    import stave

    with stave.open("shop") as db:
        db[b"apple"] = b"red"
        for key, value in db.items(prefix=b"a"):
            print(key, value)

Keys and values are bytes; bytearray, memoryview and whatever else has the buffer protocol go in
too. Any number of threads may use a store at once. A store does not survive os.fork(): in the
child its calls raise Forked.
"""

from ._native import (
    STAVE_KEY_SIZE_MAX as KEY_SIZE_MAX,
    STAVE_VALUE_SIZE_MAX as VALUE_SIZE_MAX,
    live_handles,
    version as library_version,
)
from .errors import (
    AccessDenied, Busy, Cancelled, Closed, Code, Conflict, Corrupt, Error, Exists, FeedGone,
    Forked, InUse, InvalidArgument, NoSpace, NoStore, NotANumber, NotFound, OutOfMemory,
    Overflow, Poisoned, ReadOnly, StorageError, Unsupported,
)
from .opening import open, options, repair
from .parts import Batch, Feed, Snapshot
from .records import DELETE, DELETE_RANGE, PUT, Change, Entry, Item, LogEvent, Record
from .store import Store
from .views import Cursor, View

__all__ = [
    "DELETE", "DELETE_RANGE", "KEY_SIZE_MAX", "PUT", "VALUE_SIZE_MAX", "AccessDenied", "Batch",
    "Busy", "Cancelled", "Change", "Closed", "Code", "Conflict", "Corrupt", "Cursor", "Entry",
    "Error", "Exists", "Feed", "FeedGone", "Forked", "InUse", "InvalidArgument", "Item",
    "LogEvent", "NoSpace", "NoStore", "NotANumber", "NotFound", "OutOfMemory", "Overflow",
    "Poisoned", "ReadOnly", "Record", "Snapshot", "StorageError", "Store", "Unsupported", "View",
    "library_version", "live_handles", "open", "options", "repair",
]
