/* client.c: the line to Runa over libcurl's multi interface. It moves bytes and says how far they
 * came; what an answer means is meaning.c's, and what follows from it the desk's.
 *
 * How many calls are under way is the caller's to bound: connections are not limited here, because a
 * call that waited for one inside libcurl would spend its time limit on waiting. */
#include "runa/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "runa/head.h"
#include "runa/key.h"

enum {
	IDLE_CONNECTIONS = 64,
	IDLE_CONNECTION_S = 60, /* older ones aren't reused: a silent middlebox may have dropped them */
	POOL = 64,              /* easy handles kept for reuse */
	KEEPALIVE_S = 20,
	INTERIM_TIMEOUT_MS = 3000,
	BODY_FIRST_BYTES = 4096,
};

/* Without a name some front doors (Cloudflare's among them) turn a client away. No version in it:
 * what is sent under a key must not change with an upgrade (runa-api 23 no. 4). */
static const char USER_AGENT[] = "payoutdesk";

struct client;

struct call {
	struct client *client;
	struct call *previous, *next;
	void *tag;
	CURL *easy;
	char *url, *body;
	struct curl_slist key_header; /* points at the client's, so that the key has one home */
	struct curl_slist *headers;
	bool is_begun;                /* a byte of the request may have left */
	const char *stopped;          /* why we ended it ourselves, or NULL */
	int64_t interim_due_ms;       /* 0: the last thing heard was not a 1xx */
	struct runa_head head;
	char *got;
	size_t got_bytes, got_room, most_bytes;
	struct runa_answer answer;    /* once done */
};

struct call_list {
	struct call *first, *last;
};

struct client {
	struct runa_line line; /* first: a line is its client */
	CURLM *multi;
	char *base_url, *key_header, *ca_file, *proxy;
	bool is_https;
	int connect_timeout_ms, timeout_ms, interim_timeout_ms;
	_Atomic bool is_woken;
	struct call_list under_way, done;
	CURL *pool[POOL];
	size_t pool_count;
};

static struct client *client_of(struct runa_line *line)
{
	return (struct client *)line;
}

static int64_t steady_now(void)
{
	return clock_steady_ms(&clock_of_machine);
}

/* ---- lists and calls ---- */

static void list_add(struct call_list *list, struct call *call)
{
	call->previous = list->last;
	call->next = NULL;
	if (list->last != NULL)
		list->last->next = call;
	else
		list->first = call;
	list->last = call;
}

static void list_take(struct call_list *list, struct call *call)
{
	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		list->first = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	else
		list->last = call->previous;
}

static CURL *easy_take(struct client *client)
{
	return client->pool_count > 0 ? client->pool[--client->pool_count] : curl_easy_init();
}

static void easy_give_back(struct client *client, CURL *easy)
{
	if (easy == NULL)
		return;
	if (client->pool_count < POOL) {
		curl_easy_reset(easy);
		client->pool[client->pool_count++] = easy;
	} else {
		curl_easy_cleanup(easy);
	}
}

/* All but the answer, which may have been handed out. */
static void call_release(struct call *call)
{
	easy_give_back(call->client, call->easy);
	curl_slist_free_all(call->headers);
	if (call->got != NULL)
		explicit_bzero(call->got, call->got_bytes);
	free(call->got);
	free(call->body);
	free(call->url);
	call->easy = NULL;
	call->headers = NULL;
	call->got = call->body = call->url = NULL;
}

/* ---- what libcurl calls ---- */

/* Called when the connection stands, before each time the request is put on it, also before libcurl's
 * own resend after a reused connection turned out dead. Never called: not a byte of it left. */
static int on_begin(void *data, char *to, char *from, int to_port, int from_port)
{
	struct call *call = data;

	(void)to, (void)from, (void)to_port, (void)from_port;
	if (call->is_begun) call->answer.is_resent = true; /* libcurl does so without a word (faults 47) */
	call->is_begun = true;
	return CURL_PREREQFUNC_OK;
}

