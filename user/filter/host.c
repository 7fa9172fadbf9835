// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "../support/parse.h"
#include "values.h"

const char host__expected[] = "expected an address, as in 10.0.0.0/8, [2001:db8::1]:443 or :443";

#define ADDRESS_BITS 128
#define MAPPED_BITS  96 /* in front of an IPv4 address */

/* Of a word. NULL: there is none. */
struct parts {
	unsigned int family; /* 0: any */
	const char *address, *prefix, *port;
};

/* Ends the text in front of a part and returns where this begins. */
static const char *cut(char *sign)
{
	*sign = '\0';
	return sign + 1;
}

/* As many of the four numbers as are given: 10/8 is 10.0.0.0/8. */
static bool read_ipv4(const char *text, struct in6_addr *address)
{
	uint64_t number;

	*address = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	for (int i = MAPPED_BITS / 8; i < ADDRESS_BITS / 8; i++) {
		if (!parse_c_number(&text, UINT8_MAX, &number))
			return false;
		address->s6_addr[i] = number;
		if (!*text)
			return true;
		if (*text++ != '.')
			return false;
	}
	return false;
}

static bool read_ipv6(const char *text, struct in6_addr *address)
{
	return inet_pton(AF_INET6, text, address) == 1;
}

/* [ADDRESS/PREFIX]:PORT or [ADDRESS]/PREFIX:PORT */
static bool split_bracketed(char *word, struct parts *parts)
{
	char *end = strchr(word, ']'), *slash, *colon;

	if (!end)
		return false;
	*end++ = '\0';
	colon = strchr(end, ':');
	if (colon)
		parts->port = cut(colon);
	slash = strchr(word, '/');
	if (slash && *end)
		return false;
	if (slash || *end == '/')
		parts->prefix = cut(slash ?: end);
	else if (*end)
		return false;
	parts->address = word + 1;
	return true;
}

/* The last colon is the port's, unless it can only be the address's, as in ::1 or fe80::/10. */
static void split_plain(char *word, struct parts *parts)
{
	char *slash = strchr(word, '/'), *colon = strrchr(slash ?: word, ':');
	struct in6_addr address;
	bool whole = read_ipv6(word, &address);

	if (colon) {
		parts->port = cut(colon);
		if (whole && !read_ipv6(word, &address)) {
			*colon = ':';
			parts->port = NULL;
		}
	}
	if (slash)
		parts->prefix = cut(slash);
	parts->address = word;
}

/* Returns 0 if none is named; else *word moves behind it. */
static unsigned int take_family(const char **word)
{
	static const struct {
		const char *name;
		unsigned int family;
	} names[] = { { "inet:", 4 }, { "inet6:", 6 } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i].name);

		if (strncmp(*word, names[i].name, len))
			continue;
		*word += len;
		return names[i].family;
	}
	return 0;
}

static bool split(char *word, struct parts *parts)
{
	const char *rest = word;

	parts->family = take_family(&rest);
	word += rest - word;
	if (*word == '[')
		return split_bracketed(word, parts);
	split_plain(word, parts);
	return true;
}

/* The first `bits` of both. */
static struct network network_of(const struct in6_addr *address, unsigned int bits)
{
	struct network network = { .only_ipv6 = !IN6_IS_ADDR_V4MAPPED(address) };
	unsigned char *mask = (unsigned char *)network.mask;

	for (unsigned int bit = 0; bit < bits; bit++)
		mask[bit / 8] |= 0x80 >> bit % 8;
	memcpy(network.value, address, sizeof(network.value));
	network.value[0] &= network.mask[0];
	network.value[1] &= network.mask[1];
	return network;
}

static const char *add_network(struct tree *tree, struct node *node, const struct in6_addr *address,
			       unsigned int bits)
{
	node->network = network_of(address, bits);
	return tree__add(tree, node) ? parse_no_memory : NULL;
}

/* Whether the network is asked, what can be no name at all is not. */
static bool may_be_name(const char *text)
{
	bool letter = false;

	for (; *text; text++) {
		letter |= isalpha((unsigned char)*text) != 0;
		if (!isalnum((unsigned char)*text) && !strchr("-._", *text))
			return false;
	}
	return letter;
}

