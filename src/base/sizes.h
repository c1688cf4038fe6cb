/* sizes.h: each size that a stranger can choose, by name. */
#ifndef BASE_SIZES_H
#define BASE_SIZES_H

enum {
	/* browser -> desk */
	SIZE_FORM_BYTES = 64 * 1024,  /* longer is 413 */
	SIZE_FORM_FIELDS = 200,       /* more is 413 */
	SIZE_FIELD_NAME = 64,
	SIZE_QUERY_BYTES = 8 * 1024,  /* longer is 414 */
	SIZE_PATH_BYTES = 1024,
	SIZE_PARAM_BYTES = 8 * 1024,  /* one FastCGI parameter that we read */
	SIZE_USER = 128,              /* bytes of a user name */
	SIZE_PERSON_NAME = 200,
	SIZE_GROUPS = 64,             /* groups of one person */
	SIZE_GROUP = 128,

	/* an order's own texts */
	SIZE_DESCRIPTION = 100,       /* characters (contract); Runa's 128 less our number */
	SIZE_DESCRIPTION_BYTES = 400,
	SIZE_EMAIL = 254,             /* runa-api 23 no. 18 */
	SIZE_PRODUCT_CODE = 64,

	/* Runa -> desk */
	SIZE_ANSWER_BYTES = 1024 * 1024,            /* runa-api 23 no. 27 */
	SIZE_CATALOGUE_PAGE_BYTES = 8 * 1024 * 1024,
	SIZE_JSON_DEPTH = 32,
	SIZE_CATALOGUE_PAGES = 200,   /* paging that never ends stops here */
	SIZE_CATALOGUE_PRODUCTS = 50000,
	SIZE_LOOKUP_PAGES = 2000,
	SIZE_RUNA_ID = 64,
	SIZE_RUNA_TYPE = 64,          /* error type */
	SIZE_RUNA_MESSAGE = 500,      /* kept of a message */
	SIZE_LINK = 2048,
	SIZE_AMOUNT_DIGITS = 18,      /* digits of an amount: fits int64_t */
};

#endif
