// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What sockets and transitions have in common, and how that is printed. */
#include "unit.h"

#include <stdlib.h>

#include "analysis/tallies.h"
#include "sinks/sink.h"

static void add_socket(struct tallies *tallies, uint32_t pid, uint16_t lport, uint8_t state)
{
	struct tcp_socket socket = {
		.lport = lport,
		.netns = 7,
		.state = state,
		.owner = { .how = pid ? OWNER_SNAPSHOT : OWNER_UNKNOWN, .pid = pid, .comm = "c" },
	};

	assert_int_equal(tallies__add_socket(tallies, &socket), 0);
}

static void add_transition(struct tallies *tallies, uint32_t pid, uint8_t old, uint8_t new)
{
	struct transition tr = {
		.netns = 7,
		.old_state = old,
		.new_state = new,
		.owner = { .how = OWNER_SELF, .pid = pid, .comm = "late" },
	};

	assert_int_equal(tallies__add_transition(tallies, &tr), 0);
}

TEST(test_by_pid)
{
	struct tallies *tallies = tallies__new(TALLY_BY_PID);
	const struct tally *tally;

	assert_int_equal(tallies__sorted(tallies, &tally), 0);
	add_socket(tallies, 5, 80, TCP_LISTEN);
	add_socket(tallies, 6, 81, TCP_ESTABLISHED);
	add_socket(tallies, 0, 82, TCP_TIME_WAIT);
	add_socket(tallies, 6, 83, TCP_NEW_SYN_RECV);
	add_transition(tallies, 9, TCP_SYN_SENT, TCP_CLOSE);
	add_transition(tallies, 5, TCP_SYN_RECV, TCP_ESTABLISHED);
	/* Nothing that a rate is told of. */
	add_transition(tallies, 10, TCP_CLOSE, TCP_SYN_SENT);
	assert_int_equal(tallies__sorted(tallies, &tally), 4);
	assert_int_equal(tally[0].key, 6);
	assert_int_equal(tally[0].sockets, 2);
	assert_int_equal(tally[0].states[TCP_ESTABLISHED], 1);
	assert_int_equal(tally[0].states[TCP_SYN_RECV], 1);
	assert_int_equal(tally[1].key, 5);
	assert_int_equal(tally[1].opened.passive, 1);
	assert_string_equal(tally[1].owner.comm, "late");
	assert_int_equal(tally[2].key, 0);
	assert_int_equal(tally[2].owner.how, OWNER_UNKNOWN);
	assert_int_equal(tally[3].key, 9);
	assert_int_equal(tally[3].opened.failed, 1);

	/* Sorting has not lost anyone. */
	add_socket(tallies, 9, 1, TCP_SYN_SENT);
	add_socket(tallies, 9, 1, TCP_SYN_SENT);
	add_socket(tallies, 9, 1, TCP_SYN_SENT);
	assert_int_equal(tallies__sorted(tallies, &tally), 4);
	assert_int_equal(tally[0].key, 9);
	tallies__clear(tallies);
	assert_int_equal(tallies__sorted(tallies, &tally), 0);
	tallies__free(tallies);
	tallies__free(NULL);
}

TEST(test_many)
{
	struct tallies *tallies = tallies__new(TALLY_BY_LPORT);
	const struct tally *tally;

	for (unsigned int round = 1; round <= 2; round++) {
		for (unsigned int port = 0; port < 65536; port++)
			add_socket(tallies, 1, port, TCP_ESTABLISHED);
		assert_int_equal(tallies__sorted(tallies, &tally), 65536);
		for (unsigned int port = 0; port < 65536; port++) {
			assert_int_equal(tally[port].key, port);
			assert_int_equal(tally[port].sockets, round);
		}
	}
	tallies__free(tallies);
}

TEST(test_by_netns)
{
	struct tallies *tallies = tallies__new(TALLY_BY_NETNS);
	const struct tally *tally;

	add_socket(tallies, 5, 80, TCP_LISTEN);
	add_socket(tallies, 6, 81, TCP_LISTEN);
	assert_int_equal(tallies__sorted(tallies, &tally), 1);
	assert_int_equal(tally->key, 7);
	assert_int_equal(tally->states[TCP_LISTEN], 2);
	tallies__free(tallies);
}

/* All together are told of, also if there are none. */
TEST(test_together)
{
	struct tallies *tallies = tallies__new(TALLY_BY_NOTHING);
	const struct tally *tally;

	assert_int_equal(tallies__sorted(tallies, &tally), 1);
	assert_int_equal(tally->sockets, 0);
	add_socket(tallies, 5, 80, TCP_LISTEN);
	add_socket(tallies, 6, 81, TCP_LISTEN);
	add_transition(tallies, 9, TCP_SYN_SENT, TCP_CLOSE);
	assert_int_equal(tallies__sorted(tallies, &tally), 1);
	assert_int_equal(tally->states[TCP_LISTEN], 2);
	assert_int_equal(tally->opened.failed, 1);
	tallies__clear(tallies);
	assert_int_equal(tallies__sorted(tallies, &tally), 1);
	assert_int_equal(tally->sockets, 0);
	tallies__free(tallies);
}

static void print_two(sink_new_fn *sink_new, enum tally_by by, char *text, size_t size)
{
	const struct tally tally = {
		.key = 4026531833,
		.owner = { .how = OWNER_SELF, .pid = 12, .comm = "a,b", .uid = 3 },
	};
	struct counts counts = { .time = 1795356131123456789, .lost = 3, .drift = 2 };
	struct sink_totals totals = { .counts = &counts, .tally = &tally, .first = true };
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

	print_two(stat_text_sink__new, TALLY_BY_PID, text, sizeof(text));
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
	print_two(stat_csv_sink__new, TALLY_BY_PID, text, sizeof(text));
	assert_non_null(strstr(text, "time,pid,comm,uid,LISTEN,"));
	assert_non_null(strstr(text, "Z,12,\"a,b\",3,0,0,"));
	assert_non_null(strstr(text, ",0.000,,3\n"));
	print_two(stat_csv_sink__new, TALLY_BY_NETNS, text, sizeof(text));
	assert_non_null(strstr(text, "Z,4026531833,0,0,"));
	print_two(json_sink__new, TALLY_BY_PID, text, sizeof(text));
	assert_non_null(strstr(text, "Z\",\"pid\":12,\"comm\":\"a,b\",\"uid\":3,\"states\":{"));
	assert_non_null(strstr(text, "\"failed\":0.000,\"lost\":3}\n"));
	print_two(json_sink__new, TALLY_BY_LPORT, text, sizeof(text));
	assert_non_null(strstr(text, "Z\",\"lport\":4026531833,\"states\":{"));
	print_two(json_sink__new, TALLY_BY_NOTHING, text, sizeof(text));
	assert_non_null(strstr(text, "Z\",\"states\":{"));
}

RUN(cmocka_unit_test(test_by_pid), cmocka_unit_test(test_many), cmocka_unit_test(test_by_netns),
    cmocka_unit_test(test_together), cmocka_unit_test(test_printed))
