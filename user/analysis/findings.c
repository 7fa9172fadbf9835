// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "findings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../support/format.h"

static const struct {
	const char *name, *title, *meaning;
} kinds[FINDING_KINDS] = {
	[FINDING_CLOSE_WAIT] = {
		"close_wait", "sockets left in CLOSE_WAIT",
		"The peer has closed, and this program has not: it does not read to the end of the "
		"stream, or forgets to close(). In the end it runs out of file descriptors.",
	},
	[FINDING_PORTS] = {
		"ports", "local ports run out",
		"Each connection that this side closes first keeps its port in TIME_WAIT for a minute. "
		"Keep connections open and use them again, let the peer close first, or widen "
		"net.ipv4.ip_local_port_range.",
	},
	[FINDING_CONNECT] = {
		"connect_failed", "connects that fail",
		"refused: nobody listens there. timeout: no answer, by a firewall, a host that is down, "
		"or a full queue. Any other word is what the network said.",
	},
	[FINDING_HALF_OPEN] = {
		"half_open", "handshakes that never complete",
		"SYNs come whose senders do not answer: a SYN flood with false addresses, a scan, or a "
		"way back that is broken. If they end by ENOBUFS, the accept queue was full.",
	},
	[FINDING_BRIEF] = {
		"brief", "connections shorter than their handshake",
		"To connect took longer than all that was done with the connection: use connections "
		"again, by keep-alive or a pool; or it is a health check or a scan.",
	},
	[FINDING_FIN_WAIT] = {
		"fin_wait", "sockets stuck in FIN_WAIT",
		"This side has closed, and the peer does not: it leaves its socket in CLOSE_WAIT, or is "
		"gone without a word. Orphans in FIN_WAIT2 are ended by net.ipv4.tcp_fin_timeout.",
	},
	[FINDING_SLOW] = {
		"slow_connect", "connects that needed another SYN",
		"The first SYN, or its answer, is sent again after a second: packets are lost on the "
		"way, or the listener's queue is full and drops them.",
	},
};

const char *finding_kind__name(enum finding_kind kind)
{
	return kinds[kind].name;
}

const char *finding_kind__title(enum finding_kind kind)
{
	return kinds[kind].title;
}

const char *finding_kind__meaning(enum finding_kind kind)
{
	return kinds[kind].meaning;
}

static int append(struct findings *findings, const struct finding *finding)
{
	size_t room = findings->room ? 2 * findings->room : 16;
	struct finding *list;

	if (findings->count == findings->room) {
		list = reallocarray(findings->list, room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		findings->list = list;
		findings->room = room;
	}
	findings->list[findings->count++] = *finding;
	return 0;
}

/* How many of the service's connections are a case of it; 0 if they are too few for a finding. */
static uint64_t cases(enum finding_kind kind, const struct service *s, enum role role,
		      const struct thresholds *limits)
{
	bool active = role == ROLE_ACTIVE;
	uint64_t never;

	switch (kind) {
	case FINDING_PORTS:
		return s->no_port || s->time_wait_most >= limits->time_wait
			       ? s->time_wait_most + s->no_port
			       : 0;
	case FINDING_CONNECT:
		return active && s->failed - s->no_port >= limits->failed ? s->failed - s->no_port
									  : 0;
	case FINDING_HALF_OPEN:
		never = s->failed + s->overdue;
		return !active && never >= limits->half_open ? never : 0;
	case FINDING_BRIEF:
		return s->brief >= limits->brief && s->brief > s->opened / 2 ? s->brief : 0;
	case FINDING_SLOW:
		return s->slow;
	default:
		return 0;
	}
}

static int find_in_services(struct findings *findings, enum finding_kind kind,
			    const struct analysis *a)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < a->services.names.count; i++) {
		struct finding finding = {
			.kind = kind,
			.ended = a->finished,
			.where = services__name(&a->services, i),
			.service = &a->services.list[i],
		};

		finding.count = cases(kind, finding.service, finding.where->role,
				      &a->options.thresholds);
		if (finding.count)
			err = append(findings, &finding);
	}
	return err;
}

