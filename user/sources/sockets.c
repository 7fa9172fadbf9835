// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "sockets.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../filter/filter.h"
#include "../filter/pushdown.h"
#include "../support/clock.h"
#include "../support/heap.h"
#include "../support/message.h"
#include "../support/privileges.h"
#include "census.h"
#include "cgroup.h"
#include "decision.h"
#include "decode.h"
#include "holder.h"
#include "iterator.h"
#include "namespaces.h"
#include "requirements.h"
#include "tcpflux.skel.h"
#include "verbosity.h"

/* Places in the table of who has which socket open. */
#define TABLE_MIN      1024
#define TABLE_BITS_MAX 26

struct sockets {
	struct sockets_options options;
	struct tcpflux_bpf *skel;
	struct cgroups *cgroups;
	uint64_t tick_ns; /* a jiffy */
	int home;	  /* the network namespace to return to */
	uint32_t home_inode;

	/* Of the walk under way. */
	socket_fn *fn;
	void *ctx;
	struct sockets_unseen *unseen;
	int stopped; /* what ended it before its time */
	bool away;   /* in another namespace than at home */
};

/* Of all programs, only these two; of the maps, only what they use. */
static int choose(struct tcpflux_bpf *skel)
{
	struct bpf_program *prog;
	int err;

	bpf_object__for_each_program(prog, skel->obj) bpf_program__set_autoload(
		prog, prog == skel->progs.find_holder || prog == skel->progs.write_socket);
	err = bpf_map__set_autocreate(skel->maps.ring_slots, false);
	err = err ?: bpf_map__set_autocreate(skel->maps.bell, false);
	err = err ?: bpf_map__set_max_entries(skel->maps.listeners, 1);
	return err ?: bpf_map__set_max_entries(skel->maps.table, 1);
}

static int set_filter(struct tcpflux_bpf *skel, const struct filter *filter)
{
	struct pushdown pushdown;
	int err = pushdown__compile(&pushdown, filter ? filter->tree : NULL);

	skel->rodata->filter_connections = pushdown.connections;
	skel->rodata->filter_rows = pushdown.rows;
	return err;
}

static int load(struct sockets *sockets)
{
	struct tcpflux_bpf *skel = tcpflux_bpf__open();
	int err = -errno;

	if (!skel)
		return err ?: -EINVAL;
	sockets->skel = skel;
	err = choose(skel) ?: set_filter(skel, sockets->options.filter);
	err = err ?: tcpflux_bpf__load(skel);
	/* libbpf does without mapping the globals where it believes that it can't be done. */
	if (err || !skel->bss)
		return err ?: -ENOTSUP;
	skel->links.write_socket = bpf_program__attach(skel->progs.write_socket);
	if (!skel->links.write_socket)
		return -errno;
	/* Without it there are no owners; a walk will tell. */
	skel->links.find_holder = bpf_program__attach(skel->progs.find_holder);
	return 0;
}

/* The coarse clocks advance with each tick of the kernel's (posix_get_coarse_res()). */
static uint64_t tick_ns(void)
{
	struct timespec resolution;

	clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
	return resolution.tv_sec * NS_PER_S + resolution.tv_nsec;
}

int sockets__open(const struct sockets_options *options, struct sockets **result)
{
	struct sockets *sockets;
	int err = requirements__check();

	if (err)
		return err;
	verbosity__set(options->verbose);
	sockets = malloc(sizeof(*sockets));
	if (!sockets)
		return message_errno(-ENOMEM, "starting");
	*sockets = (struct sockets){ .options = *options, .tick_ns = tick_ns() };
	heap__reserve();
	sockets->home = namespaces__home(&sockets->home_inode);
	sockets->cgroups = cgroups__new();
	if (sockets->home < 0)
		err = message_errno(sockets->home, "/proc/self/ns/net");
	else if (!sockets->cgroups)
		err = message_errno(-ENOMEM, "starting");
	else if ((err = load(sockets)))
		message_errno(err, "loading the BPF programs (see -v)");
	heap__release();
	if (err)
		sockets__free(sockets);
	else
		*result = sockets;
	return err;
}

void sockets__free(struct sockets *sockets)
{
	if (!sockets)
		return;
	tcpflux_bpf__destroy(sockets->skel);
	cgroups__free(sockets->cgroups);
	if (sockets->home >= 0)
		close(sockets->home);
	free(sockets);
}

/*
 * setns() and a look at /proc/PID/ns of processes that have other rights. Iterators are made by
 * bpf(2), for which older kernels want CAP_BPF (sysctl_unprivileged_bpf_disabled, until 5.19);
 * it adds nothing to CAP_SYS_ADMIN.
 */
