/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A folder for a test, which goes when the test is over, with the files in it. */
#ifndef TESTS_ROOT_FOLDER_H
#define TESTS_ROOT_FOLDER_H

void folder__make(void);

/* Its path, and that of a file in it, which is there until the fourth call after. */
const char *folder__path(void);
const char *folder__file(const char *name);

#endif
