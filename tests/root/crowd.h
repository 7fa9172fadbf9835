/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sockets of every state, of which some are not the processes' any more. */
#ifndef TESTS_ROOT_CROWD_H
#define TESTS_ROOT_CROWD_H

#include "net.h"
#include "wire.h"

#define CROWD_LISTENERS 20
#define CROWD_PAIRS	100

struct crowd {
	struct wire wire;
	int listener[CROWD_LISTENERS];
	struct pair pair[CROWD_PAIRS];
	struct pair half_closed; /* CLOSE_WAIT and FIN_WAIT2 */
	struct pair orphaned;	 /* CLOSE_WAIT and an orphan's FIN_WAIT2 */
	int syn_sent, closing;
};

/* All but what takes a peer that keeps silent. */
void crowd__open(struct crowd *crowd);
/* The others, where there is a TUN device. */
void crowd__open_on_wire(struct crowd *crowd);
/* Fails the test unless there are some in each state. */
void crowd__must_be_there(void);
/* Closes what the processes still hold. */
void crowd__close(struct crowd *crowd);

#endif
