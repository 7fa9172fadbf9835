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

/*
 * Only what is permitted can be kept. The kernel takes out of the ambient set what leaves these
 * (cap_capset()).
 */
static int keep(cap_t caps, const cap_value_t *kept, int count)
{
	cap_t now = cap_get_proc();
	int err = now ? 0 : -errno;

	for (int i = 0; i < count && !err; i++) {
		cap_flag_value_t has = CAP_CLEAR;

		cap_get_flag(now, kept[i], CAP_PERMITTED, &has);
		if (has == CAP_SET && (cap_set_flag(caps, CAP_PERMITTED, 1, &kept[i], CAP_SET) ||
				       cap_set_flag(caps, CAP_EFFECTIVE, 1, &kept[i], CAP_SET)))
			err = -errno;
	}
	cap_free(now);
	return err;
}

static int empty_sets(const cap_value_t *kept, int count)
{
	cap_t caps = cap_init();
	int err;

	if (!caps)
		return -errno;
	err = count ? keep(caps, kept, count) : 0;
	if (!err && cap_set_proc(caps))
		err = -errno;
	cap_free(caps);
	return err;
}

int privileges__drop_but(const cap_value_t *kept, int count)
{
	empty_bounding_set();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return empty_sets(kept, count);
}

int privileges__drop(void)
{
	return privileges__drop_but(NULL, 0);
}
