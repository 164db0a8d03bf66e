#ifndef CSQLITE_H
#define CSQLITE_H

#include <sqlite3.h>

// A cast that Swift cannot write: SQLite copies what is bound.
static inline sqlite3_destructor_type csqlite_copied(void) { return SQLITE_TRANSIENT; }

#endif
