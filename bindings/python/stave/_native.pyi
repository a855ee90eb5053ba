"""Types of the native module, which SWIG makes; programs use the package stave."""

from typing import Any, Callable, Iterable, Optional

from .arguments import Bytes, Path

class StaveBackupReport:
    bytes: int
    bytes_copied: int
    files: int
    files_copied: int
    files_kept: int
    files_linked: int
    last_seq: int

class StaveEntry:
    expires_at_ms: int
    value_length: int
    version: int

class StaveFileInfo:
    bytes: int
    dead_bytes: int
    dead_records: int
    first_seq: int
    has_hint: int
    id: int
    last_seq: int
    live_bytes: int
    live_records: int
    merge_note: str
    merged: int
    state: int
    tombstones: int

class StaveLogEvent:
    dropped: int
    level: int
    message: str
    time_ms: int

class StaveOptionInfo:
    choices: str
    default_value: str
    description: str
    kind: str
    maximum: str
    minimum: str
    name: str
    since: str

class StaveProgress:
    active: int
    done: int
    task: str
    total: int

class StaveRepairReport:
    bytes: int
    changed: int
    files: int
    files_kept: int
    files_left_out: int
    files_missing: int
    files_rewritten: int
    first_problem: str
    hints_rebuilt: int
    last_seq: int
    lost_bytes: int
    lost_keys: int
    lost_operations: int
    lost_regions: int
    manifest_rebuilt: int
    quarantine: str
    records: int
    reordered: int
    tombstones_restored: int

class StaveStats:
    dead_bytes: int
    deletes: int
    disk_bytes: int
    durable_seq: int
    files: int
    gets: int
    keydir_bytes: int
    keys: int
    last_seq: int
    live_bytes: int
    merge_bytes_read: int
    merge_bytes_written: int
    merge_last_error: str
    merge_last_ms: int
    merge_paused: int
    merge_running: int
    merges: int
    merges_failed: int
    open_micros: int
    opened_clean: int
    poisoned: int
    puts: int
    quarantined_bytes: int
    read_only: int
    salvage_lost_bytes: int
    salvage_lost_regions: int
    syncs: int

class StaveVerifyReport:
    bad_hints: int
    bad_keys: int
    bad_records: int
    bytes: int
    files: int
    first_problem: str
    hints: int
    problems: int
    records: int

class StaveDb:
    def begin(self, dir: Path, options: Bytes, /) -> None: ...
    def close(self) -> None: ...
    def put(self, key: Bytes, value: Bytes, flags: int, /) -> None: ...
    def put_until(self, key: Bytes, value: Bytes, expires_at_ms: int, flags: int, /) -> None: ...
    def put_ttl(self, key: Bytes, value: Bytes, ttl_ms: int, flags: int, /) -> None: ...
    def put_many(self, pairs: Iterable[tuple[Bytes, Bytes]], flags: int, /) -> int: ...
    def remove(self, key: Bytes, flags: int, /) -> None: ...
    def sync(self) -> None: ...
    def write(self, batch: StaveBatch, flags: int, /) -> None: ...
    def get(self, key: Bytes, /) -> Optional[bytes]: ...
    def multi_get(self, keys: Iterable[Bytes], /) -> list[Optional[bytes]]: ...
    def exists(self, key: Bytes, /) -> bool: ...
    def get_entry(self, key: Bytes, entry: StaveEntry, /) -> Optional[bytes]: ...
    def ttl(self, key: Bytes, /) -> int: ...
    def touch(self, key: Bytes, ttl_ms: int, flags: int, /) -> None: ...
    def persist(self, key: Bytes, flags: int, /) -> None: ...
    def put_if_absent(self, key: Bytes, value: Bytes, flags: int, /) -> None: ...
    def compare_and_set(self, key: Bytes, expected: Bytes, value: Bytes, flags: int, /) -> None: ...
    def put_if_version(self, key: Bytes, version: int, value: Bytes, flags: int, /) -> int: ...
    def delete_if_value(self, key: Bytes, expected: Bytes, flags: int, /) -> None: ...
    def delete_if_version(self, key: Bytes, version: int, flags: int, /) -> None: ...
    def get_and_set(self, key: Bytes, value: Bytes, flags: int, /) -> Optional[bytes]: ...
    def get_and_delete(self, key: Bytes, flags: int, /) -> Optional[bytes]: ...
    def increment(self, key: Bytes, delta: int, flags: int, /) -> int: ...
    def append(self, key: Bytes, suffix: Bytes, flags: int, /) -> int: ...
    def delete_range(self, start: Bytes, end: Bytes, flags: int, /) -> None: ...
    def delete_prefix(self, prefix: Bytes, flags: int, /) -> None: ...
    def clear(self, flags: int, /) -> None: ...
    def count_range(self, start: Bytes, end: Bytes, /) -> int: ...
    def approximate_size(self, start: Bytes, end: Bytes, /) -> int: ...
    def backup(self, dir: Path, flags: int, report: StaveBackupReport, /) -> None: ...
    def checkpoint(self, dir: Path, /) -> None: ...
    def merge(self, flags: int, /) -> None: ...
    def merge_pause(self) -> None: ...
    def merge_resume(self) -> None: ...
    def refresh(self) -> None: ...
    def verify(self, report: StaveVerifyReport, /) -> None: ...
    def rebuild_hints(self) -> None: ...
    def get_stats(self, stats: StaveStats, /) -> None: ...
    def get_progress(self, progress: StaveProgress, /) -> None: ...
    def next_log_event(self, event: StaveLogEvent, /) -> bool: ...
    def find(self, key: Bytes, missing: Any = ..., /) -> Optional[bytes]: ...
    def require(self, sought: Bytes, /) -> bytes: ...
    def store(self, key: Bytes, value: Bytes, /) -> None: ...
    def erase(self, sought: Bytes, /) -> None: ...

