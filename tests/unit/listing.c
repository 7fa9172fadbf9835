// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A list of sockets in every format, byte for byte. */
#include "unit.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "sinks/listing.h"

/* 2026-11-22T21:00:00.5Z */
#define TIME 1795381200500000000ull

static struct tcp_socket established(void)
{
	struct tcp_socket s = {
		.cookie = 4711,
		.netns = 4026531840,
		.lport = 443,
		.rport = 50000,
		.family = 4,
		.state = TCP_ESTABLISHED,
		.owner = { .how = OWNER_SNAPSHOT, .pid = 812, .uid = 33, .comm = "nginx" },
		.state_ns = NOT_KNOWN,
		.recv_q = 5,
		.send_q = 12,
		.timer = SOCKET_TIMER_ON,
		.timer_retransmits = 1,
		.timer_ns = 204000000,
		.carries = true,
		.bytes_sent = 1000,
		.bytes_received = 2000,
		.retransmits = 2,
		.rtt_us = 52,
		.cwnd = 10,
		.lastsnd_ns = 3200000000,
		.lastrcv_ns = 40000000,
	};

	inet_pton(AF_INET6, "::ffff:192.0.2.1", &s.laddr);
	inet_pton(AF_INET6, "::ffff:198.51.100.7", &s.raddr);
	return s;
}

/* Whose is not known, nor anything else that need not be. */
static struct tcp_socket stand_in(void)
{
	struct tcp_socket s = {
		.cookie = UINT64_MAX,
		.netns = UINT32_MAX,
		.lport = UINT16_MAX,
		.rport = UINT16_MAX,
		.family = 6,
		.state = TCP_TIME_WAIT,
		.state_ns = NOT_KNOWN,
		.lastsnd_ns = NOT_KNOWN,
		.lastrcv_ns = NOT_KNOWN,
	};

	inet_pton(AF_INET6, "2001:db8:1111:2222:3333:4444:5555:6666", &s.laddr);
	inet_pton(AF_INET6, "2001:db8::1", &s.raddr);
	return s;
}

/* What a format makes of two rounds with one socket each. */
static const char *print(listing_new_fn *new, const struct listing_options *options,
			 const struct tcp_socket *first, const struct tcp_socket *second)
{
	static char text[8192];
	FILE *file = tmpfile();
	struct output *out = output__new(fileno(file), -1);
	struct listing *listing = new (out, options);

	assert_non_null(listing);
	listing->ops->begin(listing, TIME);
	listing->ops->socket(listing, first);
	if (options->timed)
		listing->ops->begin(listing, TIME + 1000000000);
	listing->ops->socket(listing, second);
	output__flush(out);
	assert_int_equal(output__error(out), 0);
	free(listing);
	output__free(out);
	return unit__read(file, text, sizeof(text));
}

/* The columns behind the addresses. */
#define OWNER_TO_TIMER "PID     COMM            UID   NETNS      COOKIE     AGE    TIMER"
#define HEADER                                                                                     \
	"STATE        RECV-Q SEND-Q LOCAL                   REMOTE                 "               \
	" " OWNER_TO_TIMER
#define ESTABLISHED                                                                                \
	"ESTABLISHED  5      12     192.0.2.1:443           198.51.100.7:50000      "              \
	"812     nginx           33    4026531840 4711       -      on,204ms,1"

TEST(test_text)
{
	struct tcp_socket a = established(), b = stand_in();

	/* The first long address widens the columns, under a new header. */
	assert_string_equal(
		print(text_listing__new, &(struct listing_options){}, &a, &b),
		HEADER "\n" ESTABLISHED "\n"
		       "STATE        RECV-Q SEND-Q LOCAL                                           "
		       "REMOTE                                          " OWNER_TO_TIMER "\n"
		       "TIME_WAIT    0      0      [2001:db8:1111:2222:3333:4444:5555:6666]:65535  "
		       "[2001:db8::1]:65535                             "
		       "-       -               -     4294967295 18446744073709551615 -      -\n");
}

#define INFO_LIST                                                                                  \
	HEADER "                 INFO\n" ESTABLISHED "            cwnd:10 rtt:52.0us retrans:2 "   \
	       "sent:1000 received:2000 lastsnd:3.20s lastrcv:40.0ms\n"

TEST(test_text_with_information)
{
	struct tcp_socket a = established();

	assert_string_equal(print(text_listing__new,
				  &(struct listing_options){ .info = true, .timed = true }, &a, &a),
			    INFO_LIST "\n" INFO_LIST);
}

TEST(test_colours)
{
	struct tcp_socket a = established();
	const char *text = print(text_listing__new, &(struct listing_options){ .colour = true }, &a,
				 &a);

	assert_non_null(strstr(text, "\n\033[32mESTABLISHED\033[0m  5      12     192.0.2.1:443"));
}

