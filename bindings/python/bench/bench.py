"""Nanoseconds per call, next to those of C in the same run.

    python3 bench/bench.py --c PATH-OF-stave_call_bench [--entries N] [--rounds N]

The figures are the best of the rounds, with the loop. `beyond C` is what the binding costs.
"""

import argparse
import subprocess
import tempfile
from time import perf_counter_ns

import stave
from stave import _native

VALUE = b"v" * 100


def timed(work, calls):
    start = perf_counter_ns()
    work()
    return (perf_counter_ns() - start) / calls


def run_python(path, entries):
    keys = [b"key%013d" % (i * 7919 % entries) for i in range(entries)]
    misses = [key[:-1] for key in keys]
    with stave.open(path) as db:
        def empty():
            for _ in keys:
                _native.version()

        def put():
            for key in keys:
                db[key] = VALUE

        def get():
            for key in keys:
                db[key]

        def get_default():
            for key in keys:
                db.get(key)

        def miss():
            for key in misses:
                db.get(key)

        def put_named():
            for key in keys:
                db.put(key, VALUE)

        def iterate():
            for _ in db.items():
                pass

        work = {"empty": empty, "put": put, "get": get, "miss": miss, "iterate": iterate,
                "get: db.get(key)": get_default, "put: db.put(key, value)": put_named}
        db.update((key, VALUE) for key in keys)  # so that puts meet a filled store, as in C
        return {name: timed(call, entries) for name, call in work.items()}


def run_c(program, path, entries):
    lines = subprocess.run([program, path, str(entries)], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    return {name: float(ns) for name, ns in (line.split() for line in lines)}


def best(run, rounds):
    found = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="stave-bench-") as folder:
            for name, ns in run(folder + "/store").items():
                found[name] = min(ns, found.get(name, ns))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--c", required=True, metavar="PROGRAM", help="stave_call_bench")
    parser.add_argument("--entries", type=int, default=200000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    c = best(lambda path: run_c(arguments.c, path, arguments.entries), arguments.rounds)
    python = best(lambda path: run_python(path, arguments.entries), arguments.rounds)
    print(f"ns per call, {arguments.entries} entries of 16 + 100 bytes")
    print(f"{'':26}{'C':>8}{'Python':>8}{'beyond C':>10}")
    for name, ns in python.items():
        in_c = c[name.split(":")[0]]
        print(f"{name:26}{in_c:8.0f}{ns:8.0f}{ns - in_c:10.0f}")


if __name__ == "__main__":
    main()
