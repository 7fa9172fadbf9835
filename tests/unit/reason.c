// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is concluded from a transition: is it an end, why, and does TIME_WAIT follow. */
#include "unit.h"

#include <errno.h>

#include "transition.h"

/* What the kernel side has seen besides: a stand-in in TIME_WAIT; the peer's last ACK. */
#define NOTHING 0
#define ENTERS	EVENT_ENTERS_TIME_WAIT
#define ACKED	EVENT_FIN_ACKED

/* The ends that TCP knows, with the error that the kernel leaves in sk_err. */
static const struct {
	uint8_t old, new;
	uint16_t error;
	uint8_t flags;
	const char *reason;
} cases[] = {
	/* Both sides have said goodbye. */
	{ TCP_FIN_WAIT2, TCP_CLOSE, 0, ENTERS, "fin" },
	{ TCP_CLOSING, TCP_CLOSE, 0, ENTERS, "fin" },
	{ TCP_FIN_WAIT2, TCP_TIME_WAIT, 0, ENTERS, "fin" },
	{ TCP_FIN_WAIT2, TCP_CLOSE, 0, ENTERS | ACKED, "fin" },
	{ TCP_LAST_ACK, TCP_CLOSE, 0, ACKED, "fin" },
	/* One side has, and this side did not wait for the answer. */
	{ TCP_LAST_ACK, TCP_CLOSE, 0, NOTHING, "aborted" },
	{ TCP_CLOSING, TCP_CLOSE, 0, NOTHING, "aborted" },
	/* The same states, and a reset came instead. */
	{ TCP_FIN_WAIT2, TCP_CLOSE, ECONNRESET, NOTHING, "reset" },
	{ TCP_CLOSING, TCP_CLOSE, ECONNRESET, NOTHING, "reset" },
	{ TCP_LAST_ACK, TCP_CLOSE, ECONNRESET, NOTHING, "reset" },
	{ TCP_LAST_ACK, TCP_CLOSE, ECONNRESET, ACKED, "reset" },
	{ TCP_FIN_WAIT1, TCP_CLOSE, ECONNRESET, NOTHING, "reset" },
	{ TCP_ESTABLISHED, TCP_CLOSE, ECONNRESET, NOTHING, "reset" },
	{ TCP_SYN_RECV, TCP_CLOSE, ECONNRESET, NOTHING, "reset" },
	{ TCP_CLOSE_WAIT, TCP_CLOSE, EPIPE, NOTHING, "reset" },
	/* connect() failed. */
	{ TCP_SYN_SENT, TCP_CLOSE, ECONNREFUSED, NOTHING, "refused" },
	{ TCP_SYN_SENT, TCP_CLOSE, ETIMEDOUT, NOTHING, "timeout" },
	{ TCP_SYN_SENT, TCP_CLOSE, EHOSTUNREACH, NOTHING, "EHOSTUNREACH" },
	{ TCP_SYN_SENT, TCP_CLOSE, ENETUNREACH, NOTHING, "ENETUNREACH" },
	{ TCP_SYN_SENT, TCP_CLOSE, EADDRNOTAVAIL, NOTHING, "EADDRNOTAVAIL" },
	{ TCP_SYN_SENT, TCP_CLOSE, EADDRINUSE, NOTHING, "EADDRINUSE" },
	{ TCP_SYN_SENT, TCP_CLOSE, EACCES, NOTHING, "EACCES" },
	/* ... or was given up by its own program. */
	{ TCP_SYN_SENT, TCP_CLOSE, 0, NOTHING, "closed" },
	{ TCP_LISTEN, TCP_CLOSE, 0, NOTHING, "closed" },
	/* The other side does not answer any more. */
	{ TCP_ESTABLISHED, TCP_CLOSE, ETIMEDOUT, NOTHING, "timeout" },
	{ TCP_FIN_WAIT1, TCP_CLOSE, ETIMEDOUT, NOTHING, "timeout" },
	{ TCP_LAST_ACK, TCP_CLOSE, ETIMEDOUT, NOTHING, "timeout" },
	/* Its own side reset it: SO_LINGER with 0, unread data, `ss -K`. */
	{ TCP_ESTABLISHED, TCP_CLOSE, 0, NOTHING, "aborted" },
	{ TCP_ESTABLISHED, TCP_CLOSE, 0, ACKED, "aborted" },
	{ TCP_CLOSE_WAIT, TCP_CLOSE, 0, NOTHING, "aborted" },
	{ TCP_FIN_WAIT1, TCP_CLOSE, 0, NOTHING, "aborted" },
	{ TCP_FIN_WAIT2, TCP_CLOSE, 0, NOTHING, "aborted" },
	{ TCP_ESTABLISHED, TCP_CLOSE, ECONNABORTED, NOTHING, "aborted" },
	/* Whatever else there may be in sk_err. */
	{ TCP_ESTABLISHED, TCP_CLOSE, 1, NOTHING, "EPERM" },
	{ TCP_ESTABLISHED, TCP_CLOSE, 9999, NOTHING, "unknown" },
	{ TCP_ESTABLISHED, TCP_CLOSE, UINT16_MAX, NOTHING, "unknown" },
	{ 99, TCP_CLOSE, ECONNRESET, NOTHING, "reset" },
	{ 99, TCP_CLOSE, 0, NOTHING, "aborted" },
	{ 0, TCP_CLOSE, ETIMEDOUT, NOTHING, "timeout" },
};

