/* test_seal_key.c: the key file, each test in a directory of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/seal.h"
#include "base/text.h"
#include "support/tmp.h"

/* A fresh directory of its own for each test. */
struct place {
	struct arena *mem;
	char *directory, *path;
};

static int make_place(void **state)
{
	struct arena *mem = arena_open();
	struct place *place = ARENA_NEW(mem, struct place);

	place->mem = mem;
	place->directory = arena_print(mem, "%s/test_seal_key.XXXXXX", tmp_room());
	assert_non_null(mkdtemp(place->directory));
	place->path = arena_print(mem, "%s/key", place->directory);
	*state = place;
	return 0;
}

/* Returns how many entries the directory has; takes them away if `take`. */
static int entries(const struct place *place, bool take)
{
	DIR *all = opendir(place->directory);
	int count = 0;

	assert_non_null(all);
	for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
		if (text_is_same(entry->d_name, ".") || text_is_same(entry->d_name, ".."))
			continue;
		count++;
		if (take)
			assert_int_equal(remove(arena_print(place->mem, "%s/%s", place->directory,
				entry->d_name)), 0);
	}
	closedir(all);
	return count;
}

static int take_place_away(void **state)
{
	struct place *place = *state;

	entries(place, true);
	assert_int_equal(rmdir(place->directory), 0);
	arena_close(place->mem);
	return 0;
}

static void write_file(const char *path, const void *bytes, size_t count, mode_t mode)
{
	int fd;

	(void)unlink(path); /* it may be there and be read-only */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, count), count);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void must_be_refused(const char *path, bool may_make, const char *reason)
{
	struct seal_key key, nothing = { 0 };
	struct problem why = { "" };

	memset(&key, 0x55, sizeof key);
	assert_false(seal_key_read(path, may_make, &key, &why));
	assert_memory_equal(&key, &nothing, sizeof key);
	if (!strstr(why.text, reason) || !strstr(why.text, path))
		fail_msg("'%s' says neither '%s' nor the file", why.text, reason);
	assert_false(seal_key_read(path, may_make, &key, NULL));
}

