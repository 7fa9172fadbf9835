/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A peer whose every segment the test writes itself, at the other end of a TUN device: what two
 * real stacks only do when packets cross or vanish happens here each time.
 */
#ifndef TESTS_ROOT_WIRE_H
#define TESTS_ROOT_WIRE_H

#include <stdint.h>

#define WIRE_HOST "10.77.0.1" /* the kernel's end */
#define WIRE_PEER "10.77.0.2" /* the test's end, with any port */

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

struct wire {
	int tun;
	uint32_t peer; /* WIRE_PEER, or another of its neighbours; network byte order */
	uint16_t host_port, peer_port;
	uint32_t seq; /* of the next segment to write */
	uint32_t ack; /* what has been read so far */
};

struct segment {
	uint8_t flags;
	uint32_t seq, ack;
	uint32_t payload; /* bytes */
};

/* Makes the device in this namespace, or skips the test. */
struct wire wire__open(void);

/*
 * Reads the next segment, which must have exactly these flags; PSH is ignored. An ACK that carries
 * nothing is passed over if something else is expected: it may be delayed, or not.
 */
struct segment wire__expect(struct wire *wire, uint8_t flags);
/* Writes a segment that acknowledges all that has been read, if it has ACK among its flags. */
void wire__send(struct wire *wire, uint8_t flags, uint32_t payload);
/* The same, acknowledging everything up to `ack` only. */
void wire__send_ack(struct wire *wire, uint8_t flags, uint32_t payload, uint32_t ack);
/* Reads whatever there is and forgets it. */
void wire__drain(struct wire *wire);
/* ICMP destination unreachable in answer to the last segment that was read. */
void wire__send_unreachable(struct wire *wire, uint8_t code);

/* A connection made by the kernel's connect(): returns its socket, blocking. */
int wire__connected(struct wire *wire, uint16_t port);
/* One from this port of the peer to a listener on WIRE_HOST, which lacks the last ACK. */
void wire__half_open(struct wire *wire, uint16_t host_port, uint16_t peer_port);

#endif
