/* order_form.h: the form that orders one reward, as every page shows it that brings it back. */
#ifndef PAGES_ORDER_FORM_H
#define PAGES_ORDER_FORM_H

#include "desk/catalogue.h"
#include "desk/order.h"
#include "pages/pages.h"

/* How the form is shown: with what in it, and what is said above it. */
struct order_form {
	struct wish wish;                  /* as typed, whatever it is; NULL is an empty field */
	const char *token;                 /* the hidden field */
	const struct field_errors *errors; /* NULL: none */
	const char *focus;                 /* the field that has the focus; NULL: none is wanted */
	const char *notice;                /* a section of order_form.html; NULL: none */
	bool is_search;                    /* a product is looked for: by what is typed in its field */
	bool is_picked;                    /* ... and was just picked */
};

/* Kept for Back, on purpose: see page_order_form. */
#define ORDER_FORM_CACHE "private, no-cache"

/* Has the catalogue fetched where there is none: before a page that needs it. */
void order_form_want_catalogue(struct web_request *req);
/* Is this button one of the search's ('find', 'pick:CODE')? They change nothing: the form comes back with its key. */
MUST_USE bool order_form_is_step(const char *action);
enum web_status order_form_step(struct web_request *req, struct web_page *page, const struct wish *typed,
                                const char *action);
/* The part of the form about its product, the value and the balance. */
void order_form_show_product(struct web_request *req, struct web_page *page, const struct catalogue *catalogue,
                             const struct order_form *form);
/* Fills order_form.html. */
void order_form_show(struct web_request *req, struct web_page *page, const struct order_form *form);
/* What came in the fields of a POST, untouched. */
struct wish order_form_read(const struct web_request *req);
/* The content of a placed order, as one would type it. */
struct wish order_form_of(struct arena *mem, const struct order *order);
/* Where the form of this key had been used: leads to its order, or to the two versions, and says true. */
MUST_USE bool order_place_repeat(struct web_request *req, struct web_page *page, const struct wish *wish,
                                 const char *key, enum web_status *status);
/* Where what the desk said of a form leads; `placed` as of order_place. */
enum web_status order_place_answer(struct web_request *req, struct web_page *page, const struct wish *wish,
                                   enum placed placed, const struct order *order, const struct field_errors *errors);
/* 503: the form comes back with its key and what was typed, under this notice; nothing was stored. */
enum web_status order_form_later(struct web_request *req, struct web_page *page, const struct wish *wish,
                                 const char *notice);
/* Fills order_review.html: what would be ordered, with the form's key; or whatever placing it would answer. */
enum web_status order_review(struct web_request *req, struct web_page *page, const struct wish *wish);
/* What is left in the balance that will pay, and when Runa said so: the section BALANCE. */
void order_form_show_balance(struct web_request *req, struct web_page *page, const struct catalogue *catalogue,
                             const struct balance *balance);
/* Is this the code of a product of the catalogue, or nothing at all? */
MUST_USE bool order_form_knows(const struct web_request *req, const char *product);
/* Has the form a field of this name? */
MUST_USE bool order_form_has(const char *field);
/* Only the values and the token, for forms that carry them hidden (order_hidden.html). */
void order_form_hide(struct values *values, const struct wish *wish, const char *token);

#endif
