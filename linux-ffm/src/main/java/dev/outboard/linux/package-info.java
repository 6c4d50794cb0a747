/**
 * Typed Linux calls through the Foreign Function and Memory API. This is the only module that calls
 * libc, so every struct offset and every constant of the kernel's is written down once, here.
 *
 * <p>Two kinds of calls. <b>Hot</b> calls take addresses as {@code long}, allocate nothing, never
 * throw, and return the call's result or the negated error number ({@code -Errno.EAGAIN}).
 * <b>Cold</b> calls throw {@link dev.outboard.linux.LinuxException} with one readable line.
 *
 * <p>File descriptors are plain {@code int}s; who owns one is said at each method. Constants are
 * those of x86-64 and aarch64 (the kernel's generic ABI); where the two differ the code asks.
 */
package dev.outboard.linux;
