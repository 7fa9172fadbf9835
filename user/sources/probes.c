// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "probes.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hook.h"

#define PROGRAMS_MAX 4
#define TEXT_MAX     160

/* One way of making a probe. All its programs are needed. */
struct way {
	enum probe_id probe;
	const char *name;
	struct {
		const char *name;
		unsigned int min_args; /* of what it hangs on */
	} programs[PROGRAMS_MAX];
	bool trampolines;
	bool hidden;	     /* only where the kernel hides process 1 */
	const char *handler; /* the function whose timers it looks at */
	const char *lacks;   /* NULL: it shows all there is */
};

/* clang-format off */
static const struct way ways[] = {
	{ PROBE_ACCEPT, "fexit",
	  { { "accept_until_6_9", 4 }, { "accept_until_6_9_again", 4 } }, .trampolines = true },
	{ PROBE_ACCEPT, "fexit",
	  { { "accept_since_6_10", 2 }, { "accept_since_6_10_again", 2 } }, .trampolines = true },
	{ PROBE_ACCEPT, "tcp_rcv_space_adjust",
	  { { "first_read", 1 } }, .lacks = "a worker is known from its first read on" },
	{ PROBE_TIMEWAIT, "fentry",
	  { { "timewait_hears", 3 }, { "timewait_ends", 1 } }, .trampolines = true },
	{ PROBE_TIMEWAIT, "timer tracepoints",
	  { { "timer_starts", 1 }, { "timer_stops", 1 }, { "timer_expires", 1 }, { "segment_dropped", 4 } },
	  .handler = "tw_timer_handler" },
	{ PROBE_TIMEWAIT, "timer tracepoints",
	  { { "timer_starts", 1 }, { "timer_stops", 1 }, { "timer_expires", 1 } },
	  .handler = "tw_timer_handler",
	  .lacks = "FIN_WAIT2 of a closed socket seems to last until the end of TIME_WAIT" },
	{ PROBE_REQUEST, "fentry",
	  { { "request_begins", 2 }, { "request_dropped", 2 }, { "request_dropped_and_put", 2 },
	    { "request_timed_out", 1 } },
	  .trampolines = true },
	{ PROBE_REQUEST, "timer tracepoints",
	  { { "timer_starts", 1 }, { "timer_stops", 1 }, { "timer_expires", 1 }, { "lane_apart", 0 } },
	  .handler = "reqsk_timer_handler", .hidden = true },
	{ PROBE_REQUEST, "timer tracepoints",
	  { { "timer_starts", 1 }, { "timer_stops", 1 }, { "timer_expires", 1 }, { "request_gets_cookie", 0 } },
	  .handler = "reqsk_timer_handler" },
	{ PROBE_HIDDEN, "sockops",
	  { { "lane_apart", 0 } }, .hidden = true },
};
/* clang-format on */

#define WAYS (sizeof(ways) / sizeof(ways[0]))

struct probes {
	struct probe rows[PROBE_COUNT + 1];
	char status[PROBE_COUNT][TEXT_MAX];
	char how[PROBE_COUNT][TEXT_MAX];
	const struct way *chosen[PROBE_COUNT]; /* NULL: off */
	uint64_t handler[PROBE_COUNT];
	struct bpf_link *links[PROBE_COUNT][PROGRAMS_MAX];
	int cgroup;
};

/* All are on, and nobody knows yet how. */
static void forget_choice(struct probes *probes)
{
	for (int id = 0; id < PROBE_COUNT; id++) {
		strcpy(probes->status[id], "on");
		*probes->how[id] = '\0';
		probes->chosen[id] = NULL;
		probes->rows[id].lacking = false;
	}
}

struct probes *probes__new(void)
{
	static const char *const names[PROBE_COUNT] = {
		[PROBE_TRANSITION] = "transition", [PROBE_SNAPSHOT] = "snapshot",
		[PROBE_ACCEPT] = "accept",	   [PROBE_TIMEWAIT] = "timewait",
		[PROBE_REQUEST] = "request",
	};
	struct probes *probes = calloc(1, sizeof(*probes));

	if (!probes)
		return NULL;
	for (int id = 0; id < PROBE_COUNT; id++)
		probes->rows[id] = (struct probe){ .name = names[id],
						   .status = probes->status[id],
						   .how = probes->how[id] };
	forget_choice(probes);
	return probes;
}

void probes__free(struct probes *probes)
{
	if (!probes)
		return;
	probes__detach(probes);
	free(probes);
}

static const char *error_text(int err)
{
	switch (err) {
	case -ESRCH:
		return "not in this kernel";
	case -ECANCELED:
		return "not wanted";
	}
	return strerrordesc_np(-err) ?: "unknown error";
}

static struct bpf_program *program(struct bpf_object *object, const struct way *way, int i)
{
	const char *name = way->programs[i].name;

	return name ? bpf_object__find_program_by_name(object, name) : NULL;
}

static int try_way(struct probes *probes, const struct btf *kernel, struct bpf_object *object,
		   const struct way *way, const struct probes_options *options)
{
	int err = 0;

	if (way->trampolines && options->no_fentry)
		return -ECANCELED;
	for (int i = 0; i < PROGRAMS_MAX && way->programs[i].name && !err; i++)
		err = hook__try(kernel, program(object, way, i), way->programs[i].min_args,
				options->cgroup);
	if (!err && way->handler)
		err = hook__find_function(way->handler, &probes->handler[way->probe]);
	return err;
}

/* Says why a better way is not gone. */
static void note_failure(struct probes *probes, const struct way *way, int err)
{
	char *how = probes->how[way->probe];
	size_t used = strlen(how), name = strlen(way->name);
	const char *same = strstr(how, way->name);

	/* The same way in another kernel's shape, or without all of its programs. */
	if (same && same[name] == ':')
		used = same - how;
	snprintf(how + used, TEXT_MAX - used, "%s%s: %s", used && !same ? "; " : "", way->name,
		 error_text(err));
}

