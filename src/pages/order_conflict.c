/* order_conflict.c: a used form with other content: both versions side by side, nothing sent (fault 4). */
#include "pages/order_conflict.h"

#include "base/text.h"
#include "pages/order_form.h"

/* One field in both versions; `section` names it in the template. */
static void show_field(struct web_page *page, const char *section, const char *placed, const char *now)
{
	struct values *row = values_row(page->values, section);
	const char *was = placed ? placed : "";
	const char *is = text_trim(page->mem, now ? now : "");

	values_set(row, "PLACED", was);
	values_set(row, "NOW", is);
	if (!text_is_same(was, is))
		values_show(row, "DIFFERS");
}

enum web_status order_conflict_show(struct web_request *req, struct web_page *page,
                                    const struct order *placed, const struct wish *now)
{
	struct wish was = order_form_of(req->mem, placed);

	page->template_file = "order_conflict.html";
	web_set(page, "NUMBER", placed->number);
	show_field(page, "PRODUCT_ROW", was.product, now->product);
	show_field(page, "FACE_VALUE_ROW", was.face_value, now->face_value);
	show_field(page, "CURRENCY_ROW", was.currency, now->currency);
	show_field(page, "DISTRIBUTION_ROW", was.distribution, now->distribution);
	show_field(page, "EMAIL_ROW", was.email, now->email);
	show_field(page, "DESCRIPTION_ROW", was.description, now->description);
	/* A POST, not a link with a query: recipients don't belong into anybody's access log. */
	order_form_hide(values_include(page->values, "HIDDEN", "order_hidden.html"), now,
	                pages_token(req, PAGES_ORDER_PURPOSE));
	return WEB_CONFLICT;
}
