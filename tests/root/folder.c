// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "folder.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "suite.h"

static char folder[64];

const char *folder__path(void)
{
	return folder;
}

const char *folder__file(const char *name)
{
	static char path[4][512];
	static unsigned int next;
	char *place = path[next++ % 4];

	snprintf(place, sizeof(path[0]), "%s/%s", folder, name);
	return place;
}

static void remove_folder(void *arg)
{
	struct dirent *entry;
	DIR *dir;

	(void)arg;
	umount(folder); /* if the test has mounted something there */
	dir = opendir(folder);
	while (dir && (entry = readdir(dir)))
		unlink(folder__file(entry->d_name));
	if (dir)
		closedir(dir);
	rmdir(folder);
}

void folder__make(void)
{
	strcpy(folder, "/tmp/tcpflux-test.XXXXXX");
	must(mkdtemp(folder));
	suite__defer(remove_folder, NULL);
}
