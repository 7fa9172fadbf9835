// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../analysis/follow.h"
#include "../support/format.h"
#include "../support/message.h"

/* Longer paths of cgroups are cut. */
#define TEXT_MAX 4096

struct database {
	const char *path;
	sqlite3 *db;
	sqlite3_stmt *add_transition, *add_connection, *add_left;
	uint64_t seq;
	bool finished;
};

/* Times are ns, those of day since the epoch in UTC; texts from outside are escaped as in CSV. */
#define SOCKET_COLUMNS                                                                             \
	"cookie INTEGER, netns INTEGER, family INTEGER, laddr TEXT, lport INTEGER, raddr TEXT, "   \
	"rport INTEGER, pid INTEGER, comm TEXT, uid INTEGER, cgroup TEXT, boot INTEGER, "
#define END_COLUMNS                                                                                \
	"reason TEXT, life_ns INTEGER, bytes_sent INTEGER, bytes_received INTEGER, "               \
	"retransmits INTEGER, rtt_us INTEGER"

static const char schema[] =
	/* The file was empty, and is removed if it is not finished: nothing is to be undone. */
	"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; BEGIN;"
	"CREATE TABLE transitions(seq INTEGER PRIMARY KEY, " SOCKET_COLUMNS
	"time_ns INTEGER, old TEXT, new TEXT, state_ns INTEGER, owner TEXT, src TEXT, "
	"inferred INTEGER, " END_COLUMNS ");"
	"CREATE TABLE connections(id INTEGER PRIMARY KEY, " SOCKET_COLUMNS
	"role TEXT, born_ns INTEGER, ended_ns INTEGER, outcome TEXT, connect_ns INTEGER, "
	"handshake_ns INTEGER, " END_COLUMNS ");";

static const char insert_transition[] =
	"INSERT INTO transitions VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char insert_connection[] =
	"INSERT INTO connections VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

/* Who it is, is in its last transition. */
static const char insert_left[] = "INSERT INTO connections SELECT "
				  "NULL,cookie,netns,family,laddr,lport,raddr,rport,pid,comm,uid,"
				  "cgroup,boot,?2,?3,NULL,?4,?5,?6,NULL,NULL,NULL,NULL,NULL,NULL "
				  "FROM transitions WHERE cookie=?1 "
				  "AND boot=?7 ORDER BY seq DESC LIMIT 1";

static int fail(const struct database *database)
{
	message("%s: %s", database->path, sqlite3_errmsg(database->db));
	return -EIO;
}

static int execute(const struct database *database, const char *sql)
{
	return sqlite3_exec(database->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(database);
}

static int prepare(const struct database *database, const char *sql, sqlite3_stmt **statement)
{
	return sqlite3_prepare_v2(database->db, sql, -1, statement, NULL) == SQLITE_OK
		       ? 0
		       : fail(database);
}

/*
 * The file is made here, and not by SQLite, which would open one that exists. Only what is a file
 * may be removed later.
 */
static int create_file(const char *path, bool force)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (force ? 0 : O_EXCL), 0600);
	int err = fd < 0 ? -errno : 0;
	struct stat st;

	if (err == -EEXIST) {
		message("%s: it exists; see --force", path);
		return err;
	}
	if (!err && (fstat(fd, &st) || !S_ISREG(st.st_mode)))
		err = -EINVAL;
	if (!err && ftruncate(fd, 0))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err ? message_errno(err, path) : 0;
}

