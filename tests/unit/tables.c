// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "analysis/tables.h"

#include <errno.h>

#include "flow.h"

static void begin(struct flow *flow, struct tables *tables)
{
	const struct analysis_options options = {
		.opened = tables__opened,
		.owned = tables__owned,
		.ended = tables__ended,
		.forgotten = tables__forgotten,
		.ctx = tables,
	};

	assert_int_equal(tables__init(tables), 0);
	flow__begin(flow, &options);
	flow->tr.rport = 80;
}

static void end(struct flow *flow, struct tables *tables)
{
	analysis__free(&flow->analysis);
	tables__free(tables);
}

/* The row with this key, as it is so far; it must be there. */
static const struct row *find(const struct tables *tables, enum table_by by,
			      const struct row_key *key)
{
	const struct table *table = &tables->by[by];

	for (uint32_t i = 0; i < table->used; i++)
		if (table->rows[i].used && !memcmp(&table->rows[i].key, key, sizeof(*key)))
			return &table->rows[i];
	fail();
	return NULL;
}

static const struct row *program(const struct tables *tables, const char *comm)
{
	struct row_key key = { .kind = ROW_NAMED };

	strcpy(key.comm, comm);
	return find(tables, BY_COMM, &key);
}

static const struct row *number(const struct tables *tables, enum table_by by, uint32_t number)
{
	const struct row_key key = { .kind = ROW_NAMED, .number = number };

	return find(tables, by, &key);
}

static const struct row *opposite(const struct tables *tables, enum table_by by)
{
	const struct row_key key = { .kind = ROW_OPPOSITE };

	return find(tables, by, &key);
}

static const struct row *address(const struct tables *tables, const char *text)
{
	struct row_key key = { .kind = ROW_NAMED, .family = 4 };

	inet_pton(AF_INET6, text, &key.address);
	return find(tables, BY_RADDR, &key);
}

static void assert_counts(const struct row *row, unsigned int open, unsigned int opened,
			  unsigned int closed, unsigned int failed)
{
	assert_int_equal(row->open, open);
	assert_int_equal(row->opened, opened);
	assert_int_equal(row->closed, closed);
	assert_int_equal(row->failed, failed);
}

/* A client of port 80: in every table at once. */
TEST(test_client)
{
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	flow__client(&flow, 1, MS, 5 * MS);
	flow__step(&flow, 2, TCP_CLOSE, TCP_SYN_SENT, NOT_KNOWN);
	flow__step(&flow, 2, TCP_SYN_SENT, TCP_ESTABLISHED, 3 * MS);
	flow__refused(&flow, 3, ECONNREFUSED);
	assert_counts(program(&tables, "curl"), 1, 2, 1, 1);
	assert_counts(opposite(&tables, BY_LPORT), 1, 2, 1, 1);
	assert_counts(address(&tables, "::ffff:10.0.0.1"), 1, 2, 1, 1);
	assert_counts(number(&tables, BY_RPORT, 80), 1, 2, 1, 1);
	assert_counts(number(&tables, BY_NETNS, 1), 1, 2, 1, 1);
	assert_int_equal(program(&tables, "curl")->connect.max, 3 * MS);
	assert_int_equal(program(&tables, "curl")->life.max, 6 * MS);
	assert_int_equal(tables.opened.active, 2);
	assert_int_equal(tables.opened.passive, 0);
	assert_int_equal(tables.opened.closed, 1);
	assert_int_equal(tables.opened.failed, 1);
	end(&flow, &tables);
}

/* A server's connections are by its own port, and nobody else's. */
TEST(test_server)
{
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	flow__program(&flow, 9, "nginx");
	flow.tr.lport = 443;
	flow.tr.rport = 50000;
	flow__accept(&flow, 1, MS);
	flow__accept(&flow, 2, 2 * MS);
	flow__step(&flow, 2, TCP_ESTABLISHED, TCP_CLOSE, MS);
	assert_counts(program(&tables, "nginx"), 1, 2, 1, 0);
	assert_counts(number(&tables, BY_LPORT, 443), 1, 2, 1, 0);
	assert_counts(opposite(&tables, BY_RPORT), 1, 2, 1, 0);
	assert_int_equal(program(&tables, "nginx")->connect.max, 2 * MS);
	assert_int_equal(tables.opened.passive, 2);
	end(&flow, &tables);
}

