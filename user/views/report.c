// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "report.h"

#include <errno.h>
#include <stdlib.h>

#include "../support/clock.h"

static int by_connections(const void *a, const void *b, void *ctx)
{
	const struct group *list = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (list[x].connections != list[y].connections)
		return list[x].connections > list[y].connections ? -1 : 1;
	return x < y ? -1 : x > y;
}

int report__conclude(struct report *report)
{
	const struct groups *groups = &report->analysis->groups;
	uint32_t count = groups->names.count;

	if (findings__make(&report->findings, report->analysis))
		return -ENOMEM;
	if (!count)
		return 0;
	report->groups = reallocarray(NULL, count, sizeof(*report->groups));
	if (!report->groups)
		return -ENOMEM;
	/* One that others have taken all connections from, such as a parent of workers, has none.
	 */
	for (uint32_t i = 0; i < count; i++)
		if (groups->list[i].connections)
			report->groups[report->group_count++] = i;
	qsort_r(report->groups, report->group_count, sizeof(*report->groups), by_connections,
		groups->list);
	return 0;
}

void report__free(struct report *report)
{
	findings__free(&report->findings);
	free(report->groups);
	report->groups = NULL;
}

size_t report__groups(const struct report *report)
{
	return report->group_count < report->top ? report->group_count : report->top;
}

double report__seconds(const struct report *report)
{
	return (report->analysis->last - report->analysis->first) / (double)NS_PER_S;
}

double report__rate(const struct report *report, uint64_t count)
{
	double seconds = report__seconds(report);

	return seconds > 0 ? count / seconds : 0;
}
