package dev.outboard.bench.peers;

/** One thing that is measured of every arm. */
record Cell(Shape shape, int size) {}
