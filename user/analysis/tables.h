/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The connections of an analysis, in several tables at once: each can be looked at without that
 * something had to be counted first. What is done for a connection is done when it is opened and
 * when it ends, not for every transition.
 */
#ifndef TCPFLUX_TABLES_H
#define TCPFLUX_TABLES_H

#include "../filter/filter.h"
#include "analysis.h"
#include "counts.h"
#include "keys.h"
#include "table.h"

enum table_by {
	BY_COMM,
	BY_LPORT,
	BY_RADDR,
	BY_RPORT,
	BY_NETNS,
	TABLES,
};

/* A connection that is open, and its rows: to begin anew nobody else needs be asked. */
struct member {
	uint32_t row[TABLES]; /* numbers; NO_NUMBER: it does not count, by the filter */
	uint32_t next;	      /* of the free ones */
	uint64_t cookie;      /* 0: it is free */
	uint32_t netns;
	uint16_t lport, rport;
	struct in6_addr laddr, raddr;
	uint8_t family, role;
	uint8_t how; /* enum owner_how */
	uint32_t pid, uid;
	uint32_t cgroup; /* number in cgroups; NO_NUMBER: not known */
	char comm[OWNER_COMM_LEN];
};

/* All zero, but for the tables: as after tables__init(). */
struct tables {
	struct table by[TABLES];
	struct opened opened;		/* events of all that count */
	const struct filter *filter;	/* what counts; NULL: all. The caller's */
	struct keys cgroups;		/* paths: those of transitions are their source's */
	struct member *members;		/* their numbers are those of the connections' groups */
	uint32_t used, room, free;	/* free: number + 1; 0: none */
	uint64_t listening[65536 / 64]; /* local ports: bit n % 64 of the element n / 64 */
};

/* 0 or -ENOMEM. Free it in any case. */
int tables__init(struct tables *tables);
void tables__free(struct tables *tables);

/* What an analysis is to call; ctx: the struct tables. */
connection_opened_fn tables__opened;
connection_owned_fn tables__owned;
connection_ended_fn tables__ended;
connection_forgotten_fn tables__forgotten;

/* Somebody listens on this port, or did: what comes in by it was not opened here. */
void tables__listens(struct tables *tables, uint16_t lport);

/* A connection that an analysis has found, see analysis__socket(). 0 or -ENOMEM. */
int tables__found(struct tables *tables, struct connection *connection,
		  const struct tcp_socket *socket);

/* So much time has passed, see table__tick(). */
void tables__tick(struct tables *tables, uint64_t ns);

/*
 * From here on only what passes this filter counts, of what is open also; NULL: all does. What has
 * been before is forgotten.
 */
void tables__begin_anew(struct tables *tables, const struct analysis *analysis,
			const struct filter *filter);

#endif
