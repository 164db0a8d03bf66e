/* Our own copies of functions that the C library of the oldest supported systems (EL9: glibc 2.34) has only under
   an older symbol version. Linked into the extension and the executable so that neither asks for a newer glibc;
   python/tests/packaging checks it. Nothing here is called by name from Swift. */
#ifndef GLIBC_FLOOR_H
#define GLIBC_FLOOR_H

/* sqrt(x^2 + y^2) without undue overflow or underflow. C11, F.10.4.3: infinite if either argument is, NaN or not.
   Hidden: other libraries in the process keep the C library's function. */
__attribute__((visibility("hidden"))) float hypotf(float x, float y);

#endif
