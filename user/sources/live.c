// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "live.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../support/clock.h"
#include "../support/message.h"
#include "cgroup.h"
#include "probes.h"
#include "requirements.h"
#include "stream.h"
#include "tcpflux.skel.h"

/* The wall clock is taken to have been set, and not to have been read late, from here on. */
#define CLOCK_STEP_NS NS_PER_MS

/* live__drain() has seen a record from after its call; not an errno. */
#define DRAINED (-4096)

/*
 * A socket whose stand-in was made when tracing was just not on may close when it is; nothing
 * else takes so long between the two (tcp_time_wait()).
 */
#define START_NS (10 * NS_PER_MS)

struct live {
	struct tcpflux_bpf *skel;
	struct ring_buffer *ring;
	struct cgroups *cgroups;
	struct probes *probes;
	struct stream *stream;
	int epoll;	   /* of the ring, and of the timer: readable when there is work */
	int cgroup;	   /* the root of the hierarchy, for sockops; -1: there is none */
	int timer;	   /* runs when a stand-in may have ended */
	uint64_t timer_at; /* 0: does not run; times are CLOCK_BOOTTIME, ns */
	bool stopped;
	uint64_t boot_time; /* the wall clock when CLOCK_BOOTTIME was 0, ns */

	/* Calls of each lane that the kernel had skipped when tracing began. */
	uint64_t skipped_a, skipped_b;

	uint64_t until; /* of the drain under way */
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
	uint64_t before = clock_ns(CLOCK_BOOTTIME), wall = clock_ns(CLOCK_REALTIME);
	uint64_t after = clock_ns(CLOCK_BOOTTIME), boot_time = wall - before;
	int64_t step = boot_time - live->boot_time;

	/* Preempted between the two readings; the next time will do. */
	if (live->boot_time && after - before > CLOCK_STEP_NS / 2)
		return;
	if (step <= (int64_t)CLOCK_STEP_NS && step >= -(int64_t)CLOCK_STEP_NS)
		return;
	live->boot_time = boot_time;
	stream__set_boot_time(live->stream, boot_time);
}

/* One record of the ring. Errors end the drain. */
static int on_record(void *ctx, void *record, size_t size)
{
	struct live *live = ctx;
	uint64_t time = 0;
	int err = stream__record(live->stream, record, size, &time);

	/* A busy machine would keep the drain going for ever, and its caller from all else. */
	return err ?: time > live->until ? DRAINED : 0;
}

/*
 * Calls of a program that the kernel has skipped. Where bpf() is closed to a process that has given
 * up its capabilities (before 5.19, see kernel.unprivileged_bpf_disabled), /proc still tells.
 */
static uint64_t missed(const struct bpf_program *prog)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	char path[64], line[128];
	uint64_t count = 0;
	FILE *file;

	if (!bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size))
		return info.recursion_misses;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", bpf_program__fd(prog));
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "recursion_misses: %lu", &count) == 1)
			break;
	if (file)
		fclose(file);
	return count;
}

/* Since the beginning, and never less than nothing. */
static uint64_t missed_since(const struct bpf_program *prog, uint64_t beginning)
{
	uint64_t now = missed(prog);

	return now > beginning ? now - beginning : 0;
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
	uint64_t skipped_a = missed_since(skel->progs.lane_a, live->skipped_a) +
			     skel->bss->unmarked;
	uint64_t skipped_b = missed_since(skel->progs.lane_b, live->skipped_b);
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

	return (skipped > gaps ? skipped : gaps) + stream__forgotten(live->stream);
}

