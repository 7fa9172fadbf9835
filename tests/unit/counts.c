// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What transitions say about connections, and how totals are printed. */
#include "unit.h"

#include <stdlib.h>

#include "analysis/counts.h"
#include "sinks/sink.h"
#include "support/clock.h"

TEST(test_opened)
{
	struct counts counts = {};
	struct opened opened;

	counts__opened(&counts, &opened);
	assert_true(!opened.active && !opened.passive && !opened.closed && !opened.failed);
	for (unsigned int old = 0; old < STATE_COUNT; old++)
		for (unsigned int new = 0; new < STATE_COUNT; new ++)
			counts.moved[old][new] = 1000;
	counts.moved[TCP_SYN_SENT][TCP_ESTABLISHED] = 1;
	counts.moved[TCP_SYN_RECV][TCP_ESTABLISHED] = 2;
	counts.moved[TCP_SYN_RECV][TCP_FIN_WAIT1] = 4;
	counts.moved[TCP_SYN_SENT][TCP_CLOSE] = 8;
	counts.moved[TCP_SYN_RECV][TCP_CLOSE] = 16;
	counts__opened(&counts, &opened);
	assert_int_equal(opened.active, 1);
	assert_int_equal(opened.passive, 6);
	assert_int_equal(opened.failed, 24);
	/* All but LISTEN, SYN_SENT, SYN_RECV and CLOSE. */
	assert_int_equal(opened.closed, 1000 * (STATE_COUNT - 1 - 4));
}

TEST(test_rates)
{
	struct counts before = { .at = NS_PER_S }, after = { .at = 3 * NS_PER_S };
	struct opened rates;

	before.moved[TCP_SYN_SENT][TCP_ESTABLISHED] = 10;
	after.moved[TCP_SYN_SENT][TCP_ESTABLISHED] = 11;
	after.moved[TCP_SYN_SENT][TCP_CLOSE] = 20000;
	counts__rates(&before, &after, &rates);
	assert_int_equal(rates.active, 500);
	assert_int_equal(rates.failed, 10000000);
	assert_int_equal(rates.passive, 0);
	/* No time has passed. */
	counts__rates(&after, &after, &rates);
	assert_int_equal(rates.active, 0);
}

TEST(test_totals)
{
	struct counts counts = { .lost = 7 };
	struct totals totals;

	counts.moved[TCP_LISTEN][TCP_SYN_RECV] = 5;
	counts.moved[TCP_SYN_RECV][TCP_ESTABLISHED] = 4;
	counts__totals(&counts, &totals);
	assert_int_equal(totals.transitions, 9);
	assert_int_equal(totals.lost, 7);
	assert_int_equal(totals.left[TCP_LISTEN], 0);
	assert_int_equal(totals.entered[TCP_SYN_RECV], 5);
	assert_int_equal(totals.left[TCP_SYN_RECV], 4);
}

/* What a sink prints of one row, header and all, `rows` times. */
static const char *printed(sink_new_fn *sink_new, unsigned int screen, const struct counts *counts,
			   int rows)
{
	static char text[65536];
	struct sink_totals totals = { .counts = counts,
				      .rates = { 1499, 1500, 999999999499, 250 } };
	const struct probe probes[] = { {} };
	struct sink_start start = {
		.version = "0", .hostname = "h", .kernel = "k", .probes = probes
	};
	FILE *file = tmpfile();
	struct output *out = output__new(fileno(file), -1);
	struct sink *sink = sink_new(out, &(struct sink_options){ .screen = screen });

	assert_non_null(sink);
	sink->ops->start(sink, &start);
	while (rows--)
		sink->ops->totals(sink, &totals);
	output__flush(out);
	free(sink);
	output__free(out);
	return unit__read(file, text, sizeof(text));
}

static struct counts sample(void)
{
	struct counts counts = { .time = 1795356131123456789, .lost = 3, .drift = 2 };

	for (unsigned int state = 0; state < STATE_COUNT; state++)
		counts.states[state] = state;
	counts.states[TCP_LISTEN] = UINT64_MAX;
	counts.states[TCP_ESTABLISHED] = 1234567;
	return counts;
}

TEST(test_text)
{
	struct counts counts = sample();

	assert_string_equal(
		printed(stat_text_sink__new, 0, &counts, 1),
		"         SYN_   SYN_           FIN_   FIN_   TIME_ CLOSE_  LAST_         "
		"opened/s\n"
		"LISTEN   SENT   RECV   ESTAB  WAIT1  WAIT2    WAIT   WAIT    ACK CLOSING   active"
		" passive closed/s failed/s   lost\n"
		"18446744073709551615      2      3 1234567      4      5       6      8      9"
		"      11        1       2 999999999        0      3\n");
}

static unsigned int headers(const char *text)
{
	unsigned int count = 0;

	while ((text = strstr(text, "LISTEN"))) {
		text++;
		count++;
	}
	return count;
}

/* A header a screenful: 10 lines less than three. */
TEST(test_header_is_repeated)
{
	struct counts counts = sample();

	assert_int_equal(headers(printed(stat_text_sink__new, 0, &counts, 100)), 1);
	assert_int_equal(headers(printed(stat_text_sink__new, 3, &counts, 100)), 1);
	assert_int_equal(headers(printed(stat_text_sink__new, 10, &counts, 7)), 1);
	assert_int_equal(headers(printed(stat_text_sink__new, 10, &counts, 8)), 2);
	assert_int_equal(headers(printed(stat_text_sink__new, 10, &counts, 14)), 2);
	assert_int_equal(headers(printed(stat_text_sink__new, 10, &counts, 15)), 3);
}

TEST(test_csv)
{
	struct counts counts = sample();

	assert_string_equal(
		printed(stat_csv_sink__new, 0, &counts, 1),
		"time,LISTEN,SYN_SENT,SYN_RECV,ESTABLISHED,FIN_WAIT1,FIN_WAIT2,TIME_WAIT,CLOSE_"
		"WAIT,"
		"LAST_ACK,CLOSING,opened,opened_active,opened_passive,closed,failed,drift,lost\n"
		"2026-11-22T14:02:11.123456789Z,18446744073709551615,2,3,1234567,4,5,6,8,9,11,2."
		"999,"
		"1.499,1.500,999999999.499,0.250,2,3\n");
}

TEST(test_json)
{
	struct counts counts = sample();
	const char *text = printed(json_sink__new, 0, &counts, 1);

	assert_string_equal(
		strchr(text, '\n') + 1,
		"{\"type\":\"totals\",\"time\":\"2026-11-22T14:02:11.123456789Z\",\"states\":{"
		"\"LISTEN\":18446744073709551615,\"SYN_SENT\":2,\"SYN_RECV\":3,"
		"\"ESTABLISHED\":1234567,\"FIN_WAIT1\":4,\"FIN_WAIT2\":5,\"TIME_WAIT\":6,"
		"\"CLOSE_WAIT\":8,\"LAST_ACK\":9,\"CLOSING\":11},\"opened\":2.999,"
		"\"opened_active\":1.499,\"opened_passive\":1.500,\"closed\":999999999.499,"
		"\"failed\":0.250,\"drift\":2,\"lost\":3}\n");
}

RUN(cmocka_unit_test(test_opened), cmocka_unit_test(test_rates), cmocka_unit_test(test_totals),
    cmocka_unit_test(test_text), cmocka_unit_test(test_header_is_repeated),
    cmocka_unit_test(test_csv), cmocka_unit_test(test_json))
