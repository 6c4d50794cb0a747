/**
 * DPDK as Java sees it: its libraries found and checked, their functions bound by FFM, the layouts
 * of its structures. Beside {@code linux-ffm} the only place with native calls. What is public here
 * is for the transport in the package above.
 */
package dev.outboard.transport.dpdk.ffi;
