#!/usr/bin/env python3
"""Compares three lists: functions declared in stave.h, names in stave.map, symbols exported."""

import argparse
import re
import subprocess
import sys


def declared(header_text):
    return set(re.findall(r"^STAVE_API\s[^;(]*?\b(\w+)\s*\(", header_text, flags=re.M))


def mapped(map_text):
    without_comments = re.sub(r"/\*.*?\*/", "", map_text, flags=re.S)
    global_parts = re.findall(r"global:(.*?)(?:local:|\})", without_comments, flags=re.S)
    return set(re.findall(r"(\S+)\s*;", "".join(global_parts)))


def exported(nm_text):
    """Names from `nm -D --defined-only`, without the version nodes (type A)."""
    names = set()
    for line in nm_text.splitlines():
        _, kind, name = line.split()
        if kind != "A":
            names.add(name.split("@")[0])
    return names


def problems(header, version_map, library):
    for name in sorted(header - version_map):
        yield f"{name} is declared in stave.h but missing in stave.map"
    for name in sorted(version_map - header):
        yield f"{name} is in stave.map but not declared in stave.h"
    for name in sorted(header - library):
        yield f"{name} is declared in stave.h but not exported by the library"
    for name in sorted(library - header):
        yield f"{name} is exported by the library but not declared in stave.h"
    for name in sorted(library | header):
        if not re.fullmatch(r"stave_[a-z0-9_]+", name):
            yield f"{name} does not have the form stave_*"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--header", "--map", "--library", "--nm"):
        parser.add_argument(option, required=True)
    args = parser.parse_args()
    nm_text = subprocess.run([args.nm, "-D", "--defined-only", args.library],
                             check=True, text=True, capture_output=True).stdout
    with open(args.header, encoding="utf-8") as header, open(args.map, encoding="utf-8") as ver:
        names = declared(header.read())
        found = list(problems(names, mapped(ver.read()), exported(nm_text)))
    print("\n".join(found) or f"{len(names)} functions declared, mapped and exported")
    return 1 if found or not names else 0


if __name__ == "__main__":
    sys.exit(main())