static int find_in_programs(struct findings *findings, enum finding_kind kind,
			    const struct analysis *a)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < a->programs.names.count; i++) {
		const struct program *program = &a->programs.list[i];
		struct finding finding = {
			.kind = kind,
			.ended = a->finished,
			.comm = programs__name(&a->programs, i),
			.stuck = kind == FINDING_CLOSE_WAIT ? &program->close_wait
							    : &program->fin_wait,
		};

		finding.count = finding.stuck->count;
		if (finding.count)
			err = append(findings, &finding);
	}
	return err;
}

static int by_kind_and_count(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->count > y->count ? -1 : x->count < y->count;
}

int findings__make(struct findings *findings, const struct analysis *analysis)
{
	int err = 0;

	*findings = (struct findings){};
	for (enum finding_kind kind = 0; !err && kind < FINDING_KINDS; kind++)
		err = kind == FINDING_CLOSE_WAIT || kind == FINDING_FIN_WAIT
			      ? find_in_programs(findings, kind, analysis)
			      : find_in_services(findings, kind, analysis);
	if (!err && findings->count)
		qsort(findings->list, findings->count, sizeof(*findings->list), by_kind_and_count);
	return err;
}

void findings__free(struct findings *findings)
{
	free(findings->list);
	*findings = (struct findings){};
}

static const char *span(char *text, uint64_t ns)
{
	*format__span(text, ns) = '\0';
	return text;
}

static int print_reasons(const struct reasons *reasons, char *text, size_t size)
{
	int used = 0;

	*text = '\0';
	for (unsigned int i = 0; reasons->kind[i].name && used < (int)size; i++)
		used += snprintf(text + used, size - used, "%s%s %" PRIu64, i ? ", " : "",
				 reasons->kind[i].name, reasons->kind[i].count);
	return used;
}

int finding__evidence(const struct finding *finding, char *text, size_t size)
{
	char longest[FORMAT_SPAN_MAX + FORMAT_SLACK], why[256];
	const struct service *s = finding->service;
	const struct stuck *stuck = finding->stuck;
	const char *when = finding->ended ? "at the end" : "now";

	switch (finding->kind) {
	case FINDING_CLOSE_WAIT:
	case FINDING_FIN_WAIT:
		return snprintf(text, size,
				"%" PRIu64 " socket%s, up to %s, %" PRIu64
				" of them still there %s",
				stuck->count, stuck->count == 1 ? "" : "s",
				span(longest, stuck->longest), stuck->still, when);
	case FINDING_PORTS:
		return snprintf(text, size,
				"%" PRIu32 " sockets in TIME_WAIT at once, %" PRIu64 " of %" PRIu64
				" connects found no free port",
				s->time_wait_most, s->no_port, s->tried);
	case FINDING_CONNECT:
		print_reasons(&s->why, why, sizeof(why));
		return snprintf(text, size, "%" PRIu64 " of %" PRIu64 " connects: %s",
				finding->count, s->tried, why);
	case FINDING_HALF_OPEN:
		print_reasons(&s->why, why, sizeof(why));
		return snprintf(text, size,
				"%" PRIu64 " of %" PRIu64 " handshakes, %" PRIu32
				" half open at once, %" PRIu32 " still %s%s%s",
				finding->count, s->tried, s->half_open_most, s->overdue, when,
				*why ? ": " : "", why);
	case FINDING_BRIEF:
		return snprintf(text, size, "%" PRIu64 " of %" PRIu64 " connections", s->brief,
				s->opened);
	case FINDING_SLOW:
		return snprintf(text, size, "%" PRIu64 " of %" PRIu64 " connects, up to %s",
				s->slow, s->opened, span(longest, s->slowest));
	case FINDING_KINDS:
		break;
	}
	return snprintf(text, size, "%" PRIu64, finding->count);
}
