/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What keys do to the picture of top, and what they ask of others. Draws nothing. */
#ifndef TCPFLUX_CONTROLS_H
#define TCPFLUX_CONTROLS_H

#include "../analysis/ranking.h"
#include "../analysis/tables.h"
#include "line.h"

enum pane {
	PANE_TABLE,
	PANE_TAIL, /* the transitions of one row */
	PANE_HELP,
};

/* What a key asks of whoever has the data. */
enum wish {
	WISH_NOTHING,
	WISH_QUIT,
	WISH_FILTER, /* that controls->line be it from now on */
	WISH_TABLE,  /* another table, or another order */
	WISH_FOLLOW, /* the selected row's transitions, if it can be */
	WISH_FORGET, /* what has been so far */
	WISH_PAUSE,  /* or go on: see controls->paused */
	/* Of a log that is played. */
	WISH_FASTER,
	WISH_SLOWER,
	WISH_AS_IT_WAS,
	WISH_TO_THE_END,
};

struct controls {
	enum table_by by;
	enum rank_by rank;
	bool reverse;
	bool paused;
	bool playing; /* a log */
	enum pane pane;
	enum pane under; /* help */
	uint32_t rows;	 /* that there are in the pane, and how many of them it shows */
	uint32_t page;
	uint32_t selected; /* of the table */
	uint32_t first;	   /* of those that are shown */
	uint32_t back;	   /* in the tail: so many rows from its end */
	uint32_t pan;	   /* and so many columns from its left */
	bool typing;
	struct line line;
	const char *problem; /* what was expected in it; NULL: nothing is wrong */
	size_t problem_at;
};

/* The most opened first. */
void controls__init(struct controls *controls, enum table_by by, bool playing);

enum wish controls__key(struct controls *controls, int key);

/* There are so many rows now, and room for so many: what is selected is among those shown. */
void controls__fit(struct controls *controls, uint32_t rows, uint32_t page);

#endif
