"""Prints this Python's program, header folder and suffix of native modules, as a list for CMake;
exit status 1 where there are no headers."""

import os
import sys
import sysconfig

include = sysconfig.get_path("include")
if sys.version_info < (3, 10) or not os.path.exists(os.path.join(include, "Python.h")):
    sys.exit(1)
print(sys.executable, include, sysconfig.get_config_var("EXT_SUFFIX"), sep=";")
