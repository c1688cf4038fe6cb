/* alloc.c: a whole order with no memory at the n-th allocation, for n = 1, 2, ... until nothing fails any more
 * (faults 28). Each n runs in a child: place, send, record the answer, read. The child may end early, but
 * cleanly, never by a signal (but see strdup); and what its disk then holds is the order whole, or none of it.
 *
 * malloc and its kin are replaced here for the whole program, so that what SQLite, json-c and libsodium ask
 * for counts as well. The script that plays Runa has all the memory it wants. */
#if defined(__SANITIZE_THREAD__)
/* It cannot stand a malloc of ours, and there is one thread only: skipped. */
int main(void)
{
	return 77;
}
#else
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "desk/catalogue.h"
#include "desk/dispatcher.h"
#include "desk/order.h"
#include "support/scripted_runa.h"

/* ---- memory that runs out ------------------------------------------------------------------------ */

#if defined(__SANITIZE_ADDRESS__)
#define REAL(name) __interceptor_##name
enum { STEP = 13, STATUS_OF_SIGNAL = 1 }; /* slow: every 13th; signals become a status */
#else
#define REAL(name) __libc_##name
enum { STEP = 1, STATUS_OF_SIGNAL = -1 };
#endif
void *REAL(malloc)(size_t bytes);
void *REAL(calloc)(size_t count, size_t bytes);
void *REAL(realloc)(void *old, size_t bytes);
void *REAL(memalign)(size_t alignment, size_t bytes);

enum { WORKERS = 2 };

/* In which part of its life, and how: not every one where most are alike. */
static const struct kind {
	bool at_start;   /* counted from the opening of the ledger on; else from the placing on */
	bool is_lasting; /* no memory at all any more; else that one time only */
	int step;
} kinds[] = {
	{ .step = 1 }, { .step = 7, .is_lasting = true }, { .step = 11, .at_start = true },
};

static long allocations_left = -1; /* -1: all that is wished for */
static bool is_lasting, is_spared;

static bool is_out(void)
{
	if (allocations_left < 0 || is_spared) return false;
	if (allocations_left == 1 && is_lasting) return true;
	return allocations_left > 0 && --allocations_left == 0;
}

static void *none(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t bytes)
{
	return is_out() ? none() : REAL(malloc)(bytes);
}

void *calloc(size_t count, size_t bytes)
{
	return is_out() ? none() : REAL(calloc)(count, bytes);
}

void *realloc(void *old, size_t bytes)
{
	return is_out() ? none() : REAL(realloc)(old, bytes);
}

