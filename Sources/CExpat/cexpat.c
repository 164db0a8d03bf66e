#include "cexpat.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

// the functions of libexpat.so.1, by what expat.h declares; all are in 2.2.5 (EL8)
static struct {
    void *(*create)(const char *, char);
    void (*free)(void *);
    void (*set_user_data)(void *, void *);
    void (*set_element_handler)(void *, cexpat_start, cexpat_end);
    void (*set_character_data_handler)(void *, cexpat_text);
    void (*set_start_doctype_handler)(void *, void (*)(void *, const char *, const char *, const char *, int));
    int (*parse)(void *, const char *, int, int);
    int (*stop)(void *, unsigned char);
    int (*error)(void *);
    const char *(*words)(int);
} expat;

enum { STATUS_OK = 1 };  // XML_STATUS_OK

struct cexpat_parser {
    void *expat;
    void *context;
    cexpat_start start;
    cexpat_end end;
    cexpat_text text;
    const char *refused;
};

static pthread_once_t loaded = PTHREAD_ONCE_INIT;
static char refusal[512];

// `pointer` is the place of a function pointer; POSIX lets dlsym's answer be stored there as a void *
static int find(void *library, void *pointer, const char *name) {
    *(void **)pointer = dlsym(library, name);
    if (*(void **)pointer) return 1;
    if (!refusal[0]) snprintf(refusal, sizeof refusal, "the libexpat that was found has no %s", name);
    return 0;
}

static void load(void) {
    void *library = dlopen("libexpat.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(refusal, sizeof refusal, "%s", reason ? reason : "libexpat.so.1 was not found");
        return;
    }
    (void)(find(library, &expat.create, "XML_ParserCreateNS") & find(library, &expat.free, "XML_ParserFree")
        & find(library, &expat.set_user_data, "XML_SetUserData")
        & find(library, &expat.set_element_handler, "XML_SetElementHandler")
        & find(library, &expat.set_character_data_handler, "XML_SetCharacterDataHandler")
        & find(library, &expat.set_start_doctype_handler, "XML_SetStartDoctypeDeclHandler")
        & find(library, &expat.parse, "XML_Parse") & find(library, &expat.stop, "XML_StopParser")
        & find(library, &expat.error, "XML_GetErrorCode") & find(library, &expat.words, "XML_ErrorString"));
}

const char *cexpat_load(void) {
    pthread_once(&loaded, load);
    return refusal[0] ? refusal : NULL;
}

static void on_start(void *raw, const char *name, const char **attributes) {
    cexpat_parser *parser = raw;
    parser->start(parser->context, name, attributes);
}

static void on_end(void *raw, const char *name) {
    cexpat_parser *parser = raw;
    parser->end(parser->context, name);
}

static void on_text(void *raw, const char *bytes, int count) {
    cexpat_parser *parser = raw;
    parser->text(parser->context, bytes, count);
}

static void on_doctype(void *raw, const char *name, const char *system, const char *public, int internal) {
    (void)name, (void)system, (void)public, (void)internal;
    cexpat_parser *parser = raw;
    parser->refused = "it has a DOCTYPE";
    expat.stop(parser->expat, 0);
}

cexpat_parser *cexpat_new(void *context, cexpat_start start, cexpat_end end, cexpat_text text) {
    cexpat_parser *parser = malloc(sizeof *parser);
    if (!parser) return NULL;
    *parser = (cexpat_parser){expat.create(NULL, '\n'), context, start, end, text, NULL};
    if (!parser->expat) {
        free(parser);
        return NULL;
    }
    expat.set_user_data(parser->expat, parser);
    expat.set_element_handler(parser->expat, on_start, on_end);
    expat.set_character_data_handler(parser->expat, on_text);
    expat.set_start_doctype_handler(parser->expat, on_doctype);
    return parser;
}

void cexpat_free(cexpat_parser *parser) {
    expat.free(parser->expat);
    free(parser);
}

const char *cexpat_parse(cexpat_parser *parser, const char *bytes, int count, int last) {
    if (parser->refused) return parser->refused;
    if (expat.parse(parser->expat, bytes, count, last) == STATUS_OK) return NULL;
    if (!parser->refused) parser->refused = expat.words(expat.error(parser->expat));
    return parser->refused;
}

void cexpat_stop(cexpat_parser *parser, const char *reason) {
    parser->refused = reason;
    expat.stop(parser->expat, 0);
}
