// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "live.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../support/clock.h"
#include "../support/message.h"
#include "cgroup.h"
#include "decode.h"
#include "requirements.h"
#include "tcpflux.skel.h"

/* The wall clock is taken to have been set, and not to have been read late, from here on. */
#define CLOCK_STEP_NS NS_PER_MS

/* live__drain() has seen a record from after its call; not an errno. */
#define DRAINED (-4096)

enum {
	PROBE_TRANSITION,
	PROBE_ACCEPT,
	PROBE_SNAPSHOT,
	PROBE_COUNT,
};

struct live {
	struct tcpflux_bpf *skel;
	struct ring_buffer *ring;
	struct cgroups *cgroups;
	struct probe probes[PROBE_COUNT + 1];
	uint64_t boot_time; /* the wall clock when CLOCK_BOOTTIME was 0, ns */

	/* Calls of each lane that the kernel had skipped when tracing began. */
	uint64_t skipped_a, skipped_b;

	/* Losses already delivered. */
	uint64_t lost_ring;
	uint64_t lost_probe;

	/* Of the drain under way. */
	const struct transition_handler *handler;
	uint64_t until; /* CLOCK_BOOTTIME, ns */
};

static int print_warnings(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, args);
}

static int print_nothing(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level, (void)fmt, (void)args;
	return 0;
}

/* The step of a clock that was set shows at once; that of one that is slewed, every millisecond. */
static void follow_wall_clock(struct live *live)
{
	uint64_t boot_time = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	int64_t step = boot_time - live->boot_time;

	if (step > (int64_t)CLOCK_STEP_NS || step < -(int64_t)CLOCK_STEP_NS)
		live->boot_time = boot_time;
}

/* total: losses of this kind since the start; *known: how many of them were delivered. */
static void deliver_loss(struct live *live, enum loss_where where, uint64_t total, uint64_t *known)
{
	struct loss loss = { .count = total - *known, .where = where };

	if (total <= *known)
		return;
	*known = total;
	loss.time = clock_ns(CLOCK_REALTIME);
	live->handler->loss(live->handler->ctx, &loss);
}

/* One record of the ring. Errors end the drain. */
static int on_record(void *ctx, void *record, size_t size)
{
	const struct event_transition *event = record;
	struct live *live = ctx;
	struct transition tr;
	int err;

	err = decode_transition(record, size, live->boot_time, &tr);
	if (err)
		return err;
	/* What was lost before this record was written belongs in front of it. */
	deliver_loss(live, LOSS_RING, event->lost, &live->lost_ring);
	if (tr.owner.how != OWNER_UNKNOWN)
		tr.owner.cgroup = cgroups__path(live->cgroups, event->owner.cgroup);
	err = live->handler->transition(live->handler->ctx, &tr);
	if (err)
		return err;
	/* A busy machine would keep the drain going for ever, and its caller from all else. */
	return event->time > live->until ? DRAINED : 0;
}

static uint64_t missed(const struct bpf_program *prog)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size) ? 0
									   : info.recursion_misses;
}

/*
 * Calls that the kernel skipped in both lanes: it counts those that it skipped, and lane B counts
 * what it did in lane A's stead. Not more than lane B's own: one that lane A missed may have been
 * about a socket that is not TCP's. Lane A's are read first, so that one that lane B is just about
 * to repair is not taken for lost.
 */
static uint64_t skipped_by_both(const struct live *live)
{
	const struct tcpflux_bpf *skel = live->skel;
	uint64_t skipped_a = missed(skel->progs.lane_a) - live->skipped_a + skel->bss->unmarked;
	uint64_t skipped_b = missed(skel->progs.lane_b) - live->skipped_b;
	uint64_t repaired = *(volatile __u64 *)&skel->bss->repaired;
	uint64_t skipped = skipped_a > repaired ? skipped_a - repaired : 0;

	return skipped < skipped_b ? skipped : skipped_b;
}

/*
 * Transitions that no lane handled. Gaps in sockets' histories tell of most of them, even where
 * the kernel does not say that it skipped a call, but not of a last one.
 */
static uint64_t lost_by_probes(const struct live *live)
{
	uint64_t skipped = skipped_by_both(live);
	uint64_t gaps = *(volatile __u64 *)&live->skel->bss->gaps;

	return skipped > gaps ? skipped : gaps;
}

