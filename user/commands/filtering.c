// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "filtering.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../filter/wording.h"
#include "../support/message.h"

/* The words with blanks between them, as ss reads them; NULL if there is no memory. */
static char *join(char **words, int count)
{
	size_t size = 1;
	char *text, *p;

	for (int i = 0; i < count; i++)
		size += strlen(words[i]) + 1;
	text = malloc(size);
	if (!text)
		return NULL;
	p = text;
	for (int i = 0; i < count; i++) {
		p = stpcpy(p, words[i]);
		*p++ = ' ';
	}
	/* The blank behind the last word. */
	*(count ? p - 1 : p) = '\0';
	return text;
}

int filtering__read(struct filter *filter, enum expression_subject subject, char **words, int count)
{
	struct expression_error error;
	char *text;
	int err;

	if (!count)
		return 0;
	text = join(words, count);
	if (!text)
		return message_errno(-ENOMEM, "expression");
	err = filter__add(filter, text, subject, &error);
	if (err == -ENOMEM)
		message_errno(err, "expression");
	else if (err)
		message_at("expression", error.problem, text, error.at);
	free(text);
	return err;
}

int filtering__check(struct filter *filter)
{
	int err;

	if (filter->only_ipv4 && filter->only_ipv6) {
		message("-4 and -6 exclude each other");
		return -EINVAL;
	}
	err = filter__compile(filter);
	return err ? message_errno(err, "starting") : 0;
}

void filtering__say(const struct filter *filter)
{
	const struct tree *tree = filter->tree;
	char *in_kernel = tree ? wording__in_kernel(tree) : NULL;
	char *behind = tree ? wording__behind(tree) : NULL;

	if (in_kernel && *in_kernel)
		message("filter in the kernel: %s", in_kernel);
	if (behind && *behind)
		message("filter behind %s: %s", in_kernel && *in_kernel ? "it" : "the kernel",
			behind);
	free(in_kernel);
	free(behind);
}

void filtering__free(struct filter *filter)
{
	filter__free(filter);
	ranges__free(&filter->lports);
	ranges__free(&filter->rports);
	ranges__free(&filter->pids);
}
