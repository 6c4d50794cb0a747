/** The whole of Outboard with real guests: daemon, commands, unmodified Linux, DPDK's driver. */
package dev.outboard.e2e;
