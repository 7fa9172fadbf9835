// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What top's keys do. */
#include "picture.h"

#define KEYS_WIDTH    20
#define MEANING_WIDTH 60 /* both fit on a terminal of 80 columns */

static const struct {
	char keys[KEYS_WIDTH], meaning[MEANING_WIDTH + 1];
	bool playing; /* only when a log is played */
} lines[] = {
	{ "tab, shift-tab", "the next table: program, local port, remote address, ...", false },
	{ "< >, left, right", "sort by another column; 1 to 8: by this one", false },
	{ "r, I", "the other way round", false },
	{ "up, down, j, k", "select a row; also page up, page down, b, f, home, end, g, G", false },
	{ "enter", "the transitions of the selected row, as they happen; q: back", false },
	{ "/, F4", "only what passes an expression, as for ss: not dst 10/8", false },
	{ "z", "forget what has been: percentiles and findings begin anew", false },
	{ "space, p", "stop showing anything new, and go on", false },
	{ "] [", "play faster, slower; =: as it was; }: to the end", true },
	{ "?, h, F1", "this help", false },
	{ "q, F10, ctrl-c", "quit", false },
	{ "", "", false },
	{ "OPEN", "connections that are open now", false },
	{ "OPENED/S, FAILED/S", "opened, and attempts that failed, a second", false },
	{ "CONN50, CONN99", "half of them, 99 of 100 took no longer to connect, since the", false },
	{ "LIFE50, LIFE99", "first SYN; or to end. Of all since the start, or since z", false },
	{ "(outgoing)", "opened from here: their local ports say nothing", false },
	{ "(incoming)", "opened by others: their remote ports say nothing", false },
	{ "states", "of all sockets, whatever the filter; of a log, what it tells", false },
};

int help__draw(const struct picture *picture, struct screen *screen, int y, int end)
{
	int width = screen__width(screen);

	screen__put(screen, y++, 0, width, STYLE_TITLE, "tcpflux top " TCPFLUX_VERSION);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]) && y < end; i++) {
		if (lines[i].playing && !picture->controls->playing)
			continue;
		screen__put(screen, y, 0, KEYS_WIDTH, STYLE_TITLE, lines[i].keys);
		screen__put(screen, y++, KEYS_WIDTH, width, STYLE_PLAIN, lines[i].meaning);
	}
	return y;
}