static struct transition transition_of(size_t i)
{
	return (struct transition){ .old_state = cases[i].old,
				    .new_state = cases[i].new,
				    .error = cases[i].error,
				    .enters_time_wait = (cases[i].flags & ENTERS) != 0,
				    .complete = (cases[i].flags & ACKED) != 0 };
}

TEST(test_reason)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct transition tr = transition_of(i);
		const char *reason = transition__reason(&tr);

		assert_true(transition__is_end(&tr));
		if (!reason || strcmp(reason, cases[i].reason))
			fail_msg("%d -> %d, error %d: %s and not %s", cases[i].old, cases[i].new,
				 cases[i].error, reason ? reason : "none", cases[i].reason);
	}
}

/* The reason is the same, whether the row says TIME_WAIT or, with --raw, CLOSE. */
TEST(test_reason_survives_inference)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct transition tr = transition_of(i);

		transition__infer(&tr);
		assert_string_equal(transition__reason(&tr), cases[i].reason);
	}
}

TEST(test_only_ends_have_a_reason)
{
	for (unsigned int state = 0; state <= UINT8_MAX; state++) {
		struct transition tr = { .old_state = TCP_ESTABLISHED,
					 .new_state = state,
					 .error = ECONNRESET };
		bool end = state == TCP_CLOSE || state == TCP_TIME_WAIT;

		assert_int_equal(transition__is_end(&tr), end);
		if (end)
			assert_string_equal(transition__reason(&tr), "reset");
		else
			assert_null(transition__reason(&tr));
	}
}

/* A word of its own or an errno's name, never anything that would have to be escaped. */
TEST(test_every_error_has_a_word)
{
	for (unsigned int error = 0; error <= UINT16_MAX; error++) {
		struct transition tr = { .old_state = TCP_ESTABLISHED,
					 .new_state = TCP_CLOSE,
					 .error = error };
		const char *reason = transition__reason(&tr);

		assert_non_null(reason);
		assert_in_range(strlen(reason), 3, 31);
		assert_int_equal(strspn(reason, "abcdefghijklmnopqrstuvwxyz"
						"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
				 strlen(reason));
	}
}

TEST(test_infer)
{
	for (unsigned int state = 0; state <= UINT8_MAX; state++) {
		for (int enters = 0; enters < 2; enters++) {
			struct transition tr = { .old_state = TCP_FIN_WAIT2,
						 .new_state = state,
						 .enters_time_wait = enters };
			bool inferred = enters && state == TCP_CLOSE;

			transition__infer(&tr);
			assert_int_equal(tr.new_state, inferred ? TCP_TIME_WAIT : state);
			assert_int_equal(tr.inferred, inferred);
			assert_int_equal(tr.old_state, TCP_FIN_WAIT2);
		}
	}
}

TEST(test_infer_twice_is_once)
{
	struct transition tr = { .old_state = TCP_CLOSING,
				 .new_state = TCP_CLOSE,
				 .enters_time_wait = true };

	transition__infer(&tr);
	transition__infer(&tr);
	assert_int_equal(tr.new_state, TCP_TIME_WAIT);
	assert_true(tr.inferred);
}

TEST(test_words)
{
	assert_string_equal(owner_how__name(OWNER_UNKNOWN), "unknown");
	assert_string_equal(owner_how__name(OWNER_SELF), "self");
	assert_string_equal(owner_how__name(OWNER_INHERITED), "inherited");
	assert_string_equal(owner_how__name(OWNER_ACCEPTED), "accepted");
	assert_string_equal(owner_how__name(OWNER_SNAPSHOT), "snapshot");
	assert_string_equal(owner_how__name(255), "unknown");
	assert_string_equal(transition_src__name(SRC_TRACEPOINT), "tracepoint");
	assert_string_equal(transition_src__name(255), "unknown");
	assert_string_equal(loss_where__name(LOSS_RING), "ring");
	assert_string_equal(loss_where__name(LOSS_PROBE), "probe");
	assert_string_equal(loss_where__name(LOSS_LOG), "log");
	assert_string_equal(loss_where__name(255), "unknown");
}

RUN(cmocka_unit_test(test_reason), cmocka_unit_test(test_reason_survives_inference),
    cmocka_unit_test(test_only_ends_have_a_reason), cmocka_unit_test(test_every_error_has_a_word),
    cmocka_unit_test(test_infer), cmocka_unit_test(test_infer_twice_is_once),
    cmocka_unit_test(test_words))