static void an_absent_key_is_made_once_and_only_where_allowed(void **state)
{
	struct place *place = *state;
	struct seal_key one, two;
	struct problem why = { "" };
	struct stat about;

	must_be_refused(place->path, false, "No such file");
	assert_int_equal(entries(place, false), 0);

	mode_t before = umask(0);
	bool made = seal_key_read(place->path, true, &one, &why);

	umask(before);
	assert_true(made);
	assert_int_equal(entries(place, false), 1);
	assert_int_equal(stat(place->path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_int_equal(about.st_size, SEAL_KEY_BYTES);
	assert_true(seal_key_read(place->path, true, &two, &why));
	assert_memory_equal(&one, &two, sizeof one);
	assert_string_equal(why.text, "");
	assert_int_equal(strlen(one.id), SEAL_ID_SIZE - 1);
	assert_int_equal(strspn(one.id, "0123456789abcdef"), SEAL_ID_SIZE - 1);
}

static void two_made_keys_differ(void **state)
{
	struct place *place = *state;
	struct seal_key one, two;

	assert_true(seal_key_read(place->path, true, &one, NULL));
	assert_true(seal_key_read(arena_print(place->mem, "%s2", place->path), true, &two, NULL));
	assert_memory_not_equal(one.bytes, two.bytes, SEAL_KEY_BYTES);
	assert_string_not_equal(one.id, two.id);
}

static void a_key_beside_us_is_made_too(void **state)
{
	struct place *place = *state;
	struct seal_key key;
	char before[4096];

	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(place->directory), 0);
	bool made = seal_key_read("key", true, &key, NULL);

	assert_int_equal(chdir(before), 0);
	assert_true(made);
	assert_int_equal(access(place->path, F_OK), 0);
}

static void thirty_two_bytes_are_the_key_and_more_are_hashed_to_it(void **state)
{
	struct place *place = *state;
	struct seal_key key, again, longer;
	unsigned char bytes[4096];

	memset(bytes, 0xA5, sizeof bytes);
	write_file(place->path, bytes, 32, 0400);
	assert_true(seal_key_read(place->path, false, &key, NULL));
	assert_memory_equal(key.bytes, bytes, 32);
	write_file(place->path, bytes, 33, 0600);
	assert_true(seal_key_read(place->path, false, &longer, NULL));
	assert_memory_not_equal(longer.bytes, bytes, 32);
	assert_true(seal_key_read(place->path, false, &again, NULL));
	assert_memory_equal(&longer, &again, sizeof again);
	write_file(place->path, bytes, 4096, 0600);
	assert_true(seal_key_read(place->path, false, &again, NULL));
	assert_memory_not_equal(longer.bytes, again.bytes, 32);
}

static void a_key_that_is_too_short_or_too_long_is_refused_and_stays(void **state)
{
	struct place *place = *state;
	unsigned char bytes[4097] = { 1 };
	struct stat about;

	write_file(place->path, bytes, 31, 0600);
	must_be_refused(place->path, true, "has 31 bytes");
	assert_int_equal(stat(place->path, &about), 0);
	assert_int_equal(about.st_size, 31);
	write_file(place->path, bytes, 0, 0600);
	must_be_refused(place->path, true, "has 0 bytes");
	write_file(place->path, bytes, 4097, 0600);
	must_be_refused(place->path, true, "longer than");
}

static void a_key_others_may_use_is_refused(void **state)
{
	struct place *place = *state;
	unsigned char bytes[32] = { 1 };

	for (mode_t bit = 1; bit < 0100; bit <<= 1) {
		write_file(place->path, bytes, sizeof bytes, 0600 | bit);
		must_be_refused(place->path, true, "0600");
	}
}

static void what_is_no_regular_file_is_refused(void **state)
{
	struct place *place = *state;
	char *target = arena_print(place->mem, "%s/target", place->directory);
	unsigned char bytes[32] = { 1 };

	write_file(target, bytes, sizeof bytes, 0600);
	assert_int_equal(symlink(target, place->path), 0);
	must_be_refused(place->path, true, "is a link");
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(unlink(target), 0);
	assert_int_equal(symlink(target, place->path), 0); /* dangling: nothing is made through it */
	must_be_refused(place->path, true, "is a link");
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(mkdir(place->path, 0700), 0);
	must_be_refused(place->path, true, "not a regular file");
	assert_int_equal(rmdir(place->path), 0);
	assert_int_equal(mkfifo(place->path, 0600), 0);
	must_be_refused(place->path, true, "not a regular file");
}

static void where_no_key_can_be_made_the_sentence_says_so(void **state)
{
	struct place *place = *state;

	must_be_refused(arena_print(place->mem, "%s/absent/key", place->directory), true, "cannot make");
	assert_int_equal(entries(place, false), 0);
}

static void *read_key(void *thing)
{
	struct place *place = thing;
	struct seal_key *key = malloc(sizeof *key);

	if (key && !seal_key_read(place->path, true, key, NULL))
		key->id[0] = '\0';
	return key;
}

static void many_who_make_it_at_once_have_one_key(void **state)
{
	struct place *place = *state;

	for (int round = 0; round < 20; round++) {
		pthread_t threads[8];
		void *keys[COUNT_OF(threads)];

		for (size_t i = 0; i < COUNT_OF(threads); i++)
			assert_int_equal(pthread_create(&threads[i], NULL, read_key, place), 0);
		for (size_t i = 0; i < COUNT_OF(threads); i++)
			assert_int_equal(pthread_join(threads[i], &keys[i]), 0);
		for (size_t i = 0; i < COUNT_OF(threads); i++) {
			assert_int_equal(strlen(((struct seal_key *)keys[i])->id), SEAL_ID_SIZE - 1);
			assert_memory_equal(keys[i], keys[0], sizeof(struct seal_key));
		}
		for (size_t i = 0; i < COUNT_OF(threads); i++)
			free(keys[i]);
		assert_int_equal(entries(place, true), 1);
	}
}

#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, take_place_away)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_PLACE(an_absent_key_is_made_once_and_only_where_allowed),
		IN_A_PLACE(two_made_keys_differ),
		IN_A_PLACE(a_key_beside_us_is_made_too),
		IN_A_PLACE(thirty_two_bytes_are_the_key_and_more_are_hashed_to_it),
		IN_A_PLACE(a_key_that_is_too_short_or_too_long_is_refused_and_stays),
		IN_A_PLACE(a_key_others_may_use_is_refused),
		IN_A_PLACE(what_is_no_regular_file_is_refused),
		IN_A_PLACE(where_no_key_can_be_made_the_sentence_says_so),
		IN_A_PLACE(many_who_make_it_at_once_have_one_key),
	};

	return seal_begin() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
