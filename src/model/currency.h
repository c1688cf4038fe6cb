/* currency.h: what a currency is called. */
#ifndef MODEL_CURRENCY_H
#define MODEL_CURRENCY_H

#include "base/base.h"

/* "British pounds": the English name behind an amount; the code itself where it has none here. */
MUST_USE const char *currency_name(const char *code);

#endif