TEST(test_json)
{
	struct tcp_socket a = established(), b = stand_in();

	a.owner.cgroup = "/a\"b";
	assert_string_equal(
		print(json_listing__new, &(struct listing_options){}, &a, &b),
		"{\"type\":\"socket\",\"cookie\":4711,\"netns\":4026531840,\"family\":4,"
		"\"laddr\":\"192.0.2.1\",\"lport\":443,\"raddr\":\"198.51.100.7\","
		"\"rport\":50000,\"state\":\"ESTABLISHED\",\"state_us\":null,\"pid\":812,"
		"\"comm\":\"nginx\",\"uid\":33,\"cgroup\":\"/"
		"a\\\"b\",\"owner\":\"snapshot\",\"recv_q\":5,\"send_q\":12,"
		"\"timer\":\"on\",\"timer_ms\":204,\"timer_retransmits\":1,\"retransmits\":2}\n"
		"{\"type\":\"socket\",\"cookie\":18446744073709551615,\"netns\":4294967295,"
		"\"family\":6,\"laddr\":\"2001:db8:1111:2222:3333:4444:5555:6666\","
		"\"lport\":65535,\"raddr\":\"2001:db8::1\",\"rport\":65535,"
		"\"state\":\"TIME_WAIT\",\"state_us\":null,\"pid\":null,\"comm\":null,"
		"\"uid\":null,\"cgroup\":null,\"owner\":\"unknown\",\"recv_q\":0,\"send_q\":0,"
		"\"timer\":\"off\","
		"\"timer_ms\":null,\"timer_retransmits\":null,\"retransmits\":null}\n");
}

TEST(test_json_with_information)
{
	struct tcp_socket a = established(), b = stand_in();
	const char *text = print(json_listing__new,
				 &(struct listing_options){ .info = true, .timed = true }, &a, &b);

	assert_non_null(strstr(text, "{\"type\":\"socket\",\"time\":\"2026-11-22T21:00:00."
				     "500000000Z\",\"cookie\":4711,"));
	assert_non_null(strstr(text, "\"time\":\"2026-11-22T21:00:01.500000000Z\",\"cookie\":184"));
	assert_non_null(strstr(text, "\"retransmits\":2,\"cwnd\":10,\"rtt_us\":52,"
				     "\"bytes_sent\":1000,\"bytes_received\":2000,"
				     "\"lastsnd_ms\":3200,\"lastrcv_ms\":40}\n"));
	assert_non_null(strstr(text, "\"retransmits\":null,\"cwnd\":null,\"rtt_us\":null,"
				     "\"bytes_sent\":null,\"bytes_received\":null,"
				     "\"lastsnd_ms\":null,\"lastrcv_ms\":null}\n"));
}

TEST(test_csv)
{
	struct tcp_socket a = established(), b = stand_in();

	a.state = 99;
	a.owner.cgroup = "/a,b";
	strcpy(a.owner.comm, "a,\"b\"\033\n");
	assert_string_equal(
		print(csv_listing__new, &(struct listing_options){ .info = true, .timed = true },
		      &a, &b),
		"time,cookie,netns,family,laddr,lport,raddr,rport,state,state_us,pid,comm,uid,"
		"cgroup,owner,recv_q,send_q,timer,timer_ms,timer_retransmits,retransmits,cwnd,rtt_"
		"us,"
		"bytes_sent,bytes_received,lastsnd_ms,lastrcv_ms\n"
		"2026-11-22T21:00:00.500000000Z,4711,4026531840,4,192.0.2.1,443,198.51.100.7,"
		"50000,UNKNOWN(99),,812,\"a,\"\"b\"\"\\x1b\\x0a\",33,\"/"
		"a,b\",snapshot,5,12,on,204,1,2,10,"
		"52,1000,2000,3200,40\n"
		"2026-11-22T21:00:01.500000000Z,18446744073709551615,4294967295,6,"
		"2001:db8:1111:2222:3333:4444:5555:6666,65535,2001:db8::1,65535,TIME_WAIT,,,,,,"
		"unknown,0,0,off,,,,,,,,,\n");
}

/* Every byte that a name can have, as often as it fits: no row is longer than was reserved. */
TEST(test_longest_rows)
{
	static listing_new_fn *const formats[] = { text_listing__new, json_listing__new,
						   csv_listing__new };
	struct tcp_socket s = stand_in();

	memset(&s.owner, 0xff, sizeof(s.owner));
	s.owner.how = OWNER_INHERITED;
	s.owner.cgroup = NULL;
	s.raddr = s.laddr;
	s.state = UINT8_MAX;
	s.recv_q = s.send_q = s.retransmits = s.rtt_us = s.cwnd = UINT32_MAX;
	s.bytes_sent = s.bytes_received = UINT64_MAX;
	s.timer = SOCKET_TIMER_KEEPALIVE;
	s.timer_retransmits = UINT8_MAX;
	s.timer_ns = s.lastsnd_ns = s.lastrcv_ns = s.state_ns = INT64_MAX;
	s.carries = true;
	for (unsigned int c = 1; c <= UINT8_MAX; c++) {
		memset(s.owner.comm, c, sizeof(s.owner.comm) - 1);
		s.owner.comm[sizeof(s.owner.comm) - 1] = '\0';
		for (size_t i = 0; i < COUNT(formats); i++)
			print(formats[i],
			      &(struct listing_options){
				      .colour = true, .info = true, .timed = true },
			      &s, &s);
	}
}

RUN(cmocka_unit_test(test_text), cmocka_unit_test(test_text_with_information),
    cmocka_unit_test(test_colours), cmocka_unit_test(test_json),
    cmocka_unit_test(test_json_with_information), cmocka_unit_test(test_csv),
    cmocka_unit_test(test_longest_rows))
