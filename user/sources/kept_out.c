// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "kept_out.h"

#include "../support/clock.h"
#include "witness.h"

static const struct witness_kind any_transition = {};

void kept_out__open(struct kept_out *kept_out)
{
	kept_out->witness = witness__new(&any_transition, 1);
}

void kept_out__close(struct kept_out *kept_out)
{
	witness__free(kept_out->witness);
}

static uint64_t subtract(uint64_t from, uint64_t number)
{
	return from > number ? from - number : 0;
}

/* Since the beginning. */
static uint64_t count(const struct kept_out *kept_out)
{
	uint64_t counted = 0;

	if (kept_out->witness)
		witness__read(kept_out->witness, &counted);
	return subtract(counted, kept_out->before);
}

void kept_out__begin(struct kept_out *kept_out, const __u64 *let_in)
{
	kept_out->let_in = let_in;
	kept_out->before = count(kept_out);
}

void kept_out__end(struct kept_out *kept_out)
{
	kept_out->counted = count(kept_out);
	kept_out->ended = true;
}

uint64_t kept_out__number(struct kept_out *kept_out, uint64_t now)
{
	if (!kept_out->let_in || (!kept_out->ended && now < kept_out->at + NS_PER_S))
		return kept_out->number;
	kept_out->number = subtract(kept_out->counted, *(volatile const __u64 *)kept_out->let_in);
	if (kept_out->ended)
		return kept_out->number;
	kept_out->counted = count(kept_out);
	kept_out->at = now;
	return kept_out->number;
}
