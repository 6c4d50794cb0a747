package dev.outboard.guest.vhost;

/**
 * A stretch of guest memory as the protocol describes it. Nothing is checked: tests lie with it.
 * Immutable; any thread.
 *
 * @param guestAddress guest-physical address
 * @param size bytes
 * @param userAddress address in the VMM
 * @param fileOffset where it begins in the file
 * @param fd the file
 */
public record MemoryRegion(
    long guestAddress, long size, long userAddress, long fileOffset, int fd) {}
