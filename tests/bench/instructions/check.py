#!/usr/bin/env python3
"""Instructions per operation, counted by callgrind, against those in expected.json.

usage: check.py --program instruction_ops [--compiler TEXT] [--update]

Counts do not change with the machine's load, so a few percent of more work show, where timings
show nothing. They hold for one compiler and for processors with the instructions named below; on
others the check is skipped (status 77). Valgrind offers no rseq: what is counted enters its
epochs by locked additions instead. Housekeeping of the store, which has no background threads
here, is left out. Keys are hashed with a random secret, so counts of puts differ by one or two
percent between runs: expected.json has the mean of several.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXPECTED = Path(__file__).with_name("expected.json")
KINDS = ["put_new", "overwrite", "get", "miss", "delete", "multi_get", "put_many"]
OPERATIONS = 9600
SKIPPED = 77
# The code that runs depends on these: CRC and hash have other forms without them, and so have
# the C library's memcpy and memcmp.
PROCESSOR = {"aes", "sse4_2", "pclmulqdq", "avx2"}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def processor_flags():
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return set()
    found = re.search(r"^flags\s*:(.*)$", text, flags=re.M)
    return set(found.group(1).split()) if found else set()


def count(program, kind):
    """Instructions per operation."""
    with tempfile.TemporaryDirectory(prefix="stave-instructions-") as folder:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                   "--toggle-collect=counted_*", "--toggle-collect=stave::Writer::housekeep*",
                   program, f"{folder}/store", kind, str(OPERATIONS)]
        run = subprocess.run(command, text=True, capture_output=True, check=False)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or collected is None:
        sys.exit(f"{' '.join(command)}\nfailed with status {run.returncode}:\n{run.stderr}")
    return int(collected.group(1)) / OPERATIONS


def differences(counts, expected, tolerance):
    """One line for each kind that is off by more than `tolerance` percent."""
    for kind, now in counts.items():
        before = expected.get(kind)
        if not before:
            yield f"{kind}: {now:.0f} instructions, and expected.json has no such kind"
        elif abs(now - before) * 100 > tolerance * before:
            yield (f"{kind}: {now:.0f} instructions, {before} expected "
                   f"({(now - before) * 100 / before:+.1f} %, allowed are {tolerance} %)")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--compiler", default="unknown")
    parser.add_argument("--update", action="store_true", help="write expected.json anew")
    args = parser.parse_args()
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    if shutil.which("valgrind") is None:
        skip("valgrind is not installed (Debian: apt-get install valgrind)")
    if missing := PROCESSOR - processor_flags():
        skip(f"this processor lacks {', '.join(sorted(missing))}")
    if args.compiler != expected["compiler"] and not args.update:
        skip(f"expected.json is for {expected['compiler']}, this build is by {args.compiler}")

    counts = {kind: count(args.program, kind) for kind in KINDS}
    for kind, now in counts.items():
        before = expected["instructions"].get(kind)
        print(f"{kind:10} {now:7.0f} instructions, expected {before}")
    if args.update:
        expected["compiler"] = args.compiler
        expected["instructions"] = {kind: round(now) for kind, now in counts.items()}
        EXPECTED.write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")
        print(f"written: {EXPECTED}")
        return 0
    found = list(differences(counts, expected["instructions"], expected["tolerance_percent"]))
    if found:
        print("\n".join(found))
        print("If that is as it should be, also where it got less, take the new counts over with\n"
              f"  {sys.argv[0]} --program {args.program} --compiler '{args.compiler}' --update")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