/* A connection is its listener's until a transition tells who has accepted it. */
TEST(test_accepted)
{
	struct filter workers = {};
	struct expression_error error;
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	for (int i = 0; i < 2; i++) {
		flow__program(&flow, 9, "master");
		flow__accept(&flow, 1, MS);
		assert_counts(program(&tables, "master"), 1, 1, 0, 0);
		flow__program(&flow, 10, "worker");
		flow.tr.owner.how = OWNER_ACCEPTED;
		flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE_WAIT, MS);
		assert_counts(program(&tables, "master"), 0, 1, 0, 0);
		assert_counts(program(&tables, "worker"), 1, 0, 0, 0);
		flow__step(&flow, 1, TCP_CLOSE_WAIT, TCP_LAST_ACK, MS);
		flow__step(&flow, 1, TCP_LAST_ACK, TCP_CLOSE, MS);
		assert_counts(program(&tables, "worker"), 0, 0, 1, 0);
		assert_counts(program(&tables, "master"), 0, 1, 0, 0);
		assert_counts(number(&tables, BY_NETNS, 1), 0, 1, 1, 0);
		tables__begin_anew(&tables, &flow.analysis, NULL);
	}
	/* So also where only the worker's count. */
	assert_int_equal(filter__add(&workers, "comm worker", ABOUT_TRANSITIONS, &error), 0);
	tables__begin_anew(&tables, &flow.analysis, &workers);
	flow__program(&flow, 9, "master");
	flow__accept(&flow, 1, MS);
	flow__program(&flow, 10, "worker");
	flow.tr.owner.how = OWNER_ACCEPTED;
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE_WAIT, MS);
	assert_counts(program(&tables, "worker"), 1, 0, 0, 0);
	tables__begin_anew(&tables, &flow.analysis, &workers);
	assert_counts(program(&tables, "worker"), 1, 0, 0, 0);
	flow__step(&flow, 1, TCP_CLOSE_WAIT, TCP_CLOSE, MS);
	assert_counts(program(&tables, "worker"), 0, 0, 1, 0);
	filter__free(&workers);
	end(&flow, &tables);
}

/* Whose beginning was not seen came to a port on which somebody listens, or was opened here. */
TEST(test_unseen_beginning)
{
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	flow.tr.lport = 443;
	tables__listens(&tables, 443);
	flow__step(&flow, 1, TCP_FIN_WAIT2, TCP_CLOSE, MS);
	flow.tr.lport = 444;
	flow__step(&flow, 2, TCP_FIN_WAIT2, TCP_CLOSE, MS);
	assert_counts(number(&tables, BY_LPORT, 443), 0, 0, 1, 0);
	assert_counts(opposite(&tables, BY_LPORT), 0, 0, 1, 0);
	end(&flow, &tables);
}

TEST(test_unowned)
{
	const struct row_key key = { .kind = ROW_UNOWNED };
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	flow.tr.owner.how = OWNER_UNKNOWN;
	flow__client(&flow, 1, MS, MS);
	assert_counts(find(&tables, BY_COMM, &key), 0, 1, 1, 0);
	end(&flow, &tables);
}

/* What begins anew under a cookie, and what is dropped, is not open any more. */
TEST(test_forgotten)
{
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	for (unsigned int i = 0; i < 3; i++) {
		flow__step(&flow, 1, TCP_CLOSE, TCP_SYN_SENT, NOT_KNOWN);
		flow__step(&flow, 1, TCP_SYN_SENT, TCP_ESTABLISHED, MS);
	}
	assert_counts(program(&tables, "curl"), 1, 3, 0, 0);
	assert_int_equal(tables.used, 1);
	end(&flow, &tables);
}

static struct tcp_socket socket_of(const struct flow *flow, uint64_t cookie, unsigned int state)
{
	return (struct tcp_socket){
		.cookie = cookie,
		.netns = flow->tr.netns,
		.lport = flow->tr.lport,
		.rport = flow->tr.rport,
		.family = flow->tr.family,
		.state = state,
		.laddr = flow->tr.laddr,
		.raddr = flow->tr.raddr,
		.owner = flow->tr.owner,
		.state_ns = NOT_KNOWN,
		.carries = true,
	};
}

static void find_socket(struct flow *flow, struct tables *tables, uint64_t cookie,
			unsigned int state)
{
	struct tcp_socket socket = socket_of(flow, cookie, state);
	struct connection *found;

	assert_int_equal(analysis__socket(&flow->analysis, &socket, FLOW_START, &found), 0);
	if (found)
		assert_int_equal(tables__found(tables, found, &socket), 0);
}

/* Sockets that were there first are open, and that they were opened may be told afterwards. */
TEST(test_found)
{
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	find_socket(&flow, &tables, 1, TCP_ESTABLISHED);
	find_socket(&flow, &tables, 2, TCP_ESTABLISHED);
	find_socket(&flow, &tables, 3, TCP_CLOSE_WAIT);
	find_socket(&flow, &tables, 4, TCP_LISTEN);
	find_socket(&flow, &tables, 5, TCP_SYN_SENT);
	find_socket(&flow, &tables, 1, TCP_ESTABLISHED);
	assert_counts(program(&tables, "curl"), 3, 0, 0, 0);
	flow__step(&flow, 1, TCP_SYN_SENT, TCP_ESTABLISHED, MS);
	assert_counts(program(&tables, "curl"), 3, 1, 0, 0);
	flow__step(&flow, 2, TCP_ESTABLISHED, TCP_CLOSE, MS);
	assert_counts(program(&tables, "curl"), 2, 1, 1, 0);
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE, MS);
	assert_counts(program(&tables, "curl"), 1, 1, 2, 0);
	end(&flow, &tables);
}

