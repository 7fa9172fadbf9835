// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "counting.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../support/clock.h"
#include "../support/heap.h"
#include "../support/message.h"
#include "../support/privileges.h"
#include "census.h"
#include "cpus.h"
#include "epochs.h"
#include "lanes.h"
#include "marks.h"
#include "reach.h"
#include "requirements.h"
#include "sock_diag.h"
#include "totals.h"
#include "totals.skel.h"
#include "verbosity.h"

/* What is looked up besides the counters takes about one part in so many of the time, or less. */
#define LOOK_SHARE 50

/* What the tracepoint does not show, as it was found last. */
struct standins {
	bool are_told; /* which of them are in FIN_WAIT2 */
	uint64_t all, fin_wait2;
	uint64_t closed;  /* in FIN_WAIT2, when the last walk began; UINT64_MAX: no walk yet */
	uint64_t look_at; /* not before; CLOCK_BOOTTIME, ns */
	uint64_t walk_at; /* for those in FIN_WAIT2; the same */
};

struct counting {
	struct counting_options options;
	bool only_reached; /* namespaces count; there are others */
	struct totals_bpf *skel;
	struct lanes lanes;
	struct epochs *epochs;
	struct census census;
	struct standins standins;
	struct probe probes[3];
	char census_status[128];
	uint64_t sum;	    /* of the namespaces, see census.h, when there was a census */
	uint64_t census_at; /* not another one before; CLOCK_BOOTTIME, ns */
	struct marks marks;
	uint64_t lost;
	bool stopped;
};

static int load(struct counting *counting)
{
	struct totals_bpf *skel = totals_bpf__open();
	int err = -errno, cpus = possible_cpus();
	struct btf *kernel;

	if (!skel)
		return err ?: -EINVAL;
	counting->skel = skel;
	if (cpus < 0)
		return cpus;
	kernel = btf__load_vmlinux_btf();
	lanes__choose(&counting->lanes, skel->obj, lanes_count, kernel);
	btf__free(kernel);
	skel->rodata->only_netns = counting->options.netns;
	skel->rodata->only_reached = counting->only_reached;
	skel->rodata->lanes_move = counting->lanes.move;
	err = bpf_map__set_max_entries(skel->maps.counters, cpus);
	err = err ?: marks__set_tables(skel->maps.marks, cpus, counting->lanes.move);
	err = err ?: totals_bpf__load(skel);
	/* libbpf does without mapping the globals where it believes that it can't be done. */
	if (err || !skel->bss)
		return err ?: -ENOTSUP;
	counting->epochs = epochs__new(skel, &counting->lanes, cpus);
	return counting->epochs ? marks__open(&counting->marks, skel->maps.marks) : -errno;
}

int counting__open(const struct counting_options *options, struct counting **result)
{
	struct counting *counting;
	int err = requirements__check() ?: requirements__check_netns(options->netns);

	if (err)
		return err;
	verbosity__set(options->verbose);
	counting = calloc(1, sizeof(*counting));
	if (!counting)
		return message_errno(-ENOMEM, "starting");
	counting->options = *options;
	counting->only_reached = !requirements__reach_all_netns();
	counting->standins.closed = UINT64_MAX;
	counting->probes[0] = (struct probe){ "transition", "on", "", false };
	counting->probes[1] = (struct probe){ "census", counting->census_status, "", false };
	strcpy(counting->census_status, "on");
	heap__reserve();
	err = census__open(&counting->census, options->netns);
	if (err)
		message_errno(err, "/proc/self/ns/net");
	else if ((err = load(counting)))
		message_errno(err, "loading the BPF programs (see -v)");
	heap__release();
	if (err)
		counting__free(counting);
	else
		*result = counting;
	return err;
}

static int attach(struct counting *counting)
{
	struct totals_bpf *skel = counting->skel;
	const struct lanes_counters counters = { &skel->bss->unmarked, &skel->bss->repaired };
	int err = lanes__attach(&counting->lanes, &counters);

	if (err)
		return message_errno(err, "attaching to sock:inet_sock_set_state");
	skel->links.census = bpf_program__attach(skel->progs.census);
	if (!skel->links.census)
		return message_errno(-errno, "attaching the census");
	return 0;
}

