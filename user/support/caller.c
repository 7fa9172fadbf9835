// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "caller.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <unistd.h>

struct rights {
	uid_t uid;
	gid_t gid;
};

/* Capabilities that are about files go with the user, and come back with it (setfsuid(2)). */
static struct rights take_callers(void)
{
	gid_t gid = setfsgid(getgid());

	return (struct rights){ setfsuid(getuid()), gid };
}

static void give_back(const struct rights *rights)
{
	setfsuid(rights->uid);
	setfsgid(rights->gid);
}

int caller__open(const char *path, int flags)
{
	struct rights own = take_callers();
	int fd = open(path, flags | O_CLOEXEC, 0600);
	int err = fd < 0 ? -errno : fd;

	give_back(&own);
	return err;
}

int caller__unlink(const char *path)
{
	struct rights own = take_callers();
	int err = unlink(path) ? -errno : 0;

	give_back(&own);
	return err;
}
