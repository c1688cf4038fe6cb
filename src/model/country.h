/* country.h: countries by the code that Runa says them with. */
#ifndef MODEL_COUNTRY_H
#define MODEL_COUNTRY_H

#include "base/base.h"

/* The English name of an ISO 3166-1 alpha-2 code; the code itself where it is none of them. */
MUST_USE const char *country_name(const char *code);

#endif
