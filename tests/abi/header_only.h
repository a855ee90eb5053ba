/* The public header must stand alone, and twice in one unit. */
#include <stave/stave.h>
/* again */
#include <stave/stave.h>
