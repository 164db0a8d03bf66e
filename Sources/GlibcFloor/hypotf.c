#include "GlibcFloor.h"

/* The Swift runtime's only symbol newer than glibc 2.34 is hypotf@GLIBC_2.35. A double holds the squares of any
   two floats without overflow or underflow, so the plain formula is exact to the last bit of a float. */
float hypotf(float x, float y) {
    if (__builtin_isinf(x) || __builtin_isinf(y)) return __builtin_inff();
    const double a = x, b = y;
    return (float)__builtin_sqrt(a * a + b * b);
}
