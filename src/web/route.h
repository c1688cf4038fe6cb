/* route.h: one row a page. pages/routes.c holds the table; web/dispatch walks it. */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/page.h"

enum web_token { WEB_NO_TOKEN, WEB_NEEDS_TOKEN };

struct web_route {
	unsigned methods;          /* of enum web_method; GET stands for HEAD too */
	const char *path;          /* "/orders/{ID}": {NAME} matches one segment of unreserved characters; a
	                              literal row wins over one with {}; "/orders/{ID}.json" is allowed */
	unsigned roles;            /* one of these is needed; 0: nobody needs to be known */
	enum web_token token;
	size_t max_body;           /* bytes */
	const char *template_file; /* NULL: the handler sends something else */
	enum web_status (*handle)(struct web_request *req, struct web_page *page);
};

#endif
