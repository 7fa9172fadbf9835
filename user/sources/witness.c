// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "witness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EVENT "events/sock/inet_sock_set_state/id"

/* Of each thread there is a group of events, which is read as one. Its leader is the first kind. */
struct witness {
	const struct witness_kind *kinds;
	unsigned int kinds_count, events_count;
	int *events; /* of one thread after the other, one for each kind */
};

/* As read() fills it in for a group. */
struct reading {
	uint64_t number, kinds[WITNESS_KINDS_MAX];
};

/* Mounted for this process alone, at no place: also where it is not mounted. */
static int open_tracefs(void)
{
	int fs = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), mount = -1;

	if (fs < 0)
		return -1;
	if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mount = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	return mount;
}

/* The event's number; 0: it isn't to be had. */
static uint64_t find_event(void)
{
	int tracefs = open_tracefs();
	int file = tracefs < 0 ? -1 : openat(tracefs, EVENT, O_RDONLY | O_CLOEXEC);
	char text[32] = "";

	if (file >= 0) {
		if (read(file, text, sizeof(text) - 1) < 0)
			*text = '\0';
		close(file);
	}
	if (tracefs >= 0)
		close(tracefs);
	return strtoull(text, NULL, 10);
}

static bool choose(int event, const struct witness_kind *kind)
{
	char filter[80];
	int len = snprintf(filter, sizeof(filter), "protocol == %d", IPPROTO_TCP);

	if (kind->old_state)
		len += snprintf(filter + len, sizeof(filter) - len, " && oldstate == %u",
				kind->old_state);
	if (kind->new_state)
		snprintf(filter + len, sizeof(filter) - len, " && newstate == %u", kind->new_state);
	return !ioctl(event, PERF_EVENT_IOC_SET_FILTER, filter);
}

/* -1: errno tells why. leader: -1 for who becomes one. */
static int open_event(struct witness *witness, struct perf_event_attr *attr, pid_t thread,
		      int leader)
{
	int event = syscall(SYS_perf_event_open, attr, thread, -1, leader, PERF_FLAG_FD_CLOEXEC);

	if (event >= 0)
		witness->events[witness->events_count++] = event;
	return event;
}

static bool watch_thread(struct witness *witness, uint64_t number, pid_t thread)
{
	unsigned int wanted = witness->events_count + witness->kinds_count;
	int *events = reallocarray(witness->events, wanted, sizeof(*events)), leader = -1;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = number,
		.read_format = PERF_FORMAT_GROUP,
		.inherit = true, /* to the threads that it starts */
	};

	if (!events)
		return false;
	witness->events = events;
	for (unsigned int i = 0; i < witness->kinds_count; i++) {
		int event = open_event(witness, &attr, thread, leader);

		if (event < 0)
			return leader < 0 && errno == ESRCH; /* it has ended meanwhile */
		if (!choose(event, &witness->kinds[i]))
			return false;
		leader = leader < 0 ? event : leader;
	}
	return true;
}

static bool watch_process(struct witness *witness, uint64_t number)
{
	DIR *threads = opendir("/proc/1/task");
	bool all = threads;
	struct dirent *entry;

	while (all && (entry = readdir(threads))) {
		pid_t thread = atoi(entry->d_name);

		all = thread <= 0 || watch_thread(witness, number, thread);
	}
	if (threads)
		closedir(threads);
	return all;
}

struct witness *witness__new(const struct witness_kind *kinds, unsigned int count)
{
	uint64_t number = find_event();
	struct witness *witness = number ? malloc(sizeof(*witness)) : NULL;

	if (!witness)
		return NULL;
	*witness = (struct witness){ .kinds = kinds, .kinds_count = count };
	if (watch_process(witness, number))
		return witness;
	witness__free(witness);
	return NULL;
}

void witness__free(struct witness *witness)
{
	if (!witness)
		return;
	for (unsigned int i = 0; i < witness->events_count; i++)
		close(witness->events[i]);
	free(witness->events);
	free(witness);
}

void witness__read(struct witness *witness, uint64_t *counts)
{
	unsigned int kinds = witness->kinds_count;

	memset(counts, 0, kinds * sizeof(*counts));
	for (unsigned int leader = 0; leader < witness->events_count; leader += kinds) {
		struct reading reading = {};

		if (read(witness->events[leader], &reading, sizeof(reading)) < 0)
			continue;
		for (unsigned int i = 0; i < kinds; i++)
			counts[i] += reading.kinds[i];
	}
}