static size_t on_head(char *bytes, size_t size, size_t count, void *data)
{
	struct call *call = data;
	int interims = call->head.interims;
	size_t length = size * count;

	if (!runa_head_line(&call->head, bytes, length, clock_wall_ms(&clock_of_machine))) {
		call->stopped = "answer head longer than allowed";
		return 0;
	}
	if (call->head.status != 0)
		call->interim_due_ms = 0;
	else if (call->head.interims > interims)
		call->interim_due_ms = steady_now() + call->client->interim_timeout_ms;
	if (call->head.is_over && call->head.is_coded) { /* nothing is unpacked here: no bomb can be */
		call->stopped = "answer compressed without being asked to";
		return 0;
	}
	return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
	struct call *call = data;
	size_t length = size * count;

	if (length > call->most_bytes - call->got_bytes) {
		call->stopped = "answer longer than allowed";
		return 0;
	}
	if (length + 1 > call->got_room - call->got_bytes) {
		size_t room = call->got_room < BODY_FIRST_BYTES ? BODY_FIRST_BYTES : call->got_room;

		while (length + 1 > room - call->got_bytes)
			room *= 2;
		call->got = memory_resize(call->got, room, 1);
		call->got_room = room;
	}
	memcpy(call->got + call->got_bytes, bytes, length);
	call->got_bytes += length;
	call->got[call->got_bytes] = '\0';
	return length;
}

/* ---- the end of a call ---- */

static bool is_trust_fault(CURLcode code)
{
	static const CURLcode faults[] = {
		CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
		CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE,
	};

	for (size_t i = 0; i < COUNT_OF(faults); i++)
		if (faults[i] == code)
			return true;
	return false;
}

static enum runa_transport transport_of(const struct call *call, CURLcode code)
{
	if (!call->is_begun)
		return is_trust_fault(code) ? RUNA_NOT_TRUSTED : RUNA_NOT_SENT;
	if (call->head.status == 0 && call->head.interims > 0)
		return RUNA_INTERIM; /* also a 101, which libcurl takes for final */
	return code == CURLE_OK && call->head.is_over ? RUNA_ANSWERED : RUNA_LOST;
}

/* Words of our own and libcurl's fixed ones: its error buffer would name addresses and more. */
static void say_trouble(const struct call *call, CURLcode code, char *out, size_t room)
{
	const char *why = call->stopped != NULL ? call->stopped : curl_easy_strerror(code);

	switch (call->answer.transport) {
	case RUNA_ANSWERED:
		out[0] = '\0';
		break;
	case RUNA_NOT_SENT:
		(void)snprintf(out, room, "nothing was sent: %s", why);
		break;
	case RUNA_NOT_TRUSTED:
		(void)snprintf(out, room, "nothing was sent, the certificate is not trusted: %s", why);
		break;
	case RUNA_INTERIM:
		(void)snprintf(out, room, "%d interim answers and no final one: %s", call->head.interims, why);
		break;
	case RUNA_LOST:
		(void)snprintf(out, room, "sent, no whole answer (%zu bytes of body, at most %zu): %s",
		               call->got_bytes, call->most_bytes, why);
		break;
	}
}

static void call_finish(struct call *call, CURLcode code)
{
	struct client *client = call->client;
	struct runa_answer *answer = &call->answer;

	answer->tag = call->tag;
	answer->transport = transport_of(call, code);
	answer->status = call->head.status;
	answer->retry_after_ms = call->head.retry_after_ms;
	memcpy(answer->request_id, call->head.request_id, sizeof answer->request_id);
	say_trouble(call, code, answer->trouble, sizeof answer->trouble);
	if (answer->transport == RUNA_ANSWERED) {
		answer->body = call->got;
		answer->body_bytes = call->got_bytes;
		call->got = NULL;
	}
	if (call->easy != NULL)
		(void)curl_multi_remove_handle(client->multi, call->easy);
	call_release(call);
	list_take(&client->under_way, call);
	list_add(&client->done, call);
}

/* ---- the beginning of a call ---- */

#define SET(option, value) (curl_easy_setopt(call->easy, (option), (value)) == CURLE_OK)

static bool set_safety(struct call *call)
{
	const struct client *client = call->client;

	return SET(CURLOPT_PROTOCOLS_STR, client->is_https ? "https" : "http") &&
	       SET(CURLOPT_FOLLOWLOCATION, 0L) && /* runa-api 23 no. 28 */
	       SET(CURLOPT_SSL_VERIFYPEER, 1L) && SET(CURLOPT_SSL_VERIFYHOST, 2L) &&
	       SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
	       (client->ca_file == NULL || SET(CURLOPT_CAINFO, client->ca_file)) &&
	       SET(CURLOPT_PROXY, client->proxy != NULL ? client->proxy : "") && /* "": nor the environment's */
	       SET(CURLOPT_NOPROXY, "") && SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
	       SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE) && /* the key is not the proxy's */
	       SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
}

