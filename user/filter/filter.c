// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "filter.h"

#include <string.h>

/* As the kernel, which keeps 15 bytes of a program's name, would have it. */
static bool match_owner(const struct filter *filter, const struct owner *owner)
{
	if (filter->pids.count &&
	    (owner->how == OWNER_UNKNOWN || !ranges__contain(&filter->pids, owner->pid)))
		return false;
	return !filter->comm || (owner->how != OWNER_UNKNOWN &&
				 !strncmp(filter->comm, owner->comm, OWNER_COMM_LEN - 1));
}

enum filter_verdict filter__match(const struct filter *filter, const struct transition *tr)
{
	if ((filter->only_ipv4 && tr->family != 4) || (filter->only_ipv6 && tr->family != 6))
		return FILTER_DROP;
	if (filter->netns && tr->netns != filter->netns)
		return FILTER_DROP;
	if (filter->rports.count && !ranges__contain(&filter->rports, tr->rport))
		return FILTER_DROP;
	if (!match_owner(filter, &tr->owner))
		return FILTER_DROP;
	if (!filter->lports.count || ranges__contain(&filter->lports, tr->lport))
		return FILTER_PASS;
	/* tcp_v4_connect() changes the state before inet_hash_connect() chooses the port. */
	return tr->lport || tr->old_state != TCP_CLOSE ? FILTER_DROP : FILTER_UNDECIDED;
}
