/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an expression says, as a tree: groups, and conditions on one field each. Nothing in it
 * points to anything, so that it can grow, and each of its parts lies in one array.
 */
#ifndef TCPFLUX_TREE_H
#define TCPFLUX_TREE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field {
	FIELD_GROUP, /* no condition, but what is within parentheses */
	/* Sets of states, and of families. */
	FIELD_OLD,
	FIELD_NEW,
	FIELD_FAMILY,
	/* Numbers. */
	FIELD_LPORT,
	FIELD_RPORT,
	FIELD_PID,
	FIELD_UID,
	FIELD_NETNS,
	FIELD_STATE_TIME, /* ns */
	FIELD_LIFE,	  /* ns */
	/* Networks. */
	FIELD_LADDR,
	FIELD_RADDR,
	/* Texts. */
	FIELD_PROGRAM, /* a name, of which the kernel keeps 15 bytes */
	FIELD_COMM,    /* a pattern, see fnmatch(3) */
	FIELD_CGROUP,
	FIELD_REASON,
};

struct number_range {
	uint64_t first, last;
};

struct network {
	uint64_t value[2], mask[2]; /* network byte order, IPv4 as ::ffff:a.b.c.d */
	bool only_ipv6;		    /* that IPv4 is within these bits means nothing */
};

struct node {
	enum field field;
	bool alternative; /* joined with what stands before it in its group by or, not by and */
	bool negated;	  /* not */
	bool differs;	  /* !=: the value is known, and another */
	uint32_t end;	  /* the node behind this one and all that is in it */
	uint32_t words;	  /* where in the tree's words it is said, `not` included; 0: not at all */
	union {
		uint32_t set; /* bit n: has n */
		struct {
			uint32_t first, count; /* of the tree's ranges */
		} numbers;
		struct network network;
		uint32_t text; /* where it begins in the tree's texts */
	};
};

struct tree {
	/* The first one is a group of all others; a group is followed by what is in it. */
	struct node *nodes;
	uint32_t count;
	struct number_range *ranges;
	uint32_t range_count;
	char *texts;
	uint32_t text_size;
	char *words; /* for people; a tree from a log has none */
	uint32_t words_size;
	bool asks_lport;
};

/* NULL if there is no memory. */
struct tree *tree__new(void);
void tree__free(struct tree *tree); /* safe on NULL */

/*
 * The others return 0 or -ENOMEM. What is added stands within all groups that are open. A node's
 * end is set here.
 */
int tree__add(struct tree *tree, const struct node *node);

/* Begins a group with the marks (alternative, negated) of `node`; *group is for tree__close(). */
int tree__open(struct tree *tree, const struct node *node, uint32_t *group);
void tree__close(struct tree *tree, uint32_t group);

/* One more number or text for `node`, which is to be added then. */
int tree__add_range(struct tree *tree, struct node *node, uint64_t first, uint64_t last);
int tree__add_text(struct tree *tree, struct node *node, const char *text);

/* How a node that has been added is said, of which the text has `len` bytes. */
int tree__say(struct tree *tree, uint32_t node, const char *text, size_t len);

#endif
