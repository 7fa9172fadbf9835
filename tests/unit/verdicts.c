// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How `check` lays out what it found, and what it concludes. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "commands/verdicts.h"

/* Standard output, as a report has written it. */
static struct {
	int saved;
	FILE *file;
	char text[4096];
} output;

static void begin(void)
{
	fflush(stdout);
	output.saved = dup(STDOUT_FILENO);
	output.file = tmpfile();
	assert_non_null(output.file);
	dup2(fileno(output.file), STDOUT_FILENO);
}

static const char *end(void)
{
	size_t len;

	fflush(stdout);
	dup2(output.saved, STDOUT_FILENO);
	close(output.saved);
	rewind(output.file);
	len = fread(output.text, 1, sizeof(output.text) - 1, output.file);
	output.text[len] = '\0';
	fclose(output.file);
	return output.text;
}

/* What a report of these lines says at its end, and whether tracing works. */
static int conclude(const enum verdict *verdicts, size_t count, const char *says)
{
	struct verdicts sum = {};
	int err;

	begin();
	for (size_t i = 0; i < count; i++)
		verdicts__line(&sum, verdicts[i], "name", "value");
	err = verdicts__end(&sum);
	end();
	assert_non_null(strstr(output.text, says));
	return err;
}

#define VERDICTS(...) (enum verdict[]){ __VA_ARGS__ }, COUNT(((enum verdict[]){ __VA_ARGS__ }))

TEST(test_layout)
{
	struct verdicts sum = {};

	begin();
	verdicts__line(&sum, VERDICT_OK, "kernel", "%d.%d", 6, 18);
	verdicts__line(&sum, VERDICT_MISSING, "CAP_PERFMON", "no");
	verdicts__hint("Do: %s", "this");
	verdicts__line(&sum, VERDICT_UNKNOWN, "BPF JIT", "Permission denied");
	assert_string_equal(
		end(), "kernel            6.18                                    ok\n"
		       "CAP_PERFMON       no                                      MISSING\n"
		       "    Do: this\n"
		       "BPF JIT           Permission denied                       not known\n");
	assert_int_equal(sum.lines[VERDICT_OK], 1);
	assert_int_equal(sum.lines[VERDICT_MISSING], 1);
}

/* Longer than a column, and longer than a line. */
TEST(test_long_values)
{
	struct verdicts sum = {};
	char text[1000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	begin();
	verdicts__line(&sum, VERDICT_OK, text, "%s", text);
	assert_non_null(strstr(end(), "  ok\n"));
}

TEST(test_conclusions)
{
	assert_int_equal(conclude(VERDICTS(VERDICT_OK), "works here."), 0);
	assert_int_equal(conclude(VERDICTS(VERDICT_OK, VERDICT_UNKNOWN), "works here."), 0);
	assert_int_equal(conclude(VERDICTS(VERDICT_DEGRADED, VERDICT_OK), "not in full"), 0);
	assert_int_equal(conclude(VERDICTS(VERDICT_OK, VERDICT_MISSING), "does not work"),
			 -ENOTSUP);
	assert_int_equal(conclude(VERDICTS(VERDICT_FAILED, VERDICT_DEGRADED), "does not work"),
			 -ENOTSUP);
}

RUN(cmocka_unit_test(test_layout), cmocka_unit_test(test_long_values),
    cmocka_unit_test(test_conclusions))
