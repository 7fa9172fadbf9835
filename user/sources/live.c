// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "live.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../filter/filter.h"
#include "../filter/pushdown.h"
#include "../support/clock.h"
#include "../support/heap.h"
#include "../support/message.h"
#include "cgroup.h"
#include "cpu.h"
#include "cpus.h"
#include "early.h"
#include "hidden.h"
#include "iterator.h"
#include "kept_out.h"
#include "lanes.h"
#include "marks.h"
#include "probes.h"
#include "requirements.h"
#include "rings.h"
#include "stream.h"
#include "tcpflux.skel.h"
#include "verbosity.h"
#include "wallclock.h"

/* keep_record() can take no more. */
#define NO_ROOM 1

struct live {
	struct tcpflux_bpf *skel;
	uint32_t buffer; /* bytes of the rings, all in all */
	struct rings *rings;
	struct cgroups *cgroups;
	struct lanes lanes;
	bool hidden;		  /* process 1 */
	struct kept_out kept_out; /* for that reason */
	struct marks marks;	  /* of what a filter leaves out */
	struct probes *probes;
	struct stream *stream;
	int epoll;	   /* of the rings, and of the timer: readable when there is work */
	int cgroup;	   /* the root of the hierarchy, for sockops; -1: there is none */
	int timer;	   /* runs when a stand-in may have ended */
	uint64_t timer_at; /* 0: does not run; times are CLOCK_BOOTTIME, ns */
	struct pushdown pushdown;
	bool stopped;
	uint64_t boot_time; /* the wall clock when CLOCK_BOOTTIME was 0, ns */

	struct early early; /* records that came when nobody took them yet */
	size_t most;	    /* that one drain takes */
	uint64_t until;	    /* of the drain under way */
	size_t left;	    /* of what it may take */
};

static int on_record(void *ctx, const void *record, size_t size)
{
	struct live *live = ctx;
	int err = stream__record(live->stream, record, size);

	live->left--;
	return err ?: live->left ? 0 : LIVE_MORE;
}

/*
 * Transitions that no lane handled. Gaps in sockets' histories tell of most of them, even where
 * nobody else does, but not of a last one.
 */
static uint64_t lost_by_probes(struct live *live)
{
	const struct tcpflux_bpf__bss *bss = live->skel->bss;
	uint64_t now = live->stopped ? UINT64_MAX : live->until;
	uint64_t skipped = lanes__skipped(&live->lanes, now) +
			   kept_out__number(&live->kept_out, now);
	uint64_t gaps = *(volatile const __u64 *)&bss->gaps;

	return (skipped > gaps ? skipped : gaps) + *(volatile const __u64 *)&bss->untracked +
	       stream__missed(live->stream);
}

/* Lets the timer run until the next stand-in may have ended. */
static int set_timer(struct live *live)
{
	uint64_t at = stream__next(live->stream);
	struct itimerspec when = { .it_value = { at / NS_PER_S, at % NS_PER_S } };

	if (at == live->timer_at)
		return 0;
	live->timer_at = at;
	/* It also forgets that it has run out: nothing need be read (timerfd_setup()). */
	return timerfd_settime(live->timer, TFD_TIMER_ABSTIME, &when, NULL) ? -errno : 0;
}

int live__log_to(struct live *live, struct log *log, const struct filter *filter)
{
	return stream__log_to(live->stream, log, filter);
}

uint64_t live__until(const struct live *live)
{
	return live->until;
}

static int settle(struct live *live)
{
	/* After the stop no timer is seen to start again. */
	int err = stream__settle(live->stream, live->until, live->stopped, live->most);
	uint64_t next = stream__next(live->stream);

	err = err ?: set_timer(live);
	return err ?: next && next <= live->until ? LIVE_MORE : 0;
}

int live__drain(struct live *live, const struct transition_handler *handler)
{
	uint64_t lost, until;
	bool all;
	int err;

	if (wallclock__follow(&live->boot_time))
		stream__set_boot_time(live->stream, live->boot_time);
	stream__deliver_to(live->stream, handler);
	lost = *(volatile __u64 *)&live->skel->bss->lost;
	live->until = clock_ns(CLOCK_BOOTTIME);
	live->left = live->most;
	marks__sweep(&live->marks, live->until);
	err = early__take(&live->early, on_record, live);
	/* CPUs are not quite in step; after the stop there is no next time. */
	until = live->stopped ? UINT64_MAX : live->until;
	err = err ?: rings__take(live->rings, until, on_record, live, &all);
	/* Where one is still being written, the descriptor stays readable. */
	if (err || !all)
		return err;
	/* What was lost since the last record has its place here. */
	stream__lost(live->stream, LOSS_RING, lost, live->until);
	stream__lost(live->stream, LOSS_PROBE, lost_by_probes(live), live->until);
	return settle(live);
}

/* What it decides is a constant to the verifier: nothing is left of a filter that there is none of.
 */
static void set_filter(struct tcpflux_bpf *skel, const struct pushdown *pushdown)
{
	skel->rodata->filter_connections = pushdown->connections;
	skel->rodata->filter_rows = pushdown->rows;
	skel->rodata->filter_strangers = pushdown->strangers;
}

