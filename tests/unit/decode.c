// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From the wire record to a transition, and what is refused. */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>

#include "sources/decode.h"

static const struct event_transition plain = {
	.type = EVENT_TRANSITION,
	.old_state = TCP_FIN_WAIT2,
	.new_state = TCP_CLOSE,
	.owner_how = OWNER_ACCEPTED,
	.flags = EVENT_ENTERS_TIME_WAIT,
	.error = ECONNRESET,
	.netns = 4026531840,
	.lport = 443,
	.rport = 50000,
	.time = 5000,
	.since = 3000,
	.born = 1000,
	.cookie = 0x123456789abcdef0,
	.lost = 7,
	.laddr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
	.raddr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 },
	.owner = { .cgroup = 99, .pid = 4711, .uid = 1000, .comm = "nginx" },
	.bytes_sent = 1ull << 40,
	.bytes_received = 1ull << 41,
	.retransmits = 3,
	.rtt_us = 250,
};

/* Into memory full of ones: whatever is not written shows. */
static struct transition decode(const struct event_transition *event, uint64_t boot_time)
{
	struct transition tr;

	memset(&tr, 0xff, sizeof(tr));
	assert_int_equal(decode_transition(event, sizeof(*event), boot_time, &tr), 0);
	return tr;
}

TEST(test_every_field)
{
	struct transition tr = decode(&plain, 1000000);

	assert_true(tr.time == 1005000);
	assert_true(tr.seq == 0);
	assert_true(tr.cookie == 0x123456789abcdef0);
	assert_true(tr.state_ns == 2000);
	assert_true(tr.life_ns == 4000);
	assert_true(tr.netns == 4026531840);
	assert_int_equal(tr.lport, 443);
	assert_int_equal(tr.rport, 50000);
	assert_int_equal(tr.family, 6);
	assert_int_equal(tr.old_state, TCP_FIN_WAIT2);
	assert_int_equal(tr.new_state, TCP_CLOSE);
	assert_int_equal(tr.src, SRC_TRACEPOINT);
	assert_int_equal(*(unsigned char *)&tr.inferred, false);
	assert_int_equal(*(unsigned char *)&tr.enters_time_wait, true);
	assert_memory_equal(&tr.laddr, plain.laddr, 16);
	assert_memory_equal(&tr.raddr, plain.raddr, 16);
	assert_int_equal(tr.owner.how, OWNER_ACCEPTED);
	assert_int_equal(tr.owner.pid, 4711);
	assert_int_equal(tr.owner.uid, 1000);
	assert_null(tr.owner.cgroup);
	assert_string_equal(tr.owner.comm, "nginx");
	assert_int_equal(tr.error, ECONNRESET);
	assert_true(tr.bytes_sent == 1ull << 40);
	assert_true(tr.bytes_received == 1ull << 41);
	assert_int_equal(tr.retransmits, 3);
	assert_int_equal(tr.rtt_us, 250);
}

TEST(test_wrong_sizes)
{
	unsigned char buf[2 * sizeof(plain)] = {};
	struct transition tr;

	memcpy(buf, &plain, sizeof(plain));
	for (size_t size = 0; size <= sizeof(buf); size++)
		if (size != sizeof(plain))
			assert_int_equal(decode_transition(buf, size, 0, &tr), -EBADMSG);
	assert_int_equal(decode_transition(buf, SIZE_MAX, 0, &tr), -EBADMSG);
}

TEST(test_nothing_is_read_of_an_empty_record)
{
	struct transition tr;

	assert_int_equal(decode_transition(NULL, 0, 0, &tr), -EBADMSG);
}

TEST(test_wrong_types)
{
	struct event_transition event = plain;
	struct transition tr;

	for (unsigned int type = 0; type <= UINT8_MAX; type++) {
		event.type = type;
		assert_int_equal(decode_transition(&event, sizeof(event), 0, &tr),
				 type == EVENT_TRANSITION ? 0 : -EBADMSG);
	}
}

