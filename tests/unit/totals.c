// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counting of transitions, and the summary that people see. */
#include "unit.h"

#include "analysis/totals.h"
#include "sinks/sink.h"

static void add(struct totals *totals, uint8_t old, uint8_t new)
{
	totals__add(totals, &(struct transition){ .old_state = old, .new_state = new });
}

TEST(test_entered_and_left)
{
	struct totals totals = {};

	add(&totals, TCP_CLOSE, TCP_SYN_SENT);
	add(&totals, TCP_SYN_SENT, TCP_ESTABLISHED);
	add(&totals, TCP_SYN_RECV, TCP_ESTABLISHED);
	add(&totals, TCP_ESTABLISHED, TCP_CLOSE);
	assert_true(totals.transitions == 4);
	assert_true(totals.lost == 0);
	for (unsigned int state = 0; state < STATE_COUNT; state++) {
		assert_true(totals.entered[state] == (state == TCP_SYN_SENT	 ? 1
						      : state == TCP_ESTABLISHED ? 2
						      : state == TCP_CLOSE	 ? 1
										 : 0));
		assert_true(totals.left[state] ==
			    (state == TCP_CLOSE || state == TCP_SYN_SENT || state == TCP_SYN_RECV ||
			     state == TCP_ESTABLISHED));
	}
}

/* MPTCP's subflows: a row like any other, but no state is entered or left. */
TEST(test_a_transition_to_itself)
{
	struct totals totals = {};

	add(&totals, TCP_ESTABLISHED, TCP_ESTABLISHED);
	assert_true(totals.transitions == 1);
	assert_true(totals.entered[TCP_ESTABLISHED] == 0);
	assert_true(totals.left[TCP_ESTABLISHED] == 0);
}

/* Numbers that are no states are counted as transitions, and nothing outside is written. */
TEST(test_unknown_states)
{
	struct {
		uint64_t before[256];
		struct totals totals;
		uint64_t behind[256];
	} guarded = {};

	for (unsigned int state = STATE_COUNT; state <= UINT8_MAX; state++) {
		add(&guarded.totals, state, TCP_CLOSE);
		add(&guarded.totals, TCP_LISTEN, state);
	}
	assert_true(guarded.totals.transitions == 2 * (256 - STATE_COUNT));
	assert_true(guarded.totals.entered[TCP_CLOSE] == 256 - STATE_COUNT);
	assert_true(guarded.totals.left[TCP_LISTEN] == 256 - STATE_COUNT);
	for (size_t i = 0; i < COUNT(guarded.before); i++)
		assert_true(!guarded.before[i] && !guarded.behind[i]);
}

TEST(test_losses)
{
	struct totals totals = {};

	totals__add_loss(&totals, &(struct loss){ .count = 3, .where = LOSS_RING });
	totals__add_loss(&totals, &(struct loss){ .count = 1ull << 40, .where = LOSS_PROBE });
	assert_true(totals.lost == (1ull << 40) + 3);
	assert_true(totals.transitions == 0);
}

TEST(test_summary)
{
	struct totals totals = {};
	struct sink_summary summary = { .totals = &totals, .duration_ns = 1234567890 };
	struct captured captured;

	unit__capture_stderr(&captured);
	summary__print(&summary);
	assert_string_equal(unit__captured(&captured), "\n0 transitions in 1.235 s, 0 lost\n");

	add(&totals, TCP_CLOSE, TCP_LISTEN);
	add(&totals, TCP_LISTEN, TCP_NEW_SYN_RECV);
	totals.lost = UINT64_MAX;
	totals.entered[TCP_LISTEN] = 123456789012;
	unit__capture_stderr(&captured);
	summary__print(&summary);
	assert_string_equal(unit__captured(&captured),
			    "\n2 transitions in 1.235 s, 18446744073709551615 lost\n"
			    "STATE             ENTERED         LEFT\n"
			    "CLOSE                   0            1\n"
			    "LISTEN       123456789012            0\n"
			    "NEW_SYN_RECV            1            0\n");
}

/* The listener goes on listening. */
TEST(test_births)
{
	struct totals totals = {};

	add(&totals, TCP_CLOSE, TCP_LISTEN);
	add(&totals, TCP_LISTEN, TCP_NEW_SYN_RECV);
	add(&totals, TCP_LISTEN, TCP_SYN_RECV);
	assert_true(totals.left[TCP_LISTEN] == 0);
	add(&totals, TCP_LISTEN, TCP_CLOSE);
	assert_true(totals.left[TCP_LISTEN] == 1);
}

RUN(cmocka_unit_test(test_entered_and_left), cmocka_unit_test(test_births),
    cmocka_unit_test(test_a_transition_to_itself), cmocka_unit_test(test_unknown_states),
    cmocka_unit_test(test_losses), cmocka_unit_test(test_summary))
