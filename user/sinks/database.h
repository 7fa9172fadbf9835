/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Transitions and connections as tables of an SQLite database. */
#ifndef TCPFLUX_DATABASE_H
#define TCPFLUX_DATABASE_H

#include "../analysis/analysis.h"

struct database;

/*
 * Makes the file; one that exists is replaced with `force`, else -EEXIST. What goes wrong is said,
 * here and below; each returns 0 or a negative errno, of a database that was made -EIO.
 */
int database__create(const char *path, bool force, struct database **database);

int database__transition(struct database *database, const struct transition *tr);

/* One that has ended by this transition. */
connection_ended_fn database__connection; /* ctx: the database */

/* All is there but the connections that have no end, which are taken from the analysis. */
int database__finish(struct database *database, const struct analysis *analysis);

/* NULL is allowed. Unless it was finished, the file is removed. */
void database__free(struct database *database);

#endif
