"""What mypy says of the package: `typing_check.py MYPY`. Lines that are wrong, and they alone, are
refused."""

import os
import subprocess
import sys
import tempfile

PROGRAM = """\
import stave

with stave.open("shop") as db:
    db.put(b"key", bytearray(b"value"), ttl=5)
    db[b"key"] = memoryview(b"value")
    found = db.get(b"key")
    if found is not None:
        print(found.decode())
    for key, value in db.items(prefix=b"k"):
        print(key + value)
    db |= {b"more": b"value"}
    try:
        db.sync()
    except stave.Error as error:
        print(error.code == stave.Code.IO)
        print(error.code == stave.Code.NOSUCH)  # wrong
    db.put("key", b"value")  # wrong
    db.put(b"key", 5)  # wrong
    db[b"key"] = 5  # wrong
    db.get("key")  # wrong
    db.put(b"key", b"value", ttl="5")  # wrong
    db.delete(5)  # wrong
    db.nosuch()  # wrong
"""


def main(mypy: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "program.py"), "w", encoding="utf-8") as file:
            file.write(PROGRAM)
        run = subprocess.run([mypy, "--strict", "--no-incremental", "program.py"], cwd=folder,
                             text=True, stdout=subprocess.PIPE, check=False)
    refused = {int(line.split(":")[1]) for line in run.stdout.splitlines()
               if line.startswith("program.py:") and " error: " in line}
    wrong = {i for i, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith("# wrong")}
    if refused != wrong or run.returncode != 1:
        sys.exit(f"{run.stdout}wrong are the lines {sorted(wrong)}, refused {sorted(refused)}")


main(*sys.argv[1:])
