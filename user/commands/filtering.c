// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "filtering.h"

#include <errno.h>

#include "../support/message.h"

int filtering__check(const struct filter *filter)
{
	if (filter->only_ipv4 && filter->only_ipv6) {
		message("-4 and -6 exclude each other");
		return -EINVAL;
	}
	return 0;
}

void filtering__free(struct filter *filter)
{
	ranges__free(&filter->lports);
	ranges__free(&filter->rports);
	ranges__free(&filter->pids);
}
