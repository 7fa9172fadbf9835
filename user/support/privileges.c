// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "privileges.h"

#include <errno.h>
#include <sys/capability.h>
#include <sys/prctl.h>

/* Takes CAP_SETPCAP; without it, no_new_privs keeps the set from ever being used. */
static void empty_bounding_set(void)
{
	for (cap_value_t cap = 0; cap_get_bound(cap) >= 0; cap++)
		if (cap_drop_bound(cap))
			return;
}

/* The kernel takes out of the ambient set what leaves these (cap_capset()). */
static int empty_sets(void)
{
	cap_t none = cap_init();
	int err;

	if (!none)
		return -errno;
	err = cap_set_proc(none) ? -errno : 0;
	cap_free(none);
	return err;
}

int privileges__drop(void)
{
	empty_bounding_set();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return empty_sets();
}
