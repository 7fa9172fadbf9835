// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * For libFuzzer: expressions that say anything. The first byte chooses what they are about. Names
 * of hosts, users and services are not looked up.
 */
#include <netdb.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filter/evaluate.h"
#include "filter/expression.h"

/* Instead of the C library's. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	(void)name, (void)service, (void)hints, (void)found;
	return EAI_NONAME;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
	(void)name, (void)protocol;
	return NULL;
}

struct passwd *getpwnam(const char *name)
{
	(void)name;
	return NULL;
}

static const struct transition connection = {
	.family = 4,
	.lport = 50000,
	.rport = 443,
	.old_state = TCP_SYN_SENT,
	.new_state = TCP_CLOSE,
	.state_ns = 10,
	.life_ns = 20,
	.owner = { OWNER_SELF, 812, 33, "/a.slice/b", "nginx" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct expression_error error = {};
	struct tree *tree = tree__new();
	char *text = strndup(size ? (const char *)data + 1 : "", size ? size - 1 : 0);
	enum truth now, late;

	if (!tree || !text)
		abort();
	if (expression__parse(text, size && *data & 1 ? ABOUT_SOCKETS : ABOUT_TRANSITIONS, tree,
			      &error)) {
		if (!error.problem || error.at > strlen(text))
			abort();
	} else {
		/* A port can settle what was open, not turn it round. */
		now = evaluate(tree, &connection, NULL);
		late = evaluate(tree, &connection, &connection.lport);
		if (late == TRUTH_OPEN || (now != TRUTH_OPEN && now != late))
			abort();
	}
	free(text);
	tree__free(tree);
	return 0;
}
