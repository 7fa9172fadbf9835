// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "paths.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

const char *paths__keep(struct paths *paths, const void *bytes, size_t size)
{
	char *path = strndup(bytes, size), **found;

	if (!path)
		return NULL;
	found = tsearch(path, &paths->tree, by_text);
	if (!found || *found != path)
		free(path);
	return found ? *found : NULL;
}

void paths__free(struct paths *paths)
{
	tdestroy(paths->tree, free);
	paths->tree = NULL;
}
