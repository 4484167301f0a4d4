#ifndef STILLHOUSE_CLIBPQ_SHIM_H
#define STILLHOUSE_CLIBPQ_SHIM_H

#include <libpq-fe.h>
#include <postgres_ext.h>

#if defined(__linux__)
#include <spawn.h>
#include <sys/prctl.h>
#elif defined(__APPLE__)
#include <pthread.h>
#endif

/* prctl is variadic, pthread_setname_np hides behind _GNU_SOURCE: neither reaches Swift by itself.
   Linux keeps 15 characters of the name. */
static inline void stillhouse_name_current_thread(const char *name) {
#if defined(__linux__)
    prctl(PR_SET_NAME, name, 0, 0, 0);
#elif defined(__APPLE__)
    pthread_setname_np(name);
#endif
}

#if defined(__linux__)
/* glibc 2.34 and later have both, but show them only under _GNU_SOURCE, which a module cannot define. */
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);

/* A server must not keep the files and sockets of whoever starts it, nor need to enter where that one stands. */
static inline int stillhouse_spawn_detached(posix_spawn_file_actions_t *actions) {
    int status = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    return status ? status : posix_spawn_file_actions_addchdir_np(actions, "/");
}
#endif

/* The field codes are character constants, which Swift does not import. */
static inline const char *stillhouse_result_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *stillhouse_result_primary_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

static inline const char *stillhouse_result_constraint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

#endif
