// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cgroup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

/* Where cgroup2 is mounted, and which of its directories is seen there. */
static bool find_mount(char *root, char *point)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[1024];
	bool found = false;

	must(file);
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*d %*d %*s %191s %255s", root, point) == 2;
	fclose(file);
	return found;
}

static void dismiss(void *path)
{
	rmdir(path);
	free(path);
}

struct cgroup cgroup__new(const char *name)
{
	char root[192], point[256];
	struct cgroup cgroup;

	if (!find_mount(root, point))
		suite__skip("no cgroup2 is mounted");
	snprintf(cgroup.path, sizeof(cgroup.path), "%s/%s-%d", point, name, getpid());
	snprintf(cgroup.name, sizeof(cgroup.name), "%s/%s-%d", strcmp(root, "/") ? root : "", name,
		 getpid());
	if (mkdir(cgroup.path, 0755))
		suite__skip("no cgroup can be made: %s", strerror(errno));
	suite__defer(dismiss, strdup(cgroup.path));
	return cgroup;
}

void cgroup__enter(const struct cgroup *cgroup)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup->path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd >= 0);
	must(write(fd, "0", 1) == 1);
	close(fd);
}