static void choose_way(struct probes *probes, struct bpf_object *object, const struct way *way)
{
	char why[TEXT_MAX], *how = probes->how[way->probe];

	probes->chosen[way->probe] = way;
	for (int i = 0; i < PROGRAMS_MAX && way->programs[i].name; i++)
		bpf_program__set_autoload(program(object, way, i), true);
	snprintf(why, sizeof(why), "%s", strncmp(how, way->name, strlen(way->name)) ? how : "");
	snprintf(how, TEXT_MAX, "by %s%s%.100s%s", way->name, *why ? " (" : "", why,
		 *why ? ")" : "");
	if (!way->lacks)
		return;
	snprintf(probes->status[way->probe], TEXT_MAX, "%s", way->lacks);
	probes->rows[way->probe].lacking = true;
}

/* Either none of its ways is allowed here, which are then in `how`, or it isn't wanted. */
static void say_off(struct probes *probes, enum probe_id id)
{
	probes->rows[id].lacking = *probes->how[id];
	snprintf(probes->status[id], TEXT_MAX, "%s",
		 *probes->how[id] ? probes->how[id] : "not wanted");
	*probes->how[id] = '\0';
}

static bool is_wanted(const struct way *way, const struct probes_options *options)
{
	return !(way->probe == PROBE_TIMEWAIT && options->no_timewait) &&
	       !(way->probe == PROBE_REQUEST && options->no_request) &&
	       !(way->hidden && !options->hidden);
}

void probes__choose(struct probes *probes, struct bpf_object *object, const struct btf *kernel,
		    const struct probes_options *options)
{
	forget_choice(probes);
	probes->cgroup = options->cgroup;
	/* The last row, which elsewhere nobody would understand. */
	if (options->hidden)
		probes->rows[PROBE_HIDDEN].name = "hidden";
	for (const struct way *way = ways; way < ways + WAYS; way++) {
		int err;

		if (probes->chosen[way->probe] || !is_wanted(way, options))
			continue;
		err = kernel ? try_way(probes, kernel, object, way, options) : -ENOMEM;
		if (err)
			note_failure(probes, way, err);
		else
			choose_way(probes, object, way);
	}
	for (int id = PROBE_ACCEPT; id < PROBE_COUNT; id++)
		if (!probes->chosen[id])
			say_off(probes, id);
}

static void give_up(struct probes *probes, enum probe_id id, int err)
{
	probes->chosen[id] = NULL;
	snprintf(probes->status[id], TEXT_MAX, "%s", error_text(err));
	*probes->how[id] = '\0';
	probes->rows[id].lacking = true;
}

void probes__refuse(struct probes *probes, struct bpf_object *object, int err)
{
	for (const struct way *way = ways; way < ways + WAYS; way++) {
		give_up(probes, way->probe, err);
		for (int i = 0; i < PROGRAMS_MAX && way->programs[i].name; i++)
			bpf_program__set_autoload(program(object, way, i), false);
	}
}

static uint64_t handler_of(const struct probes *probes, enum probe_id id)
{
	return probes->chosen[id] && probes->chosen[id]->handler ? probes->handler[id] : 0;
}

uint64_t probes__timewait_handler(const struct probes *probes)
{
	return handler_of(probes, PROBE_TIMEWAIT);
}

uint64_t probes__request_handler(const struct probes *probes)
{
	return handler_of(probes, PROBE_REQUEST);
}

/* Some programs serve two probes, and hang there once. */
static bool is_attached(const struct probes *probes, const char *name)
{
	for (int id = PROBE_ACCEPT; id < PROBE_COUNT; id++)
		for (int i = 0; probes->chosen[id] && i < PROGRAMS_MAX; i++)
			if (probes->links[id][i] &&
			    !strcmp(probes->chosen[id]->programs[i].name, name))
				return true;
	return false;
}

static int attach(struct probes *probes, struct bpf_object *object, enum probe_id id)
{
	const struct way *way = probes->chosen[id];

	for (int i = 0; i < PROGRAMS_MAX && way->programs[i].name; i++) {
		struct bpf_program *prog = program(object, way, i);
		struct bpf_link **link = &probes->links[id][i];

		if (is_attached(probes, way->programs[i].name))
			continue;
		*link = bpf_program__type(prog) == BPF_PROG_TYPE_SOCK_OPS
				? bpf_program__attach_cgroup(prog, probes->cgroup)
				: bpf_program__attach(prog);
		if (!*link)
			return -errno;
	}
	return 0;
}

static void detach(struct probes *probes, enum probe_id id)
{
	for (int i = 0; i < PROGRAMS_MAX; i++) {
		bpf_link__destroy(probes->links[id][i]);
		probes->links[id][i] = NULL;
	}
}

void probes__attach(struct probes *probes, struct bpf_object *object)
{
	for (int id = PROBE_ACCEPT; id < PROBE_COUNT; id++) {
		int err = probes->chosen[id] ? attach(probes, object, id) : 0;

		if (err) {
			detach(probes, id);
			give_up(probes, id, err);
		}
	}
}

void probes__detach(struct probes *probes)
{
	for (int id = 0; id < PROBE_COUNT; id++)
		detach(probes, id);
}

void probes__set(struct probes *probes, enum probe_id id, int err)
{
	if (err)
		give_up(probes, id, err);
}

bool probes__is_on(const struct probes *probes, enum probe_id id)
{
	return probes->chosen[id];
}

const struct probe *probes__rows(const struct probes *probes)
{
	return probes->rows;
}
