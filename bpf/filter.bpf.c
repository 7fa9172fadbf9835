// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Runs the filter. Both functions are verified once, for whatever facts, and not again for each
 * place from which they are called; and where nothing is filtered, they are never called.
 */
#include "facts.h"

const volatile struct filter_program filter_connections = { .entry = FILTER_PASS };
const volatile struct filter_program filter_rows = { .entry = FILTER_PASS };
const volatile bool filter_raw;
const volatile bool filter_strangers;

__noinline bool filter__connection_passes(const struct filter_facts *facts)
{
	return facts && filter_program__run(&filter_connections, facts);
}

__noinline bool filter__row_passes(const struct filter_facts *facts)
{
	return facts && filter_program__run(&filter_rows, facts);
}

/* For tests: the kernel's verdict about a row. */
SEC("?syscall")
int filter_verdict(struct filter_facts *ctx)
{
	struct filter_facts facts = *ctx;

	return filter__row_passes(&facts);
}
