/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The whole terminal. screen.c is the only file that knows curses. What is drawn is shown by
 * screen__show(), and only what has changed is written then.
 */
#ifndef TCPFLUX_SCREEN_H
#define TCPFLUX_SCREEN_H

#include <stdbool.h>

#include "../state.h"

/* How text looks. Without colours, the same is said by other means or by the text itself. */
enum style {
	STYLE_PLAIN,
	STYLE_TITLE,	/* of what stands below or behind it */
	STYLE_CHOSEN,	/* the one of several that is shown */
	STYLE_SELECTED, /* the row that keys are about */
	STYLE_FAINT,	/* a bar's ground, an aside */
	STYLE_ALARM,
	STYLE_STATE, /* + a state: its colour */
	STYLES = STYLE_STATE + STATE_COUNT,
};

/* A key: a character (Unicode), or one of these. */
enum {
	KEY__NONE, /* there is none */
	KEY__ENTER = '\n',
	KEY__ESCAPE = 27,
	KEY__SPECIAL = 0x110000,
	KEY__BACKSPACE,
	KEY__UP,
	KEY__DOWN,
	KEY__LEFT,
	KEY__RIGHT,
	KEY__PAGE_UP,
	KEY__PAGE_DOWN,
	KEY__HOME,
	KEY__END,
	KEY__BACKTAB,
	KEY__F1,
	KEY__F4,
	KEY__F6,
	KEY__F10,
	KEY__OTHER, /* nothing of ours */
};

struct screen;

/*
 * Takes the terminal that standard output is; keys come from standard input, or where that is none
 * from the terminal itself. Until it is given back, what is said on standard error is kept if that
 * is a terminal, too. Returns 0 or a negative errno, and has said what went wrong.
 */
int screen__open(struct screen **screen);

/* Gives the terminal back as it was, and says what was kept. Safe on NULL. */
void screen__close(struct screen *screen);

/* Gives it back for a while, and takes it again. */
void screen__leave(struct screen *screen);
void screen__return(struct screen *screen);

/* Another size: asks the terminal for it. */
void screen__resize(struct screen *screen);

int screen__fd(const struct screen *screen); /* readable when there is a key */
bool screen__is_utf8(const struct screen *screen);
int screen__height(const struct screen *screen);
int screen__width(const struct screen *screen);

/* The next key that was pressed. -EIO: the terminal is gone. */
int screen__key(struct screen *screen);

/* Begins a new picture. */
void screen__clear(struct screen *screen);

/*
 * Text without control characters, in the locale's encoding, at (y, x); what is outside the screen
 * or beyond `width` columns is cut. Returns the column behind it.
 */
int screen__put(struct screen *screen, int y, int x, int width, enum style style, const char *text);

/* Nothing is in this line any more. */
void screen__wipe(struct screen *screen, int y);

/* So many columns from x on look so, whatever is there. */
void screen__paint(struct screen *screen, int y, int x, int width, enum style style);

/* The cursor is shown there; it is not where this was not called since screen__clear(). */
void screen__set_cursor(struct screen *screen, int y, int x);

void screen__show(struct screen *screen);

/* The last line that was said and kept; "" if there is none. */
const char *screen__said(struct screen *screen);

#endif
