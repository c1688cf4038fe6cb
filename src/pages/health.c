/* health.c: GET /healthz and /readyz, for machines: no user, no personal data, nothing a stranger could use. */
#include <json-c/json.h>

#include "pages/pages.h"

enum { STUCK_MS = 30 * MS_A_SECOND, UNSEEN_MS = MS_A_MINUTE };

enum web_status page_health_alive(struct web_request *req, struct web_page *page)
{
	(void)req;
	return web_send(page, "text/plain; charset=utf-8", "ok\n", 3);
}

bool pages_is_unseen(const struct desk_health *health, int64_t now_ms)
{
	return health->dispatcher_seen_ms != 0 && now_ms - health->dispatcher_seen_ms > UNSEEN_MS;
}

enum pages_sending pages_sending(const struct desk_health *health, int64_t now_ms)
{
	if (health->is_stopped)
		return SENDING_STOPPED;
	if (health->dispatcher_seen_ms == 0)
		return SENDING_ELSEWHERE;
	if (pages_is_unseen(health, now_ms))
		return SENDING_UNSEEN;
	if (health->away_since_ms != 0)
		return SENDING_AWAY;
	return health->pause_until_ms > now_ms ? SENDING_PAUSED : SENDING_RUNS;
}

static const char *const sending_words[SENDINGS] = {
	[SENDING_RUNS] = "running",
	[SENDING_ELSEWHERE] = "elsewhere",
	[SENDING_PAUSED] = "paused",
	[SENDING_AWAY] = "away",
	[SENDING_UNSEEN] = "unseen",
	[SENDING_STOPPED] = "stopped",
};

enum web_status page_health_ready(struct web_request *req, struct web_page *page)
{
	struct pages_app *app = app_of(req);
	struct json_object *object = json_object_new_object();
	struct desk_health health;
	int64_t longest_ms = 0;
	int64_t age_s;
	enum web_status status = WEB_INTERNAL_ERROR;
	bool is_ready;
	size_t bytes;
	const char *text;

	desk_health(app->desk, &health);
	if (app->busy)
		(void)app->busy(app->hand, &longest_ms);
	is_ready = health.ledger_is_sound && longest_ms <= STUCK_MS;
	age_s = (req->now_ms - health.catalogue_fetched_ms) / MS_A_SECOND;
	json_object_object_add(object, "ready", json_object_new_boolean(is_ready));
	json_object_object_add(object, "ledger",
	                       json_object_new_string(health.ledger_is_sound ? "sound" : "broken"));
	json_object_object_add(object, "sending",
	                       json_object_new_string(sending_words[pages_sending(&health, req->now_ms)]));
	json_object_object_add(object, "catalogue_age_s",
	                       health.catalogue_fetched_ms ? json_object_new_int64(age_s > 0 ? age_s : 0) : NULL);
	json_object_object_add(object, "longest_page_ms", json_object_new_int64(longest_ms));
	text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN, &bytes);
	if (text)
		status = web_send(page, "application/json", arena_copy(req->mem, text, bytes), bytes);
	json_object_put(object);
	if (status != WEB_OK)
		return web_fail(page, status, "broken_here");
	return is_ready ? WEB_OK : WEB_UNAVAILABLE;
}
