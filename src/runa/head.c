/* head.c: status lines and the three header fields that matter. Trailers are not looked at: they
 * come behind the body, when what they could change is already decided. */
#include "runa/head.h"

#include <ctype.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { FIELD_SIZE = 256 };

void runa_head_begin(struct runa_head *head)
{
	*head = (struct runa_head){ .retry_after_ms = -1 };
}

/* "HTTP/1.1 102 Processing", "HTTP/2 200": the number; 0: not a status line. */
static int status_of(const char *line, size_t bytes)
{
	const char *space = memchr(line, ' ', bytes);
	const char *end = line + bytes;

	if (bytes < 5 || memcmp(line, "HTTP/", 5) != 0 || space == NULL || end - space < 4)
		return 0;
	if (!isdigit((unsigned char)space[1]) || !isdigit((unsigned char)space[2]) ||
	    !isdigit((unsigned char)space[3]))
		return 0;
	return (space[1] - '0') * 100 + (space[2] - '0') * 10 + (space[3] - '0');
}

/* A date is looked at only where it begins like one, with a weekday's name: curl_getdate() finds
 * dates in much that isn't one. */
static int64_t retry_after(const char *value, int64_t wall_ms)
{
	int64_t seconds;
	time_t date;

	if (value[0] != '\0' && strspn(value, "0123456789") == strlen(value))
		return text_number(value, HEAD_RETRY_AFTER_MS / 1000, &seconds) ? seconds * 1000
		                                                                : HEAD_RETRY_AFTER_MS;
	if (!isalpha((unsigned char)value[0]) || strpbrk(value, "0123456789") == NULL)
		return -1;
	date = curl_getdate(value, NULL);
	if (date < 0)
		return -1;
	if ((int64_t)date <= wall_ms / 1000)
		return 0;
	if ((int64_t)date - wall_ms / 1000 >= HEAD_RETRY_AFTER_MS / 1000)
		return HEAD_RETRY_AFTER_MS;
	return (int64_t)date * 1000 - wall_ms;
}

static void field_retry_after(struct runa_head *head, const char *value, int64_t wall_ms)
{
	int64_t asked = retry_after(value, wall_ms);

	if (asked > head->retry_after_ms) /* said twice: the longer pause */
		head->retry_after_ms = asked;
}

static void field_request_id(struct runa_head *head, const char *value, int64_t wall_ms)
{
	size_t count = strlen(value);

	(void)wall_ms;
	if (count >= sizeof head->request_id)
		return;
	for (size_t i = 0; i < count; i++)
		if (value[i] < 0x21 || value[i] > 0x7e)
			return;
	memcpy(head->request_id, value, count + 1);
}

static void field_content_encoding(struct runa_head *head, const char *value, int64_t wall_ms)
{
	(void)wall_ms;
	if (value[0] != '\0' && strcasecmp(value, "identity") != 0)
		head->is_coded = true;
}

static const struct {
	const char *name;
	void (*read)(struct runa_head *head, const char *value, int64_t wall_ms);
} fields[] = {
	{ "Retry-After", field_retry_after },
	{ "X-Amzn-Requestid", field_request_id },
	{ "Content-Encoding", field_content_encoding },
};

static void read_field(struct runa_head *head, const char *line, size_t bytes, int64_t wall_ms)
{
	const char *colon = memchr(line, ':', bytes);
	const char *end = line + bytes, *begin;
	char value[FIELD_SIZE];

	if (colon == NULL)
		return;
	for (begin = colon + 1; begin < end && (*begin == ' ' || *begin == '\t'); begin++)
		;
	while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	/* A longer value is none of ours, except that a long list of codings is still a coding. */
	if ((size_t)(end - begin) >= sizeof value)
		end = begin + sizeof value - 1;
	memcpy(value, begin, (size_t)(end - begin));
	value[end - begin] = '\0';
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (strlen(fields[i].name) == (size_t)(colon - line) &&
		    strncasecmp(fields[i].name, line, (size_t)(colon - line)) == 0)
			fields[i].read(head, value, wall_ms);
}

/* What an interim answer's fields say is not the answer's. */
static void begin_block(struct runa_head *head, int status)
{
	struct runa_head fresh;

	runa_head_begin(&fresh);
	fresh.bytes = head->bytes;
	fresh.interims = head->interims + (status < 200 ? 1 : 0);
	fresh.status = status < 200 ? 0 : status;
	fresh.is_in_block = true;
	*head = fresh;
}

bool runa_head_line(struct runa_head *head, const char *line, size_t bytes, int64_t wall_ms)
{
	int status;

	if (bytes > HEAD_BYTES - head->bytes)
		return false;
	head->bytes += bytes;
	while (bytes > 0 && (line[bytes - 1] == '\n' || line[bytes - 1] == '\r'))
		bytes--;
	if (head->is_over)
		return true;
	if (!head->is_in_block) {
		status = status_of(line, bytes);
		if (status != 0)
			begin_block(head, status);
		return head->interims <= HEAD_INTERIMS;
	}
	if (bytes > 0) {
		read_field(head, line, bytes, wall_ms);
	} else {
		head->is_in_block = false;
		head->is_over = head->status != 0;
	}
	return true;
}