/* What is not in the numbers, or in the wrong one, as a row of `start`. */
static void note(struct counting *counting, const char *what)
{
	size_t used = counting->probes[1].lacking ? strlen(counting->census_status) : 0;

	counting->probes[1].lacking = true;
	snprintf(counting->census_status + used, sizeof(counting->census_status) - used, "%s%s",
		 used ? "; " : "", what);
}

static void note_unreachable(struct counting *counting)
{
	unsigned int count = counting->census.unreachable;
	char what[64];

	if (counting->options.netns)
		return;
	snprintf(what, sizeof(what), "%u namespaces or processes can't be looked at", count);
	if (count)
		note(counting, what);
	else if (counting->only_reached)
		note(counting, "only of processes in this PID namespace");
}

static int try_sock_diag(struct counting *counting)
{
	uint64_t count = 0;
	int err = sock_diag__add_fin_wait2(IPPROTO_TCP, &count);

	counting->standins.are_told = !err;
	if (err != -ENOENT && err != -EPROTONOSUPPORT)
		return err;
	note(counting, "FIN_WAIT2 of a closed socket counts as TIME_WAIT");
	return 0;
}

/*
 * Ahead of others' work where it may: who starts this waits for it, and on a busy machine it would
 * take as many times longer as there are processes that want the CPU. Later ones have the time.
 */
static int first_census(struct counting *counting)
{
	int usual = getpriority(PRIO_PROCESS, 0), err;

	setpriority(PRIO_PROCESS, 0, -20);
	err = counting__census(counting);
	setpriority(PRIO_PROCESS, 0, usual);
	return err;
}

int counting__start(struct counting *counting)
{
	int err = attach(counting);

	if (err)
		return err;
	err = first_census(counting);
	if (!err) {
		note_unreachable(counting);
		err = try_sock_diag(counting);
	}
	return err ? message_errno(err, "counting the sockets") : 0;
}

int counting__drop_privileges(void)
{
	/*
	 * For setns(); to read /proc/PID/ns of others; to make maps, where CAP_SYS_ADMIN is not
	 * there to stand for it (bpf_capable()).
	 */
	static const cap_value_t kept[] = { CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_BPF };

	return privileges__drop_but(kept, sizeof(kept) / sizeof(kept[0]));
}

