/* broken.c: each broken rule, where the linker hands the desk's call to us first. */
#include "sim/broken.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "desk/attempt.h"
#include "runa/messages.h"

enum broken broken;
static bool met[ATTEMPT_STATES][MEANINGS];

int broken_cells_met(int *all)
{
	int count = 0;

	*all = 0;
	for (int state = 0; state < ATTEMPT_STATES; state++) {
		for (int meaning = 0; meaning < MEANINGS; meaning++) {
			if (attempt_cell((enum attempt_state)state, (enum meaning)meaning) == NULL) continue;
			++*all;
			count += met[state][meaning];
		}
	}
	return count;
}

const char *broken_name(enum broken which)
{
	static const char *const names[] = {
		"none",
#define BROKEN_NAME(name, word) word,
		BROKEN_LIST(BROKEN_NAME)
#undef BROKEN_NAME
	};

	return names[which];
}

struct attempt_step __real_attempt_step_for(const struct attempt *attempt, enum meaning meaning,
                                            const struct desk_rules *rules, int64_t now_ms);
struct attempt_step __wrap_attempt_step_for(const struct attempt *attempt, enum meaning meaning,
                                            const struct desk_rules *rules, int64_t now_ms);
enum ledger_result __real_ledger_claim_due(struct ledger *ledger, struct arena *mem, const struct ledger_claim *claim,
                                           struct ledger_claimed *out, size_t *count);
enum ledger_result __wrap_ledger_claim_due(struct ledger *ledger, struct arena *mem, const struct ledger_claim *claim,
                                           struct ledger_claimed *out, size_t *count);

int __real_sqlite3_exec(sqlite3 *db, const char *text, int (*row)(void *, int, char **, char **), void *with,
                        char **error);
int __wrap_sqlite3_exec(sqlite3 *db, const char *text, int (*row)(void *, int, char **, char **), void *with,
                        char **error);

int __wrap_sqlite3_exec(sqlite3 *db, const char *text, int (*row)(void *, int, char **, char **), void *with,
                        char **error)
{
	int result = __real_sqlite3_exec(db, text, row, with, error);

	if (broken == BROKEN_SENT_BEFORE_SYNC && strstr(text, "synchronous = FULL") != NULL)
		result = __real_sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	return result;
}

struct attempt_step __wrap_attempt_step_for(const struct attempt *attempt, enum meaning meaning,
                                            const struct desk_rules *rules, int64_t now_ms)
{
	static const struct attempt_step failed = { ATTEMPT_REFUSED, TASK_NONE, PAUSE_NONE, "refused", false };
	static const struct attempt_step gone = { ATTEMPT_STUCK, TASK_NONE, PAUSE_NONE, "stuck_absent", false };
	struct attempt copy = *attempt;

	met[attempt->state][meaning] = true;
	if (broken == BROKEN_BELIEVES_REFUSAL && meaning == MEANING_REFUSED) return failed;
	if (broken == BROKEN_UNKNOWN_IS_FAILED && meaning == MEANING_UNKNOWN) return failed;
	if (broken == BROKEN_ONE_SEARCH && meaning == MEANING_ABSENT && attempt->state == ATTEMPT_UNKNOWN) return gone;
	if (broken == BROKEN_KEYS_NEVER_AGE) copy.created_at_ms = now_ms;
	return __real_attempt_step_for(&copy, meaning, rules, now_ms);
}

/* What the desk then sends: a changed copy of what the ledger holds. */
static void spoil(struct arena *mem, struct attempt *attempt)
{
	if (attempt->tries < 2 || attempt->task != TASK_SEND) return;
	if (broken == BROKEN_NEW_KEY_AFTER_5XX) {
		char *headers = arena_text(mem, attempt->headers), *at = strcasestr(headers, "X-Idempotency-Key: ");

		if (at != NULL) at[19] = (char)('a' + attempt->tries % 6);
		attempt->headers = headers;
	} else if (broken == BROKEN_BODY_REBUILT) {
		attempt->body = arena_print(mem, "%s ", attempt->body);
		attempt->body_bytes++;
	}
}

enum ledger_result __wrap_ledger_claim_due(struct ledger *ledger, struct arena *mem, const struct ledger_claim *claim,
                                           struct ledger_claimed *out, size_t *count)
{
	struct ledger_claim copy = *claim;
	enum ledger_result result;

	if (broken == BROKEN_KEYS_NEVER_AGE) copy.oldest_key_ms = INT64_MIN / 2;
	result = __real_ledger_claim_due(ledger, mem, &copy, out, count);
	for (size_t i = 0; result == LEDGER_OK && i < *count; i++) spoil(mem, &out[i].attempt);
	return result;
}
