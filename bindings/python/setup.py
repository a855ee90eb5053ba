"""The native module: compiled from the checked-in wrapper, so that swig is not needed. Where
libstave is comes from pkg-config, or else from the compiler's own paths."""

import shlex
import subprocess

from setuptools import Extension, setup


def pkg_config(flag):
    try:
        found = subprocess.run(["pkg-config", flag, "stave"], check=True, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    except (OSError, subprocess.CalledProcessError):
        return [] if flag == "--cflags" else ["-lstave"]
    return shlex.split(found)


setup(ext_modules=[Extension(
    "stave._native", ["generated/native_wrap.c"],
    extra_compile_args=["-fno-strict-aliasing", *pkg_config("--cflags")],
    extra_link_args=pkg_config("--libs"))])
