/**
 * {@code ./outboard bench pool}: the connection pool of {@code transport-kernel-tcp} on traces of
 * requests, in simulated time, beside other policies and an oracle. {@link PoolCommand} is the way
 * in.
 */
package dev.outboard.bench.pool;
