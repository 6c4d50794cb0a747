package dev.outboard.bench.peers;

import dev.outboard.integration.compare.CoreState;

/**
 * One measurement of one arm. Immutable.
 *
 * @param framesPerSecond what came out of the switch
 * @param state how fast the processors exchanged a cache line before and after it
 */
record Turn(int round, Cell cell, String arm, double framesPerSecond, CoreState state) {}
