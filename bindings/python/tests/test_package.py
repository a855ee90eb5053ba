"""The package as a whole: its README, its documentation, its types, its version."""

import ast
import inspect
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

import stave
from stave import _native
from support import StoreCase

ROOT = Path(__file__).resolve().parent.parent


class Package(StoreCase):
    def test_the_example_of_the_readme_prints_what_stands_there(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        example, output = re.search(r"```python\n(.*?)```.*?```\n(.*?)```", text, re.S).groups()
        found = subprocess.run([sys.executable, "-B", "-c", example], cwd=self.folder, check=True,
                               stdout=subprocess.PIPE, text=True).stdout
        self.assertEqual(found, output)

    def test_everything_public_is_documented(self):
        for name in stave.__all__:
            thing = getattr(stave, name)
            if inspect.isclass(thing):
                self.assertTrue(thing.__doc__, name)
                for method, member in inspect.getmembers(thing, inspect.isroutine):
                    if method[0] != "_":
                        self.assertTrue(inspect.getdoc(member), f"{name}.{method}")
            elif inspect.isfunction(thing):
                self.assertTrue(thing.__doc__, name)

    def test_the_stub_names_what_the_native_module_has(self):
        tree = ast.parse((ROOT / "stave" / "_native.pyi").read_text(encoding="utf-8"))
        stub = {}
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                stub[node.name] = {getattr(inner, "name", None) or inner.target.id
                                   for inner in node.body}
            elif isinstance(node, ast.FunctionDef):
                stub[node.name] = set()
            elif isinstance(node, ast.AnnAssign):
                stub[node.target.id] = set()
        native = {name for name in vars(_native) if re.match(r"[a-zS]", name)}
        self.assertEqual(set(stub), native)
        swig = {"acquire", "append", "disown", "next", "own", "this", "thisown"}
        for name in native:
            if name.startswith("Stave"):
                there = {method for method in vars(getattr(_native, name)) if method[0] != "_"}
                self.assertEqual(stub[name] - swig, there - swig, name)

    def test_it_is_of_one_version(self):
        # A package of another minor version than the library's would be a mistake of who built it.
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        own = re.search(r'^version = "(\d+\.\d+)\.', text, re.M).group(1)
        self.assertTrue(stave.library_version().startswith(own + "."))
        compiled = f"{_native.STAVE_VERSION_MAJOR}.{_native.STAVE_VERSION_MINOR}"
        self.assertEqual(compiled, own)
        self.assertTrue(os.path.exists(ROOT / "stave" / "py.typed"))


if __name__ == "__main__":
    unittest.main()
