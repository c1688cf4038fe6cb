/* base.h: the few words every room uses. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stands before every outcome that must be looked at. */
#define MUST_USE __attribute__((warn_unused_result))

/* The compiler checks the arguments of FORMAT-style functions like printf's. */
#define FORMAT_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Marks a string for translation (gettext); hands it on unchanged today. */
#define N_(text) text

#endif
