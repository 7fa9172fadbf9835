/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The blocks of one log file, or of what comes through a pipe, one after another. */
#ifndef TCPFLUX_LOG_READER_H
#define TCPFLUX_LOG_READER_H

#include "block.h"
#include "head.h"

struct reader;

/*
 * Opens a file, "-" being standard input, and reads its head. stop_fd: a descriptor that becomes
 * readable when the program shall end; 0: none. Returns 0 or a negative errno; what is wrong has
 * been said, but that it shall end (-EINTR).
 */
int reader__open(const char *path, int stop_fd, struct reader **reader);
void reader__free(struct reader *reader); /* safe on NULL */

const char *reader__path(const struct reader *reader); /* for messages */
const struct log_head *reader__head(const struct reader *reader);

/*
 * The next whole block, unpacked, until the next call. Damaged ones are passed over, and that is
 * said. Returns 1, 0 at the end, -ENOMEM, -EINTR if the program shall end, or -EBADMSG if the file
 * can't be read, which has been said.
 */
int reader__next(struct reader *reader, struct block_head *head, const uint8_t **columns);

/*
 * How many transitions, since the last block that was returned, are in damaged ones whose head is
 * good. What the next block says to have been before it is surer.
 */
uint64_t reader__damaged(const struct reader *reader);

/* Says that the items of the last block contradict one another: no checksum shows this damage. */
void reader__say_bad(const struct reader *reader);

#endif
