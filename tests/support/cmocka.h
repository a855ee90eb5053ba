/* CMocka with the headers that it wants before it, for C and C++. */
#ifndef STAVE_TESTS_SUPPORT_CMOCKA_H
#define STAVE_TESTS_SUPPORT_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#include <cmocka.h>
#ifdef __cplusplus
}
#endif

#endif
