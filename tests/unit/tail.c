// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "views/tail.h"

#include <arpa/inet.h>

#include "unit.h"

static struct transition transition(uint16_t lport, const char *raddr)
{
	struct transition tr = {
		.cookie = lport,
		.lport = lport,
		.rport = 80,
		.family = 6,
		.old_state = TCP_SYN_SENT,
		.new_state = TCP_ESTABLISHED,
		.state_ns = NOT_KNOWN,
		.owner = { .how = OWNER_SELF, .pid = 7, .comm = "curl" },
	};

	inet_pton(AF_INET6, "::1", &tr.laddr);
	inet_pton(AF_INET6, raddr, &tr.raddr);
	return tr;
}

static struct tail *begin(const char *expression)
{
	struct expression_error error;
	struct filter filter = {};
	struct tail *tail;

	assert_int_equal(filter__add(&filter, expression, ABOUT_TRANSITIONS, &error), 0);
	tail = tail__new(&filter);
	assert_non_null(tail);
	return tail;
}

static void add(struct tail *tail, uint16_t lport, const char *raddr)
{
	struct transition tr = transition(lport, raddr);
	struct transition_handler handler = tail__handler(tail);

	assert_int_equal(handler.transition(handler.ctx, &tr), 0);
}

struct lines {
	unsigned int count;
	char text[64][256];
};

static void on_line(void *ctx, const char *text, size_t len)
{
	struct lines *lines = ctx;

	assert_in_range(lines->count, 0, COUNT(lines->text) - 1);
	snprintf(lines->text[lines->count++], sizeof(lines->text[0]), "%.*s", (int)len, text);
}

static void assert_lines(struct tail *tail, uint32_t first, uint32_t count,
			 const char *const *parts)
{
	struct lines lines = {};
	unsigned int i = 1;

	tail__print(tail, first, count, on_line, &lines);
	assert_int_equal(strncmp(lines.text[0], "TIME ", 5), 0);
	for (; i < lines.count && *parts; i++, parts++) {
		assert_non_null(strstr(lines.text[i], *parts));
		/* Under their titles. */
		assert_int_equal(strstr(lines.text[0], "-> ") - lines.text[0],
				 strstr(lines.text[i], "-> ") - lines.text[i]);
	}
	assert_int_equal(i, lines.count);
	assert_null(*parts);
}

TEST(test_rows)
{
	struct tail *tail = begin("sport = :1,2,3");

	assert_lines(tail, 0, 10, (const char *[]){ NULL });
	for (uint16_t port = 1; port <= 5; port++)
		add(tail, port, "::2");
	assert_int_equal(tail__count(tail), 3);
	assert_lines(tail, 0, 10, (const char *[]){ "[::1]:1 ", "[::1]:2 ", "[::1]:3 ", NULL });
	assert_lines(tail, 1, 1, (const char *[]){ "[::1]:2 ", NULL });
	assert_lines(tail, 9, 9, (const char *[]){ NULL });
	tail__free(tail);
}

/* An address that is wider than all before widens the columns of all. */
TEST(test_wide)
{
	struct tail *tail = begin("sport != :9");

	add(tail, 1, "::2");
	add(tail, 2, "2001:db8:1111:2222:3333:4444:5555:6666");
	add(tail, 3, "::2");
	assert_lines(tail, 0, 3, (const char *[]){ "[::1]:1 ", ":6666]:80 ", "[::1]:3 ", NULL });
	assert_lines(tail, 0, 1, (const char *[]){ "[::1]:1 ", NULL });
	tail__free(tail);
}

TEST(test_many)
{
	struct tail *tail = begin("sport != :9");

	for (unsigned int port = 1; port <= TAIL_ROWS + 10; port++)
		add(tail, port + 10, "::2");
	assert_int_equal(tail__count(tail), TAIL_ROWS);
	assert_lines(tail, 0, 1, (const char *[]){ "[::1]:21 ", NULL });
	assert_lines(tail, TAIL_ROWS - 1, 5, (const char *[]){ "[::1]:532 ", NULL });
	tail__free(tail);
}

/* Rows between which some are missing would look as if there were none. */
TEST(test_hold)
{
	struct tail *tail = begin("sport != :9");

	add(tail, 1, "::2");
	tail__hold(tail, true);
	tail__hold(tail, false);
	assert_int_equal(tail__count(tail), 1);
	tail__hold(tail, true);
	add(tail, 2, "::2");
	add(tail, 3, "::2");
	assert_int_equal(tail__count(tail), 1);
	assert_int_equal(tail__missed(tail), 2);
	tail__hold(tail, false);
	assert_int_equal(tail__missed(tail), 0);
	add(tail, 4, "::2");
	assert_lines(tail, 0, 5, (const char *[]){ "[::1]:4 ", NULL });
	tail__free(tail);
}

RUN(cmocka_unit_test(test_rows), cmocka_unit_test(test_wide), cmocka_unit_test(test_many),
    cmocka_unit_test(test_hold))
