// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Giving up capabilities works for everyone, also for those who have none. */
#include "unit.h"

#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "support/privileges.h"

static bool has_none(void)
{
	cap_t caps = cap_get_proc(), none = cap_init();
	bool same = caps && none && !cap_compare(caps, none);

	cap_free(caps);
	cap_free(none);
	return same && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static int drop_twice(void)
{
	if (privileges__drop() || !has_none())
		return 1;
	return privileges__drop() || !has_none() ? 2 : 0;
}

/* In a process of its own, for it is for good. */
TEST(test_drop)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid)
		_exit(drop_twice());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

RUN(cmocka_unit_test(test_drop))
