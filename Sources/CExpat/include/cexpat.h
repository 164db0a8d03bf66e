#ifndef MARTLET_CEXPAT_H
#define MARTLET_CEXPAT_H

// libexpat, found when it is first needed, as libcurl is. Names come with their namespace, both joined by a line feed,
// which no name or namespace can contain. Documents with a DOCTYPE are refused: where nothing can be declared, no
// entity can be expanded.

typedef struct cexpat_parser cexpat_parser;

/// NULL, or why libexpat could not be loaded; the text lives as long as the process. Safe on every thread.
const char *cexpat_load(void);

typedef void (*cexpat_start)(void *context, const char *name, const char **attributes);
typedef void (*cexpat_end)(void *context, const char *name);
typedef void (*cexpat_text)(void *context, const char *bytes, int count);

/// NULL when there is no memory. After cexpat_load only.
cexpat_parser *cexpat_new(void *context, cexpat_start start, cexpat_end end, cexpat_text text);
void cexpat_free(cexpat_parser *parser);
/// NULL, or what is wrong with the document. `last` with the last piece.
const char *cexpat_parse(cexpat_parser *parser, const char *bytes, int count, int last);
/// Ends the parsing, which then says `reason`, a text that lives as long as the parser; from within a callback alone.
void cexpat_stop(cexpat_parser *parser, const char *reason);

#endif
