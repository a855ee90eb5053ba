"""Small values that calls give back."""

from types import SimpleNamespace
from typing import NamedTuple, Optional

from . import _native

_OWN_NAMES = {"this", "thisown"}


class Record(SimpleNamespace):
    """A report: its attributes are the fields of the struct in stave.h."""


def record(native) -> Record:
    """A copy of a report that a call has filled."""
    kind = type(native)
    names = sorted(name for name, member in vars(kind).items()
                   if type(member).__name__ == "getset_descriptor" and name not in _OWN_NAMES)
    return Record(**{name: getattr(native, name) for name in names if name[0] != "_"})


class Entry(NamedTuple):
    """A value with its version, and when it expires: Unix time in seconds, None for never."""

    value: bytes
    version: int
    expires: Optional[float]


class Item(NamedTuple):
    """An entry of a walk with entries()."""

    key: bytes
    value: bytes
    version: int
    expires: Optional[float]


PUT = _native.STAVE_CHANGE_PUT
DELETE = _native.STAVE_CHANGE_DELETE
DELETE_RANGE = _native.STAVE_CHANGE_DELETE_RANGE


class Change(NamedTuple):
    """An operation of a feed. Of DELETE_RANGE `key` is the first key and `value` the end."""

    kind: int
    seq: int
    key: bytes
    value: bytes
    expires: Optional[float]
    more: bool  #: the next change belongs to the same batch


class LogEvent(NamedTuple):
    """What the store had to say. `dropped`: how many were lost so far."""

    level: int
    time: float
    message: str
    dropped: int


def seconds(milliseconds: int) -> Optional[float]:
    """Of a time of expiry: None for never."""
    return milliseconds / 1000 if milliseconds else None
