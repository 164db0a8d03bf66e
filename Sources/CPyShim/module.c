#include "cpyshim.h"

/* Python keeps these for the life of the process, and one process loads one engine. */
static PyModuleDef_Slot slots[] = {{Py_mod_exec, NULL}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_size = 0, .m_slots = slots};

PyObject *mt_module_def_init(const char *name, const char *doc, PyMethodDef *methods, int (*exec)(PyObject *module)) {
    definition.m_name = name;
    definition.m_doc = doc;
    definition.m_methods = methods;
    slots[0].value = (void *)exec;
    return PyModuleDef_Init(&definition);
}
