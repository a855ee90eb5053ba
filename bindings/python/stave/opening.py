"""What needs no open store: open, repair, options."""

from typing import Any, List, Optional

from . import _native
from .arguments import Path, pack_options
from .records import Record, record
from .store import Store


def open(path: Path, options: Optional[dict] = None, **words: Any) -> Store:
    """Open the store in a directory, made if it is not there:

        with stave.open("shop", sync="always") as db:
            db[b"apple"] = b"red"

    Options go by name, as words (two underscores for a dot) or in a dict:
    merge__triggers__dead_bytes="1GB" or {"merge.triggers.dead_bytes": "1GB"}. options() lists
    them. Raises Busy, NoStore, Corrupt and other kinds of Error."""
    return Store(path, pack_options(options, words))


def repair(path: Path, options: Optional[dict] = None, **words: Any) -> Record:
    """Make a store openable again that open() refuses; read_only=True: only say what would be."""
    report = _native.StaveRepairReport()
    _native.repair(path, pack_options(options, words), report)
    return record(report)


def options() -> List[Record]:
    """All options of open(): name, kind, default_value, description and so on."""
    found = []
    for index in range(_native.option_count()):
        info = _native.StaveOptionInfo()
        _native.option_at(index, info)
        found.append(record(info))
    return found