static struct filter filter_of(const char *expression)
{
	struct expression_error error;
	struct filter filter = {};

	assert_int_equal(filter__add(&filter, expression, ABOUT_TRANSITIONS, &error), 0);
	return filter;
}

/* A filter is about what is open already, and about all that comes. */
TEST(test_filter)
{
	struct filter filter = filter_of("comm wget");
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	flow__step(&flow, 1, TCP_CLOSE, TCP_SYN_SENT, NOT_KNOWN);
	flow__step(&flow, 1, TCP_SYN_SENT, TCP_ESTABLISHED, MS);
	flow__program(&flow, 8, "wget");
	flow__step(&flow, 2, TCP_CLOSE, TCP_SYN_SENT, NOT_KNOWN);
	flow__step(&flow, 2, TCP_SYN_SENT, TCP_ESTABLISHED, MS);
	tables__begin_anew(&tables, &flow.analysis, &filter);
	assert_int_equal(tables.by[BY_COMM].count, 2);
	assert_counts(program(&tables, "wget"), 1, 0, 0, 0);
	flow__client(&flow, 3, MS, MS);
	flow__step(&flow, 2, TCP_ESTABLISHED, TCP_CLOSE, MS);
	flow__program(&flow, 7, "curl");
	flow__client(&flow, 4, MS, MS);
	flow__step(&flow, 1, TCP_ESTABLISHED, TCP_CLOSE, MS);
	assert_int_equal(tables.by[BY_COMM].count, 2);
	assert_counts(program(&tables, "wget"), 0, 1, 2, 0);
	tables__begin_anew(&tables, &flow.analysis, NULL);
	assert_int_equal(tables.by[BY_COMM].count, 1);
	filter__free(&filter);
	end(&flow, &tables);
}

/* A path is kept that its source has forgotten since. */
TEST(test_filter_of_cgroups)
{
	struct filter filter = filter_of("cgroup /shell");
	char path[] = "/shell/1";
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	flow.tr.owner.cgroup = path;
	flow__step(&flow, 1, TCP_CLOSE, TCP_SYN_SENT, NOT_KNOWN);
	flow__step(&flow, 1, TCP_SYN_SENT, TCP_ESTABLISHED, MS);
	flow.tr.owner.cgroup = NULL;
	flow__step(&flow, 2, TCP_CLOSE, TCP_SYN_SENT, NOT_KNOWN);
	flow__step(&flow, 2, TCP_SYN_SENT, TCP_ESTABLISHED, MS);
	memset(path, 'x', sizeof(path) - 1);
	tables__begin_anew(&tables, &flow.analysis, &filter);
	assert_counts(program(&tables, "curl"), 1, 0, 0, 0);
	filter__free(&filter);
	end(&flow, &tables);
}

/* By a reason: nothing that is open has one. */
TEST(test_filter_of_ends)
{
	struct filter filter = filter_of("reason refused");
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	flow__step(&flow, 1, TCP_CLOSE, TCP_SYN_SENT, NOT_KNOWN);
	flow__step(&flow, 1, TCP_SYN_SENT, TCP_ESTABLISHED, MS);
	tables__begin_anew(&tables, &flow.analysis, &filter);
	flow__refused(&flow, 2, ECONNREFUSED);
	flow__refused(&flow, 3, ETIMEDOUT);
	flow__client(&flow, 4, MS, MS);
	assert_counts(program(&tables, "curl"), 0, 0, 0, 1);
	filter__free(&filter);
	end(&flow, &tables);
}

/* Whatever comes, what is open is what the connections say. */
TEST(test_anything)
{
	const struct connection *c = NULL;
	uint64_t seed = 42, open, members;
	struct tables tables;
	struct flow flow;

	begin(&flow, &tables);
	for (unsigned int i = 0; i < 20000; i++) {
		flow.now += 100 * MS;
		flow.tr.lport = unit__random(&seed) % 4000;
		flow__step(&flow, unit__random(&seed) % 500, unit__random(&seed) % STATE_COUNT,
			   unit__random(&seed) % STATE_COUNT, unit__random(&seed) % S);
		if (i % 1000 == 0)
			tables__tick(&tables, S);
	}
	for (unsigned int by = 0; by < TABLES; by++) {
		open = 0;
		for (uint32_t i = 0; i < tables.by[by].used; i++)
			open += tables.by[by].rows[i].open;
		members = 0;
		while ((c = connections__next(&flow.analysis.connections, c)))
			members += c->group != NO_NUMBER;
		assert_int_equal(open, members);
	}
	end(&flow, &tables);
}

RUN(cmocka_unit_test(test_client), cmocka_unit_test(test_server), cmocka_unit_test(test_accepted),
    cmocka_unit_test(test_unseen_beginning), cmocka_unit_test(test_unowned),
    cmocka_unit_test(test_forgotten), cmocka_unit_test(test_found), cmocka_unit_test(test_filter),
    cmocka_unit_test(test_filter_of_cgroups), cmocka_unit_test(test_filter_of_ends),
    cmocka_unit_test(test_anything))
