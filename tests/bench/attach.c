// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loads a BPF object, attaches the programs named (or all), and empties its ring buffers without
 * looking at the contents: what the kernel side alone costs. Ends on SIGINT or SIGTERM, and takes
 * the programs with it. The kernel's own figures about a running program (run_cnt, run_time_ns,
 * recursion_misses) are in /proc/PID/fdinfo.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static int discard(void *context, void *data, size_t size)
{
	(void)context, (void)data, (void)size;
	return 0;
}

static int fail(const char *what, int error)
{
	fprintf(stderr, "attach: %s: %s\n", what, strerror(-error));
	return error;
}

/* No names: all of them. */
static bool is_wanted(const struct bpf_program *program, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, bpf_program__name(program)))
			return true;
	return false;
}

static int load(struct bpf_object *object, char **names)
{
	struct bpf_program *program;
	struct bpf_link *link;
	int err;

	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, is_wanted(program, names));
	err = bpf_object__load(object);
	if (err)
		return fail("load", err);
	bpf_object__for_each_program(program, object)
	{
		if (!bpf_program__autoload(program))
			continue;
		link = bpf_program__attach(program); /* ends with the process */
		if (!link)
			return fail(bpf_program__name(program), -errno);
	}
	return 0;
}

/* One reader for all rings of the object; NULL with errno 0 if it has none. */
static struct ring_buffer *open_rings(struct bpf_object *object)
{
	struct ring_buffer *rings = NULL;
	struct bpf_map *map;

	errno = 0;
	bpf_object__for_each_map(map, object)
	{
		int fd = bpf_map__fd(map);

		if (bpf_map__type(map) != BPF_MAP_TYPE_RINGBUF)
			continue;
		if (rings && ring_buffer__add(rings, fd, discard, NULL))
			return NULL;
		if (!rings)
			rings = ring_buffer__new(fd, discard, NULL, NULL);
		if (!rings)
			return NULL;
	}
	return rings;
}

/*
 * Like tcpflux: asleep until woken, then 10 ms later all there is, so that the programs in the
 * kernel find the reader behind and don't wake it for every record.
 */
static void run(struct ring_buffer *rings, int signals)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = rings ? ring_buffer__epoll_fd(rings) : -1, .events = POLLIN },
	};

	while (poll(fds, 2, -1) >= 0 && !fds[0].revents) {
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
		ring_buffer__consume(rings);
	}
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct ring_buffer *rings;
	sigset_t set;
	int signals;

	if (argc < 2) {
		fprintf(stderr, "usage: attach OBJECT [PROGRAM...]\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	object = bpf_object__open(argv[1]);
	if (!object)
		return fail(argv[1], -errno), 1;
	if (load(object, argv + 2))
		return 1;
	rings = open_rings(object);
	if (!rings && errno)
		return fail("ring buffer", -errno), 1;
	run(rings, signals);
	ring_buffer__free(rings);
	bpf_object__close(object);
	return 0;
}
