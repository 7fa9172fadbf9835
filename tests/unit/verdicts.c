// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How `check` lays out what it found, and what it concludes. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "commands/verdicts.h"

/* What a report of these lines says at its end, and whether tracing works. */
static int conclude(const enum verdict *verdicts, size_t count, const char *says)
{
	struct verdicts sum = {};
	struct captured captured;
	int err;

	unit__capture(&captured, stdout);
	for (size_t i = 0; i < count; i++)
		verdicts__line(&sum, verdicts[i], "name", "value");
	err = verdicts__end(&sum);
	assert_non_null(strstr(unit__captured(&captured), says));
	return err;
}

#define VERDICTS(...) (enum verdict[]){ __VA_ARGS__ }, COUNT(((enum verdict[]){ __VA_ARGS__ }))

TEST(test_layout)
{
	struct verdicts sum = {};
	struct captured captured;

	unit__capture(&captured, stdout);
	verdicts__line(&sum, VERDICT_OK, "kernel", "%d.%d", 6, 18);
	verdicts__line(&sum, VERDICT_MISSING, "CAP_PERFMON", "no");
	verdicts__hint("Do: %s", "this");
	verdicts__line(&sum, VERDICT_UNKNOWN, "BPF JIT", "Permission denied");
	assert_string_equal(
		unit__captured(&captured),
		"kernel            6.18                                    ok\n"
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
	struct captured captured;
	char text[1000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	unit__capture(&captured, stdout);
	verdicts__line(&sum, VERDICT_OK, text, "%s", text);
	assert_non_null(strstr(unit__captured(&captured), "  ok\n"));
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
