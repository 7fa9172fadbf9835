// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From the record of the walk over all sockets to a socket, and what is refused. */
#include "unit.h"

#include <errno.h>

#include "sources/decode.h"

#define TICK_NS 4000000ull /* HZ is 250 */

static const struct socket_record plain = {
	.type = SOCKET_RECORD,
	.state = TCP_ESTABLISHED,
	.owner_how = OWNER_SNAPSHOT,
	.flags = SOCKET_CARRIES,
	.lport = 443,
	.rport = 50000,
	.netns = 4026531840,
	.recv_q = 12,
	.send_q = 34,
	.timer = SOCKET_TIMER_ON,
	.timer_retransmits = 2,
	.timer_ticks = 51,
	.retransmits = 3,
	.cookie = 0x123456789abcdef0,
	.laddr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
	.raddr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 },
	.owner = { .cgroup = 99, .pid = 4711, .uid = 1000, .comm = "nginx" },
	.bytes_sent = 1ull << 40,
	.bytes_received = 1ull << 41,
	.rtt_us = 250,
	.cwnd = 10,
	.sent_ticks = 5,
	.received_ticks = UINT32_MAX,
};

/* Into memory full of ones: whatever is not written shows. */
static struct tcp_socket decode(const struct socket_record *record)
{
	struct tcp_socket s;

	memset(&s, 0xff, sizeof(s));
	assert_int_equal(decode_socket(record, sizeof(*record), TICK_NS, &s), 0);
	return s;
}

TEST(test_every_field)
{
	struct tcp_socket s = decode(&plain);

	assert_true(s.cookie == 0x123456789abcdef0);
	assert_true(s.netns == 4026531840);
	assert_int_equal(s.lport, 443);
	assert_int_equal(s.rport, 50000);
	assert_int_equal(s.family, 6);
	assert_int_equal(s.state, TCP_ESTABLISHED);
	assert_memory_equal(&s.laddr, plain.laddr, 16);
	assert_memory_equal(&s.raddr, plain.raddr, 16);
	assert_int_equal(s.owner.how, OWNER_SNAPSHOT);
	assert_int_equal(s.owner.pid, 4711);
	assert_int_equal(s.owner.uid, 1000);
	assert_null(s.owner.cgroup);
	assert_string_equal(s.owner.comm, "nginx");
	assert_true(s.state_ns == NOT_KNOWN);
	assert_int_equal(s.recv_q, 12);
	assert_int_equal(s.send_q, 34);
	assert_int_equal(s.timer, SOCKET_TIMER_ON);
	assert_int_equal(s.timer_retransmits, 2);
	assert_true(s.timer_ns == 204000000);
	assert_int_equal(*(unsigned char *)&s.carries, true);
	assert_true(s.bytes_sent == 1ull << 40);
	assert_true(s.bytes_received == 1ull << 41);
	assert_int_equal(s.retransmits, 3);
	assert_int_equal(s.rtt_us, 250);
	assert_int_equal(s.cwnd, 10);
	assert_true(s.lastsnd_ns == 20000000);
	assert_true(s.lastrcv_ns == (int64_t)(UINT32_MAX * TICK_NS));
}

TEST(test_wrong_sizes)
{
	unsigned char buf[2 * sizeof(plain)] = {};
	struct tcp_socket s;

	memcpy(buf, &plain, sizeof(plain));
	for (size_t size = 0; size <= sizeof(buf); size++)
		if (size != sizeof(plain))
			assert_int_equal(decode_socket(buf, size, TICK_NS, &s), -EBADMSG);
	assert_int_equal(decode_socket(NULL, 0, TICK_NS, &s), -EBADMSG);
}

TEST(test_wrong_types)
{
	struct socket_record record = plain;
	struct tcp_socket s;

	for (unsigned int type = 0; type <= UINT8_MAX; type++) {
		record.type = type;
		assert_int_equal(decode_socket(&record, sizeof(record), TICK_NS, &s),
				 type == SOCKET_RECORD ? 0 : -EBADMSG);
	}
}

/* A timer that is late has no time left; the longest is far away. */
TEST(test_timers)
{
	struct socket_record record = plain;

	record.timer_ticks = -1;
	assert_true(decode(&record).timer_ns == 0);
	record.timer_ticks = INT32_MIN;
	assert_true(decode(&record).timer_ns == 0);
	record.timer_ticks = 0;
	assert_true(decode(&record).timer_ns == 0);
	record.timer_ticks = INT32_MAX;
	assert_true(decode(&record).timer_ns == (int64_t)(INT32_MAX * TICK_NS));
	for (unsigned int timer = 0; timer <= UINT8_MAX; timer++) {
		record.timer = timer;
		assert_non_null(socket_timer__name(decode(&record).timer));
	}
	assert_string_equal(socket_timer__name(UINT8_MAX), "unknown");
}

/* Nothing has been sent or received before the connection is there. */
TEST(test_not_connected_yet)
{
	struct socket_record record = plain;
	struct tcp_socket s;

	record.state = TCP_SYN_SENT;
	s = decode(&record);
	assert_true(s.lastsnd_ns == NOT_KNOWN && s.lastrcv_ns == NOT_KNOWN);
	record.flags = 0;
	s = decode(&record);
	assert_int_equal(*(unsigned char *)&s.carries, false);
}

TEST(test_owners)
{
	struct socket_record record = plain;

	for (unsigned int how = 0; how <= UINT8_MAX; how++) {
		record.owner_how = how;
		assert_int_equal(decode(&record).owner.how,
				 how <= OWNER_SNAPSHOT ? how : OWNER_UNKNOWN);
	}
	memset(record.owner.comm, 'x', sizeof(record.owner.comm));
	assert_string_equal(decode(&record).owner.comm, "xxxxxxxxxxxxxxx");
}

TEST(test_mapped_addresses)
{
	static const __u8 mapped[16] = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 };
	struct socket_record record = plain;

	memcpy(record.laddr, mapped, sizeof(mapped));
	assert_int_equal(decode(&record).family, 4);
}

RUN(cmocka_unit_test(test_every_field), cmocka_unit_test(test_wrong_sizes),
    cmocka_unit_test(test_wrong_types), cmocka_unit_test(test_timers),
    cmocka_unit_test(test_not_connected_yet), cmocka_unit_test(test_owners),
    cmocka_unit_test(test_mapped_addresses))