static int set_rings(struct live *live, uint32_t cpus)
{
	struct tcpflux_bpf *skel = live->skel;
	uint32_t number = rings__number(cpus, live->buffer);
	uint32_t slots = rings__slots(number, live->buffer);
	int err;

	skel->rodata->last_ring = number - 1;
	skel->rodata->slots_in_ring = slots;
#if defined(__x86_64__)
	skel->rodata->stores_in_order = true;
#endif
	err = bpf_map__set_max_entries(skel->maps.ring_ends, number);
	err = err ?: bpf_map__set_max_entries(skel->maps.ring_slots, number * slots);
	return err ?: bpf_map__set_max_entries(skel->maps.bell, sysconf(_SC_PAGESIZE));
}

/* For the other lanes to call. */
static int offer_lane_a(const struct tcpflux_bpf *skel)
{
	int fd = bpf_program__fd(skel->progs.lane_a);

	return bpf_map__update_elem(skel->maps.first_lane, &(__u32){ 0 }, sizeof(__u32), &fd,
				    sizeof(fd), BPF_ANY);
}

/* To each CPU: none of the programs runs yet. */
static int tell_handlers(const struct live *live)
{
	const struct bpf_map *map = live->skel->maps.cpus;
	struct cpu cpu = {
		.timewait_handler = probes__timewait_handler(live->probes),
		.request_handler = probes__request_handler(live->probes),
	};
	int err = 0;

	for (__u32 i = 0; i < bpf_map__max_entries(map) && !err; i++)
		err = bpf_map__update_elem(map, &i, sizeof(i), &cpu, sizeof(cpu), BPF_ANY);
	return err;
}

/* With the optional programs that the kernel has shown to allow, or without them. */
static int load_programs(struct live *live, const struct live_options *options, int refusal)
{
	struct probes_options probes_options = {
		.no_timewait = options->raw || !live->pushdown.timewaits,
		.no_request = options->raw || !live->pushdown.requests,
		.no_fentry = options->no_fentry,
		.hidden = live->hidden,
		.cgroup = live->cgroup,
	};
	struct tcpflux_bpf *skel = tcpflux_bpf__open();
	int err = -errno, cpus = possible_cpus();
	struct btf *kernel;

	if (!skel)
		return err ?: -EINVAL;
	live->skel = skel;
	if (cpus < 0)
		return cpus;
	kernel = btf__load_vmlinux_btf();
	lanes__choose(&live->lanes, skel->obj, lanes_stream, kernel);
	if (refusal)
		probes__refuse(live->probes, skel->obj, refusal);
	else
		probes__choose(live->probes, skel->obj, kernel, &probes_options);
	btf__free(kernel);
	skel->rodata->filter_raw = options->raw;
	skel->rodata->lanes_move = live->lanes.move;
	skel->rodata->timewaits_are_seen = probes__is_on(live->probes, PROBE_TIMEWAIT);
	set_filter(skel, &live->pushdown);
	err = bpf_map__set_max_entries(skel->maps.cpus, cpus) ?: set_rings(live, cpus);
	err = err ?: marks__set_tables(skel->maps.marks, cpus, live->lanes.move);
	err = err ?: tcpflux_bpf__load(skel);
	/* libbpf does without mapping the globals where it believes that it can't be done. */
	if (err || !skel->bss)
		return err ?: -ENOTSUP;
	return offer_lane_a(skel) ?: tell_handlers(live);
}

static int open_rings(struct live *live)
{
	const struct tcpflux_bpf *skel = live->skel;
	struct rings_maps maps = {
		.ends = bpf_map__fd(skel->maps.ring_ends),
		.slots = bpf_map__fd(skel->maps.ring_slots),
		.bell = bpf_map__fd(skel->maps.bell),
		.awaited = (uint64_t *)&skel->bss->awaited,
	};
	int err;

	live->rings = rings__new(&maps, skel->rodata->last_ring + 1, skel->rodata->slots_in_ring);
	err = live->rings ? rings__watch(live->rings, live->epoll) : -errno;
	return err ? message_errno(err, "making the ring buffer") : 0;
}

static int load_again(struct live *live, const struct live_options *options, int refusal)
{
	tcpflux_bpf__destroy(live->skel);
	live->skel = NULL;
	return load_programs(live, options, refusal);
}

static int load(struct live *live, const struct live_options *options)
{
	int err = load_programs(live, options, 0);

	/* What there is to verify grows with the filter, and how much of that a kernel does. */
	if (err && pushdown__filters(&live->pushdown)) {
		if (options->verbose)
			message_errno(err, "filter in the kernel: refused, all of it runs behind");
		pushdown__compile(&live->pushdown, NULL);
		err = load_again(live, options, 0);
	}
	if (err)
		err = load_again(live, options, err);
	if (err)
		return message_errno(err, "loading the BPF programs (see -v)");
	err = marks__open(&live->marks, live->skel->maps.marks);
	return err ? message_errno(err, "sharing the marks of lanes") : open_rings(live);
}

static const char *cgroup_path(void *ctx, uint64_t id)
{
	return cgroups__path(ctx, id);
}