/* Any of the addresses of a host. */
static const char *add_named(struct tree *tree, struct node *node, const char *name)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	const char *problem = NULL;
	uint32_t group = 0;

	if (!may_be_name(name) || getaddrinfo(name, NULL, &hints, &found))
		return host__expected;
	if (tree__open(tree, &(struct node){}, &group))
		problem = parse_no_memory;
	for (const struct addrinfo *info = found; info && !problem; info = info->ai_next) {
		const struct sockaddr_in *in = (const void *)info->ai_addr;
		const struct sockaddr_in6 *in6 = (const void *)info->ai_addr;
		struct in6_addr address = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

		if (info->ai_family == AF_INET6)
			address = in6->sin6_addr;
		else
			memcpy(&address.s6_addr[MAPPED_BITS / 8], &in->sin_addr,
			       sizeof(in->sin_addr));
		node->alternative = info != found;
		problem = add_network(tree, node, &address, ADDRESS_BITS);
	}
	freeaddrinfo(found);
	if (!problem)
		tree__close(tree, group);
	return problem;
}

static bool is_any(const char *address)
{
	return !*address || !strcmp(address, "*") || !strcmp(address, "any") ||
	       !strcmp(address, "all") || !strcmp(address, "default");
}

/* A number of bits or, of IPv4, a mask. first: bits in front of those that are counted. */
static bool read_prefix(const char *text, unsigned int first, uint64_t *bits)
{
	const char *end = text;
	struct in6_addr mask;
	uint32_t rest; /* what the mask leaves */

	if (parse_c_number(&end, ADDRESS_BITS - first, bits) && !*end)
		return true;
	if (!first || !strchr(text, '.') || !read_ipv4(text, &mask))
		return false;
	rest = ~ntohl(mask.s6_addr32[3]);
	*bits = ADDRESS_BITS - first - __builtin_popcount(rest);
	return !(rest & (rest + 1));
}

static const char *add_address(struct tree *tree, struct node *node, const struct parts *parts)
{
	unsigned int first = 0; /* see read_prefix() */
	struct in6_addr address;
	uint64_t bits;

	if (is_any(parts->address))
		return parts->prefix ? host__expected : NULL;
	if (read_ipv4(parts->address, &address))
		first = MAPPED_BITS;
	else if (!read_ipv6(parts->address, &address))
		return parts->prefix ? host__expected : add_named(tree, node, parts->address);
	if (!parts->prefix)
		return add_network(tree, node, &address, ADDRESS_BITS);
	if (!read_prefix(parts->prefix, first, &bits))
		return host__expected;
	return add_network(tree, node, &address, first + bits);
}

static const char *add_port(struct tree *tree, enum field field, const char *port)
{
	struct node node = { .field = field };
	const char *problem;

	if (!port || !*port || !strcmp(port, "*"))
		return NULL;
	problem = *port == ':' ? host__expected : value__ports(tree, &node, TOKEN_EQUAL, port);
	if (problem)
		return problem;
	return tree__add(tree, &node) ? parse_no_memory : NULL;
}

static const char *add_family(struct tree *tree, unsigned int family)
{
	struct node node = { .field = FIELD_FAMILY, .set = 1u << family };

	return family && tree__add(tree, &node) ? parse_no_memory : NULL;
}

static const char *add_parts(struct tree *tree, enum field field, const struct parts *parts)
{
	struct node address = { .field = field };
	enum field port = field == FIELD_LADDR ? FIELD_LPORT : FIELD_RPORT;
	const char *problem = add_family(tree, parts->family);

	problem = problem ?: add_address(tree, &address, parts);
	return problem ?: add_port(tree, port, parts->port);
}

const char *host__read(struct tree *tree, const struct node *node, char *word)
{
	struct parts parts = {};
	struct node top = *node;
	const char *problem;
	uint32_t group;

	if (!*word || !split(word, &parts))
		return host__expected;
	top.negated = node->negated != node->differs;
	if (tree__open(tree, &top, &group))
		return parse_no_memory;
	problem = add_parts(tree, node->field, &parts);
	if (!problem)
		tree__close(tree, group);
	return problem;
}

/* With != it is another port, but still of that family. */
const char *host__read_port(struct tree *tree, const struct node *node, enum token_kind sign,
			    const char *word)
{
	unsigned int family = take_family(&word);
	struct node port = *node;
	const char *problem = NULL;
	uint32_t group = 0;

	if (family) {
		if (tree__open(tree, node, &group))
			return parse_no_memory;
		port.alternative = port.negated = false;
		problem = add_family(tree, family);
	}
	problem = problem ?: value__ports(tree, &port, sign, word);
	if (!problem && tree__add(tree, &port))
		problem = parse_no_memory;
	if (family && !problem)
		tree__close(tree, group);
	return problem;
}
