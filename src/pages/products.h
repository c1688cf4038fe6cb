/* products.h: products as people see them: the facts of one, a row of many. */
#ifndef PAGES_PRODUCTS_H
#define PAGES_PRODUCTS_H

#include "desk/find.h"
#include "pages/pages.h"

/* NAME, CODE, VALUES, COUNTRY (a name), EXPIRY, DISCOUNT, CURRENCY, and QUERY for the form's address. */
void products_show(struct values *values, struct arena *mem, const struct product *product);
/* One line under a name: "AMZ-GB, 1.00 to 500.00 GBP, United Kingdom". */
MUST_USE char *products_line(struct arena *mem, const struct product *product);

/* texts_products.c: the words C chooses among. */

/* When the reward's value ends, by Runa's own policy for the product (runa-api 12.2). */
MUST_USE char *texts_expiry(struct arena *mem, const struct product *product);
/* "2 %" of "0.0200": what Runa takes off the face value; "none", or "not said". Digits are moved, never counted
 * with. */
MUST_USE char *texts_discount(struct arena *mem, const struct product *product);
/* "3 minutes ago" */
MUST_USE char *texts_age(struct arena *mem, int64_t age_ms);

#endif