void *reallocarray(void *old, size_t count, size_t bytes)
{
	size_t whole;

	if (__builtin_mul_overflow(count, bytes, &whole)) return none();
	return is_out() ? none() : REAL(realloc)(old, whole);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
	return is_out() ? none() : REAL(memalign)(alignment, bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
	return aligned_alloc(alignment, bytes);
}

/* json-c 0.16 doesn't look at what its strdup gave for a member's name, and reads from it: the one end by a
 * signal that is allowed. What is on the disk then must be whole all the same. */
static void note_failed_strdup(void);

char *strdup(const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *copy;

	if (is_out()) {
		note_failed_strdup();
		return none();
	}
	copy = REAL(malloc)(bytes);
	return copy == NULL ? NULL : memcpy(copy, text, bytes);
}

int posix_memalign(void **out, size_t alignment, size_t bytes)
{
	*out = aligned_alloc(alignment, bytes);
	return *out == NULL ? ENOMEM : 0;
}

/* ---- what the child and its parent both know -------------------------------------------------------- */

enum { CHILD_DONE = 0, CHILD_NO_LEDGER = 3, CHILD_WRONG = 4, CHILD_PATIENCE_S = 30, TURNS = 400, BYTES = 4000 };

static struct common {
	int64_t now_ms;
	uint64_t seed;
	bool is_taken; /* the desk has said that it holds the order */
	char number[ID_NUMBER_SIZE];
	int requests;  /* POST /order of both */
	char request[BYTES];
	bool is_other; /* one had other bytes: under another key it would buy again */
	bool has_failed, strdup_failed;
	char wrong[200];
} *common;

struct totals {
	long runs, failed;
};

static void note_failed_strdup(void)
{
	common->strdup_failed = true;
}

static const char FORM_KEY[] = "5f0d2c9e-8d0b-4a55-9f0e-3a4c1d7e6b21";
static const struct person alice = { "alice", "Alice", "", ROLE_VIEWER | ROLE_ORDERER };
static char directory[64], fresh[100], path[100];

static void must(bool held, const char *what)
{
	if (held) return;
	fprintf(stderr, "alloc: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *share(size_t bytes)
{
	void *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(shared != MAP_FAILED, "mmap");
	return shared;
}

/* ---- time, chance, Runa -------------------------------------------------------------------------------- */

static int64_t clock_now(const struct clock *clock)
{
	(void)clock;
	return common->now_ms;
}

static void fill(const struct chance *chance, void *out, size_t bytes)
{
	unsigned char *at = out;

	(void)chance;
	for (size_t i = 0; i < bytes; i++) {
		common->seed = common->seed * 6364136223846793005u + 1;
		at[i] = (unsigned char)(common->seed >> 40);
	}
}

static const struct clock test_clock = { clock_now, clock_now, NULL };
static const struct chance test_chance = { fill };
static struct scripted_runa runa;
static struct runa_line scripted; /* the script's own functions */

static void pass(void *whom, int64_t ms)
{
	(void)whom;
	common->now_ms += ms;
}

static int64_t steady(void *whom)
{
	(void)whom;
	return common->now_ms;
}

static void note_request(const struct runa_request *request)
{
	char bytes[BYTES];

	snprintf(bytes, sizeof bytes, "%s\n%s", request->headers, request->body);
	if (common->requests++ == 0) memcpy(common->request, bytes, sizeof bytes);
	if (strcmp(common->request, bytes) != 0) common->is_other = true;
}

static void begin(struct runa_line *line, const struct runa_request *request, void *tag)
{
	bool was_spared = is_spared;

	is_spared = true;
	if (request->body != NULL) note_request(request);
	scripted.begin(line, request, tag);
	is_spared = was_spared;
}

static size_t wait_for(struct runa_line *line, int timeout_ms, struct runa_answer *out, size_t max)
{
	bool was_spared = is_spared;
	size_t count;

	is_spared = true;
	count = scripted.wait(line, timeout_ms, out, max);
	is_spared = was_spared;
	return count;
}

static void runa_begin(void)
{
	scripted_runa_begin(&runa);
	runa.pass = pass;
	runa.now_ms = steady;
	scripted = runa.line;
	runa.line.begin = begin;
	runa.line.wait = wait_for;
	/* One try without an answer, so that there is a second one. */
	scripted_runa_will_say(&runa, ROUTE_ORDER, ANSWER_LOST);
}

/* ---- the desk -------------------------------------------------------------------------------------------- */

static struct seal_key link_key = { .bytes = { 7 }, .id = "0123456789abcdef" };
static struct ledger *ledger;
static struct desk *desk;

static void rules_keep(struct shared *rules)
{
	(void)rules;
}

static struct desk_rules *rules_make(void)
{
	static struct desk_rules rules;

	rules = (struct desk_rules){
		.base_url = "http://127.0.0.1:1/v2", .api_version = "2024-02-05", .retry_first_ms = 1000,
		.retry_max_ms = 300000, .give_up_after_ms = MS_AN_HOUR, .timeout_ms = 60000, .orders_per_minute = 180,
		.catalogue_every_ms = MS_AN_HOUR, .balance_every_ms = MS_AN_HOUR,
	};
	shared_begin(&rules.shared, rules_keep);
	return &rules;
}

static bool desk_begin(const char *file)
{
	struct ledger_options options = { .path = file, .clock = &test_clock, .is_inline = true, .may_migrate = true,
	                                  .seal_key_id = link_key.id };
	struct problem why;

	ledger = ledger_open(&options, &why);
	if (ledger == NULL) return false;
	desk = desk_open(&(struct desk_options){ .ledger = ledger, .clock = &test_clock, .chance = &test_chance,
	                                         .link_key = &link_key, .rules = rules_make() });
	return true;
}

static void desk_end(void)
{
	desk_close(desk);
	ledger_close(ledger);
}

static enum placed place(struct arena *mem, struct order *out)
{
	struct wish wish = { .form_key = FORM_KEY, .product = "AMZ-GB", .face_value = "10.00", .currency = "GBP",
	                     .distribution = "PAYOUT_LINK", .description = "a prize" };
	struct field_errors errors;

	return order_place(desk, mem, &wish, &alice, out, &errors);
}

/* Until the order has its final word, or the desk has had its turns. */
static void drive(struct arena *mem, const char *number, struct order *order)
{
	struct dispatcher *dispatcher = dispatcher_open(&(struct dispatcher_options){
		.desk = desk, .line = &runa.line, .is_standing = true });

	for (int i = 0; i < TURNS; i++) {
		dispatcher_turn(dispatcher, 1000);
		if (order_find(desk, mem, number, order) == LEDGER_OK && order->status != ORDER_PLACING) break;
	}
	dispatcher_close(dispatcher);
}

/* ---- the child --------------------------------------------------------------------------------------------- */

static void wrong(const char *what)
{
	snprintf(common->wrong, sizeof common->wrong, "%s", what);
	common->has_failed = true;
	_exit(CHILD_WRONG);
}

static void read_all(struct arena *mem, const char *number)
{
	struct ledger_filter all = { 0 }, search = { .find = "another note" };
	int64_t counts[ORDER_STATUSES];
	struct ledger_day *days;
	struct attempt_try *tries;
	struct order order, *orders;
	size_t count;

	if (order_find(desk, mem, number, &order) == LEDGER_OK) {
		if (order.status == ORDER_FAILED) wrong("a bought order is shown as failed");
		if (common->requests > 0 && order.money_moved == MONEY_MOVED_NO) wrong("a sent order says no money moved");
		if (order.status == ORDER_COMPLETED && order_link(desk, mem, &order) == NULL) wrong("no link");
	}
	if (order_list(desk, mem, &all, 20, &orders, &count) == LEDGER_OK && count != 1) wrong("not in the list");
	if (order_tries(desk, mem, number, &tries, &count) == LEDGER_OK && count == 0) wrong("no tries");
	if (ledger_counts(ledger, counts) == LEDGER_NONE) wrong("no counts");
	if (ledger_days(ledger, mem, 0, INT64_MAX, &days, &count) == LEDGER_OK && count != 1) wrong("not one day");
	if (ledger_look(ledger, &search, 1) == LEDGER_NONE) wrong("nothing to look at");
	if (order_list(desk, mem, &search, 20, &orders, &count) == LEDGER_OK && count != 0) wrong("found by another note");
}

_Noreturn static void child(long nth, const struct kind *kind)
{
	int quiet = open("/dev/null", O_WRONLY);
	struct order order;
	struct arena *mem;
	enum placed placed;

	dup2(quiet, STDERR_FILENO);
	alarm(CHILD_PATIENCE_S);
	is_lasting = kind->is_lasting;
	if (kind->at_start) allocations_left = nth;
	if (!desk_begin(path)) {
		common->has_failed = true;
		_exit(CHILD_NO_LEDGER);
	}
	if (!kind->at_start) allocations_left = nth;
	mem = arena_open();
	placed = place(mem, &order);
	if (placed == PLACED_FULL && !is_lasting) placed = place(mem, &order); /* the person sends it again */
	if (placed == PLACED_NEW || placed == PLACED_BEFORE) {
		common->is_taken = true;
		memcpy(common->number, order.number, sizeof common->number);
		drive(mem, common->number, &order);
		read_all(mem, common->number);
	} else if (placed == PLACED_OTHERWISE) {
		wrong("its own form is told to be another's");
	}
	desk_end();
	common->has_failed = allocations_left == 0 || (is_lasting && allocations_left == 1);
	_exit(CHILD_DONE);
}

/* ---- the parent --------------------------------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
	char bytes[65536];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t count;

	must(in >= 0 && out >= 0, "copy");
	while ((count = read(in, bytes, sizeof bytes)) > 0) must(write(out, bytes, (size_t)count) == count, "write");
	close(in);
	close(out);
}

static void remove_files(const char *file)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".owners", ".new" };
	char name[120];

	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		snprintf(name, sizeof name, "%s%s", file, ends[i]);
		unlink(name);
	}
}

/* A ledger with one product, to begin each run from. */
static void make_fresh(void)
{
	struct product product = { .code = "AMZ-GB", .name = "Amazon.co.uk", .currency = "GBP", .is_orderable = true,
	                           .least_minor = 100, .most_minor = 50000, .state = "", .discount_text = "",
	                           .expiry_type = "", .category = "" };

	/* In memory where there is such a place: thousands of ledgers are synced here. */
	snprintf(directory, sizeof directory, "%s/alloc-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ".");
	must(mkdtemp(directory) != NULL, "mkdtemp");
	snprintf(fresh, sizeof fresh, "%s/fresh.db", directory);
	snprintf(path, sizeof path, "%s/ledger.db", directory);
	must(desk_begin(fresh), "a fresh ledger");
	catalogue_store_products(desk, &product, 1, common->now_ms);
	desk_end();
}

/* What the child left, seen by a process that has memory. NULL: all is well. */
static const char *look(void)
{
	struct arena *mem = arena_open();
	struct problem why;
	const char *what = NULL;
	struct order order;
	enum placed placed;
	int64_t lines;

	if (!desk_begin(path)) {
		arena_close(mem);
		return "the ledger cannot be opened";
	}
	placed = place(mem, &order);
	if (placed != PLACED_NEW && placed != PLACED_BEFORE)
		what = "the same form isn't taken";
	else if (common->is_taken && (placed != PLACED_BEFORE || strcmp(order.number, common->number) != 0))
		what = "an accepted order is lost";
	else if (common->requests > 0 && placed != PLACED_BEFORE)
		what = "an order that was sent is lost";
	if (what == NULL) {
		drive(mem, arena_text(mem, order.number), &order);
		if (order.status != ORDER_COMPLETED || order_link(desk, mem, &order) == NULL) what = "it does not complete";
		if (common->is_other) what = "it was sent with other bytes";
		if (!ledger_verify_budget(ledger, &why)) what = "the money does not add up";
		if (!ledger_verify_audit(ledger, &lines, &why)) what = "the audit's chain is broken";
	}
	desk_end();
	arena_close(mem);
	return what;
}

static const char *how_it_ended(int status)
{
	bool is_fault = WIFSIGNALED(status) ? WTERMSIG(status) == SIGSEGV : WEXITSTATUS(status) == STATUS_OF_SIGNAL;

	if (common->wrong[0] != '\0') return common->wrong;
	if (is_fault && common->strdup_failed) return NULL;
	if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGALRM ? "it hung" : "it was ended by a signal";
	if (WEXITSTATUS(status) != CHILD_DONE && WEXITSTATUS(status) != CHILD_NO_LEDGER &&
	    WEXITSTATUS(status) != EX_SOFTWARE)
		return "it ended with a strange status";
	return NULL;
}

/* True: the nth allocation failed. */
static bool run(long nth, const struct kind *kind, long *failed)
{
	const char *what;
	int status;
	pid_t pid;

	*common = (struct common){ .now_ms = common->now_ms + MS_A_MINUTE, .seed = (uint64_t)nth };
	remove_files(path);
	copy_file(fresh, path);
	fflush(NULL);
	runa_begin();
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0) child(nth, kind);
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	/* It didn't come to saying so itself. */
	if (!WIFEXITED(status) || WEXITSTATUS(status) == EX_SOFTWARE) common->has_failed = true;
	what = how_it_ended(status);
	if (what == NULL) what = look();
	scripted_runa_end(&runa);
	if (what != NULL) {
		printf("allocation %ld%s%s: %s (status %d, number %s)\n", nth, kind->at_start ? " from the start" : "",
		       kind->is_lasting ? " and all later ones" : "", what, status, common->number);
		++*failed;
	}
	return common->has_failed || what != NULL;
}

/* One worker's share, in a process of its own: from `first` on. */
static void work(struct totals *totals, int first)
{
	common = share(sizeof *common);
	common->now_ms = 1795000000000;
	make_fresh();
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		long nth = first;

		while (run(nth, &kinds[i], &totals->failed) && totals->failed < 20) {
			totals->runs++;
			nth += WORKERS * STEP * kinds[i].step;
		}
		if (getenv("ALLOC_TELLS")) printf("kind %zu: %ld allocations\n", i, nth);
	}
	remove_files(path);
	remove_files(fresh);
	rmdir(directory);
}

int main(void)
{
	struct totals *totals = share(WORKERS * sizeof *totals);
	long runs = 0, failed = 0;

	log_set_level(0);
	must(seal_begin(), "libsodium");
	for (int i = 0; i < WORKERS; i++) {
		pid_t pid = fork();

		must(pid >= 0, "fork");
		if (pid > 0) continue;
		work(&totals[i], 1 + i * STEP);
		exit(0);
	}
	for (int i = 0, status; i < WORKERS; i++) {
		must(wait(&status) > 0, "wait");
		if (status != 0) failed++;
	}
	for (int i = 0; i < WORKERS; i++) {
		runs += totals[i].runs;
		failed += totals[i].failed;
	}
	if (runs < 200) failed++; /* it was about nothing */
	printf("fault 28: no memory at the n-th allocation: %ld passed, %ld failed\n", runs - failed, failed);
	return failed == 0 ? 0 : 1;
}
#endif
