// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What sockets and transitions have in common, and how that is printed. */
#include "unit.h"

#include <stdlib.h>

#include "analysis/groups.h"
#include "sinks/sink.h"

static void add_socket(struct groups *groups, uint32_t pid, uint16_t lport, uint8_t state)
{
	struct tcp_socket socket = {
		.lport = lport,
		.netns = 7,
		.state = state,
		.owner = { .how = pid ? OWNER_SNAPSHOT : OWNER_UNKNOWN, .pid = pid, .comm = "c" },
	};

	assert_int_equal(groups__add_socket(groups, &socket), 0);
}

static void add_transition(struct groups *groups, uint32_t pid, uint8_t old, uint8_t new)
{
	struct transition tr = {
		.netns = 7,
		.old_state = old,
		.new_state = new,
		.owner = { .how = OWNER_SELF, .pid = pid, .comm = "late" },
	};

	assert_int_equal(groups__add_transition(groups, &tr), 0);
}

TEST(test_by_pid)
{
	struct groups *groups = groups__new(GROUP_BY_PID);
	const struct group *group;

	assert_int_equal(groups__sorted(groups, &group), 0);
	add_socket(groups, 5, 80, TCP_LISTEN);
	add_socket(groups, 6, 81, TCP_ESTABLISHED);
	add_socket(groups, 0, 82, TCP_TIME_WAIT);
	add_socket(groups, 6, 83, TCP_NEW_SYN_RECV);
	add_transition(groups, 9, TCP_SYN_SENT, TCP_CLOSE);
	add_transition(groups, 5, TCP_SYN_RECV, TCP_ESTABLISHED);
	/* Nothing that a rate is told of. */
	add_transition(groups, 10, TCP_CLOSE, TCP_SYN_SENT);
	assert_int_equal(groups__sorted(groups, &group), 4);
	assert_int_equal(group[0].key, 6);
	assert_int_equal(group[0].sockets, 2);
	assert_int_equal(group[0].states[TCP_ESTABLISHED], 1);
	assert_int_equal(group[0].states[TCP_SYN_RECV], 1);
	assert_int_equal(group[1].key, 5);
	assert_int_equal(group[1].opened.passive, 1);
	assert_string_equal(group[1].owner.comm, "late");
	assert_int_equal(group[2].key, 0);
	assert_int_equal(group[2].owner.how, OWNER_UNKNOWN);
	assert_int_equal(group[3].key, 9);
	assert_int_equal(group[3].opened.failed, 1);

	/* Sorting has not lost anyone. */
	add_socket(groups, 9, 1, TCP_SYN_SENT);
	add_socket(groups, 9, 1, TCP_SYN_SENT);
	add_socket(groups, 9, 1, TCP_SYN_SENT);
	assert_int_equal(groups__sorted(groups, &group), 4);
	assert_int_equal(group[0].key, 9);
	groups__clear(groups);
	assert_int_equal(groups__sorted(groups, &group), 0);
	groups__free(groups);
	groups__free(NULL);
}

TEST(test_many)
{
	struct groups *groups = groups__new(GROUP_BY_LPORT);
	const struct group *group;

	for (unsigned int round = 1; round <= 2; round++) {
		for (unsigned int port = 0; port < 65536; port++)
			add_socket(groups, 1, port, TCP_ESTABLISHED);
		assert_int_equal(groups__sorted(groups, &group), 65536);
		for (unsigned int port = 0; port < 65536; port++) {
			assert_int_equal(group[port].key, port);
			assert_int_equal(group[port].sockets, round);
		}
	}
	groups__free(groups);
}

TEST(test_by_netns)
{
	struct groups *groups = groups__new(GROUP_BY_NETNS);
	const struct group *group;

	add_socket(groups, 5, 80, TCP_LISTEN);
	add_socket(groups, 6, 81, TCP_LISTEN);
	assert_int_equal(groups__sorted(groups, &group), 1);
	assert_int_equal(group->key, 7);
	assert_int_equal(group->states[TCP_LISTEN], 2);
	groups__free(groups);
}

static void print_two(sink_new_fn *sink_new, enum group_by by, char *text, size_t size)
{
	const struct group group = {
		.key = 4026531833,
		.owner = { .how = OWNER_SELF, .pid = 12, .comm = "a,b", .uid = 3 },
	};
	struct counts counts = { .time = 1795356131123456789, .lost = 3, .drift = 2 };
	struct sink_totals totals = { .counts = &counts, .group = &group, .first = true };
	struct sink_start start = { .probes = &(struct probe){} };
	struct sink_options options = { .by = by };
	struct output *out;
	struct sink *sink;
	int fd[2];
	ssize_t n;

	assert_int_equal(pipe(fd), 0);
	out = output__new(fd[1], -1);
	sink = sink_new(out, &options);
	assert_non_null(sink);
	sink->ops->start(sink, &start);
	sink->ops->totals(sink, &totals);
	totals.first = false;
	sink->ops->totals(sink, &totals);
	output__flush(out);
	n = read(fd[0], text, size - 1);
	assert_true(n > 0);
	text[n] = '\0';
	free(sink);
	output__free(out);
	close(fd[0]);
	close(fd[1]);
}

TEST(test_printed)
{
	char text[8192];

	print_two(stat_text_sink__new, GROUP_BY_PID, text, sizeof(text));
	assert_string_equal(
		text,
		"                                 SYN_   SYN_           FIN_   FIN_   TIME_ CLOSE_ "
		" "
		"LAST_         opened/s\n"
		"PID     COMM            LISTEN   SENT   RECV   ESTAB  WAIT1  WAIT2    WAIT   WAIT "
		"   ACK CLOSING   active passive closed/s failed/s   lost\n"
		"12      a,b                  0      0      0       0      0      0       0      0 "
		"     0       0        0       0        0        0      3\n"
		"12      a,b                  0      0      0       0      0      0       0      0 "
		"     0       0        0       0        0        0      3\n");
	print_two(stat_csv_sink__new, GROUP_BY_PID, text, sizeof(text));
	assert_non_null(strstr(text, "time,pid,comm,uid,LISTEN,"));
	assert_non_null(strstr(text, "Z,12,\"a,b\",3,0,0,"));
	assert_non_null(strstr(text, ",0.000,,3\n"));
	print_two(stat_csv_sink__new, GROUP_BY_NETNS, text, sizeof(text));
	assert_non_null(strstr(text, "Z,4026531833,0,0,"));
	print_two(json_sink__new, GROUP_BY_PID, text, sizeof(text));
	assert_non_null(strstr(text, "Z\",\"pid\":12,\"comm\":\"a,b\",\"uid\":3,\"states\":{"));
	assert_non_null(strstr(text, "\"failed\":0.000,\"lost\":3}\n"));
	print_two(json_sink__new, GROUP_BY_LPORT, text, sizeof(text));
	assert_non_null(strstr(text, "Z\",\"lport\":4026531833,\"states\":{"));
}

RUN(cmocka_unit_test(test_by_pid), cmocka_unit_test(test_many), cmocka_unit_test(test_by_netns),
    cmocka_unit_test(test_printed))