TEST(test_family)
{
	static const struct {
		const char *local, *remote;
		int family;
	} cases[] = {
		{ "::ffff:10.0.0.1", "::ffff:10.0.0.2", 4 },
		{ "::ffff:0.0.0.0", "::ffff:0.0.0.0", 4 },
		/* An IPv6 socket that connects to an IPv4 address has no local one yet. */
		{ "::", "::ffff:10.0.0.2", 4 },
		{ "::ffff:10.0.0.1", "::", 4 },
		{ "::", "::", 6 },
		{ "::1", "::1", 6 },
		{ "2001:db8::1", "2001:db8::2", 6 },
		/* These look like IPv4 and are not. */
		{ "::10.0.0.1", "::10.0.0.2", 6 },
		{ "64:ff9b::10.0.0.1", "64:ff9b::10.0.0.2", 6 },
		{ "::fffe:10.0.0.1", "::fffe:10.0.0.2", 6 },
		{ "::ffff:0:10.0.0.1", "::ffff:0:10.0.0.2", 6 },
		{ "1::ffff:10.0.0.1", "1::ffff:10.0.0.2", 6 },
	};
	struct event_transition event = plain;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(inet_pton(AF_INET6, cases[i].local, event.laddr), 1);
		assert_int_equal(inet_pton(AF_INET6, cases[i].remote, event.raddr), 1);
		if (decode(&event, 0).family != cases[i].family)
			fail_msg("%s %s is not family %d", cases[i].local, cases[i].remote,
				 cases[i].family);
	}
}

TEST(test_unknown_states_stay_what_they_are)
{
	struct event_transition event = plain;

	for (unsigned int state = 0; state <= UINT8_MAX; state++) {
		struct transition tr;

		event.old_state = state;
		event.new_state = UINT8_MAX - state;
		tr = decode(&event, 0);
		assert_int_equal(tr.old_state, state);
		assert_int_equal(tr.new_state, UINT8_MAX - state);
	}
}

TEST(test_comm_always_ends)
{
	struct event_transition event = plain;
	struct transition tr;

	memset(event.owner.comm, 'x', sizeof(event.owner.comm));
	tr = decode(&event, 0);
	assert_string_equal(tr.owner.comm, "xxxxxxxxxxxxxxx");

	memcpy(event.owner.comm, "0123456789abcde", 16);
	tr = decode(&event, 0);
	assert_string_equal(tr.owner.comm, "0123456789abcde");

	memset(event.owner.comm, 0, sizeof(event.owner.comm));
	tr = decode(&event, 0);
	assert_string_equal(tr.owner.comm, "");
}

TEST(test_spans)
{
	static const struct {
		uint64_t time, since, born;
		int64_t state_ns, life_ns;
	} cases[] = {
		{ 5000, 3000, 1000, 2000, 4000 },
		{ 5000, 5000, 5000, 0, 0 },
		{ 5000, 0, 0, NOT_KNOWN, NOT_KNOWN },
		{ 5000, 3000, 0, 2000, NOT_KNOWN },
		{ 5000, 0, 3000, NOT_KNOWN, 2000 },
		/* The clock does not go back; if it seems to, nothing is known. */
		{ 5000, 5001, 6000, NOT_KNOWN, NOT_KNOWN },
		{ 5000, UINT64_MAX, UINT64_MAX, NOT_KNOWN, NOT_KNOWN },
		{ 0, 0, 0, NOT_KNOWN, NOT_KNOWN },
		{ 1, 1, 1, 0, 0 },
		{ INT64_MAX, 1, 1, INT64_MAX - 1, INT64_MAX - 1 },
	};
	struct event_transition event = plain;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct transition tr;

		event.time = cases[i].time;
		event.since = cases[i].since;
		event.born = cases[i].born;
		tr = decode(&event, 0);
		assert_true(tr.state_ns == cases[i].state_ns);
		assert_true(tr.life_ns == cases[i].life_ns);
	}
}

TEST(test_flags)
{
	struct event_transition event = plain;

	for (unsigned int flags = 0; flags <= UINT8_MAX; flags++) {
		struct transition tr;

		event.flags = flags;
		tr = decode(&event, 0);
		assert_int_equal(*(unsigned char *)&tr.enters_time_wait,
				 (flags & EVENT_ENTERS_TIME_WAIT) != 0);
		assert_int_equal(*(unsigned char *)&tr.complete, (flags & EVENT_FIN_ACKED) != 0);
	}
}

RUN(cmocka_unit_test(test_every_field), cmocka_unit_test(test_wrong_sizes),
    cmocka_unit_test(test_nothing_is_read_of_an_empty_record), cmocka_unit_test(test_wrong_types),
    cmocka_unit_test(test_family), cmocka_unit_test(test_unknown_states_stay_what_they_are),
    cmocka_unit_test(test_comm_always_ends), cmocka_unit_test(test_spans),
    cmocka_unit_test(test_flags))
