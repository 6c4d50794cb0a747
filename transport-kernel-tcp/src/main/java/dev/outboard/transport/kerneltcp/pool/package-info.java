/**
 * Connections to a peer that are made before they are needed, handed out, and taken back. {@link
 * dev.outboard.transport.kerneltcp.pool.ConnectionPool} is the way in. It knows nothing of sockets:
 * what a connection is says {@link dev.outboard.transport.kerneltcp.pool.PooledConnection}, and
 * time and threads come from a {@link dev.outboard.transport.kerneltcp.pool.PoolLoop}, so that the
 * same code runs in the sidecar and in a simulation.
 *
 * <pre>
 *   acquire --> Waiters (by ServiceClass) --> ConnectionPool --> Slot (state of a connection)
 *                    Reserve: room kept for         |
 *                    more urgent classes            +-- Sizing: how many idle ones are worth it
 *                                                   +-- PressureSource: descriptors, memory
 * </pre>
 *
 * <p>Only trunks belong in a pool: connections between two sidecars that carry the frames of many
 * guests in a framing of our own. What carried the bytes of one tenant's service is closed after
 * use and never implements {@code PooledConnection}.
 */
package dev.outboard.transport.kerneltcp.pool;
