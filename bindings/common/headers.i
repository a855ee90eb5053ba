/* The C of all languages, for the top of a wrapper: a language's own C follows, then stave.i. */
%insert("header") "handles.h"
%insert("header") "packed.h"
%insert("header") "objects.h"
