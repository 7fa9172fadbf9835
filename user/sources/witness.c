// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "witness.h"

#include <bpf/libbpf.h>
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

#include "requirements.h"
#include "witness.skel.h"

#define EVENT "events/sock/inet_sock_set_state/id"

/*
 * Of each thread there is a group of events, which is read as one. Its leader counts how often the
 * thread leaves the CPU: a program that hangs there runs soon after each transition, if it may.
 */
struct witness {
	struct witness_bpf *skel;
	const struct witness_kind *kinds;
	unsigned int kinds_count, threads, events_count;
	int *events; /* of one thread after the other: the leader, and one for each kind */
};

/* As read() fills it in for a group. */
struct reading {
	uint64_t number, left_cpu, kinds[WITNESS_KINDS_MAX];
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

static int open_leader(struct witness *witness, pid_t thread)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CONTEXT_SWITCHES,
		.sample_period = 1,
		.read_format = PERF_FORMAT_GROUP,
		.inherit = true, /* to the threads that it starts */
	};
	int leader = open_event(witness, &attr, thread, -1);
	int prog = bpf_program__fd(witness->skel->progs.note);

	return leader < 0 || ioctl(leader, PERF_EVENT_IOC_SET_BPF, prog) ? -1 : leader;
}

static bool watch_thread(struct witness *witness, uint64_t number, pid_t thread)
{
	unsigned int wanted = witness->events_count + 1 + witness->kinds_count;
	int *events = reallocarray(witness->events, wanted, sizeof(*events)), leader;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = number,
		.read_format = PERF_FORMAT_GROUP,
		.inherit = true,
	};

	if (!events)
		return false;
	witness->events = events;
	leader = open_leader(witness, thread);
	if (leader < 0)
		return errno == ESRCH; /* it has ended meanwhile */
	for (unsigned int i = 0; i < witness->kinds_count; i++) {
		int event = open_event(witness, &attr, thread, leader);

		if (event < 0 || !choose(event, &witness->kinds[i]))
			return false;
	}
	witness->threads++;
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
	struct requirements needs;
	struct witness *witness;
	uint64_t number;

	requirements__look(&needs);
	/* Process 1 is the machine's, and not that of a container. */
	number = needs.in_pid_namespace ? 0 : find_event();
	witness = number ? malloc(sizeof(*witness)) : NULL;
	if (!witness)
		return NULL;
	*witness = (struct witness){ .kinds = kinds, .kinds_count = count };
	witness->skel = witness_bpf__open_and_load();
	if (witness->skel && witness->skel->bss && watch_process(witness, number))
		return witness;
	witness__free(witness);
	return NULL;
}

/* It costs nothing any more: as long as there are events, each transition asks for them. */
static void end(struct witness *witness)
{
	for (unsigned int i = 0; i < witness->events_count; i++)
		close(witness->events[i]);
	witness->events_count = witness->threads = 0;
}

void witness__free(struct witness *witness)
{
	if (!witness)
		return;
	end(witness);
	free(witness->events);
	witness_bpf__destroy(witness->skel);
	free(witness);
}

void witness__read(struct witness *witness, uint64_t *counts)
{
	unsigned int kinds = witness->kinds_count;
	uint64_t left_cpu = 0;

	memset(counts, 0, kinds * sizeof(*counts));
	for (unsigned int thread = 0; thread < witness->threads; thread++) {
		struct reading reading = {};

		if (read(witness->events[thread * (1 + kinds)], &reading, sizeof(reading)) < 0)
			continue;
		left_cpu += reading.left_cpu;
		for (unsigned int i = 0; i < kinds; i++)
			counts[i] += reading.kinds[i];
	}
	if (*(volatile bool *)&witness->skel->bss->runs)
		end(witness);
	if (!left_cpu || !witness->threads)
		memset(counts, 0, kinds * sizeof(*counts));
}
