// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "privileges.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>

/* Takes CAP_SETPCAP; without it, no_new_privs keeps the set from ever being used. */
static void empty_bounding_set(void)
{
	for (cap_value_t cap = 0; cap_get_bound(cap) >= 0; cap++)
		if (cap_drop_bound(cap))
			return;
}

static int keep(cap_t to, cap_t from, const cap_value_t *kept, size_t count)
{
	cap_flag_value_t has;

	for (size_t i = 0; i < count; i++) {
		/* One that this kernel does not know: nobody has it. */
		if (cap_get_flag(from, kept[i], CAP_PERMITTED, &has) || has != CAP_SET)
			continue;
		if (cap_set_flag(to, CAP_PERMITTED, 1, &kept[i], CAP_SET) ||
		    cap_set_flag(to, CAP_EFFECTIVE, 1, &kept[i], CAP_SET))
			return -errno;
	}
	return 0;
}

/* The kernel takes out of the ambient set what leaves these (cap_capset()). */
static int reduce_sets(const cap_value_t *kept, size_t count)
{
	cap_t now = cap_get_proc(), then = cap_init();
	int err = now && then ? keep(then, now, kept, count) : -errno;

	if (!err && cap_set_proc(then))
		err = -errno;
	cap_free(then);
	cap_free(now);
	return err;
}

int privileges__drop_but(const cap_value_t *kept, size_t count)
{
	empty_bounding_set();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return reduce_sets(kept, count);
}

int privileges__drop(void)
{
	return privileges__drop_but(NULL, 0);
}