static int open_database(struct database *database)
{
	int err;

	if (sqlite3_open_v2(database->path, &database->db, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK)
		return fail(database);
	err = execute(database, schema);
	err = err ?: prepare(database, insert_transition, &database->add_transition);
	return err ?: prepare(database, insert_connection, &database->add_connection);
}

int database__create(const char *path, bool force, struct database **database)
{
	int err = create_file(path, force);

	if (err)
		return err;
	*database = calloc(1, sizeof(**database));
	if (!*database) {
		unlink(path);
		return message_errno(-ENOMEM, path);
	}
	(*database)->path = path;
	err = open_database(*database);
	if (err) {
		database__free(*database);
		*database = NULL;
	}
	return err;
}

/* The next column's value. Statements are given all of theirs, in the order of the table. */
struct row {
	sqlite3_stmt *statement;
	int column;
};

static void put_number(struct row *row, bool known, int64_t number)
{
	row->column++;
	if (known)
		sqlite3_bind_int64(row->statement, row->column, number);
	else
		sqlite3_bind_null(row->statement, row->column);
}

static void put_ns(struct row *row, int64_t ns)
{
	put_number(row, ns != NOT_KNOWN, ns);
}

/* A word that stays where it is; NULL: it is not known. */
static void put_word(struct row *row, const char *word)
{
	sqlite3_bind_text(row->statement, ++row->column, word, -1, SQLITE_STATIC);
}

static void put_text(struct row *row, const char *text)
{
	char cut[TEXT_MAX + 1], escaped[TEXT_MAX * FORMAT_ESCAPE_FACTOR + FORMAT_SLACK];
	size_t len = text ? strnlen(text, TEXT_MAX) : 0;

	if (!text) {
		put_word(row, NULL);
		return;
	}
	*format__mem(cut, text, len) = '\0';
	sqlite3_bind_text(row->statement, ++row->column, escaped,
			  (int)(format__escaped(escaped, cut) - escaped), SQLITE_TRANSIENT);
}

static void put_address(struct row *row, const struct in6_addr *address, unsigned int family)
{
	char text[FORMAT_ADDRESS_MAX + FORMAT_SLACK];

	sqlite3_bind_text(row->statement, ++row->column, text,
			  (int)(format__address(text, address, family) - text), SQLITE_TRANSIENT);
}

static void put_state(struct row *row, unsigned int state)
{
	char text[STATE_NAME_LEN + FORMAT_SLACK];

	if (state__name(state))
		put_word(row, state__name(state));
	else
		sqlite3_bind_text(row->statement, ++row->column, text,
				  (int)(format__state(text, state) - text), SQLITE_TRANSIENT);
}

static void put_socket(struct row *row, const struct transition *tr)
{
	bool known = tr->owner.how != OWNER_UNKNOWN;

	put_number(row, true, (int64_t)tr->cookie);
	put_number(row, true, tr->netns);
	put_number(row, true, tr->family);
	put_address(row, &tr->laddr, tr->family);
	put_number(row, true, tr->lport);
	put_address(row, &tr->raddr, tr->family);
	put_number(row, true, tr->rport);
	put_number(row, known, tr->owner.pid);
	put_text(row, known ? tr->owner.comm : NULL);
	put_number(row, known, tr->owner.uid);
	put_text(row, known ? tr->owner.cgroup : NULL);
	put_number(row, true, tr->origin.boot);
}

static void put_end(struct row *row, const struct transition *tr)
{
	bool end = transition__is_end(tr), counted = end && tr->counted;

	put_word(row, transition__reason(tr));
	put_ns(row, end ? tr->life_ns : NOT_KNOWN);
	put_number(row, counted, (int64_t)tr->bytes_sent);
	put_number(row, counted, (int64_t)tr->bytes_received);
	put_number(row, counted, tr->retransmits);
	put_number(row, end && tr->rtt_us, tr->rtt_us);
}

static int insert(const struct database *database, sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);

	sqlite3_reset(statement);
	return code == SQLITE_DONE ? 0 : fail(database);
}

int database__transition(struct database *database, const struct transition *tr)
{
	struct row row = { .statement = database->add_transition };

	put_number(&row, true, (int64_t)++database->seq);
	put_socket(&row, tr);
	put_number(&row, true, (int64_t)tr->time);
	put_state(&row, tr->old_state);
	put_state(&row, tr->new_state);
	put_ns(&row, tr->state_ns);
	put_word(&row, owner_how__name(tr->owner.how));
	put_word(&row, transition_src__name(tr->src));
	put_number(&row, true, tr->inferred);
	put_end(&row, tr);
	return insert(database, row.statement);
}

/* Which side it was, since when, and how long it took to be established. */
static const char *role_name(const struct connection *connection)
{
	return connection->role == ROLE_ACTIVE	  ? "active"
	       : connection->role == ROLE_PASSIVE ? "passive"
						  : NULL;
}

static void put_setup(struct row *row, const struct connection *connection)
{
	bool passive = connection->role == ROLE_PASSIVE;

	put_ns(row, passive ? NOT_KNOWN : connection->setup_ns);
	put_ns(row, passive ? connection->setup_ns : NOT_KNOWN);
}

int database__connection(void *ctx, const struct connection *connection,
			 const struct transition *tr)
{
	struct database *database = ctx;
	struct row row = { .statement = database->add_connection };
	bool failed = happening_of(tr->old_state, tr->new_state) == HAPPENED_FAILED;

	put_socket(&row, tr);
	put_word(&row, role_name(connection));
	put_number(&row, connection->born, (int64_t)connection->born);
	put_number(&row, true, (int64_t)tr->time);
	put_word(&row, failed ? "failed" : "closed");
	put_setup(&row, connection);
	put_end(&row, tr);
	return insert(database, row.statement);
}

static int add_left(const struct database *database, const struct connection *connection)
{
	struct row row = { .statement = database->add_left };

	put_number(&row, true, (int64_t)origin__socket(connection->origin, connection->cookie));
	put_word(&row, role_name(connection));
	put_number(&row, connection->born, (int64_t)connection->born);
	put_word(&row, follow__is_open(connection->state) ? "open" : "opening");
	put_setup(&row, connection);
	put_number(&row, true, connection->origin.boot);
	return insert(database, row.statement);
}

int database__finish(struct database *database, const struct analysis *analysis)
{
	const struct connection *c = NULL;
	int err = execute(database, "CREATE INDEX transitions_cookie ON transitions(cookie)");

	err = err ?: prepare(database, insert_left, &database->add_left);
	while (!err && (c = connections__next(&analysis->connections, c)))
		err = add_left(database, c);
	err = err ?: execute(database, "COMMIT");
	database->finished = !err;
	return err;
}

void database__free(struct database *database)
{
	if (!database)
		return;
	sqlite3_finalize(database->add_transition);
	sqlite3_finalize(database->add_connection);
	sqlite3_finalize(database->add_left);
	sqlite3_close(database->db);
	if (!database->finished)
		unlink(database->path);
	free(database);
}
