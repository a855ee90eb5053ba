#!/usr/bin/env python3
"""Instructions per operation, counted by callgrind, against those in expected.json.

usage: check.py --program instruction_ops [--compiler TEXT] [--update]

Counts do not change with the machine's load, so one percent of more work shows, where timings
show nothing. They hold for one compiler and for processors with the instructions named below; on
others the check is skipped (status 77). Valgrind offers no rseq: what is counted enters its
epochs by locked additions instead. Housekeeping of the store, which has no background threads
here, is left out. Keys are hashed with a random secret, so counts differ a little between runs:
expected.json has the mean of several, and for each kind the tolerance that its scatter leaves.
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
# Reads change nothing, so they can be many: the more, the less do runs scatter.
OPERATIONS = {"put_new": 9600, "overwrite": 9600, "get": 48000, "get_into": 48000, "miss": 48000,
              "delete": 9600, "multi_get": 48000, "put_many": 9600}
KINDS = list(OPERATIONS)
UPDATE_RUNS = 5
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
    """Instructions per operation. A kind that is none of KINDS is one of reading."""
    operations = OPERATIONS.get(kind, 48000)
    with tempfile.TemporaryDirectory(prefix="stave-instructions-") as folder:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                   "--toggle-collect=counted_*", "--toggle-collect=stave::Writer::housekeep*",
                   program, f"{folder}/store", kind, str(operations)]
        run = subprocess.run(command, text=True, capture_output=True, check=False)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or collected is None:
        sys.exit(f"{' '.join(command)}\nfailed with status {run.returncode}:\n{run.stderr}")
    return int(collected.group(1)) / operations


def differences(counts, expected, tolerances):
    """One line for each kind that is off by more than its tolerance, in percent."""
    for kind, now in counts.items():
        before, tolerance = expected.get(kind), tolerances.get(kind)
        if not before or tolerance is None:
            yield f"{kind}: {now:.0f} instructions, and expected.json has no such kind"
        elif abs(now - before) * 100 > tolerance * before:
            yield (f"{kind}: {now:.0f} instructions, {before} expected "
                   f"({(now - before) * 100 / before:+.1f} %, allowed are {tolerance} %)")


def update(expected, args):
    """Takes the mean of several runs over, and tells how far they lie apart."""
    expected["compiler"] = args.compiler
    expected["instructions"] = {}
    for kind in KINDS:
        runs = [count(args.program, kind) for _ in range(UPDATE_RUNS)]
        mean = sum(runs) / len(runs)
        apart = max(abs(run - mean) for run in runs) * 100 / mean
        expected["instructions"][kind] = round(mean)
        print(f"{kind:10} {mean:7.0f} instructions, at most {apart:.1f} % off in {len(runs)} runs, "
              f"allowed are {expected['tolerance_percent'].get(kind)} %", flush=True)
    EXPECTED.write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")
    print(f"written: {EXPECTED}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--compiler", default="unknown")
    parser.add_argument("--update", action="store_true",
                        help="write expected.json anew, with the mean of several runs")
    args = parser.parse_args()
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    if shutil.which("valgrind") is None:
        skip("valgrind is not installed (Debian: apt-get install valgrind)")
    if missing := PROCESSOR - processor_flags():
        skip(f"this processor lacks {', '.join(sorted(missing))}")
    if args.update:
        update(expected, args)
        return 0
    if args.compiler != expected["compiler"]:
        skip(f"expected.json is for {expected['compiler']}, this build is by {args.compiler}")

    counts = {kind: count(args.program, kind) for kind in KINDS}
    for kind, now in counts.items():
        before = expected["instructions"].get(kind)
        print(f"{kind:10} {now:7.0f} instructions, expected {before}")
    found = list(differences(counts, expected["instructions"], expected["tolerance_percent"]))
    if found:
        print("\n".join(found))
        print("If that is as it should be, also where it got less, take the new counts over with\n"
              f"  {sys.argv[0]} --program {args.program} --compiler '{args.compiler}' --update")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
