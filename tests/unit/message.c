// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the program says on standard error. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "support/message.h"

TEST(test_one_line_with_the_name)
{
	struct captured captured;

	unit__capture_stderr(&captured);
	message("%s and %d", "words", 42);
	message("%%");
	assert_string_equal(unit__captured(&captured), "tcpflux: words and 42\ntcpflux: %\n");
}

TEST(test_errno)
{
	struct captured captured;
	int err;

	unit__capture_stderr(&captured);
	err = message_errno(-ENOSPC, "standard output");
	assert_string_equal(unit__captured(&captured),
			    "tcpflux: standard output: No space left on device\n");
	assert_int_equal(err, -ENOSPC);
}

/* What a user wrote may be of any length; it is cut off, and is still one line. */
TEST(test_long)
{
	enum { LEN = 10000 };
	struct captured captured;
	char *text = malloc(LEN + 1);
	const char *said;

	memset(text, 'x', LEN);
	text[LEN] = '\0';
	unit__capture_stderr(&captured);
	message("%s", text);
	said = unit__captured(&captured);
	assert_memory_equal(said, "tcpflux: xxx", 12);
	assert_in_range(strlen(said), 100, 4000);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	free(text);
}

RUN(cmocka_unit_test(test_one_line_with_the_name), cmocka_unit_test(test_errno),
    cmocka_unit_test(test_long))