static bool set_ways(struct call *call)
{
	const struct client *client = call->client;

	return SET(CURLOPT_NOSIGNAL, 1L) &&
	       SET(CURLOPT_QUICK_EXIT, 1L) && /* a slow name server holds up neither the loop nor the end */
	       SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS) &&
	       SET(CURLOPT_PIPEWAIT, client->is_https ? 1L : 0L) &&
	       SET(CURLOPT_CONNECTTIMEOUT_MS, (long)client->connect_timeout_ms) &&
	       SET(CURLOPT_TIMEOUT_MS, (long)client->timeout_ms) &&
	       SET(CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_S) && SET(CURLOPT_TCP_KEEPALIVE, 1L) &&
	       SET(CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S) && SET(CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S) &&
	       SET(CURLOPT_PRIVATE, call) && SET(CURLOPT_PREREQFUNCTION, on_begin) &&
	       SET(CURLOPT_PREREQDATA, call) && SET(CURLOPT_HEADERFUNCTION, on_head) &&
	       SET(CURLOPT_HEADERDATA, call) && SET(CURLOPT_WRITEFUNCTION, on_body) &&
	       SET(CURLOPT_WRITEDATA, call);
}

static bool add_header(struct call *call, const char *line)
{
	struct curl_slist *longer = curl_slist_append(call->headers, line);

	if (longer != NULL)
		call->headers = longer;
	return longer != NULL;
}

static bool add_headers(struct call *call, const char *lines)
{
	char *copy = memory_text(lines != NULL ? lines : "");
	bool ok = add_header(call, "Expect:"); /* "100-continue" would be a wait for nothing */

	for (char *line = copy, *end; ok && *line != '\0'; line = end) {
		end = strchrnul(line, '\n');
		if (*end != '\0')
			*end++ = '\0';
		ok = *line == '\0' || add_header(call, line);
	}
	free(copy);
	call->key_header = (struct curl_slist){ call->client->key_header, call->headers };
	return ok;
}

static bool set_request(struct call *call, const struct runa_request *request)
{
	bool is_post = strcmp(request->method, "POST") == 0;
	size_t url_bytes = strlen(call->client->base_url) + strlen(request->path) + 1;

	call->url = memory_alloc(url_bytes);
	(void)snprintf(call->url, url_bytes, "%s%s", call->client->base_url, request->path);
	call->body = memory_alloc(request->body_bytes + 1);
	if (request->body_bytes > 0)
		memcpy(call->body, request->body, request->body_bytes);
	return add_headers(call, request->headers) && SET(CURLOPT_URL, call->url) &&
	       SET(CURLOPT_PATH_AS_IS, 1L) && SET(CURLOPT_USERAGENT, USER_AGENT) &&
	       SET(CURLOPT_HTTPHEADER, &call->key_header) &&
	       (is_post ? SET(CURLOPT_POST, 1L) && SET(CURLOPT_POSTFIELDS, call->body) &&
	                  SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes)
	                : SET(CURLOPT_HTTPGET, 1L));
}

static void client_begin(struct runa_line *line, const struct runa_request *request, void *tag)
{
	struct client *client = client_of(line);
	struct call *call = memory_alloc(sizeof *call);

	call->client = client;
	call->tag = tag;
	call->most_bytes = request->max_answer_bytes;
	runa_head_begin(&call->head);
	list_add(&client->under_way, call);
	call->easy = easy_take(client);
	/* An option that cannot be set is no memory, or a libcurl that lacks it: then nothing is sent. */
	if (call->easy == NULL || !set_safety(call) || !set_ways(call) || !set_request(call, request) ||
	    curl_multi_add_handle(client->multi, call->easy) != CURLM_OK) {
		call->stopped = "the call could not be set up";
		call_finish(call, CURLE_FAILED_INIT);
	}
}

/* ---- waiting ---- */

static void finish_what_ended(struct client *client)
{
	struct CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
		CURLcode code = message->data.result;
		char *call = NULL;

		if (message->msg == CURLMSG_DONE &&
		    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call) == CURLE_OK)
			call_finish((struct call *)call, code);
	}
}

/* A 102 that nothing follows ends the try (faults 36). Returns the ms until the next such end. */
static int64_t finish_what_hangs(struct client *client, int64_t now_ms, int64_t wait_ms)
{
	struct call *call, *next;

	for (call = client->under_way.first; call != NULL; call = next) {
		next = call->next;
		if (call->interim_due_ms == 0)
			continue;
		if (call->interim_due_ms <= now_ms) {
			call->stopped = "nothing followed in time";
			call_finish(call, CURLE_OPERATION_TIMEDOUT);
		} else if (call->interim_due_ms - now_ms < wait_ms) {
			wait_ms = call->interim_due_ms - now_ms;
		}
	}
	return wait_ms;
}

