/** DPDK's {@code testpmd} as a guest: its console, for tests and benchmarks that run it. */
package dev.outboard.guest.dpdk;
