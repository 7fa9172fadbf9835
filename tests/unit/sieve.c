// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a sieve hands on, and when: above all a client's first transition. */
#include "unit.h"

#include "filter/sieve.h"

static struct {
	struct transition tr[8];
	size_t count;
	uint64_t lost;
} passed;

static int on_transition(void *ctx, struct transition *tr)
{
	(void)ctx;
	assert_true(passed.count < COUNT(passed.tr));
	passed.tr[passed.count++] = *tr;
	return 0;
}

static void on_loss(void *ctx, const struct loss *loss)
{
	(void)ctx;
	passed.lost += loss->count;
}

/* Two transitions of a client, which learns its local port, 50000, between them. */
static void connect_by(const char *expression, uint64_t between)
{
	const struct transition_handler next = { on_transition, on_loss, NULL };
	struct transition first = {
		.cookie = 7,
		.rport = 443,
		.old_state = TCP_CLOSE,
		.new_state = TCP_SYN_SENT,
	};
	struct transition second = first, other = first;
	struct transition_handler handler;
	struct expression_error error;
	struct filter filter = {};
	struct sieve sieve;

	passed.count = 0;
	second.old_state = TCP_SYN_SENT;
	second.new_state = TCP_ESTABLISHED;
	second.lport = 50000;
	other.cookie = between;
	assert_int_equal(filter__add(&filter, expression, ABOUT_TRANSITIONS, &error), 0);
	assert_int_equal(sieve__init(&sieve, &filter), 0);
	sieve__deliver_to(&sieve, &next);
	handler = sieve__handler(&sieve);
	handler.transition(handler.ctx, &first);
	if (between)
		handler.transition(handler.ctx, &other);
	handler.loss(handler.ctx, &(struct loss){ .count = 3 });
	handler.transition(handler.ctx, &second);
	sieve__free(&sieve);
	filter__free(&filter);
}

static void assert_states(size_t count, int first, int second)
{
	assert_int_equal(passed.count, count);
	if (count)
		assert_int_equal(passed.tr[0].new_state, first);
	if (count > 1)
		assert_int_equal(passed.tr[1].new_state, second);
}

TEST(test_the_port_comes_later)
{
	connect_by("sport 50000", 0);
	assert_states(2, TCP_SYN_SENT, TCP_ESTABLISHED);
	/* It is shown as it was. */
	assert_int_equal(passed.tr[0].lport, 0);
	connect_by("sport 50000", 8);
	assert_states(2, TCP_SYN_SENT, TCP_ESTABLISHED);
	connect_by("sport 50001", 0);
	assert_states(0, 0, 0);
	connect_by("sport != 50001", 0);
	assert_states(2, TCP_SYN_SENT, TCP_ESTABLISHED);
	connect_by("sport != 50000", 0);
	assert_states(0, 0, 0);
}

/* Each of the two is judged by itself. */
TEST(test_only_one_of_them)
{
	connect_by("sport 50000 state syn-sent", 0);
	assert_states(1, TCP_SYN_SENT, 0);
	connect_by("sport 50000 state established", 0);
	assert_states(1, TCP_ESTABLISHED, 0);
	connect_by("dport 443", 0);
	assert_states(2, TCP_SYN_SENT, TCP_ESTABLISHED);
	connect_by("dport 80 or sport 50000", 0);
	assert_states(2, TCP_SYN_SENT, TCP_ESTABLISHED);
}

TEST(test_losses)
{
	passed.lost = 0;
	connect_by("dport 1", 0);
	assert_states(0, 0, 0);
	assert_int_equal(passed.lost, 3);
}

RUN(cmocka_unit_test(test_the_port_comes_later), cmocka_unit_test(test_only_one_of_them),
    cmocka_unit_test(test_losses))
