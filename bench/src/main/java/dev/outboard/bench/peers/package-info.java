/**
 * {@code ./outboard bench peers}: shared-memory forwarding beside the C switches that do the same,
 * in turns, on the same processors, between the same guests. {@link PeersCommand} is the way in.
 */
package dev.outboard.bench.peers;
