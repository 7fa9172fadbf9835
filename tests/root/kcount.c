// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "kcount.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define TRACEFS	  "/sys/kernel/tracing"
#define INSTANCES TRACEFS "/instances"
#define PREFIX	  "tcpflux-test-"
/* Only for the count: what the buffer overwrites has been counted, see count_cpu(). */
#define BUFFER_KB_PER_CPU "4096"

static void write_to(const struct kcount *k, const char *name, const char *value)
{
	char path[192];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", k->path, name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	must(fd >= 0);
	must(write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

static void dismiss(void *arg)
{
	struct kcount *k = arg;

	rmdir(k->path); /* tracefs removes the files in it, and the buffers */
	free(k);
}

static bool have_tracefs(void)
{
	return !access(INSTANCES, W_OK) || !mount("tracefs", TRACEFS, "tracefs", 0, NULL);
}

/* A test that was killed has left its own behind, and every transition pays for it. */
static void remove_orphans(void)
{
	DIR *instances = opendir(INSTANCES);
	struct dirent *entry;
	char path[192];
	int pid;

	must(instances);
	while ((entry = readdir(instances))) {
		if (sscanf(entry->d_name, PREFIX "%d-", &pid) != 1 || !kill(pid, 0))
			continue;
		snprintf(path, sizeof(path), INSTANCES "/%.100s", entry->d_name);
		rmdir(path);
	}
	closedir(instances);
}

static struct kcount *begin(const char *filter)
{
	static unsigned int number;
	struct kcount *k = calloc(1, sizeof(*k));
	char text[4096];

	must(k);
	remove_orphans();
	snprintf(k->path, sizeof(k->path), INSTANCES "/" PREFIX "%d-%u", getpid(), number++);
	must(!mkdir(k->path, 0700));
	write_to(k, "buffer_size_kb", BUFFER_KB_PER_CPU);
	snprintf(text, sizeof(text), "protocol == 6%s%s", filter ? " && " : "", filter ?: "");
	write_to(k, "events/sock/inet_sock_set_state/filter", text);
	write_to(k, "events/sock/inet_sock_set_state/enable", "1");
	return k;
}

struct kcount *kcount__start(const char *filter)
{
	struct kcount *k;

	if (!have_tracefs())
		suite__skip("no tracefs to count with: %s", strerror(errno));
	k = begin(filter);
	suite__defer(dismiss, k);
	return k;
}

static void write_filter_of_init(char *text, size_t size, const char *filter)
{
	DIR *tasks = opendir("/proc/1/task");
	struct dirent *entry;
	size_t n;

	must(tasks);
	n = snprintf(text, size, "%s%s(common_pid == 1", filter ?: "", filter ? " && " : "");
	while ((entry = readdir(tasks)) && n < size - 64)
		if (*entry->d_name != '.')
			n += sprintf(text + n, " || common_pid == %.10s", entry->d_name);
	closedir(tasks);
	sprintf(text + n, ")");
}

struct kcount *kcount__start_in_init(const char *filter)
{
	char text[2048];

	write_filter_of_init(text, sizeof(text), filter);
	return kcount__start(text);
}

/* 0: it is not known. */
static unsigned long long address_of(const char *function)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	unsigned long long address = 0, at;
	char line[256], name[64];

	while (symbols && !address && fgets(line, sizeof(line), symbols))
		if (sscanf(line, "%llx %*c %63s", &at, name) == 2 && !strcmp(name, function))
			address = at;
	if (symbols)
		fclose(symbols);
	return address;
}

/* By the timers of requests and of TIME_WAIT a trace may see their end. */
static void watch_timers(const struct kcount *k, const char *who)
{
	char text[4096];

	snprintf(text, sizeof(text), "(function == 0x%llx || function == 0x%llx) && %s",
		 address_of("reqsk_timer_handler"), address_of("tw_timer_handler"), who);
	write_to(k, "events/timer/timer_expire_entry/filter", text);
	write_to(k, "events/timer/timer_expire_entry/enable", "1");
}

/* Elsewhere root may look at whatever process 1 has. */
static bool keeps_its_secrets(void)
{
	return access("/proc/1/ns/net", F_OK) && errno == EACCES;
}

struct kcount *kcount__watch_init(void)
{
	struct kcount *k;
	char text[2048];

	if (!keeps_its_secrets() || !have_tracefs())
		return NULL;
	write_filter_of_init(text, sizeof(text), NULL);
	k = begin(text);
	watch_timers(k, text);
	return k;
}

/*
 * One CPU's events, those that later ones have overwritten (overrun) included; the kernel keeps
 * both numbers exactly. False: there is no such CPU.
 */
static bool count_cpu(const struct kcount *k, unsigned int cpu, uint64_t *events)
{
	unsigned long long value, dropped = 0;
	char path[192], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/per_cpu/cpu%u/stats", k->path, cpu);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "entries: %llu", &value) == 1 ||
		    sscanf(line, "overrun: %llu", &value) == 1)
			*events += value;
		else if (sscanf(line, "commit overrun: %llu", &value) == 1 ||
			 sscanf(line, "dropped events: %llu", &value) == 1)
			dropped += value;
	}
	fclose(file);
	must(!dropped);
	return true;
}

uint64_t kcount__so_far(const struct kcount *k)
{
	uint64_t events = 0;

	for (unsigned int cpu = 0; count_cpu(k, cpu, &events); cpu++)
		;
	return events;
}

uint64_t kcount__stop(struct kcount *k)
{
	write_to(k, "events/enable", "0");
	return kcount__so_far(k);
}

uint64_t kcount__end(struct kcount *k)
{
	uint64_t events = k ? kcount__stop(k) : 0;

	if (k)
		dismiss(k);
	return events;
}
