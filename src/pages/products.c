/* products.c: GET /products: the catalogue, with a search; and GET /products.json, the same search for the form's
 * field. Decides nothing: the desk finds. */
#include "pages/products.h"

#include <string.h>

#include <json-c/json.h>

#include "base/text.h"
#include "model/country.h"
#include "pages/order_form.h"
#include "pages/show.h"

enum { ROWS_A_PAGE = 50, JSON_MOST = 20, JSON_UNLESS_SAID = 8 };

void products_show(struct values *values, struct arena *mem, const struct product *product)
{
	values_set(values, "NAME", product->name);
	values_set(values, "CODE", product->code);
	values_set(values, "CURRENCY", product->currency);
	if (!product->is_orderable)
		values_show(values, "NOT_OFFERED");
	values_set(values, "VALUES", show_product_values(mem, product));
	values_set(values, "COUNTRY", country_name(product->country));
	values_set(values, "EXPIRY", texts_expiry(mem, product));
	values_set(values, "DISCOUNT", texts_discount(mem, product));
	values_set(values, "QUERY", arena_print(mem, "?product=%s&currency=%s", show_query(mem, product->code),
	                                        product->currency));
}

char *products_line(struct arena *mem, const struct product *product)
{
	return arena_print(mem, "%s, %s%s%s", product->code, show_product_values(mem, product),
	                   *product->country ? ", " : "", country_name(product->country));
}

/* ---- the page ---------------------------------------------------------------------------------- */

/* Where the page begins: behind the product of this code. Gone since, it is where it would stand: at the start. */
static size_t place_behind(const struct product *const *products, size_t count, const char *code)
{
	for (size_t i = 0; *code && i < count; i++)
		if (strcmp(products[i]->code, code) == 0)
			return i + 1;
	return 0;
}

static char *query_with(const struct web_request *req, const char *after)
{
	struct text query;

	text_begin(&query, req->mem, 0);
	if (*pages_asked(req, "q"))
		text_print(&query, "?q=%s", show_query(req->mem, pages_asked(req, "q")));
	if (after)
		text_print(&query, "%safter=%s", query.count ? "&" : "?", show_query(req->mem, after));
	return query.bytes;
}

static void show_rows(struct web_request *req, struct web_page *page, const struct product *const *products,
                      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct values *row = values_row(page->values, "PRODUCT_ROW");

		products_show(row, req->mem, products[i]);
		if (!products[i]->is_orderable)
			values_show(row, "NOT_OFFERED");
		else if (req->roles & ROLE_ORDERER)
			values_show(row, "ORDER_THIS");
	}
}

static void show_list(struct web_request *req, struct web_page *page, const struct product *const *products,
                      size_t count)
{
	struct values *list = values_row(page->values, "PRODUCTS");
	size_t from = place_behind(products, count, pages_asked(req, "after")), shown;

	if (from == count)
		from = 0;
	shown = count - from < ROWS_A_PAGE ? count - from : ROWS_A_PAGE;
	show_rows(req, page, products + from, shown);
	values_number(list, "FROM", (int64_t)from + 1);
	values_number(list, "TO", (int64_t)(from + shown));
	values_number(list, "TOTAL", (int64_t)count);
	if (shown < count)
		web_show(page, "TURN");
	if (from > 0)
		values_set(values_row(page->values, "FIRST_PAGE"), "QUERY", query_with(req, NULL));
	if (from + shown < count)
		values_set(values_row(page->values, "NEXT_PAGE"), "QUERY", query_with(req, products[from + shown - 1]->code));
}

enum web_status page_products(struct web_request *req, struct web_page *page)
{
	const struct catalogue *catalogue;
	const struct product **products;
	size_t count;

	order_form_want_catalogue(req);
	catalogue = catalogue_in(desk_of(req), req->mem);
	find_products(catalogue, req->mem, pages_asked(req, "q"), false, catalogue->product_count, &products, &count);
	web_set(page, "ASKED", pages_asked(req, "q"));
	if (*pages_asked(req, "q"))
		web_show(page, "IS_SEARCH");
	if (req->roles & ROLE_ORDERER)
		web_show(page, "MAY_ORDER");
	show_time_in(page->values, req->mem, "CATALOGUE_TIME", catalogue->products_fetched_ms);
	if (catalogue->products_fetched_ms == 0)
		web_show(page, "NEVER_FETCHED");
	else if (catalogue->product_count == 0)
		web_show(page, "CATALOGUE_EMPTY");
	else if (count == 0)
		web_show(page, "NOTHING_FOUND");
	else
		show_list(req, page, products, count);
	return WEB_OK;
}

/* ---- for the form's field ---------------------------------------------------------------------- */

static struct json_object *json_of(struct arena *mem, const struct product *product)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "code", json_object_new_string(product->code));
	json_object_object_add(object, "name", json_object_new_string(product->name));
	json_object_object_add(object, "currency", json_object_new_string(product->currency));
	json_object_object_add(object, "country", json_object_new_string(product->country));
	json_object_object_add(object, "values", json_object_new_string(show_product_values(mem, product)));
	json_object_object_add(object, "line", json_object_new_string(products_line(mem, product)));
	return object;
}

/* GET /products.json?q=WORDS&max=N: what can be ordered now and fits best; without words what this person orders. */
enum web_status page_products_json(struct web_request *req, struct web_page *page)
{
	const struct catalogue *catalogue = catalogue_in(desk_of(req), req->mem);
	struct json_object *answer = json_object_new_object(), *list = json_object_new_array();
	const char *query = pages_asked(req, "q"), *text;
	const struct product **products;
	int64_t max = JSON_UNLESS_SAID;
	size_t count, bytes;

	if (*pages_asked(req, "max") && !text_number(pages_asked(req, "max"), JSON_MOST, &max))
		max = JSON_MOST;
	if (*query)
		find_products(catalogue, req->mem, query, true, (size_t)max, &products, &count);
	else
		find_products_of(desk_of(req), catalogue, req->mem, req->user->user, (size_t)max, &products, &count);
	for (size_t i = 0; i < count; i++)
		json_object_array_add(list, json_of(req->mem, products[i]));
	json_object_object_add(answer, "q", json_object_new_string(query));
	json_object_object_add(answer, "own", json_object_new_boolean(!*query));
	json_object_object_add(answer, "products", list);
	text = json_object_to_json_string_length(answer, JSON_C_TO_STRING_PLAIN, &bytes);
	text = text ? arena_copy(req->mem, text, bytes) : NULL;
	json_object_put(answer);
	return text ? web_send(page, "application/json", text, bytes) : web_fail(page, WEB_INTERNAL_ERROR, "broken_here");
}
