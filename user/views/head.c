// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The upper part of top: whose, when, the states, and what comes and goes. */
#include <inttypes.h>
#include <stdio.h>

#include "../support/format.h"
#include "picture.h"
#include "print.h"
#include "sparkline.h"

#define STATE_LINES	 ((COUNTED_STATES + 1) / 2)
#define STATE_NAME_WIDTH 14
#define NUMBER_WIDTH	 8
#define GAP		 2

/* Parts of a cell: a bar ends between two of them. */
#define PARTS 8

const char *rate_text(char *text, uint64_t thousandths)
{
	if (thousandths >= 99950)
		snprintf(text, PRINT_MAX, "%" PRIu64, (thousandths + 500) / 1000);
	else if (thousandths)
		snprintf(text, PRINT_MAX, "%.1f", (double)thousandths / 1000);
	else
		snprintf(text, PRINT_MAX, "0");
	return text;
}

static void draw_title(const struct picture *picture, struct screen *screen, int y)
{
	char text[256], clock_text[PRINT_MAX] = "-";
	struct format_clock clock = {};
	int width = screen__width(screen), x;

	/* Seconds are all that changes slowly enough to be read. */
	if (picture->time)
		*format__local(clock_text, &clock, picture->time) = '\0';
	clock_text[sizeof("14:02:11") - 1] = '\0';
	x = screen__put(screen, y, 0, width, STYLE_TITLE, "tcpflux top");
	/* A long name leaves room for what must be seen. */
	snprintf(text, sizeof(text), "  %.*s  %s  %s", width / 4, picture->hostname, clock_text,
		 picture->pace);
	x = screen__put(screen, y, x, width, STYLE_PLAIN, text);
	if (picture->controls->paused)
		x = screen__put(screen, y, x + GAP, width, STYLE_SELECTED, " PAUSED ");
	snprintf(text, sizeof(text), "lost %" PRIu64, picture->lost);
	x = screen__put(screen, y, x + GAP, width, picture->lost ? STYLE_ALARM : STYLE_PLAIN, text);
	if (!*picture->filter)
		return;
	x = screen__put(screen, y, x + GAP, width, STYLE_TITLE, "only ");
	screen__put(screen, y, x, width, STYLE_PLAIN, picture->filter);
}

/* So many eighths of a cell. */
static void draw_bar(struct screen *screen, int y, int x, enum style style, uint64_t parts)
{
	static const char *const ends[PARTS] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	bool utf8 = screen__is_utf8(screen);

	for (; parts >= PARTS; parts -= PARTS)
		x = screen__put(screen, y, x, 1, style, utf8 ? "█" : "#");
	if (parts)
		screen__put(screen, y, x, 1, style, utf8 ? ends[parts] : "#");
}

static void draw_state(const struct picture *picture, struct screen *screen, int y, int x,
		       unsigned int state, uint64_t most)
{
	uint64_t count = picture->states[state];
	int room = screen__width(screen) / 2 - STATE_NAME_WIDTH - NUMBER_WIDTH - GAP;
	enum style style = STYLE_STATE + state;
	char text[PRINT_MAX];

	screen__put(screen, y, x, STATE_NAME_WIDTH, count ? style : STYLE_FAINT,
		    state__name(state));
	snprintf(text, sizeof(text), "%*" PRIu64, NUMBER_WIDTH, count);
	x = screen__put(screen, y, x + STATE_NAME_WIDTH - GAP, NUMBER_WIDTH + GAP, STYLE_PLAIN,
			text);
	if (!count || room < 1)
		return;
	room *= PARTS;
	count = (uint64_t)((double)count / (double)most * room + 0.5);
	draw_bar(screen, y, x + 1, style, count ?: 1);
}

static int draw_states(const struct picture *picture, struct screen *screen, int y)
{
	uint64_t most = 1;

	for (unsigned int i = 0; i < COUNTED_STATES; i++)
		if (picture->states[counted_states[i]] > most)
			most = picture->states[counted_states[i]];
	for (int i = 0; i < COUNTED_STATES; i++)
		draw_state(picture, screen, y + i % STATE_LINES,
			   i / STATE_LINES * screen__width(screen) / 2, counted_states[i], most);
	return y + STATE_LINES;
}

enum coming {
	OPENED,
	CLOSED,
	FAILED,
	COMINGS,
};

static uint64_t value_of(const struct opened *rates, enum coming what)
{
	switch (what) {
	case OPENED:
		return rates->active + rates->passive;
	case CLOSED:
		return rates->closed;
	default:
		return rates->failed;
	}
}

#define RATE_WIDTH 10
#define MOST_WIDTH 18

/* The newest at the right, where the next one will be. */
static void draw_history(const struct picture *picture, struct screen *screen, int y,
			 enum coming what)
{
	static const char *const names[COMINGS] = { "opened/s", "closed/s", "failed/s" };
	const struct opened *now = history__at(picture->history, 0), *rates;
	int x = sizeof("opened/s") + RATE_WIDTH, room = screen__width(screen) - x - MOST_WIDTH;
	enum style style = what == FAILED ? STYLE_ALARM : STYLE_PLAIN;
	char text[2 * PRINT_MAX], rate[PRINT_MAX];
	uint64_t most = 0, value;

	room = room > HISTORY_MAX ? HISTORY_MAX : room;
	value = now ? value_of(now, what) : 0;
	snprintf(text, sizeof(text), "%s%*s", names[what], RATE_WIDTH, rate_text(rate, value));
	screen__put(screen, y, 0, x, value ? style : STYLE_PLAIN, text);
	for (int i = 0; i < room && (rates = history__at(picture->history, i)); i++)
		most = value_of(rates, what) > most ? value_of(rates, what) : most;
	for (int i = 0; i < room && (rates = history__at(picture->history, i)); i++)
		screen__put(screen, y, x + room - i, 1, style,
			    sparkline__bar(value_of(rates, what), most, screen__is_utf8(screen)));
	snprintf(text, sizeof(text), "at most %s", rate_text(rate, most));
	if (most)
		screen__put(screen, y, x + room + GAP, MOST_WIDTH, STYLE_FAINT, text);
}

int head__draw(const struct picture *picture, struct screen *screen, int y, bool states,
	       bool history)
{
	draw_title(picture, screen, y++);
	if (states)
		y = draw_states(picture, screen, y);
	for (unsigned int what = 0; history && what < COMINGS; what++)
		draw_history(picture, screen, y++, what);
	return y;
}