static size_t hand_out(struct client *client, struct runa_answer *out, size_t max)
{
	size_t count = 0;

	for (struct call *call; count < max && (call = client->done.first) != NULL; count++) {
		list_take(&client->done, call);
		out[count] = call->answer;
		free(call);
	}
	return count;
}

static size_t client_wait(struct runa_line *line, int timeout_ms, struct runa_answer *out, size_t max)
{
	struct client *client = client_of(line);
	int64_t until_ms = steady_now() + timeout_ms;

	for (;;) {
		int64_t now_ms, wait_ms;
		int running;

		(void)curl_multi_perform(client->multi, &running);
		finish_what_ended(client);
		now_ms = steady_now();
		wait_ms = finish_what_hangs(client, now_ms, until_ms - now_ms);
		/* The flag beside libcurl's own wake-up: a wake before the wait must end it too. */
		if (atomic_exchange(&client->is_woken, false) || client->done.first != NULL || wait_ms <= 0)
			break;
		if (curl_multi_poll(client->multi, NULL, 0, (int)wait_ms, NULL) != CURLM_OK)
			break;
	}
	return hand_out(client, out, max);
}

static void client_wake(struct runa_line *line)
{
	struct client *client = client_of(line);

	/* Who finds it set is behind somebody whose wakeup is still to be heard. */
	if (!atomic_exchange(&client->is_woken, true)) (void)curl_multi_wakeup(client->multi);
}

/* ---- open and close ---- */

static void client_close(struct runa_line *line)
{
	struct client *client = client_of(line);
	struct call *call;

	while ((call = client->under_way.first) != NULL)
		call_finish(call, CURLE_ABORTED_BY_CALLBACK);
	while ((call = client->done.first) != NULL) {
		list_take(&client->done, call);
		runa_answer_drop(&call->answer);
		free(call);
	}
	while (client->pool_count > 0)
		curl_easy_cleanup(client->pool[--client->pool_count]);
	if (client->multi != NULL)
		(void)curl_multi_cleanup(client->multi);
	runa_key_forget(client->key_header);
	free(client->proxy);
	free(client->ca_file);
	free(client->base_url);
	free(client);
}

static bool is_libcurl_ready;

static void begin_libcurl(void)
{
	is_libcurl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static bool client_set_up(struct client *client, const struct runa_client_options *options,
                          struct problem *why)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, begin_libcurl);
	if (!runa_base_url_is_allowed(options->base_url)) {
		problem_set(why, "base_url must be https://HOST/PATH, or http:// with a loopback address");
		return false;
	}
	if (options->connect_timeout_ms <= 0 || options->timeout_ms <= 0 || options->interim_timeout_ms < 0) {
		problem_set(why, "connect_timeout_ms and timeout_ms must be above 0");
		return false;
	}
	client->key_header = runa_key_read(options->api_key_file, why);
	if (client->key_header == NULL)
		return false;
	client->multi = is_libcurl_ready ? curl_multi_init() : NULL;
	if (client->multi == NULL ||
	    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS) != CURLM_OK ||
	    curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX) != CURLM_OK) {
		problem_set(why, "libcurl could not be set up");
		return false;
	}
	return true;
}

struct runa_line *runa_client_open(const struct runa_client_options *options, struct problem *why)
{
	struct client *client = memory_alloc(sizeof *client);
	size_t length = strlen(options->base_url);

	client->line = (struct runa_line){ client_begin, client_wait, client_wake, client_close };
	client->base_url = memory_text(options->base_url);
	while (length > 0 && client->base_url[length - 1] == '/')
		client->base_url[--length] = '\0';
	client->is_https = strncasecmp(client->base_url, "https:", 6) == 0;
	client->ca_file = memory_text(options->ca_file);
	client->proxy = memory_text(options->proxy);
	client->connect_timeout_ms = options->connect_timeout_ms;
	client->timeout_ms = options->timeout_ms;
	client->interim_timeout_ms =
		options->interim_timeout_ms > 0 ? options->interim_timeout_ms : INTERIM_TIMEOUT_MS;
	if (!client_set_up(client, options, why)) {
		client_close(&client->line);
		return NULL;
	}
	return &client->line;
}
