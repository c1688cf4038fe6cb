/* gzip_bomb.h: a right gzip stream of zeros, 158 times smaller than what it unfolds to. Written by
 * hand, so that no compression library is needed for one trick. */
#ifndef SANDBOX_GZIP_BOMB_H
#define SANDBOX_GZIP_BOMB_H

#include "base/base.h"

/* Hands the stream for `zeros` (>= 1) bytes to `put` in pieces; stops when it returns false, and then
 * returns false too. */
MUST_USE bool gzip_bomb(int64_t zeros, bool (*put)(void *to, const char *bytes, size_t count), void *to);

#endif
