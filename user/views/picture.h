/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What top shows. */
#ifndef TCPFLUX_PICTURE_H
#define TCPFLUX_PICTURE_H

#include "../analysis/history.h"
#include "controls.h"
#include "screen.h"
#include "tail.h"

#define NOTICES_MAX 3
#define NOTICE_MAX  512

/* Strings are not owned; texts from outside are escaped already. */
struct picture {
	struct controls *controls;
	const char *hostname;
	uint64_t time;	    /* ns since the epoch; 0: not known yet */
	const char *pace;   /* what else there is to say of the time */
	const char *filter; /* that was typed; "": none */
	uint64_t states[STATE_COUNT];
	const struct history *history;
	uint64_t lost;
	const struct ranking *ranking;
	char notices[NOTICES_MAX][NOTICE_MAX]; /* findings, the worst first */
	unsigned int notice_count, finding_count;
	struct tail *tail;    /* NULL: there is none */
	const char *followed; /* what it is of */
	const char *said;     /* see screen__said() */
};

/* Draws and shows it. Tells the controls what there is room for. */
void picture__draw(const struct picture *picture, struct screen *screen);

/* Parts of it. They begin at this line and return the one behind them. */
int head__draw(const struct picture *picture, struct screen *screen, int y, bool states,
	       bool history);
int table__draw(const struct picture *picture, struct screen *screen, int y, int end);
int tail__draw(const struct picture *picture, struct screen *screen, int y, int end);
int help__draw(const struct picture *picture, struct screen *screen, int y, int end);

/* A rate in thousandths a second, to `text` of PRINT_MAX bytes: 0 0.3 12.5 16849 */
const char *rate_text(char *text, uint64_t thousandths);

/* What a row is called; escaped, to `text` of ROW_NAME_MAX bytes. */
#define ROW_NAME_MAX 128
const char *row_name(char *text, const struct row_key *key, enum table_by by);

#endif