/* Everything that needs no kernel programs. */
static int prepare(struct live *live, bool raw)
{
	struct stream_options stream_options = { .raw = raw, .cgroup_path = cgroup_path };
	struct epoll_event event = { .events = EPOLLIN };
	const char *root;

	live->cgroups = cgroups__new();
	live->probes = probes__new();
	stream_options.ctx = live->cgroups;
	live->stream = stream__new(&stream_options);
	if (!live->cgroups || !live->probes || !live->stream)
		return -ENOMEM;
	root = cgroups__root(live->cgroups);
	live->cgroup = root ? open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	live->epoll = epoll_create1(EPOLL_CLOEXEC);
	live->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (live->epoll < 0 || live->timer < 0)
		return -errno;
	return epoll_ctl(live->epoll, EPOLL_CTL_ADD, live->timer, &event) ? -errno : 0;
}

int live__open(const struct live_options *options, struct live **result)
{
	struct live *live;
	int err = requirements__check();

	if (err)
		return err;
	verbosity__set(options->verbose);
	live = malloc(sizeof(*live));
	if (!live)
		return message_errno(-ENOMEM, "starting");
	*live = (struct live){
		.buffer = options->buffer,
		.most = options->most ?: SIZE_MAX,
		.epoll = -1,
		.timer = -1,
		.cgroup = -1,
	};
	err = pushdown__compile(&live->pushdown, options->filter ? options->filter->tree : NULL);
	err = err ?: prepare(live, options->raw);
	if (err)
		message_errno(err, "starting");
	heap__reserve();
	live->hidden = !err && hidden__is_process_1();
	/* It can't tell what a filter leaves out. */
	if (live->hidden && !pushdown__filters(&live->pushdown))
		kept_out__open(&live->kept_out);
	err = err ?: load(live, options);
	heap__release();
	if (err)
		live__free(live);
	else
		*result = live;
	return err;
}

static int keep_record(void *ctx, const void *record, size_t size)
{
	struct live *live = ctx;

	return early__keep(&live->early, record, size) ? 0 : NO_ROOM;
}

static int keep_early(void *ctx)
{
	struct live *live = ctx;
	bool all;

	/* Were there no room for one of them, it would be lost. */
	if (early__reserve(&live->early, live->buffer))
		rings__take(live->rings, clock_ns(CLOCK_BOOTTIME), keep_record, live, &all);
	return 0;
}

/*
 * Walks over all open files; the program at each does the work. With hundreds of thousands that
 * takes a second, in which a busy machine would fill the ring.
 */
static int take_snapshot(struct live *live)
{
	struct tcpflux_bpf *skel = live->skel;
	struct iteration steps = { .pace = keep_early, .ctx = live };

	skel->links.snapshot = bpf_program__attach(skel->progs.snapshot);
	return skel->links.snapshot ? iterator__run(skel->links.snapshot, &steps) : -errno;
}

int live__start(struct live *live)
{
	struct tcpflux_bpf *skel = live->skel;
	const struct lanes_counters counters = { &skel->bss->unmarked, &skel->bss->repaired };
	int err = lanes__attach(&live->lanes, &counters);

	if (err)
		return message_errno(err, "attaching to sock:inet_sock_set_state");
	probes__attach(live->probes, skel->obj);
	lanes__begin(&live->lanes);
	*(volatile bool *)&skel->bss->tracing = true;
	kept_out__begin(&live->kept_out, &skel->bss->let_in);
	if (probes__is_on(live->probes, PROBE_TIMEWAIT))
		stream__sees_timewait(live->stream, clock_ns(CLOCK_BOOTTIME));
	probes__set(live->probes, PROBE_SNAPSHOT, take_snapshot(live));
	return 0;
}

void live__stop(struct live *live)
{
	kept_out__end(&live->kept_out);
	lanes__end(&live->lanes);
	*(volatile bool *)&live->skel->bss->tracing = false;
	/*
	 * Programs that other CPUs are still running write their records yet. Tracepoints call them
	 * inside an RCU read-side section, and this waits for all of those (synchronize_rcu() in
	 * membarrier(2)); where it is refused (nohz_full), microseconds are all that is needed.
	 */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(10000);
	lanes__detach(&live->lanes);
	tcpflux_bpf__detach(live->skel);
	probes__detach(live->probes);
	live->stopped = true;
}

static void close_if(int fd)
{
	if (fd >= 0)
		close(fd);
}

void live__free(struct live *live)
{
	if (!live)
		return;
	early__free(&live->early);
	kept_out__close(&live->kept_out);
	rings__free(live->rings);
	marks__close(&live->marks);
	probes__free(live->probes);
	lanes__detach(&live->lanes);
	tcpflux_bpf__destroy(live->skel);
	stream__free(live->stream);
	cgroups__free(live->cgroups);
	close_if(live->timer);
	close_if(live->epoll);
	close_if(live->cgroup);
	free(live);
}

int live__fd(const struct live *live)
{
	return live->epoll;
}

const struct probe *live__probes(const struct live *live)
{
	return probes__rows(live->probes);
}
