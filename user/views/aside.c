// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../support/writing.h"

struct aside {
	int kept; /* a file in memory, which standard error is meanwhile */
	int real;
	char last[256];
};

int aside__begin(struct aside **result)
{
	struct aside *aside;
	int err = 0;

	*result = NULL;
	if (!isatty(STDERR_FILENO))
		return 0;
	aside = calloc(1, sizeof(*aside));
	if (!aside)
		return -ENOMEM;
	aside->kept = memfd_create("tcpflux", MFD_CLOEXEC);
	aside->real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (aside->kept < 0 || aside->real < 0 || dup2(aside->kept, STDERR_FILENO) < 0)
		err = -errno;
	if (!err) {
		*result = aside;
		return 0;
	}
	if (aside->kept >= 0)
		close(aside->kept);
	if (aside->real >= 0)
		close(aside->real);
	free(aside);
	return err;
}

void aside__end(struct aside *aside)
{
	struct writing to;
	char text[1024];
	off_t at = 0;
	ssize_t n;

	if (!aside)
		return;
	fflush(stderr);
	dup2(aside->real, STDERR_FILENO);
	to = writing__to(STDERR_FILENO, -1);
	while ((n = pread(aside->kept, text, sizeof(text), at)) > 0) {
		if (writing__all(&to, text, n))
			break;
		at += n;
	}
	close(aside->kept);
	close(aside->real);
	free(aside);
}

const char *aside__last(struct aside *aside)
{
	char *line;
	off_t end;
	ssize_t n;

	if (!aside)
		return "";
	end = lseek(aside->kept, 0, SEEK_END);
	n = pread(aside->kept, aside->last, sizeof(aside->last) - 1,
		  end > (off_t)sizeof(aside->last) - 1 ? end - (off_t)sizeof(aside->last) + 1 : 0);
	if (n <= 0)
		return "";
	aside->last[n] = '\0';
	if (aside->last[n - 1] == '\n')
		aside->last[n - 1] = '\0';
	line = strrchr(aside->last, '\n');
	return line ? line + 1 : aside->last;
}
