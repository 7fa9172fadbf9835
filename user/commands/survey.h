/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What top knows, from what a feed tells it: the analysis, its tables, and what follows from them.
 */
#ifndef TCPFLUX_SURVEY_H
#define TCPFLUX_SURVEY_H

#include "../analysis/history.h"
#include "../analysis/ranking.h"
#include "../views/picture.h"
#include "feed.h"

struct survey {
	const struct top_options *options;
	struct sieve sieve;		  /* of the command line */
	struct transition_handler wanted; /* what has passed it */
	struct analysis analysis;
	struct tables tables;
	struct filter typed; /* for the tables alone */
	struct history history;
	struct tail *tail; /* NULL: no row is followed */
	uint64_t ticked;   /* when rates were taken last, ns since the epoch; 0: never */
	uint64_t look_at;  /* not for findings before; CLOCK_MONOTONIC, ns */
};

/* Those that return an int return 0 or a negative errno. */

/* It must stay where it is, and so must the options. Free it in any case. */
int survey__init(struct survey *survey, const struct top_options *options);
void survey__free(struct survey *survey); /* safe on zeros */

/* What a feed is to tell it. `ended` is left to the caller. */
struct feed_listener survey__listener(struct survey *survey);

/* It is now this time, ns since the epoch: what were the rates since it was so last? */
void survey__tick(struct survey *survey, uint64_t now);

/* Findings, in words, for a picture. It takes a small share of the time, however much is open. */
int survey__look(struct survey *survey, uint64_t now, struct picture *picture);

/* Only what passes this expression is in the tables; "": all is. -EINVAL: *error says why. */
int survey__filter(struct survey *survey, const char *text, struct expression_error *error);

/* What has been is forgotten, but for what is open. */
void survey__forget(struct survey *survey);

/* All is, but for the filter, and which row is followed: everything will be told again. */
int survey__begin_again(struct survey *survey);

/* Follows the transitions of a row. -EINVAL: it has none of its own. */
int survey__follow(struct survey *survey, enum table_by by, const struct row_key *key);
void survey__unfollow(struct survey *survey);

#endif
