/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What somebody should look at, concluded from an analysis. */
#ifndef TCPFLUX_FINDINGS_H
#define TCPFLUX_FINDINGS_H

#include "analysis.h"

enum finding_kind {
	FINDING_CLOSE_WAIT,
	FINDING_PORTS,
	FINDING_CONNECT,
	FINDING_HALF_OPEN,
	FINDING_BRIEF,
	FINDING_FIN_WAIT,
	FINDING_SLOW,
	FINDING_KINDS,
};

/* A finding about a program has `stuck`; one about a service, the other. */
struct finding {
	enum finding_kind kind;
	const char *comm; /* "": nobody knows whose; NULL: it is about a service */
	const struct service_name *where;
	const struct stuck *stuck;
	const struct service *service;
	uint64_t count; /* of connections that it is about: the more, the worse */
	bool ended;	/* there will be no more transitions */
};

struct findings {
	struct finding *list;
	size_t count, room;
};

/*
 * Of a finished analysis, which they refer to: by their kind, the worst of each first. 0 or
 * -ENOMEM. Free them in any case.
 */
int findings__make(struct findings *findings, const struct analysis *analysis);
void findings__free(struct findings *findings);

/* A word for programs, a title for people, and what such a thing usually means. */
const char *finding_kind__name(enum finding_kind kind);
const char *finding_kind__title(enum finding_kind kind);
const char *finding_kind__meaning(enum finding_kind kind);

/* The numbers that it follows from, in words without texts from outside. As snprintf(). */
#define FINDING_EVIDENCE_MAX 512
int finding__evidence(const struct finding *finding, char *text, size_t size);

#endif