int live__drain(struct live *live, const struct transition_handler *handler)
{
	int err;

	follow_wall_clock(live);
	live->handler = handler;
	live->until = clock_ns(CLOCK_BOOTTIME);
	err = ring_buffer__consume(live->ring);
	if (err == DRAINED)
		return 0;
	if (err < 0)
		return err;
	/* The ring was empty: what was lost since its last record has its place here. */
	deliver_loss(live, LOSS_RING, *(volatile __u64 *)&live->skel->bss->lost, &live->lost_ring);
	deliver_loss(live, LOSS_PROBE, lost_by_probes(live), &live->lost_probe);
	return 0;
}

static int load(struct live *live, const struct live_options *options)
{
	int err;

	live->skel = tcpflux_bpf__open();
	if (!live->skel)
		return message_errno(-errno, "opening the BPF programs");
	err = bpf_map__set_max_entries(live->skel->maps.ring, options->buffer);
	err = err ?: tcpflux_bpf__load(live->skel);
	if (err)
		return message_errno(err, "loading the BPF programs (see -v)");
	live->ring = ring_buffer__new(bpf_map__fd(live->skel->maps.ring), on_record, live, NULL);
	return live->ring ? 0 : message_errno(-errno, "mapping the ring buffer");
}

int live__open(const struct live_options *options, struct live **result)
{
	struct live *live;
	int err = requirements__check();

	if (err)
		return err;
	libbpf_set_print(options->verbose ? print_warnings : print_nothing);
	live = calloc(1, sizeof(*live));
	if (!live)
		return message_errno(-ENOMEM, "starting");
	live->probes[PROBE_TRANSITION] = (struct probe){ "transition", "on" };
	live->probes[PROBE_ACCEPT] = (struct probe){ "accept", "on" };
	live->probes[PROBE_SNAPSHOT] = (struct probe){ "snapshot", "on" };
	live->cgroups = cgroups__new();
	err = live->cgroups ? load(live, options) : message_errno(-ENOMEM, "starting");
	if (err)
		live__free(live);
	else
		*result = live;
	return err;
}

static int attach(struct bpf_program *prog, struct bpf_link **link)
{
	*link = bpf_program__attach(prog);
	return *link ? 0 : -errno;
}

/* Walks over all open files; the program at each does the work and prints nothing. */
static int take_snapshot(struct live *live)
{
	char buf[64];
	ssize_t n;
	int fd, err;

	err = attach(live->skel->progs.snapshot, &live->skel->links.snapshot);
	if (err)
		return err;
	fd = bpf_iter_create(bpf_link__fd(live->skel->links.snapshot));
	if (fd < 0)
		return -errno;
	/* -EAGAIN: after a million objects without output bpf_seq_read() takes a breath. */
	do
		n = read(fd, buf, sizeof(buf));
	while (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)));
	err = n < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* Why a probe is not in use; the program goes on without it. */
static void degrade(struct probe *probe, int err)
{
	if (err)
		probe->status = strerrordesc_np(-err) ?: "unknown error";
}

int live__start(struct live *live)
{
	struct tcpflux_bpf *skel = live->skel;
	int err;

	/* Programs run in the order in which they were attached: lane A must be the first. */
	err = attach(skel->progs.lane_a, &skel->links.lane_a);
	err = err ?: attach(skel->progs.lane_b, &skel->links.lane_b);
	if (err)
		return message_errno(err, "attaching to sock:inet_sock_set_state");
	live->skipped_a = missed(skel->progs.lane_a);
	live->skipped_b = missed(skel->progs.lane_b);
	*(volatile bool *)&skel->bss->tracing = true;
	degrade(&live->probes[PROBE_ACCEPT],
		attach(skel->progs.first_read, &skel->links.first_read));
	degrade(&live->probes[PROBE_SNAPSHOT], take_snapshot(live));
	return 0;
}

void live__stop(struct live *live)
{
	*(volatile bool *)&live->skel->bss->tracing = false;
	/*
	 * Programs that other CPUs are still running write their records yet. Tracepoints call them
	 * inside an RCU read-side section, and this waits for all of those (synchronize_rcu() in
	 * membarrier(2)); where it is refused (nohz_full), microseconds are all that is needed.
	 */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(10000);
	tcpflux_bpf__detach(live->skel);
}

void live__free(struct live *live)
{
	if (!live)
		return;
	ring_buffer__free(live->ring);
	tcpflux_bpf__destroy(live->skel);
	cgroups__free(live->cgroups);
	free(live);
}

int live__fd(const struct live *live)
{
	return bpf_map__fd(live->skel->maps.ring);
}

const struct probe *live__probes(const struct live *live)
{
	return live->probes;
}
