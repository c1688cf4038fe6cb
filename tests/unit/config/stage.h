/* stage.h: for the tests of the configuration: a file with the given lines, read with the given variables. */
#ifndef TESTS_UNIT_CONFIG_STAGE_H
#define TESTS_UNIT_CONFIG_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "config.h"
#include "support/tmp.h"

/* What every sound configuration needs. */
#define NEEDED "[runa]\nbase_url = http://127.0.0.1:8081/v2\napi_key_file = /etc/payoutdesk/api-key\n"

struct stage {
	char file[TMP_PATH_SIZE];
	struct config *config;
	struct config_problems problems;
};

static inline void stage_write(struct stage *stage, const char *bytes, size_t count)
{
	FILE *file = fopen(stage->file, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

static inline void stage_read(struct stage *stage, char *const *variables)
{
	config_drop(stage->config);
	stage->config = config_read(stage->file, variables, &stage->problems);
}

static inline void stage_read_text(struct stage *stage, const char *text)
{
	stage_write(stage, text, strlen(text));
	stage_read(stage, NULL);
}

/* The text is sound. */
static inline struct config *stage_config(struct stage *stage, const char *text)
{
	stage_read_text(stage, text);
	if (stage->config == NULL)
		fail_msg("not read: %s", stage->problems.lines[0].text);
	return stage->config;
}

/* There is a problem that begins with "FILE" and `begins`, and holds `holds`. */
static inline void stage_says(struct stage *stage, const char *begins, const char *holds)
{
	assert_null(stage->config);
	for (size_t i = 0; i < stage->problems.count && i < CONFIG_PROBLEMS_MOST; i++) {
		const char *text = stage->problems.lines[i].text;

		if (strncmp(text, stage->file, strlen(stage->file)) == 0 &&
		    strncmp(text + strlen(stage->file), begins, strlen(begins)) == 0 && strstr(text, holds) != NULL)
			return;
	}
	fail_msg("no '%s...%s' in %zu problems; the first: %s", begins, holds, stage->problems.count,
	         stage->problems.lines[0].text);
}

static inline int stage_open(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);
	int fd;

	fd = tmp_template(stage->file, "payoutdesk-config") ? mkstemp(stage->file) : -1;
	if (fd < 0)
		return -1;
	*state = stage;
	return close(fd);
}

static inline int stage_close(void **state)
{
	struct stage *stage = *state;

	config_drop(stage->config);
	unlink(stage->file);
	free(stage);
	return 0;
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_open, stage_close)

#endif
