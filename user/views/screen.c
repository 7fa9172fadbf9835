// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define NCURSES_WIDECHAR 1
#include "screen.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "../support/message.h"
#include "../support/terminal.h"
#include "aside.h"

/* Keys that begin with an escape come at once; one that is pressed alone is told from them so. */
#define ESCAPE_MS 25

struct screen {
	SCREEN *curses;
	FILE *in; /* NULL: it is standard input */
	struct aside *aside;
	int fd; /* of the keys */
	bool utf8, colour, left;
	int cursor_y, cursor_x; /* -1: none */
};

/* The environment says what the terminal understands; a locale that is not installed can't. */
static bool choose_locale(void)
{
	setlocale(LC_CTYPE, "");
	if (!terminal__has_utf8())
		return false;
	return !strcmp(nl_langinfo(CODESET), "UTF-8") || setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}

/* As less(1) does it, so that a log can come through standard input. */
static int open_keys(struct screen *screen)
{
	if (isatty(STDIN_FILENO)) {
		screen->fd = STDIN_FILENO;
		return 0;
	}
	screen->in = fopen("/dev/tty", "re");
	if (!screen->in)
		return message_errno(-errno, "/dev/tty");
	screen->fd = fileno(screen->in);
	return 0;
}

/* init_pair() takes the styles' numbers, of which 0 is the terminal's own. */
static void choose_colours(const struct screen *screen)
{
	static const short states[STATE_COUNT] = {
		[TCP_ESTABLISHED] = COLOR_GREEN, [TCP_SYN_SENT] = COLOR_YELLOW,
		[TCP_SYN_RECV] = COLOR_YELLOW,	 [TCP_FIN_WAIT1] = COLOR_BLUE,
		[TCP_FIN_WAIT2] = COLOR_BLUE,	 [TCP_TIME_WAIT] = COLOR_WHITE,
		[TCP_CLOSE] = COLOR_WHITE,	 [TCP_CLOSE_WAIT] = COLOR_RED,
		[TCP_LAST_ACK] = COLOR_BLUE,	 [TCP_LISTEN] = COLOR_CYAN,
		[TCP_CLOSING] = COLOR_BLUE,	 [TCP_NEW_SYN_RECV] = COLOR_YELLOW,
	};

	if (!screen->colour)
		return;
	start_color();
	use_default_colors();
	init_pair(STYLE_ALARM, COLOR_RED, -1);
	for (short state = 1; state < STATE_COUNT; state++)
		init_pair(STYLE_STATE + state, states[state], -1);
}

static bool can_move_cursor(void)
{
	const char *how = tigetstr("cup");

	return how && (intptr_t)how != -1;
}

static int start_curses(struct screen *screen)
{
	const char *name = getenv("TERM");

	screen->curses = newterm(NULL, stdout, screen->in ?: stdin);
	if (!screen->curses || !can_move_cursor()) {
		message("TERM=%s: this terminal can't be drawn on", name ?: "");
		return -ENOTSUP;
	}
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	screen->colour = terminal__wants_colour(STDOUT_FILENO) && has_colors();
	choose_colours(screen);
	return 0;
}

int screen__open(struct screen **result)
{
	struct screen *screen = calloc(1, sizeof(*screen));
	int err;

	*result = screen;
	if (!screen)
		return message_errno(-ENOMEM, "starting");
	screen->utf8 = choose_locale();
	screen->cursor_y = -1;
	err = open_keys(screen) ?: start_curses(screen);
	if (err)
		return err;
	err = aside__begin(&screen->aside);
	if (!err)
		return 0;
	screen__leave(screen);
	return message_errno(err, "starting");
}

void screen__close(struct screen *screen)
{
	if (!screen)
		return;
	if (screen->curses && !screen->left)
		endwin();
	aside__end(screen->aside);
	if (screen->curses)
		delscreen(screen->curses);
	if (screen->in)
		fclose(screen->in);
	free(screen);
}

void screen__leave(struct screen *screen)
{
	screen->left = true;
	endwin();
}

/* Whatever the shell has done to the terminal meanwhile. */
void screen__return(struct screen *screen)
{
	screen->left = false;
	reset_prog_mode();
	clearok(curscr, TRUE);
	screen__resize(screen);
}

