/* products.c: GET /product and what is below it. Pages are put together from ready texts, so that a
 * page of 500 costs a copy. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sandbox/call.h"

enum { PRODUCTS_PAGE = 500 };

struct filter {
	bool only_orderable;
	const struct fields *args;
};

/* Whether one of the repeated arguments `name` says so; true without any. */
static bool is_any(const struct filter *filter, const char *name, const struct offering *offering,
                   bool (*says)(const struct offering *, const char *))
{
	bool is_asked = false;

	for (size_t i = 0; i < filter->args->count; i++) {
		if (strcmp(filter->args->list[i].name, name))
			continue;
		is_asked = true;
		if (says(offering, filter->args->list[i].value))
			return true;
	}
	return !is_asked;
}

static bool is_wanted(const struct filter *filter, const struct offering *offering)
{
	return (!filter->only_orderable || offering->is_orderable) &&
	       is_any(filter, "countries_redeemable_in", offering, offering_is_in) &&
	       is_any(filter, "categories", offering, offering_has_category);
}

static bool read_filter(struct call *call, struct filter *out)
{
	const char *orderable = request_arg(call->request, "is_orderable");

	*out = (struct filter){ .args = &call->request->args };
	if (!orderable)
		return true;
	out->only_orderable = !strcasecmp(orderable, "true");
	if (out->only_orderable || !strcasecmp(orderable, "false"))
		return true;
	call_refuse(call, "bad_request", "is_orderable must be true or false.");
	return false;
}

/* Indices of the page's products, ascending. False: refused. */
static bool choose(struct call *call, const struct page *page, const struct filter *filter, size_t *out, size_t *count)
{
	const struct catalogue *catalogue = &call->world->catalogue;
	const char *cursor = page->after ? page->after : page->before;
	size_t at = page->after ? catalogue_behind(catalogue, page->after) : 0;

	*count = 0;
	if (cursor && !catalogue_look_up(catalogue, cursor)) {
		call_refuse(call, "pagination_error", NULL);
		return false;
	}
	if (page->paging == PAGING_EMPTY)
		return true;
	if (!page->before) {
		for (; at < catalogue->count && *count < page->limit; at++)
			if (is_wanted(filter, &catalogue->list[at]))
				out[(*count)++] = at;
		return true;
	}
	at = catalogue_behind(catalogue, page->before);
	for (at = at ? at - 1 : 0; at > 0 && *count < page->limit; at--)
		if (is_wanted(filter, &catalogue->list[at - 1]))
			out[(*count)++] = at - 1;
	for (size_t i = 0; i < *count / 2; i++) {
		size_t other = out[i];

		out[i] = out[*count - 1 - i];
		out[*count - 1 - i] = other;
	}
	return true;
}

/* endless_pages: a code that was never there before, for the product whose ready text is `json`. */
static char *rename_code(struct call *call, const struct offering *offering, char **code)
{
	struct arena *mem = call->request->mem;
	struct json_object *json = json_read(mem, offering->json, strlen(offering->json));

	*code = arena_print(mem, "%s~%llu", offering->code, (unsigned long long)call->world->made_up_pages);
	json_put_text(json, "code", *code);
	return json_write(mem, json);
}

HANDLER(products_list)
{
	const struct catalogue *catalogue = &call->world->catalogue;
	struct arena *mem = call->request->mem;
	struct text text;
	struct page page;
	struct filter filter;
	size_t *chosen = arena_array(mem, PRODUCTS_PAGE, sizeof *chosen), count;
	char *first = NULL, *last = NULL;

	(void)rest;
	if (!call_page(call, PRODUCTS_PAGE, &page) || !read_filter(call, &filter) ||
	    !choose(call, &page, &filter, chosen, &count))
		return;
	if (page.paging == PAGING_ENDLESS)
		call->world->made_up_pages++;
	text_begin(&text, mem, 0);
	text_add_text(&text, "{\"catalog\":[");
	for (size_t i = 0; i < count; i++) {
		const struct offering *offering = &catalogue->list[chosen[i]];
		const char *json = offering->json;

		last = arena_text(mem, offering->code);
		if (page.paging == PAGING_ENDLESS)
			json = rename_code(call, offering, &last);
		first = first ? first : last;
		text_add_text(&text, i ? "," : "");
		text_add_text(&text, json);
	}
	text_add_text(&text, "],\"pagination\":");
	text_add_text(&text, json_write(mem, json_keep(mem, paging_show(&page, first, last))));
	text_add_text(&text, "}");
	answer_text(&call->answer, mem, 200, text.bytes);
}

HANDLER(products_one)
{
	static const char *const forms[] = { [CONTENT_URL] = "url", [CONTENT_MD] = "md", [CONTENT_HTML] = "html" };
	const struct offered *offered = catalogue_look_up(&call->world->catalogue, rest);
	const char *content = request_arg(call->request, "content");
	size_t form = 0;

	while (content && form < COUNT_OF(forms) && strcmp(forms[form], content))
		form++;
	if (form == COUNT_OF(forms))
		call_refuse(call, "bad_request", "content must be url, md or html.");
	else if (!offered || offered->plan)
		call_refuse(call, "not_found", NULL);
	else
		answer_json(&call->answer, call->request->mem, 200,
		            offering_show(offered->offering, (enum content)form, call->world->settings.quirks));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

HANDLER(products_countries)
{
	const struct catalogue *catalogue = &call->world->catalogue;
	struct arena *mem = call->request->mem;
	const char **all = arena_array(mem, catalogue->count * OFFERING_COUNTRIES_MAX + 1, sizeof *all);
	struct json_object *json = json_object_new_object(), *list = json_object_new_array();
	size_t count = 0;

	(void)rest;
	for (size_t i = 0; i < catalogue->count; i++)
		for (size_t j = 0; catalogue->list[i].countries[j]; j++)
			all[count++] = catalogue->list[i].countries[j];
	qsort(all, count, sizeof *all, by_text);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(all[i], all[i - 1]))
			json_object_array_add(list, json_object_new_string(all[i]));
	json_put(json, "countries", list);
	answer_json(&call->answer, mem, 200, json);
}

HANDLER(products_categories)
{
	struct json_object *json = json_object_new_object(), *list = json_object_new_array();

	(void)rest;
	for (size_t i = 0; catalogue_categories[i]; i++) {
		struct json_object *category = json_object_new_object();

		json_put_text(category, "code", catalogue_categories[i]);
		json_object_array_add(list, category);
	}
	json_put(json, "categories", list);
	answer_json(&call->answer, call->request->mem, 200, json);
}