int sockets__drop_privileges(void)
{
	static const cap_value_t kept[] = { CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_BPF };

	return privileges__drop_but(kept, sizeof(kept) / sizeof(kept[0]));
}

static int on_record(void *ctx, const void *record, size_t size)
{
	const struct socket_record *known = record;
	struct sockets *sockets = ctx;
	struct tcp_socket socket;
	int err = decode_socket(record, size, sockets->tick_ns, &socket);

	if (err)
		return err;
	if (socket.owner.how != OWNER_UNKNOWN)
		socket.owner.cgroup = cgroups__path(sockets->cgroups, known->owner.cgroup);
	return sockets->fn(sockets->ctx, &socket);
}

static int pace(void *ctx)
{
	struct sockets *sockets = ctx;

	if (sockets->options.pace)
		sockets->stopped = sockets->options.pace(sockets->options.ctx);
	return sockets->stopped;
}

/*
 * A table with room for three times the sockets that there are now: a few may come meanwhile, and
 * MPTCP's are not counted.
 */
static int make_table(struct sockets *sockets)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP);
	uint64_t wanted = 3 * census__allocated() + TABLE_MIN;
	uint32_t bits = 1;
	int fd, err;

	while (bits < TABLE_BITS_MAX && 1ull << bits < wanted)
		bits++;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "holders", sizeof(uint32_t), sizeof(struct holder),
			    1u << bits, &options);
	if (fd < 0)
		return -errno;
	err = bpf_map__update_elem(sockets->skel->maps.holders, &(uint32_t){ 0 }, sizeof(uint32_t),
				   &fd, sizeof(fd), BPF_ANY);
	close(fd);
	sockets->skel->bss->holder_bits = bits;
	return err;
}

static void drop_table(struct sockets *sockets)
{
	bpf_map__delete_elem(sockets->skel->maps.holders, &(uint32_t){ 0 }, sizeof(uint32_t), 0);
}

/*
 * Returns as iterator__run(). What a walk has found is there until the next one, which takes its
 * place: each change waits for an RCU grace period, 13 ms (maybe_wait_bpf_programs(), Linux 6.18).
 */
static int find_holders(struct sockets *sockets)
{
	struct bpf_link *link = sockets->skel->links.find_holder;
	struct iteration steps = { .pace = pace, .ctx = sockets };
	int err = link ? make_table(sockets) : -ENOTSUP;

	if (err)
		drop_table(sockets);
	return err ?: iterator__run(link, &steps);
}

/* The namespace that this process is in. */
static int walk_here(struct sockets *sockets)
{
	struct iteration records = {
		.size = sizeof(struct socket_record),
		.record = on_record,
		.pace = pace,
		.ctx = sockets,
	};

	return iterator__run(sockets->skel->links.write_socket, &records);
}

static int on_namespace(void *ctx, int fd, uint32_t inode)
{
	struct sockets *sockets = ctx;

	if (sockets->options.netns && inode != sockets->options.netns)
		return 0;
	/* The own one comes first; where setns() is forbidden it is all there is. */
	if (inode == sockets->home_inode && !sockets->away)
		return walk_here(sockets);
	if (namespaces__enter(fd)) {
		sockets->unseen->closed++;
		return 0;
	}
	sockets->away = true;
	return walk_here(sockets);
}

static int walk_everywhere(struct sockets *sockets)
{
	int err = namespaces__each(on_namespace, sockets, &sockets->unseen->hidden);
	int back = sockets->away ? namespaces__enter(sockets->home) : 0;

	sockets->away = back < 0;
	return err ?: back;
}

static int walk_all(struct sockets *sockets)
{
	sockets->unseen->owners = find_holders(sockets);
	if (sockets->stopped)
		return sockets->stopped;
	return sockets->options.only_here ? walk_here(sockets) : walk_everywhere(sockets);
}

int sockets__walk(struct sockets *sockets, socket_fn *fn, void *ctx, struct sockets_unseen *unseen)
{
	*unseen = (struct sockets_unseen){};
	sockets->fn = fn;
	sockets->ctx = ctx;
	sockets->unseen = unseen;
	return walk_all(sockets);
}

void sockets_unseen__say(const struct sockets_unseen *now, const struct sockets_unseen *before)
{
	if (now->owners && now->owners != before->owners)
		message("owners are not known: %s", strerror(-now->owners));
	if (now->hidden && now->hidden != before->hidden)
		message("processes whose network namespaces may not be looked at: %u", now->hidden);
	if (now->closed && now->closed != before->closed)
		message("network namespaces that may not be entered: %u", now->closed);
}