class StaveBatch:
    def begin(self) -> None: ...
    def put(self, key: Bytes, value: Bytes, /) -> None: ...
    def put_until(self, key: Bytes, value: Bytes, expires_at_ms: int, /) -> None: ...
    def remove(self, key: Bytes, /) -> None: ...
    def clear(self) -> None: ...
    def count(self) -> int: ...
    def require_absent(self, key: Bytes, /) -> None: ...
    def require_present(self, key: Bytes, /) -> None: ...
    def require_version(self, key: Bytes, version: int, /) -> None: ...
    def require_value(self, key: Bytes, value: Bytes, /) -> None: ...
    def close(self) -> None: ...

class StaveSnapshot:
    def begin(self, db: Optional[StaveDb], /) -> None: ...
    def get(self, key: Bytes, /) -> Optional[bytes]: ...
    def seq(self) -> int: ...
    def find(self, key: Bytes, missing: Any = ..., /) -> Optional[bytes]: ...
    def require(self, sought: Bytes, /) -> bytes: ...
    def close(self) -> None: ...

class StaveIter:
    def begin(self, db: Optional[StaveDb], snapshot: Optional[StaveSnapshot], start: Bytes, end:
            Bytes, prefix: Bytes, limit: int, flags: int, /) -> None: ...
    def next(self, n: int, /) -> list[tuple[bytes, bytes]]: ...
    def seek(self, key: Bytes, /) -> None: ...
    def next_keys(self, n: int, /) -> list[bytes]: ...
    def next_entries(self, n: int, /) -> list[tuple[bytes, bytes, int, int]]: ...
    def close(self) -> None: ...

class StaveFeed:
    def begin(self, db: Optional[StaveDb], after_seq: int, /) -> None: ...
    def next(self, timeout_ms: int, /) -> Optional[tuple[int, int, bytes, bytes, int, bool]]: ...
    def close(self) -> None: ...

class StaveFiles:
    def begin(self, db: Optional[StaveDb], /) -> int: ...
    def at(self, index: int, info: StaveFileInfo, /) -> None: ...

def live_handles() -> int: ...
def option_at(index: int, info: StaveOptionInfo, /) -> None: ...
def option_count() -> int: ...
def repair(dir: Path, options: Bytes, report: StaveRepairReport, /) -> None: ...
def set_error_factory(
    factory: Callable[[int, Optional[str], Optional[Bytes]], BaseException], /
) -> None: ...
def status_name(code: int, /) -> str: ...
def status_text(code: int, /) -> str: ...
def version() -> str: ...

STAVE_BACKUP_COPY: int
STAVE_BAD_OPTION: int
STAVE_BATCH_SIZE_MAX: int
STAVE_BATCH_TOO_LARGE: int
STAVE_BUSY: int
STAVE_CANCELLED: int
STAVE_CHANGE_DELETE: int
STAVE_CHANGE_DELETE_RANGE: int
STAVE_CHANGE_PUT: int
STAVE_CLOSED: int
STAVE_CONFLICT: int
STAVE_CORRUPT: int
STAVE_DONE: int
STAVE_EMPTY_KEY: int
STAVE_EXISTS: int
STAVE_FEED_GONE: int
STAVE_FILE_ACTIVE: int
STAVE_FILE_SEALED: int
STAVE_FILE_UNSEALED: int
STAVE_FORKED: int
STAVE_INCREMENT_BINARY: int
STAVE_INTERNAL: int
STAVE_INVALID_ARGUMENT: int
STAVE_IN_USE: int
STAVE_IO: int
STAVE_ITER_KEYS_ONLY: int
STAVE_ITER_REVERSE: int
STAVE_KEY_SIZE_MAX: int
STAVE_KEY_TOO_LARGE: int
STAVE_LOG_DEBUG: int
STAVE_LOG_ERROR: int
STAVE_LOG_INFO: int
STAVE_LOG_WARN: int
STAVE_MERGE_SORT: int
STAVE_MERGE_UNCAPPED: int
STAVE_NETWORK_FS: int
STAVE_NOT_A_NUMBER: int
STAVE_NOT_FOUND: int
STAVE_NO_MEMORY: int
STAVE_NO_SPACE: int
STAVE_NO_STORE: int
STAVE_NULL_ARGUMENT: int
STAVE_OK: int
STAVE_OVERFLOW: int
STAVE_PERMISSION: int
STAVE_POISONED: int
STAVE_READ_ONLY: int
STAVE_STORE_FULL: int
STAVE_TOO_MANY_FILES: int
STAVE_UNKNOWN_OPTION: int
STAVE_UNSUPPORTED: int
STAVE_VALUE_SIZE_MAX: int
STAVE_VALUE_TOO_LARGE: int
STAVE_VERSION_MAJOR: int
STAVE_VERSION_MINOR: int
STAVE_VERSION_PATCH: int
STAVE_WRITE_NO_SYNC: int
STAVE_WRITE_SYNC: int
