package dev.outboard.spi;

import java.lang.foreign.MemorySegment;

/**
 * A guest's memory that frames may lie in, as a transport is told of it by {@link
 * Transport#memoryAdded}. Its file has been sealed: it never becomes shorter.
 *
 * @param number as {@link FrameBurst#region} gives it; perhaps another region's later
 * @param memory all of it; what is in it may change at any time
 * @param pageSize of its file, in bytes. Above the machine's own size the pages are huge ones,
 *     which a VMM can give back and nobody may get anew: then code that is not Java's must not read
 *     there, unless the kernel keeps the pages for it, as for a device
 */
public record Region(int number, MemorySegment memory, long pageSize) {}
