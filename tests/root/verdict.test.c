// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Random expressions, as this kernel runs them: its verdict about random transitions. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "suite.h"

/* 1,024,000 pairs. */
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
	for (int i = 0; i < EXPRESSIONS; i++) {
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
static void largest(void)
{
	struct pushdown pushdown = { .rows = { .count = FILTER_NODES } };
	struct filter_facts facts = {};
	struct tcpflux_bpf *skel;

	for (unsigned int i = 0; i < FILTER_NODES; i++) {
		struct filter_node *node = &pushdown.rows.nodes[i];
		__u8 next = i + 1 < FILTER_NODES ? i + 1 : FILTER_PASS;

		node->field = i % 3 ? FILTER_LPORT + i % 7 : FILTER_LADDR + i % 2;
		node->in = next;
		node->out = i + 2 < FILTER_NODES ? i + 2 : FILTER_DROP;
		node->unknown = i + 3 < FILTER_NODES ? i + 3 : FILTER_DROP;
		node->open = next;
		node->range.last = i;
	}
	skel = load(&pushdown);
	must(verdict(skel, &facts) == filter_program__run(&pushdown.rows, &facts));
	tcpflux_bpf__destroy(skel);
}

SUITE(TEST(largest), TEST(random_expressions))
