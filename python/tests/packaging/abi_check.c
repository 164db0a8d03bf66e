/* Compile-time proof that Sources/CPyShim/include/pyabi.h agrees with Python's own headers. Both cannot be included
   at once, so the same list is compiled twice: with -DOURS against pyabi.h, without it against Python.h. */
#ifdef OURS
#include "pyabi.h"
#else
#define Py_LIMITED_API 0x030A0000
#include <Python.h>
#endif
#include <stddef.h>

#define SAME(expression, value) _Static_assert((expression) == (value), #expression)

SAME(sizeof(PyObject), 16);
SAME(sizeof(PyMethodDef), 32);
SAME(offsetof(PyMethodDef, ml_name), 0);
SAME(offsetof(PyMethodDef, ml_meth), 8);
SAME(offsetof(PyMethodDef, ml_flags), 16);
SAME(offsetof(PyMethodDef, ml_doc), 24);
SAME(sizeof(PyType_Slot), 16);
SAME(offsetof(PyType_Slot, pfunc), 8);
SAME(sizeof(PyType_Spec), 32);
SAME(offsetof(PyType_Spec, basicsize), 8);
SAME(offsetof(PyType_Spec, itemsize), 12);
SAME(offsetof(PyType_Spec, flags), 16);
SAME(offsetof(PyType_Spec, slots), 24);
SAME(sizeof(PyModuleDef_Base), 40);
SAME(sizeof(PyModuleDef_Slot), 16);
SAME(sizeof(PyModuleDef), 104);
SAME(offsetof(PyModuleDef, m_name), 40);
SAME(offsetof(PyModuleDef, m_doc), 48);
SAME(offsetof(PyModuleDef, m_size), 56);
SAME(offsetof(PyModuleDef, m_methods), 64);
SAME(offsetof(PyModuleDef, m_slots), 72);
SAME(offsetof(PyModuleDef, m_traverse), 80);
SAME(sizeof(PyGILState_STATE), 4);
SAME(METH_VARARGS, 0x01);
SAME(METH_KEYWORDS, 0x02);
SAME(METH_NOARGS, 0x04);
SAME(METH_O, 0x08);
SAME(METH_FASTCALL, 0x80);
SAME(Py_mod_create, 1);
SAME(Py_mod_exec, 2);
SAME(Py_tp_dealloc, 52);
SAME(Py_tp_methods, 64);
SAME(Py_tp_new, 65);
SAME(Py_TPFLAGS_DEFAULT, 0);
