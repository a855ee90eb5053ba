#!/usr/bin/env python3
"""Checks the tree itself: what no compiler sees but every reader meets.

usage: check_tree.py ROOT    prints one line per problem; exit status 1 if there is any
"""

import re
import sys
from pathlib import Path

TOP_LEVEL = {
    "CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CHANGELOG.md",
    "include", "src", "bindings", "tests", "packaging", "docs",
}
IGNORED = {"build", "__pycache__"}
SOURCE_SUFFIXES = {".c", ".cc", ".h", ".py", ".sh", ".i", ".go", ".java", ".rb"}
LINES_MAX = 400
LONG_BY_DESIGN = {"include/stave/stave.h"}  # the header is the manual
GENERATED = "generated"  # such folders of bindings/ hold what swig wrote
# Each layer may include itself and what stands left of it.
LAYERS = ["base", "format", "io", "engine", "capi"]
# Besides <stave/stave.h>, only these folders.
PUBLIC_ONLY = {"bench": ["bench"], "cli": ["cli", "bench"], "server": ["server"]}
MARKS = re.compile(r"\b(TODO|FIXME|XXX)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def files_of(root):
    """Every file of the tree, as sorted paths relative to root; no build output, no dot-files."""
    def walk(folder):
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.name in IGNORED or path.name.startswith("build-"):
                continue
            if path.is_dir():
                yield from walk(path)
            else:
                yield path.relative_to(root)
    return list(walk(root))


def generated(path):
    return path.parts[0] == "bindings" and GENERATED in path.parts[:-1]


def check_top_level(root, files):
    for name in sorted({path.parts[0] for path in files} - TOP_LEVEL):
        yield f"{name}: not one of the agreed names of the top level"


def check_length(root, files):
    for path in files:
        if path.suffix not in SOURCE_SUFFIXES or str(path) in LONG_BY_DESIGN or generated(path):
            continue
        lines = len((root / path).read_text(encoding="utf-8").splitlines())
        if lines > LINES_MAX:
            yield f"{path}: {lines} lines, more than {LINES_MAX}: perhaps two nouns"


def check_marks(root, files):
    for path in files:
        if path.parts[0] not in ("include", "src", "bindings", "packaging") or generated(path):
            continue
        for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
            if MARKS.search(line):
                yield f"{path}:{number}: an open mark in what ships: {line.strip()}"


def check_tests_registered(root, files):
    """A test source that no CMakeLists.txt between it and tests/ names is never built."""
    for path in files:
        if path.parts[0] != "tests" or path.suffix not in (".c", ".cc"):
            continue
        if not any(names(root / folder / "CMakeLists.txt", path) for folder in path.parents
                   if folder.parts[:1] == ("tests",)) and not named_by_script(root, path):
            yield f"{path}: named by no CMakeLists.txt, so never built"


def names(cmake_lists, path):
    if not cmake_lists.is_file():
        return False
    text = re.sub(r"#.*", "", cmake_lists.read_text(encoding="utf-8"))
    words = set(re.split(r"[\s()\"]+", text))
    # A function or loop may complete the name: ${subject}_test.cc.
    endings = re.findall(r"\$\{\w+\}([\w.]*\.cc?)\b", text)
    return any(word == path.name or word.endswith("/" + path.name) for word in words) or any(
        path.name.endswith(ending) and path.name.removesuffix(ending) in words
        for ending in endings)


def named_by_script(root, path):
    """The samples are compiled by a script, as their users would compile them."""
    scripts = (root / path).parent.glob("*.sh")
    return any(re.search(rf"\b{re.escape(path.name)}\b", script.read_text(encoding="utf-8"))
               for script in scripts)


def check_include_directions(root, files):
    for path in files:
        if path.parts[0] != "src" or path.suffix not in (".h", ".cc", ".c"):
            continue
        layer = path.parts[1]
        for quoted, angled in INCLUDE.findall((root / path).read_text(encoding="utf-8")):
            target = (quoted or angled).split("/")[0]
            if quoted and "/" not in quoted:
                yield f'{path}: includes "{quoted}" without its layer'
            elif layer in PUBLIC_ONLY:
                if target in LAYERS or (quoted and target not in PUBLIC_ONLY[layer]):
                    allowed = ", ".join(f"{folder}/" for folder in PUBLIC_ONLY[layer])
                    yield f"{path}: {layer} may include only {allowed} and <stave/stave.h>"
            elif target in PUBLIC_ONLY:
                yield f"{path}: {layer} includes {quoted or angled}"
            elif target in LAYERS and LAYERS.index(target) > LAYERS.index(layer):
                yield f"{path}: {layer} includes {quoted or angled}, which stands above it"


def check_links(root, files):
    for path in files:
        if path.suffix != ".md":
            continue
        for target in LINK.findall((root / path).read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            place = (root / path).parent / file if file else root / path
            if not place.exists():
                yield f"{path}: links to {target}, which does not exist"
            elif anchor and place.suffix == ".md" and anchor not in anchors(place):
                yield f"{path}: links to {target}, but there is no such heading"


def anchors(markdown):
    """Heading anchors in the way the usual renderers make them."""
    headings = re.findall(r"^#+\s+(.*)$", markdown.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


CHECKS = [
    check_top_level, check_length, check_marks, check_tests_registered,
    check_include_directions, check_links,
]


def problems(root):
    files = files_of(root)
    return [line for check in CHECKS for line in check(root, files)]


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(sys.argv[1])
    found = problems(root)
    print("\n".join(found) or f"{len(files_of(root))} files, nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
