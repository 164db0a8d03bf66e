#include "ccurl.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>

// struct CURLMsg of multi.h
struct message {
    int kind;
    void *easy;
    union {
        void *whatever;
        int result;
    } data;
};

enum {
    GLOBAL_DEFAULT = 3,  // CURL_GLOBAL_DEFAULT
    MESSAGE_DONE = 1,  // CURLMSG_DONE
    WRITEDATA = 10001, READDATA = 10009, ERRORBUFFER = 10010, HEADERDATA = 10029, PRIVATE = 10103, SEEKDATA = 10168,
    WRITEFUNCTION = 20011, READFUNCTION = 20012, HEADERFUNCTION = 20079, SEEKFUNCTION = 20167,
    INFO_PRIVATE = 0x100000 + 21,  // CURLINFO_PRIVATE
    MULTI_MAXCONNECTS = 6,  // CURLMOPT_MAXCONNECTS
};

// the functions of libcurl, by what curl.h and multi.h declare
static struct {
    int (*global_init)(long);
    char *(*version)(void);
    void *(*easy_init)(void);
    void (*easy_cleanup)(void *);
    void (*easy_reset)(void *);
    int (*easy_setopt)(void *, int, ...);
    int (*easy_getinfo)(void *, int, ...);
    const char *(*easy_strerror)(int);
    void *(*slist_append)(void *, const char *);
    void (*slist_free_all)(void *);
    void *(*multi_init)(void);
    int (*multi_cleanup)(void *);
    int (*multi_setopt)(void *, int, ...);
    int (*multi_add_handle)(void *, void *);
    int (*multi_remove_handle)(void *, void *);
    int (*multi_perform)(void *, int *);
    int (*multi_wait)(void *, void *, unsigned, int, int *);
    int (*multi_poll)(void *, void *, unsigned, int, int *);  // since 7.66, else NULL
    struct message *(*multi_info_read)(void *, int *);
} curl;

static pthread_once_t loaded = PTHREAD_ONCE_INIT;
static char refusal[512];

static void *opened(void) {
    const char *chosen = getenv("MARTLET_LIBCURL");
    if (chosen && *chosen) return dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    return library ? library : dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
}

// `pointer` is the place of a function pointer; POSIX lets dlsym's answer be stored there as a void *
static int find(void *library, void *pointer, const char *name) {
    *(void **)pointer = dlsym(library, name);
    if (*(void **)pointer) return 1;
    if (!refusal[0]) snprintf(refusal, sizeof refusal, "the libcurl that was found has no %s", name);
    return 0;
}

static void load(void) {
    void *library = opened();
    if (!library) {
        const char *reason = dlerror();
        snprintf(refusal, sizeof refusal, "%s", reason ? reason : "libcurl.so.4 was not found");
        return;
    }
    int all = find(library, &curl.global_init, "curl_global_init") & find(library, &curl.version, "curl_version")
        & find(library, &curl.easy_init, "curl_easy_init") & find(library, &curl.easy_cleanup, "curl_easy_cleanup")
        & find(library, &curl.easy_reset, "curl_easy_reset") & find(library, &curl.easy_setopt, "curl_easy_setopt")
        & find(library, &curl.easy_getinfo, "curl_easy_getinfo")
        & find(library, &curl.easy_strerror, "curl_easy_strerror")
        & find(library, &curl.slist_append, "curl_slist_append")
        & find(library, &curl.slist_free_all, "curl_slist_free_all")
        & find(library, &curl.multi_init, "curl_multi_init")
        & find(library, &curl.multi_cleanup, "curl_multi_cleanup")
        & find(library, &curl.multi_setopt, "curl_multi_setopt")
        & find(library, &curl.multi_add_handle, "curl_multi_add_handle")
        & find(library, &curl.multi_remove_handle, "curl_multi_remove_handle")
        & find(library, &curl.multi_perform, "curl_multi_perform")
        & find(library, &curl.multi_wait, "curl_multi_wait")
        & find(library, &curl.multi_info_read, "curl_multi_info_read");
    if (!all) return;
    *(void **)&curl.multi_poll = dlsym(library, "curl_multi_poll");
    int code = curl.global_init(GLOBAL_DEFAULT);
    if (code) snprintf(refusal, sizeof refusal, "libcurl could not be initialised: %s", curl.easy_strerror(code));
}

