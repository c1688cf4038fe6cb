/* routes.c: every page of the portal, one row each. Role, method, size and token are checked from these rows
 * before a handler runs. */
#include "base/sizes.h"
#include "pages/pages.h"

enum {
	MAY_VIEW = ROLE_VIEWER, /* the configuration gives it to all but an auditor, who reads the audit alone */
	MAY_ORDER = ROLE_ORDERER,
	MAY_APPROVE = ROLE_APPROVER,
	ANYBODY = 0, /* for the machine: nobody needs to be known */
	NO_BODY = 0,
};

const struct web_route pages_routes[] = {
	{ WEB_GET, "/", MAY_VIEW, WEB_NO_TOKEN, NO_BODY, "overview.html", page_overview },
	{ WEB_GET, "/orders", MAY_VIEW, WEB_NO_TOKEN, NO_BODY, "orders.html", page_orders },
	{ WEB_GET, "/orders.csv", MAY_VIEW, WEB_NO_TOKEN, NO_BODY, NULL, page_orders_csv },
	{ WEB_POST, "/orders", MAY_ORDER, WEB_NEEDS_TOKEN, SIZE_FORM_BYTES, "order_form.html", page_order_place },
	{ WEB_GET, "/orders/new", MAY_ORDER, WEB_NO_TOKEN, NO_BODY, "order_form.html", page_order_form },
	{ WEB_GET, "/orders/{ID}", MAY_VIEW, WEB_NO_TOKEN, NO_BODY, "order.html", page_order },
	{ WEB_GET, "/orders/{ID}.json", MAY_VIEW, WEB_NO_TOKEN, NO_BODY, NULL, page_order_json },
	{ WEB_POST, "/orders/{ID}/check", MAY_ORDER, WEB_NEEDS_TOKEN, SIZE_FORM_BYTES, "order.html", page_order_check },
	{ WEB_POST, "/orders/{ID}/retry", MAY_ORDER, WEB_NEEDS_TOKEN, SIZE_FORM_BYTES, "order.html", page_order_retry },
	{ WEB_POST, "/orders/{ID}/attempt", MAY_APPROVE, WEB_NEEDS_TOKEN, SIZE_FORM_BYTES, "order.html",
	  page_order_attempt },
	{ WEB_GET, "/products", MAY_VIEW, WEB_NO_TOKEN, NO_BODY, "products.html", page_products },
	{ WEB_GET, "/products.json", MAY_VIEW, WEB_NO_TOKEN, NO_BODY, NULL, page_products_json },
	{ WEB_GET, "/healthz", ANYBODY, WEB_NO_TOKEN, NO_BODY, NULL, page_health_alive },
	{ WEB_GET, "/readyz", ANYBODY, WEB_NO_TOKEN, NO_BODY, NULL, page_health_ready },
	{ .path = NULL },
};