/* What a look costs others; on a busy machine it may take much longer. */
static uint64_t cpu_time(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static int walk(void *ctx)
{
	struct counting *counting = ctx;

	return census__walk(&counting->census, bpf_link__fd(counting->skel->links.census));
}

static void say_drift(const struct epochs *epochs)
{
	const int64_t *difference = epochs__difference(epochs);

	for (unsigned int state = 1; state < STATE_COUNT; state++)
		if (difference[state])
			message("drift: %lld %s more than the census found",
				(long long)difference[state], state__name(state));
}

/* Each read walks over the table of listeners, full or not: so it has an end. */
static void say_unqueued(const struct totals_bpf *skel)
{
	uint64_t unqueued = *(volatile const __u64 *)&skel->bss->unqueued;

	if (unqueued)
		message("%llu listeners too many, whose half-open connections are not counted",
			(unsigned long long)unqueued);
}

/* The namespaces whose sockets no walk finds any more must not count. */
static int look_for_changes(struct counting *counting, struct reach_changes *changes)
{
	const struct totals_bpf *skel = counting->skel;
	int err = reach__update(&counting->census, bpf_map__fd(skel->maps.netns_seen),
				bpf_map__fd(skel->maps.netns_gone), changes);

	if (err == -ENOPROTOOPT) /* before Linux 5.14 */
		return 0;
	if (err)
		return err;
	/* If any namespace counts, what is first heard of a socket is its birth. */
	changes->found &= counting->only_reached;
	epochs__ask_anew(counting->epochs);
	return 0;
}

int counting__census(struct counting *counting)
{
	uint64_t spent = cpu_time();
	struct reach_changes changes;
	int err = look_for_changes(counting, &changes);

	if (err)
		return err;
	*(volatile __u64 *)&counting->skel->bss->unqueued = 0;
	err = epochs__census(counting->epochs, census__allocated(), &changes, walk, counting);
	counting->sum = counting->census.sum;
	spent = cpu_time() - spent;
	counting->census_at = clock_ns(CLOCK_BOOTTIME) + spent * LOOK_SHARE;
	if (!err && counting->options.verbose) {
		say_drift(counting->epochs);
		say_unqueued(counting->skel);
	}
	return err;
}

bool counting__wants_census(const struct counting *counting)
{
	return counting->census.sum != counting->sum &&
	       clock_ns(CLOCK_BOOTTIME) >= counting->census_at;
}

/* With a walk, also how many of them are in FIN_WAIT2. */
static int look_at_standins(struct counting *counting, uint64_t closed, bool walk)
{
	struct standins *standins = &counting->standins;
	uint64_t fin_wait2;
	int err = census__standins(&counting->census, &standins->all, walk ? &fin_wait2 : NULL);

	if (!err && walk) {
		standins->fin_wait2 = fin_wait2;
		standins->closed = closed;
	}
	return err;
}

static int add_standins(struct counting *counting, struct counts *now)
{
	struct standins *standins = &counting->standins;
	uint64_t closed = now->moved[TCP_FIN_WAIT2][TCP_CLOSE], spent = cpu_time(), fin_wait2;
	/* Those that were there may have gone over to TIME_WAIT; new ones follow a close. */
	bool walk = standins->are_told && now->at >= standins->walk_at &&
		    (standins->fin_wait2 || closed != standins->closed);
	int err = 0;

	if (now->at >= standins->look_at || walk) {
		err = look_at_standins(counting, closed, walk);
		spent = cpu_time() - spent;
		*(walk ? &standins->walk_at : &standins->look_at) = now->at + spent * LOOK_SHARE;
	}
	fin_wait2 = standins->fin_wait2 < standins->all ? standins->fin_wait2 : standins->all;
	now->states[TCP_FIN_WAIT2] += fin_wait2;
	now->states[TCP_TIME_WAIT] += standins->all - fin_wait2;
	return err;
}

static int add_requests(struct counting *counting, struct counts *now)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int fd = bpf_program__fd(counting->skel->progs.count_requests);

	if (bpf_prog_test_run_opts(fd, &opts))
		return -errno;
	now->states[TCP_SYN_RECV] += *(volatile __u64 *)&counting->skel->bss->requests;
	return 0;
}

static uint64_t lost(struct counting *counting, uint64_t now)
{
	return lanes__skipped(&counting->lanes, counting->stopped ? UINT64_MAX : now);
}

int counting__read(struct counting *counting, struct counts *now)
{
	int err;

	memset(now, 0, sizeof(*now));
	now->time = clock_ns(CLOCK_REALTIME);
	now->at = clock_ns(CLOCK_BOOTTIME);
	marks__sweep(&counting->marks, now->at);
	epochs__read(counting->epochs, now);
	now->lost = lost(counting, now->at);
	err = add_standins(counting, now);
	return err ?: add_requests(counting, now);
}

void counting__stop(struct counting *counting)
{
	if (counting->stopped)
		return;
	epochs__end(counting->epochs);
	lanes__detach(&counting->lanes);
	counting->standins.look_at = counting->standins.walk_at = 0;
	counting->stopped = true;
}

void counting__free(struct counting *counting)
{
	if (!counting)
		return;
	epochs__free(counting->epochs);
	marks__close(&counting->marks);
	lanes__detach(&counting->lanes);
	totals_bpf__destroy(counting->skel);
	census__close(&counting->census);
	free(counting);
}

const struct probe *counting__probes(const struct counting *counting)
{
	return counting->probes;
}

const struct probe *counting__census_probe(const struct counting *counting)
{
	return &counting->probes[1];
}
