"""What can go wrong: one class for each status that a program may want to tell apart."""

from enum import IntEnum
from typing import Optional

from . import _native

class Code(IntEnum):
    """The status codes of stave.h, without their prefix: Code.BUSY is 200."""

    OK = _native.STAVE_OK
    NOT_FOUND = _native.STAVE_NOT_FOUND
    DONE = _native.STAVE_DONE
    CONFLICT = _native.STAVE_CONFLICT
    INVALID_ARGUMENT = _native.STAVE_INVALID_ARGUMENT
    NULL_ARGUMENT = _native.STAVE_NULL_ARGUMENT
    EMPTY_KEY = _native.STAVE_EMPTY_KEY
    KEY_TOO_LARGE = _native.STAVE_KEY_TOO_LARGE
    VALUE_TOO_LARGE = _native.STAVE_VALUE_TOO_LARGE
    BATCH_TOO_LARGE = _native.STAVE_BATCH_TOO_LARGE
    UNKNOWN_OPTION = _native.STAVE_UNKNOWN_OPTION
    BAD_OPTION = _native.STAVE_BAD_OPTION
    NOT_A_NUMBER = _native.STAVE_NOT_A_NUMBER
    OVERFLOW = _native.STAVE_OVERFLOW
    BUSY = _native.STAVE_BUSY
    FORKED = _native.STAVE_FORKED
    CLOSED = _native.STAVE_CLOSED
    READ_ONLY = _native.STAVE_READ_ONLY
    IN_USE = _native.STAVE_IN_USE
    POISONED = _native.STAVE_POISONED
    CANCELLED = _native.STAVE_CANCELLED
    FEED_GONE = _native.STAVE_FEED_GONE
    IO = _native.STAVE_IO
    NO_SPACE = _native.STAVE_NO_SPACE
    NO_STORE = _native.STAVE_NO_STORE
    EXISTS = _native.STAVE_EXISTS
    NO_MEMORY = _native.STAVE_NO_MEMORY
    PERMISSION = _native.STAVE_PERMISSION
    TOO_MANY_FILES = _native.STAVE_TOO_MANY_FILES
    NETWORK_FS = _native.STAVE_NETWORK_FS
    STORE_FULL = _native.STAVE_STORE_FULL
    CORRUPT = _native.STAVE_CORRUPT
    UNSUPPORTED = _native.STAVE_UNSUPPORTED
    INTERNAL = _native.STAVE_INTERNAL


class Error(Exception):
    """Base of all. `code` is the status; the text says what, where and what to do."""

    def __init__(self, message: str = "", code: int = Code.INTERNAL):
        super().__init__(message)
        self.message = message
        self.code = code

    def __str__(self) -> str:
        return self.message

    def __reduce__(self):
        return type(self), (self.message, self.code)


class NotFound(Error, KeyError):
    """There is no such key. `key` is it, where the call knows."""

    key: Optional[bytes] = None


class Conflict(Error):
    """A condition does not hold; nothing was written."""


class InvalidArgument(Error, ValueError):
    """An argument is out of range, too large, or no option."""


class NotANumber(InvalidArgument):
    """The value to be incremented is no number."""


class Overflow(Error, OverflowError):
    """The sum does not fit into 64 bits."""


class Busy(Error):
    """Another handle, in this or another process, has the store open for writing."""


class Forked(Error):
    """The store was opened before os.fork(), and belongs to the parent."""


class Closed(Error, ValueError):
    """The store, iterator, batch, snapshot or feed was closed."""


class ReadOnly(Error):
    """A write on a store that was opened with read_only."""


class InUse(Error):
    """Another thread is using this batch, iterator or feed."""


class Poisoned(Error):
    """An earlier sync failed: reopen the store to write."""


class Cancelled(Error):
    """The store was closed while the call was at work."""


class FeedGone(Error):
    """A feed's operations are no longer all in the files."""


class StorageError(Error, OSError):
    """The machine around the store: disk, files, memory."""


class NoSpace(StorageError):
    """The file system or quota is full; nothing was written."""


class NoStore(StorageError, FileNotFoundError):
    """The directory is missing or holds no store."""


class Exists(StorageError, FileExistsError):
    """There is something where nothing should be."""


class AccessDenied(StorageError, PermissionError):
    """The operating system refused access."""


class OutOfMemory(Error, MemoryError):
    """An allocation or mapping failed."""


class Corrupt(Error):
    """Bytes on disk fail their check; the text names file and offset."""


class Unsupported(Error):
    """Written by a newer format version."""


_CLASSES = {
    Code.NOT_FOUND: NotFound, Code.CONFLICT: Conflict,
    Code.NOT_A_NUMBER: NotANumber, Code.OVERFLOW: Overflow,
    Code.BUSY: Busy, Code.FORKED: Forked, Code.CLOSED: Closed, Code.READ_ONLY: ReadOnly,
    Code.IN_USE: InUse, Code.POISONED: Poisoned, Code.CANCELLED: Cancelled,
    Code.FEED_GONE: FeedGone,
    Code.NO_SPACE: NoSpace, Code.NO_STORE: NoStore, Code.EXISTS: Exists,
    Code.NO_MEMORY: OutOfMemory, Code.PERMISSION: AccessDenied,
    Code.CORRUPT: Corrupt, Code.UNSUPPORTED: Unsupported,
}
_CATEGORIES = {1: InvalidArgument, 3: StorageError}


def make(code: int, message: Optional[str], key) -> Error:
    """The exception for a status. The native module calls it when a call fails."""
    kind = _CLASSES.get(code) or _CATEGORIES.get(code // 100, Error)
    if message is None:
        message = "no such key" if code == Code.NOT_FOUND else _native.status_text(code)
        if key is not None:
            message = f"{message}: {bytes(key)!r}"
    error = kind(message, code)
    if key is not None:
        error.key = bytes(key)
    return error


_native.set_error_factory(make)