/* Lets the timer run until the next stand-in may have ended. */
static int set_timer(struct live *live)
{
	uint64_t at = stream__next(live->stream), expirations;
	struct itimerspec when = { .it_value = { at / NS_PER_S, at % NS_PER_S } };

	if (at == live->timer_at)
		return 0;
	live->timer_at = at;
	/* It may not have run out yet, and then there is nothing to read. */
	if (read(live->timer, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
		return -errno;
	return timerfd_settime(live->timer, TFD_TIMER_ABSTIME, &when, NULL) ? -errno : 0;
}

int live__drain(struct live *live, const struct transition_handler *handler)
{
	int err;

	follow_wall_clock(live);
	stream__deliver_to(live->stream, handler);
	live->until = clock_ns(CLOCK_BOOTTIME);
	err = ring_buffer__consume(live->ring);
	if (err < 0 && err != DRAINED)
		return err;
	if (err != DRAINED) {
		/* The ring was empty: what was lost since its last record has its place here. */
		stream__lost(live->stream, LOSS_RING, *(volatile __u64 *)&live->skel->bss->lost);
		stream__lost(live->stream, LOSS_PROBE, lost_by_probes(live));
	}
	/* After the stop no timer is seen to start again. */
	err = stream__settle(live->stream, live->until, live->stopped);
	return err ?: set_timer(live);
}

/* With the optional programs that the kernel has shown to allow, or without them. */
static int load_programs(struct live *live, const struct live_options *options, int refusal)
{
	struct probes_options probes_options = {
		.no_standins = options->raw,
		.no_fentry = options->no_fentry,
		.cgroup = live->cgroup,
	};
	struct tcpflux_bpf *skel = tcpflux_bpf__open();
	int err = -errno;

	if (!skel)
		return err ?: -EINVAL;
	live->skel = skel;
	if (refusal)
		probes__refuse(live->probes, skel->obj, refusal);
	else
		probes__choose(live->probes, skel->obj, &probes_options);
	skel->rodata->timewait_handler = probes__timewait_handler(live->probes);
	skel->rodata->request_handler = probes__request_handler(live->probes);
	err = bpf_map__set_max_entries(skel->maps.ring, options->buffer);
	err = err ?: tcpflux_bpf__load(skel);
	/* libbpf does without mapping the globals where it believes that it can't be done. */
	return err ?: skel->bss ? 0 : -ENOTSUP;
}

static int watch(const struct live *live, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(live->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_ring(struct live *live)
{
	int fd = bpf_map__fd(live->skel->maps.ring), err;

	live->ring = ring_buffer__new(fd, on_record, live, NULL);
	err = live->ring ? watch(live, fd) : -errno;
	return err ? message_errno(err, "mapping the ring buffer") : 0;
}

static int load(struct live *live, const struct live_options *options)
{
	int err = load_programs(live, options, 0);

	if (err) {
		tcpflux_bpf__destroy(live->skel);
		live->skel = NULL;
		err = load_programs(live, options, err);
	}
	if (err)
		return message_errno(err, "loading the BPF programs (see -v)");
	return open_ring(live);
}

static const char *cgroup_path(void *ctx, uint64_t id)
{
	return cgroups__path(ctx, id);
}

/* Everything that needs no kernel programs. */
static int prepare(struct live *live, bool raw)
{
	struct stream_options stream_options = { .raw = raw, .cgroup_path = cgroup_path };
	const char *root;
	int err;

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
	err = live->epoll < 0 || live->timer < 0 ? -errno : 0;
	return err ?: watch(live, live->timer);
}

int live__open(const struct live_options *options, struct live **result)
{
	struct live *live;
	int err = requirements__check();

	if (err)
		return err;
	libbpf_set_print(options->verbose ? print_warnings : print_nothing);
	live = malloc(sizeof(*live));
	if (!live)
		return message_errno(-ENOMEM, "starting");
	*live = (struct live){ .epoll = -1, .timer = -1, .cgroup = -1 };
	err = prepare(live, options->raw);
	if (err)
		message_errno(err, "starting");
	err = err ?: load(live, options);
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
	probes__attach(live->probes, skel->obj);
	*(volatile bool *)&skel->bss->tracing = true;
	if (probes__is_on(live->probes, PROBE_TIMEWAIT))
		stream__sees_timewait(live->stream, clock_ns(CLOCK_BOOTTIME) + START_NS);
	probes__set(live->probes, PROBE_SNAPSHOT, take_snapshot(live));
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
	ring_buffer__free(live->ring);
	probes__free(live->probes);
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