void screen__resize(struct screen *screen)
{
	struct winsize size;

	(void)screen;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

int screen__fd(const struct screen *screen)
{
	return screen->fd;
}

bool screen__is_utf8(const struct screen *screen)
{
	return screen->utf8;
}

int screen__height(const struct screen *screen)
{
	(void)screen;
	return getmaxy(stdscr);
}

int screen__width(const struct screen *screen)
{
	(void)screen;
	return getmaxx(stdscr);
}

static int special_key(wint_t key)
{
	static const struct {
		wint_t curses;
		int ours;
	} keys[] = {
		{ KEY_BACKSPACE, KEY__BACKSPACE },
		{ KEY_ENTER, KEY__ENTER },
		{ KEY_UP, KEY__UP },
		{ KEY_DOWN, KEY__DOWN },
		{ KEY_LEFT, KEY__LEFT },
		{ KEY_RIGHT, KEY__RIGHT },
		{ KEY_PPAGE, KEY__PAGE_UP },
		{ KEY_NPAGE, KEY__PAGE_DOWN },
		{ KEY_HOME, KEY__HOME },
		{ KEY_END, KEY__END },
		{ KEY_BTAB, KEY__BACKTAB },
		{ KEY_F(1), KEY__F1 },
		{ KEY_F(4), KEY__F4 },
		{ KEY_F(6), KEY__F6 },
		{ KEY_F(10), KEY__F10 },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].curses == key)
			return keys[i].ours;
	return KEY__OTHER;
}

static int plain_key(wint_t key)
{
	if (key == '\r')
		return KEY__ENTER;
	return key == 0x7f || key == '\b' ? KEY__BACKSPACE : (int)key;
}

/* A terminal that is gone is readable for ever, and there is no key in it. */
static bool is_gone(const struct screen *screen)
{
	struct pollfd fd = { .fd = screen->fd, .events = POLLIN };

	return poll(&fd, 1, 0) > 0 && fd.revents & (POLLHUP | POLLERR | POLLNVAL);
}

int screen__key(struct screen *screen)
{
	wint_t key;
	int kind = get_wch(&key);

	if (kind == ERR)
		return is_gone(screen) ? -EIO : KEY__NONE;
	return kind == KEY_CODE_YES ? special_key(key) : plain_key(key);
}

void screen__clear(struct screen *screen)
{
	screen->cursor_y = -1;
	erase();
}

static attr_t attributes(const struct screen *screen, enum style style)
{
	switch (style) {
	case STYLE_PLAIN:
		return A_NORMAL;
	case STYLE_TITLE:
		return A_BOLD;
	case STYLE_CHOSEN:
		return A_BOLD | A_UNDERLINE;
	case STYLE_SELECTED:
		return A_REVERSE;
	case STYLE_FAINT:
		return A_DIM;
	default:
		break;
	}
	if (screen->colour)
		return COLOR_PAIR(style) | (style == STYLE_ALARM ? A_BOLD : A_NORMAL);
	return style == STYLE_ALARM ? A_BOLD : A_NORMAL;
}

/* The next character of *text, as it can be shown; *text moves behind it. */
static wchar_t next_character(const char **text, int *columns)
{
	mbstate_t state = {};
	wchar_t character;
	size_t len = mbrtowc(&character, *text, MB_CUR_MAX, &state);

	if (!len || len > MB_CUR_MAX) {
		character = L'?';
		len = 1;
	}
	*text += len;
	*columns = wcwidth(character);
	if (*columns >= 0)
		return character;
	*columns = 1;
	return L'?';
}

int screen__put(struct screen *screen, int y, int x, int width, enum style style, const char *text)
{
	int end = x + width < getmaxx(stdscr) ? x + width : getmaxx(stdscr), columns;
	attr_t look = attributes(screen, style);
	wchar_t character[2] = {};

	if (y < 0 || y >= getmaxy(stdscr) || x < 0)
		return x;
	attr_set(look, 0, NULL);
	attron(look);
	while (*text) {
		character[0] = next_character(&text, &columns);
		if (x + columns > end)
			break;
		mvaddnwstr(y, x, character, 1);
		x += columns;
	}
	attrset(A_NORMAL);
	return x;
}

void screen__wipe(struct screen *screen, int y)
{
	(void)screen;
	move(y, 0);
	clrtoeol();
}

void screen__paint(struct screen *screen, int y, int x, int width, enum style style)
{
	attr_t look = attributes(screen, style);

	if (y >= 0 && y < getmaxy(stdscr))
		mvchgat(y, x, width, look, PAIR_NUMBER(look), NULL);
}

void screen__set_cursor(struct screen *screen, int y, int x)
{
	screen->cursor_y = y;
	screen->cursor_x = x < getmaxx(stdscr) ? x : getmaxx(stdscr) - 1;
}

/* A terminal that is stopped (Ctrl-S) would keep the program from all else. */
static bool takes_output(void)
{
	struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&fd, 1, 0) > 0;
}

void screen__show(struct screen *screen)
{
	if (!takes_output())
		return;
	curs_set(screen->cursor_y >= 0);
	if (screen->cursor_y >= 0)
		move(screen->cursor_y, screen->cursor_x);
	refresh();
}

const char *screen__said(struct screen *screen)
{
	return aside__last(screen->aside);
}
