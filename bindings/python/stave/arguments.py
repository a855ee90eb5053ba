"""Turns what Python programs like to give into what the library takes."""

import os
import sys
from datetime import datetime, timedelta
from typing import Any, Mapping, Optional, Union

from . import _native

if sys.version_info >= (3, 12):
    from collections.abc import Buffer as Bytes
else:
    Bytes = Union[bytes, bytearray, memoryview]

Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
Ttl = Union[int, float, timedelta]
Until = Union[int, float, datetime]


def flags_of(sync: Optional[bool]) -> int:
    """None: as the store's option says; True: durable on return; False: do not wait."""
    if sync is None:
        return 0
    return _native.STAVE_WRITE_SYNC if sync else _native.STAVE_WRITE_NO_SYNC


def ttl_ms(ttl: Ttl) -> int:
    """Seconds or a timedelta; a positive one has at least a millisecond."""
    value = ttl.total_seconds() if isinstance(ttl, timedelta) else ttl
    if not isinstance(value, (int, float)):
        raise TypeError(f"ttl: seconds or a timedelta, not {type(ttl).__name__}")
    if not 0 < value < float("inf"):
        raise ValueError(f"a ttl of {ttl}: it must be a positive number of seconds")
    return max(round(value * 1000), 1)


def until_ms(until: Until) -> int:
    """Unix time in seconds, or a datetime; one without a zone is local time."""
    value = until.timestamp() if isinstance(until, datetime) else until
    return max(round(value * 1000), 1)  # 0 would be never


def pack_options(options: Optional[Mapping[str, Any]], words: Mapping[str, Any]) -> bytes:
    """Names with dots in a mapping; in keyword arguments two underscores stand for a dot."""
    named = dict(options or {})
    named.update((name.replace("__", "."), value) for name, value in words.items())
    parts = []
    for name, value in named.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if "\0" in name or "\0" in text:
            raise ValueError(f"option {name!r}: a NUL in its name or value")
        parts.append(f"{name}\0{text}\0")
    return "".join(parts).encode()


def prefix_end(prefix: bytes) -> bytes:
    """The least key after all that begin with the prefix; empty: there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else b""


def bounds(prefix: Optional[Bytes], start: Optional[Bytes], end: Optional[Bytes]):
    """The one range of keys that all three describe, as (start, end); None: no key is in it."""
    low, high, prefix = (b"" if key is None else memoryview(key).tobytes()
                         for key in (start, end, prefix))
    if prefix:
        low = max(low, prefix)
        limit = prefix_end(prefix)
        high = min(high, limit) if high and limit else high or limit
    return None if high and low > high else (low, high)
