// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The names of the states. */
#include "unit.h"

#include <limits.h>

#include "state.h"
#include "support/format.h"

/* By number, as include/net/tcp_states.h has them. */
static const char *const names[] = {
	[1] = "ESTABLISHED", [2] = "SYN_SENT",	[3] = "SYN_RECV", [4] = "FIN_WAIT1",
	[5] = "FIN_WAIT2",   [6] = "TIME_WAIT", [7] = "CLOSE",	  [8] = "CLOSE_WAIT",
	[9] = "LAST_ACK",    [10] = "LISTEN",	[11] = "CLOSING", [12] = "NEW_SYN_RECV",
};

TEST(test_every_state_has_its_kernel_name)
{
	assert_int_equal(STATE_COUNT, COUNT(names));
	for (unsigned int i = 1; i < COUNT(names); i++)
		assert_string_equal(state__name(i), names[i]);
}

TEST(test_other_numbers_have_no_name)
{
	static const unsigned int others[] = { 0, 13, 14, 99, 255, 256, 0x80000000, UINT_MAX };

	for (size_t i = 0; i < COUNT(others); i++)
		assert_null(state__name(others[i]));
}

/* A state is one byte on the wire; whatever it holds has to fit into the column. */
TEST(test_every_byte_can_be_printed)
{
	char text[64], expected[64];

	for (unsigned int i = 0; i <= UINT8_MAX; i++) {
		memset(text, '#', sizeof(text));
		*format__state(text, i) = '\0';
		if (i >= 1 && i < COUNT(names))
			snprintf(expected, sizeof(expected), "%s", names[i]);
		else
			snprintf(expected, sizeof(expected), "UNKNOWN(%u)", i);
		assert_string_equal(text, expected);
		assert_in_range(strlen(text), 1, STATE_NAME_LEN);
	}
}

RUN(cmocka_unit_test(test_every_state_has_its_kernel_name),
    cmocka_unit_test(test_other_numbers_have_no_name),
    cmocka_unit_test(test_every_byte_can_be_printed))
