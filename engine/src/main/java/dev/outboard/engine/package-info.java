/**
 * The sidecar itself: guests' devices, forwarding between them, the workers that do it. This
 * package is its public face; the packages below it are its rooms. It names no transport.
 */
package dev.outboard.engine;
