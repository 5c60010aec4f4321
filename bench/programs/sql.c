/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A database in memory: SQLite makes tables and indexes, fills, joins, changes and empties them. */

#include <sqlite3.h>

#include "bench.h"

static sqlite3 *db;
static uint64_t sum;

static void fail(const char *what)
{
	fprintf(stderr, "sql: %s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static void run(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(sql);
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail(sql);
	return s;
}

/* Executes a statement "count" times with its number as ?1, and adds what it finds to the sum. */
static void repeat(const char *sql, int count)
{
	sqlite3_stmt *s = prepare(sql);

	for (int i = 1; i <= count; i++) {
		int rc;

		sqlite3_bind_int(s, 1, i);
		while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
			const unsigned char *text = sqlite3_column_text(s, 0);

			if (text)
				sum = bench_checksum(sum, text, (size_t)sqlite3_column_bytes(s, 0));
		}
		if (rc != SQLITE_DONE)
			fail(sql);
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
}

static void insert(const char *sql, uint64_t *seed, int count)
{
	sqlite3_stmt *s = prepare(sql);

	run("BEGIN");
	for (int i = 1; i <= count; i++) {
		char word[24];
		int size = snprintf(word, sizeof(word), "%" PRIx64, bench_random(seed));

		sqlite3_bind_int(s, 1, i);
		sqlite3_bind_int(s, 2, (int)(bench_random(seed) % 1000));
		sqlite3_bind_text(s, 3, word, size, SQLITE_STATIC);
		if (sqlite3_step(s) != SQLITE_DONE)
			fail(sql);
		sqlite3_reset(s);
	}
	run("COMMIT");
	sqlite3_finalize(s);
}

static void work(uint64_t *seed)
{
	if (sqlite3_open(":memory:", &db) != SQLITE_OK)
		fail("no database");
	run("CREATE TABLE item(id INTEGER PRIMARY KEY, grp INTEGER, word TEXT)");
	run("CREATE TABLE part(a INTEGER, b INTEGER, c TEXT)");
	insert("INSERT INTO item VALUES(?1, ?2, ?3)", seed, 5000);
	insert("INSERT INTO part VALUES(?1, ?2, ?3)", seed, 5000);
	run("CREATE INDEX by_group ON item(grp)");
	run("CREATE INDEX by_word ON part(c)");
	repeat("SELECT word FROM item WHERE id = ?1 * 7 % 5000", 5000);
	repeat("SELECT count(*) + sum(length(word)) FROM item WHERE grp BETWEEN ?1 * 10 AND"
	       " ?1 * 10 + 9", 100);
	repeat("SELECT count(*) FROM item WHERE word LIKE '%' || ?1 || '%'", 10);
	repeat("SELECT sum(i.grp * p.b) FROM item i JOIN part p ON p.a = i.id WHERE i.grp % 20 = ?1",
	       5);
	repeat("SELECT group_concat(n) FROM (SELECT grp, count(*) AS n FROM item GROUP BY grp"
	       " ORDER BY n DESC, grp LIMIT 20 + ?1)", 3);
	repeat("SELECT upper(c) FROM part WHERE c > 'e' || ?1 ORDER BY c LIMIT 10", 100);
	run("BEGIN");
	repeat("UPDATE item SET grp = grp + 1, word = word || 'x' WHERE id = ?1", 2000);
	repeat("UPDATE part SET b = b * 2 WHERE a % 50 = ?1", 5);
	repeat("DELETE FROM item WHERE id = ?1 * 3", 1000);
	run("COMMIT");
	repeat("SELECT sum(grp) || max(word) || count(*) FROM item WHERE ?1", 1);
	run("DROP TABLE part");
	sqlite3_close(db);
}

int main(int argc, char **argv)
{
	double start = bench_now();
	uint64_t seed = 7;

	for (unsigned int round = bench_rounds(argc, argv); round; round--)
		work(&seed);
	bench_result("sql", start, sum);
	return 0;
}
