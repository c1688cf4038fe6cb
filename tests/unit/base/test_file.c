/* test_file.c: whole reads and writes, and the folder of a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#include "base/file.h"

static void the_folder_of_a_path_is_what_stands_before_its_last_slash(void **state)
{
	static const struct { const char *path, *folder; } cases[] = {
		{ "/var/lib/desk/ledger.db", "/var/lib/desk" }, { "/ledger.db", "/" }, { "ledger.db", "." },
		{ "here/ledger.db", "here" }, { "./ledger.db", "." }, { "a//b", "a/" },
	};
	char folder[FILE_PATH_SIZE], path[FILE_PATH_SIZE + 10];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(file_folder_of(cases[i].path, folder));
		assert_string_equal(folder, cases[i].folder);
	}
	memset(path, '/', sizeof path);
	path[sizeof path - 1] = '\0';
	assert_false(file_folder_of(path, folder));
	assert_int_equal(errno, ENAMETOOLONG);
}

static void what_comes_in_pieces_is_read_whole(void **state)
{
	char bytes[10] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_true(file_write(ends[1], "abc", 3));
	assert_true(file_write(ends[1], "def", 3));
	assert_int_equal(file_read(ends[0], bytes, 4), 4);
	assert_memory_equal(bytes, "abcd", 4);
	close(ends[1]);
	assert_int_equal(file_read(ends[0], bytes, sizeof bytes), 2); /* up to the end */
	assert_memory_equal(bytes, "ef", 2);
	close(ends[0]);
	assert_int_equal(file_read(ends[0], bytes, 1), -1);
	assert_false(file_write(ends[1], "x", 1));
	assert_int_equal(errno, EBADF);
}

static void a_file_that_is_not_there_cannot_be_synced(void **state)
{
	(void)state;
	assert_true(file_sync("."));
	assert_true(file_sync_folder_of("none.such"));
	assert_false(file_sync("none.such"));
	assert_int_equal(errno, ENOENT);
	assert_false(file_sync_folder_of("none/such"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_folder_of_a_path_is_what_stands_before_its_last_slash),
		cmocka_unit_test(what_comes_in_pieces_is_read_whole),
		cmocka_unit_test(a_file_that_is_not_there_cannot_be_synced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
