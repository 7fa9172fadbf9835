// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Random expressions, as this kernel runs them: its verdict about random transitions. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "suite.h"

/* 1,024,000 pairs, on an ordinary machine. */
#define EXPRESSIONS 1000
#define EVENTS	    1024

#include "../expressions.h"
#include "filter/evaluate.h"
#include "filter/expression.h"
#include "filter/pushdown.h"
#include "tcpflux.skel.h"

/* The program alone that gives a verdict, for this filter. */
static struct tcpflux_bpf *load(const struct pushdown *pushdown)
{
	struct tcpflux_bpf *skel = tcpflux_bpf__open();
	struct bpf_program *prog;
	struct bpf_map *map;

	must(skel);
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, prog == skel->progs.filter_verdict);
	bpf_object__for_each_map(map, skel->obj)
		bpf_map__set_autocreate(map, bpf_map__is_internal(map));
	libbpf_set_print(NULL);
	skel->rodata->filter_rows = pushdown->rows;
	must(!tcpflux_bpf__load(skel));
	return skel;
}

static bool verdict(const struct tcpflux_bpf *skel, const struct filter_facts *facts)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = facts, .ctx_size_in = sizeof(*facts));

	must(!bpf_prog_test_run_opts(bpf_program__fd(skel->progs.filter_verdict), &opts));
	return opts.retval;
}

static void disagree(const char *who)
{
	suite__diag("%s disagrees: %s", who, text);
	suite__fail_at(__FILE__, __LINE__);
}

static void check_one(const struct tree *tree, const struct set *expected)
{
	struct pushdown pushdown;
	struct tcpflux_bpf *skel;

	must(!pushdown__compile(&pushdown, tree));
	skel = load(&pushdown);
	for (int i = 0; i < EVENTS; i++) {
		const struct transition *tr = &events[i].tr;
		struct filter_facts facts = facts_of(tr), open = blurred(&facts);
		bool wanted = set__has(expected, i), passes = verdict(skel, &facts);

		if (wanted != (evaluate(tree, tr, &tr->lport) == TRUTH_YES))
			disagree("the user side");
		if (wanted ? !passes : passes && !beyond_kernel && !pushdown.too_large)
			disagree("the kernel");
		if (passes != filter_program__run(&pushdown.rows, &facts))
			disagree("the same code in the kernel");
		if (i % 8 == 0 &&
		    verdict(skel, &open) != filter_program__run(&pushdown.rows, &open))
			disagree("the same code in the kernel, knowing less");
	}
	tcpflux_bpf__destroy(skel);
}

static void random_expressions(void)
{
	unsigned int count = EXPRESSIONS / suite__patience(1);

	for (unsigned int i = 0; i < count; i++) {
		struct tree *tree = tree__new();
		struct expression_error error;
		struct set expected;

		must(tree);
		if (i % 100 == 0)
			renew_events();
		expected = renew_expression();
		must(!expression__parse(text, ABOUT_TRANSITIONS, tree, &error));
		check_one(tree, &expected);
		tree__free(tree);
	}
}

/* The largest, of which each condition leads to two others. */
static struct filter_program largest_program(void)
{
	struct filter_program program = {
		.count = FILTER_NODES,
		.fields = PUSHDOWN_OF_ROWS,
	};

	for (unsigned int i = 0; i < FILTER_NODES; i++) {
		struct filter_node *node = &program.nodes[i];
		__u8 next = i + 1 < FILTER_NODES ? i + 1 : FILTER_PASS;

		node->field = i % 3 ? FILTER_LPORT + i % 7 : FILTER_LADDR + i % 2;
		node->in = next;
		node->out = i + 2 < FILTER_NODES ? i + 2 : FILTER_DROP;
		node->unknown = i + 3 < FILTER_NODES ? i + 3 : FILTER_DROP;
		node->open = next;
		node->range.last = i;
	}
	return program;
}

static void largest(void)
{
	struct pushdown pushdown = { .rows = largest_program() };
	struct filter_facts facts = {};
	struct tcpflux_bpf *skel;

	skel = load(&pushdown);
	must(verdict(skel, &facts) == filter_program__run(&pushdown.rows, &facts));
	tcpflux_bpf__destroy(skel);
}

/* How many instructions the verifier looked at, of a million that it would. */
static unsigned int verified(const struct bpf_program *prog)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	must(!bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size));
	return info.verified_insns; /* 0 before Linux 5.16 */
}

/*
 * Does it come to an end? As on a machine of as many CPUs as there may be, where it has most to
 * look at.
 */
static void check_verifier(const struct pushdown *pushdown)
{
	static const char *const names[] = { "lane_a", "lane_b", "timer_starts", "timer_stops",
					     "timer_expires" };
	const size_t count = sizeof(names) / sizeof(*names);
	struct tcpflux_bpf *skel = tcpflux_bpf__open();
	struct bpf_program *prog;

	must(skel);
	bpf_object__for_each_program(prog, skel->obj) bpf_program__set_autoload(prog, false);
	for (size_t i = 0; i < count; i++) {
		prog = bpf_object__find_program_by_name(skel->obj, names[i]);
		must(!bpf_program__set_autoload(prog, true));
	}
	skel->rodata->filter_connections = pushdown->connections;
	skel->rodata->filter_rows = pushdown->rows;
	skel->rodata->filter_strangers = pushdown->strangers;
	libbpf_set_print(NULL);
	must(!tcpflux_bpf__load(skel));
	for (size_t i = 0; i < count; i++) {
		prog = bpf_object__find_program_by_name(skel->obj, names[i]);
		suite__diag("%s: the verifier looked at %u instructions", names[i], verified(prog));
		must(verified(prog) < 500000);
	}
	tcpflux_bpf__destroy(skel);
}

static void verifier_of_largest(void)
{
	const struct pushdown pushdown = {
		.connections = largest_program(),
		.rows = largest_program(),
		.strangers = true,
	};

	check_verifier(&pushdown);
}

/* Of those that people write: Linux 6.1 has most to look at where addresses are compared. */
static void verifier_of_usual(void)
{
	static const char *const expressions[] = {
		"( dport = :7490 or src [::1]:7491 ) and exclude closed",
		"( src 10.0.0.0/8 or dst 10.0.0.0/8 ) and ( dport = :443 or sport = :443 ) and not "
		"dst 10.1.0.0/16",
		"pid 1 or ( dport > :1000 and sport < :2000 and src != 127.0.0.1 ) or old "
		"time-wait",
	};

	for (size_t i = 0; i < sizeof(expressions) / sizeof(*expressions); i++) {
		struct tree *tree = tree__new();
		struct expression_error error;
		struct pushdown pushdown;

		must(tree && !expression__parse(expressions[i], ABOUT_TRANSITIONS, tree, &error));
		must(!pushdown__compile(&pushdown, tree));
		check_verifier(&pushdown);
		tree__free(tree);
	}
}

SUITE(TEST(largest), TEST(verifier_of_largest), TEST(verifier_of_usual), TEST(random_expressions))
