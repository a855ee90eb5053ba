"""Builds the package as its users do, by setup.py against an installed libstave, and runs the
README's example with it.

usage: check_install.py CMAKE BUILD-FOLDER LIBDIR
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import setuptools  # noqa: F401
except ImportError:
    print("skipped: bindings.python.install: no setuptools here."
          " Install it: apt-get install python3-setuptools")
    sys.exit(0)

cmake, build, libdir = sys.argv[1:]
here = Path(__file__).resolve().parent
with tempfile.TemporaryDirectory(prefix="stave-install-") as folder:
    prefix, source, package = (Path(folder, name) for name in ("prefix", "source", "package"))
    subprocess.run([cmake, "--install", build, "--prefix", prefix], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.copytree(here, source)  # setuptools writes beside what it builds
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PKG_CONFIG_PATH"] = str(prefix / libdir / "pkgconfig")
    environment["LD_LIBRARY_PATH"] = str(prefix / libdir)
    subprocess.run([sys.executable, "-B", "setup.py", "-q", "build", "--build-base",
                    source / "build", "--build-lib", package], check=True, cwd=source,
                   env=environment)
    names = sorted(path.name for path in (package / "stave").iterdir())
    for wanted in ("__init__.py", "_native.pyi", "py.typed"):
        assert wanted in names, f"{wanted} is not in the package: {names}"
    readme = (here / "README.md").read_text(encoding="utf-8")
    example, output = re.search(r"```python\n(.*?)```.*?```\n(.*?)```", readme, re.S).groups()
    environment["PYTHONPATH"] = str(package)
    found = subprocess.run([sys.executable, "-B", "-c", example], cwd=folder, check=True,
                           env=environment, stdout=subprocess.PIPE, text=True).stdout
    assert found == output, f"the README's example printed {found!r}"
    print("built, imported, ran")
