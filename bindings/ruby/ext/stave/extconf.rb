# Makes the Makefile of the native module, stave/native, from the wrapper that is checked in.
require "mkmf"

pkg_config("stave") or abort <<~TEXT
  error: pkg-config finds no libstave.
    Install it (Debian: libstave-dev), or name the folder that its stave.pc lies in:
    PKG_CONFIG_PATH=/opt/stave/lib/pkgconfig gem install stave
TEXT
have_header("stave/stave.h") or
  abort "error: stave.pc is here, but stave/stave.h is not: reinstall libstave-dev"

$srcs = ["native_wrap.cpp"]
$VPATH << "$(srcdir)/generated"
# SWIG's output casts functions, and does without what exceptions and types at run time cost.
$CXXFLAGS << " -std=c++11 -fno-exceptions -fno-rtti -fvisibility=hidden -Wno-unused-function" \
               " -Wno-deprecated-declarations"
create_makefile("stave/native")
