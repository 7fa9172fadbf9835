// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which transitions are shown: each criterion alone, all together, and the undecided ones. */
#include "unit.h"

#include "filter/filter.h"

/* A client's connection of nginx, established: what the cases below differ from. */
static const struct transition connection = {
	.family = 4,
	.netns = 4026531840,
	.lport = 50000,
	.rport = 443,
	.old_state = TCP_SYN_SENT,
	.new_state = TCP_ESTABLISHED,
	.owner = { .how = OWNER_SELF, .pid = 812, .comm = "nginx" },
};

/* Ranges without memory of their own. */
#define LIST(...)                                                                                  \
	{                                                                                          \
		sizeof((struct range[]){ __VA_ARGS__ }) / sizeof(struct range), (struct range[])   \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

static const struct {
	const char *what;
	struct filter filter;
	enum filter_verdict verdict;
} cases[] = {
	{ "no criterion", {}, FILTER_PASS },
	{ "-4", { .only_ipv4 = true }, FILTER_PASS },
	{ "-6", { .only_ipv6 = true }, FILTER_DROP },
	{ "its namespace", { .netns = 4026531840 }, FILTER_PASS },
	{ "another namespace", { .netns = 4026531841 }, FILTER_DROP },
	{ "its local port", { .lports = LIST({ 50000, 50000 }) }, FILTER_PASS },
	{ "another local port", { .lports = LIST({ 443, 443 }) }, FILTER_DROP },
	{ "a range of local ports", { .lports = LIST({ 1, 2 }, { 49999, 50001 }) }, FILTER_PASS },
	{ "its remote port", { .rports = LIST({ 443, 443 }) }, FILTER_PASS },
	{ "another remote port", { .rports = LIST({ 50000, 50000 }) }, FILTER_DROP },
	{ "its process", { .pids = LIST({ 1, 1 }, { 812, 812 }) }, FILTER_PASS },
	{ "another process", { .pids = LIST({ 813, 813 }) }, FILTER_DROP },
	{ "its name", { .comm = "nginx" }, FILTER_PASS },
	{ "a part of its name", { .comm = "ngin" }, FILTER_DROP },
	{ "more than its name", { .comm = "nginx2" }, FILTER_DROP },
	{ "its name in capitals", { .comm = "NGINX" }, FILTER_DROP },
	{ "all of it",
	  { .only_ipv4 = true,
	    .netns = 4026531840,
	    .lports = LIST({ 50000, 50000 }),
	    .rports = LIST({ 443, 443 }),
	    .pids = LIST({ 812, 812 }),
	    .comm = "nginx" },
	  FILTER_PASS },
	{ "all but the process",
	  { .only_ipv4 = true,
	    .netns = 4026531840,
	    .lports = LIST({ 50000, 50000 }),
	    .rports = LIST({ 443, 443 }),
	    .pids = LIST({ 813, 813 }),
	    .comm = "nginx" },
	  FILTER_DROP },
	{ "all but the local port",
	  { .only_ipv4 = true,
	    .netns = 4026531840,
	    .lports = LIST({ 50001, 50001 }),
	    .rports = LIST({ 443, 443 }),
	    .pids = LIST({ 812, 812 }),
	    .comm = "nginx" },
	  FILTER_DROP },
};

/* As commands do it: the options first, then all transitions. */
static enum filter_verdict match(const struct filter *options, const struct transition *tr)
{
	struct filter filter = *options;
	enum filter_verdict verdict;

	assert_int_equal(filter__compile(&filter), 0);
	verdict = filter__match(&filter, tr);
	filter__free(&filter);
	return verdict;
}

TEST(test_each_criterion)
{
	for (size_t i = 0; i < COUNT(cases); i++)
		if (match(&cases[i].filter, &connection) != cases[i].verdict)
			fail_msg("%s: the wrong verdict", cases[i].what);
}

TEST(test_ipv6)
{
	struct transition tr = connection;

	tr.family = 6;
	assert_int_equal(match(&(struct filter){ .only_ipv6 = true }, &tr), FILTER_PASS);
	assert_int_equal(match(&(struct filter){ .only_ipv4 = true }, &tr), FILTER_DROP);
}

/* Where nothing is known of the owner, nothing matches: neither process 0 nor the empty name. */
TEST(test_unknown_owner)
{
	struct transition tr = connection;
	struct filter pids = { .pids = LIST({ 0, 4194304 }) }, comm = { .comm = "" };

	tr.owner = (struct owner){};
	assert_int_equal(match(&(struct filter){}, &tr), FILTER_PASS);
	assert_int_equal(match(&pids, &tr), FILTER_DROP);
	assert_int_equal(match(&comm, &tr), FILTER_DROP);
	/* As little if something stands there all the same. */
	tr.owner = connection.owner;
	tr.owner.how = OWNER_UNKNOWN;
	assert_int_equal(match(&pids, &tr), FILTER_DROP);
	comm.comm = "nginx";
	assert_int_equal(match(&comm, &tr), FILTER_DROP);
}

/* The kernel keeps 15 bytes of a name; whoever asks for the whole of it means the same program. */
TEST(test_names_longer_than_the_kernel_keeps)
{
	static const struct {
		const char *asked;
		enum filter_verdict verdict;
	} names[] = {
		{ "systemd-timesyn", FILTER_PASS },  { "systemd-timesyncd", FILTER_PASS },
		{ "systemd-timesyX", FILTER_DROP },  { "systemd-timesy", FILTER_DROP },
		{ "systemd-networkd", FILTER_DROP },
	};
	struct transition tr = connection;

	strcpy(tr.owner.comm, "systemd-timesyn");
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(match(&(struct filter){ .comm = names[i].asked }, &tr),
				 names[i].verdict);
}

static enum filter_verdict by_lport(uint8_t old, uint8_t new, uint16_t lport)
{
	struct filter filter = { .lports = LIST({ 50000, 50000 }) };
	struct transition tr = connection;

	tr.old_state = old;
	tr.new_state = new;
	tr.lport = lport;
	return match(&filter, &tr);
}

/* Only a client's first transition has no local port yet; the next one tells. */
TEST(test_local_port_not_chosen_yet)
{
	assert_int_equal(by_lport(TCP_CLOSE, TCP_SYN_SENT, 0), FILTER_UNDECIDED);
	/* It was bound before. */
	assert_int_equal(by_lport(TCP_CLOSE, TCP_SYN_SENT, 50000), FILTER_PASS);
	assert_int_equal(by_lport(TCP_CLOSE, TCP_SYN_SENT, 50001), FILTER_DROP);
	/* Nothing is expected to follow that would tell. */
	assert_int_equal(by_lport(TCP_SYN_SENT, TCP_CLOSE, 0), FILTER_DROP);
	assert_int_equal(by_lport(TCP_ESTABLISHED, TCP_CLOSE, 0), FILTER_DROP);
}

/* What another criterion refuses is not kept in the hope of a port. */
TEST(test_undecided_only_if_all_else_holds)
{
	struct filter filter = { .lports = LIST({ 50000, 50000 }) };
	struct transition tr = connection;

	tr.old_state = TCP_CLOSE;
	tr.new_state = TCP_SYN_SENT;
	tr.lport = 0;
	assert_int_equal(match(&filter, &tr), FILTER_UNDECIDED);
	filter.rports = (struct ranges)LIST({ 80, 80 });
	assert_int_equal(match(&filter, &tr), FILTER_DROP);
	filter.rports = (struct ranges){};
	filter.only_ipv6 = true;
	assert_int_equal(match(&filter, &tr), FILTER_DROP);
	filter.only_ipv6 = false;
	filter.comm = "curl";
	assert_int_equal(match(&filter, &tr), FILTER_DROP);
	filter.comm = NULL;
	filter.netns = 1;
	assert_int_equal(match(&filter, &tr), FILTER_DROP);
}

static enum filter_verdict both(struct filter *filter, const char *expression)
{
	struct expression_error error;
	enum filter_verdict verdict;

	assert_int_equal(filter__add(filter, expression, ABOUT_TRANSITIONS, &error), 0);
	assert_int_equal(filter__compile(filter), 0);
	verdict = filter__match(filter, &connection);
	filter__free(filter);
	return verdict;
}

/* Options hold for the whole of an expression, not for the last of what is joined by or. */
TEST(test_options_and_an_expression)
{
	struct filter pid = { .pids = LIST({ 812, 812 }) }, other = { .pids = LIST({ 813, 813 }) };

	assert_int_equal(both(&pid, "sport = 50000"), FILTER_PASS);
	assert_int_equal(both(&pid, "sport = 50001"), FILTER_DROP);
	assert_int_equal(both(&pid, "sport = 50001 or sport = 50000"), FILTER_PASS);
	assert_int_equal(both(&other, "sport = 50000 or sport = 50001"), FILTER_DROP);
	assert_int_equal(both(&other, "sport = 50001 or sport = 50000"), FILTER_DROP);
	assert_int_equal(both(&pid, ""), FILTER_PASS);
	assert_int_equal(both(&(struct filter){}, ""), FILTER_PASS);
}

RUN(cmocka_unit_test(test_options_and_an_expression), cmocka_unit_test(test_each_criterion),
    cmocka_unit_test(test_ipv6), cmocka_unit_test(test_unknown_owner),
    cmocka_unit_test(test_names_longer_than_the_kernel_keeps),
    cmocka_unit_test(test_local_port_not_chosen_yet),
    cmocka_unit_test(test_undecided_only_if_all_else_holds))