const char *ccurl_load(void) {
    pthread_once(&loaded, load);
    return refusal[0] ? refusal : NULL;
}

const char *ccurl_version(void) { return curl.version(); }

ccurl_easy *ccurl_easy_new(void) { return curl.easy_init(); }
void ccurl_easy_free(ccurl_easy *easy) { curl.easy_cleanup(easy); }
void ccurl_easy_reset(ccurl_easy *easy) { curl.easy_reset(easy); }

int ccurl_set_number(ccurl_easy *easy, ccurl_option option, int64_t value) {
    return option >= 30000 ? curl.easy_setopt(easy, option, value) : curl.easy_setopt(easy, option, (long)value);
}

int ccurl_set_text(ccurl_easy *easy, ccurl_option option, const char *value) {
    return curl.easy_setopt(easy, option, value);
}

int ccurl_set_lines(ccurl_easy *easy, ccurl_option option, ccurl_lines *lines) {
    return curl.easy_setopt(easy, option, lines);
}

int ccurl_set_error_buffer(ccurl_easy *easy, char *buffer) { return curl.easy_setopt(easy, ERRORBUFFER, buffer); }

int ccurl_set_callbacks(
    ccurl_easy *easy, void *context, ccurl_taker header, ccurl_taker body, ccurl_giver source, ccurl_seeker seek) {
    const int contexts[] = {PRIVATE, HEADERDATA, WRITEDATA, READDATA, SEEKDATA};
    for (size_t i = 0; i < sizeof contexts / sizeof contexts[0]; i++) {
        int code = curl.easy_setopt(easy, contexts[i], context);
        if (code) return code;
    }
    int code = curl.easy_setopt(easy, HEADERFUNCTION, header);
    if (!code) code = curl.easy_setopt(easy, WRITEFUNCTION, body);
    if (!code) code = curl.easy_setopt(easy, READFUNCTION, source);
    return code ? code : curl.easy_setopt(easy, SEEKFUNCTION, seek);
}

void *ccurl_context(ccurl_easy *easy) {
    void *context = NULL;
    curl.easy_getinfo(easy, INFO_PRIVATE, &context);
    return context;
}

ccurl_lines *ccurl_lines_append(ccurl_lines *lines, const char *line) { return curl.slist_append(lines, line); }
void ccurl_lines_free(ccurl_lines *lines) { curl.slist_free_all(lines); }
const char *ccurl_words(int code) { return curl.easy_strerror(code); }

ccurl_multi *ccurl_multi_new(int connections) {
    void *multi = curl.multi_init();
    if (multi) curl.multi_setopt(multi, MULTI_MAXCONNECTS, (long)connections);
    return multi;
}

void ccurl_multi_free(ccurl_multi *multi) { curl.multi_cleanup(multi); }
int ccurl_multi_add(ccurl_multi *multi, ccurl_easy *easy) { return curl.multi_add_handle(multi, easy); }
int ccurl_multi_remove(ccurl_multi *multi, ccurl_easy *easy) { return curl.multi_remove_handle(multi, easy); }

int ccurl_multi_perform(ccurl_multi *multi) {
    int running;
    return curl.multi_perform(multi, &running);
}

int ccurl_multi_wait(ccurl_multi *multi, int milliseconds) {
    int count = 0;
    if (curl.multi_poll) return curl.multi_poll(multi, NULL, 0, milliseconds, &count);
    int code = curl.multi_wait(multi, NULL, 0, milliseconds, &count);
    // without a descriptor to wait for, e.g. while a name is looked up, multi_wait returns at once
    if (!code && !count) poll(NULL, 0, milliseconds < 10 ? milliseconds : 10);
    return code;
}

ccurl_easy *ccurl_multi_ended(ccurl_multi *multi, int *code) {
    int left;
    struct message *message;
    while ((message = curl.multi_info_read(multi, &left))) {
        if (message->kind != MESSAGE_DONE) continue;
        *code = message->data.result;
        return message->easy;
    }
    return NULL;
}
